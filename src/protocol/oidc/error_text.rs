//! The sentence that tells an administrator which check failed.

use std::fmt;

use crate::protocol::oidc::error::Rejection;

fn or_none(value: Option<&String>) -> &str {
    value.map_or("none", String::as_str)
}

impl fmt::Display for Rejection {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IssuerUrl { received } => {
                write!(
                    out,
                    "the issuer {received} is not an https URL without query or fragment"
                )
            }
            Self::DiscoveryMalformed { reason } => {
                write!(out, "the discovery document cannot be read: {reason}")
            }
            Self::EndpointMissing { name } => write!(out, "the discovery document has no {name}"),
            Self::EndpointUrl { name, received } => {
                write!(out, "the {name} {received} is not an https URL")
            }
            Self::AlgorithmsUnsupported { received } => write!(
                out,
                "the provider signs ID tokens with {} only, not with RS, PS, ES or EdDSA",
                received.join(", ")
            ),
            Self::AssertionAlgorithm { received } => write!(
                out,
                "the provider takes client assertions with {} only, not with RS256 or PS256",
                received.join(", ")
            ),
            Self::AssertionUnsigned { reason } => {
                write!(out, "our client assertion could not be signed: {reason}")
            }
            Self::JwksMalformed { reason } => write!(out, "the key set cannot be read: {reason}"),
            Self::CodeVerifier { length } => write!(
                out,
                "a code verifier is 43 to 128 letters, digits or -._~, not these {length} bytes"
            ),
            Self::AuthorizationRefused { error, description } => {
                write!(
                    out,
                    "the provider refused the sign-in: {error} {description}"
                )
            }
            Self::CodeRefused { error, description } => {
                write!(
                    out,
                    "the token endpoint refused the code: {error} {description}"
                )
            }
            Self::TokenResponse { reason } => {
                write!(out, "the token endpoint's answer cannot be read: {reason}")
            }
            Self::UserinfoMalformed { reason } => {
                write!(out, "the userinfo answer cannot be read: {reason}")
            }
            Self::EmailUnverified { received } => {
                write!(out, "the provider says that {received} is not verified")
            }
            _ => self.describe_comparison(out),
        }
    }
}

impl Rejection {
    fn describe_comparison(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, expected, received) = match self {
            Self::DiscoveryIssuer { expected, received } => (
                "the discovery document's issuer",
                expected,
                received.clone(),
            ),
            Self::ResponseIssuer { expected, received } => (
                "the answer's iss",
                expected,
                or_none(received.as_ref()).to_owned(),
            ),
            Self::Issuer { expected, received } => ("iss", expected, received.clone()),
            Self::Audience { expected, received } => ("aud", expected, received.join(", ")),
            Self::ExtraAudience { expected, received } => (
                "aud, which must hold one value,",
                expected,
                received.join(", "),
            ),
            Self::AuthorizedParty { expected, received } => {
                ("azp", expected, or_none(received.as_ref()).to_owned())
            }
            Self::UserinfoSubject { expected, received } => {
                ("the userinfo answer's sub", expected, received.clone())
            }
            Self::Tenant { expected, received } => ("the tenant (tid)", expected, received.clone()),
            Self::InitiatedIssuer { expected, received } => {
                ("the iss of this link", expected, received.clone())
            }
            _ => return self.describe_id_token(out),
        };
        write!(out, "{what} is {received}, expected {expected}")
    }

    fn describe_id_token(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IdTokenMalformed { reason } => {
                write!(out, "the ID token cannot be read: {reason}")
            }
            Self::HeaderRefused { reason } => {
                write!(out, "the ID token's header is not accepted: {reason}")
            }
            Self::AlgorithmRefused { received } => write!(
                out,
                "the ID token's algorithm is {received}, expected RS, PS, ES256, ES384 or EdDSA"
            ),
            Self::KeyUnknown { kid } => {
                write!(
                    out,
                    "no key of the provider fits kid {}",
                    or_none(kid.as_ref())
                )
            }
            Self::KeyAmbiguous { kid } => {
                write!(
                    out,
                    "several keys of the provider fit kid {}",
                    or_none(kid.as_ref())
                )
            }
            Self::KeyUnusable { kid, reason } => {
                write!(
                    out,
                    "the key of kid {} is unusable: {reason}",
                    or_none(kid.as_ref())
                )
            }
            Self::SignatureInvalid { kid } => {
                write!(
                    out,
                    "the key of kid {} did not sign this",
                    or_none(kid.as_ref())
                )
            }
            Self::IssuedInFuture { now, received } => {
                write!(
                    out,
                    "the ID token was issued at {received}, after now ({now})"
                )
            }
            Self::Expired { now, received } => {
                write!(
                    out,
                    "the ID token expired at {received}, before now ({now})"
                )
            }
            _ => self.describe_session(out),
        }
    }

    fn describe_session(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SessionEnded { received } => {
                write!(out, "the provider's session ended at {received}")
            }
            Self::SessionExpiry { received } => {
                write!(
                    out,
                    "session_expiry is {received}, expected seconds since 1970"
                )
            }
            _ => out.write_str(self.sentence()),
        }
    }

    fn sentence(&self) -> &'static str {
        match self {
            Self::StateMissing => "the answer carries no state",
            Self::StateUnknown => "the state belongs to no open request of this connection",
            Self::CodeMissing => "the answer carries neither a code nor an error",
            Self::IdTokenMissing => "the token endpoint gave no ID token: ask for the scope openid",
            Self::SubjectMissing => "the ID token carries no sub",
            Self::IssuedAtMissing => "the ID token carries no iat",
            Self::ExpiryMissing => "the ID token carries no exp",
            Self::NonceMissing => "the ID token carries no nonce",
            Self::NonceMismatch => "the ID token's nonce is not the request's",
            Self::AccessTokenHash => "the at_hash is not the access token's",
            Self::EmailMissing => "no e-mail address was asserted",
            Self::NameMissing => "no name was asserted",
            Self::ObjectIdMissing => {
                "the ID token of Entra carries no oid: ask for the scope profile"
            }
            Self::GroupsLeftOut => {
                "the provider left the groups out because there are too many: in Entra, send \
                 only the groups assigned to the application"
            }
            _ => self.code(),
        }
    }
}
