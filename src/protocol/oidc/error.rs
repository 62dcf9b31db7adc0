//! Why a provider's document, answer or ID token is not accepted: one variant per check.

use chrono::DateTime;
use chrono::Utc;

/// A check that failed, with what was expected and what came; never a token or a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the fields are what the variant's sentence names"
)]
pub enum Rejection {
    /// The issuer is not a URL below which a discovery document can be looked for.
    IssuerUrl { received: String },
    /// The discovery document cannot be read.
    DiscoveryMalformed { reason: String },
    /// The discovery document names another issuer.
    DiscoveryIssuer { expected: String, received: String },
    /// The discovery document lacks an endpoint.
    EndpointMissing { name: &'static str },
    /// An endpoint is not an https URL.
    EndpointUrl {
        name: &'static str,
        received: String,
    },
    /// None of the provider's signing algorithms is accepted.
    AlgorithmsUnsupported { received: Vec<String> },
    /// The key set cannot be read.
    JwksMalformed { reason: String },
    /// The PKCE code verifier is not 43 to 128 unreserved characters (RFC 7636 §4.1).
    CodeVerifier { length: usize },
    /// The answer carries no `state`.
    StateMissing,
    /// The answer carries a `state` that belongs to no open request of this connection.
    StateUnknown,
    /// The answer's `iss` is not the connection's issuer (RFC 9207).
    ResponseIssuer {
        expected: String,
        received: Option<String>,
    },
    /// The provider refused the request.
    AuthorizationRefused { error: String, description: String },
    /// The answer carries neither a code nor an error.
    CodeMissing,
    /// The token endpoint refused the code.
    CodeRefused { error: String, description: String },
    /// The token endpoint's answer cannot be read.
    TokenResponse { reason: String },
    /// The token endpoint gave no ID token.
    IdTokenMissing,
    /// The ID token cannot be read.
    IdTokenMalformed { reason: String },
    /// The ID token's header asks for something that is not accepted.
    HeaderRefused { reason: String },
    /// The signature algorithm is not accepted.
    AlgorithmRefused { received: String },
    /// No key of the provider fits the ID token.
    KeyUnknown { kid: Option<String> },
    /// Several keys of the provider fit the ID token.
    KeyAmbiguous { kid: Option<String> },
    /// The fitting key cannot be used.
    KeyUnusable { kid: Option<String>, reason: String },
    /// The signature is not the provider's.
    SignatureInvalid { kid: Option<String> },
    /// The ID token has another issuer.
    Issuer { expected: String, received: String },
    /// The ID token is for somebody else.
    Audience {
        expected: String,
        received: Vec<String>,
    },
    /// The ID token is for somebody else too.
    ExtraAudience {
        expected: String,
        received: Vec<String>,
    },
    /// The ID token was issued to another client.
    AuthorizedParty {
        expected: String,
        received: Option<String>,
    },
    /// The ID token carries no `sub`.
    SubjectMissing,
    /// The ID token carries no `iat`.
    IssuedAtMissing,
    /// The ID token was issued in the future.
    IssuedInFuture {
        now: DateTime<Utc>,
        received: DateTime<Utc>,
    },
    /// The ID token carries no `exp`.
    ExpiryMissing,
    /// The ID token has expired.
    Expired {
        now: DateTime<Utc>,
        received: DateTime<Utc>,
    },
    /// The ID token carries no `nonce`.
    NonceMissing,
    /// The ID token's `nonce` is not the one of the request.
    NonceMismatch,
    /// The `at_hash` is not the access token's.
    AccessTokenHash,
    /// The userinfo answer cannot be read.
    UserinfoMalformed { reason: String },
    /// The userinfo answer is about somebody else.
    UserinfoSubject { expected: String, received: String },
    /// No e-mail address was asserted.
    EmailMissing,
    /// The provider says that the e-mail address is not verified.
    EmailUnverified { received: String },
    /// No name was asserted.
    NameMissing,
    /// The session that the provider allows is over already.
    SessionEnded { received: DateTime<Utc> },
    /// The `session_expiry` claim cannot be read.
    SessionExpiry { received: String },
    /// The token is of another tenant of Entra.
    Tenant { expected: String, received: String },
    /// Entra's token does not name the person by `oid`.
    ObjectIdMissing,
    /// The provider left out the groups, by which this connection gives roles.
    GroupsLeftOut,
    /// The provider takes assertions with other algorithms alone.
    AssertionAlgorithm { received: Vec<String> },
    /// Our assertion could not be signed.
    AssertionUnsigned { reason: String },
    /// A sign-in that the provider begins names another issuer.
    InitiatedIssuer { expected: String, received: String },
}

impl Rejection {
    /// The check's name, as it stands in logs and in the portal.
    pub fn code(&self) -> &'static str {
        match self {
            Self::IssuerUrl { .. } => "issuer_url",
            Self::DiscoveryMalformed { .. } => "discovery_malformed",
            Self::DiscoveryIssuer { .. } => "discovery_issuer",
            Self::EndpointMissing { .. } => "endpoint_missing",
            Self::EndpointUrl { .. } => "endpoint_url",
            Self::AlgorithmsUnsupported { .. } => "algorithms_unsupported",
            Self::JwksMalformed { .. } => "jwks_malformed",
            Self::CodeVerifier { .. } => "code_verifier",
            Self::StateMissing => "state_missing",
            Self::StateUnknown => "state_unknown",
            Self::ResponseIssuer { .. } => "response_issuer",
            Self::AuthorizationRefused { .. } => "authorization_refused",
            Self::CodeMissing => "code_missing",
            Self::CodeRefused { .. } => "code_refused",
            Self::TokenResponse { .. } => "token_response",
            Self::IdTokenMissing => "id_token_missing",
            Self::IdTokenMalformed { .. } => "id_token_malformed",
            Self::HeaderRefused { .. } => "header_refused",
            Self::AlgorithmRefused { .. } => "algorithm_refused",
            Self::KeyUnknown { .. } => "key_unknown",
            Self::KeyAmbiguous { .. } => "key_ambiguous",
            Self::KeyUnusable { .. } => "key_unusable",
            Self::SignatureInvalid { .. } => "signature_invalid",
            Self::Issuer { .. } => "issuer",
            Self::Audience { .. } => "audience",
            Self::ExtraAudience { .. } => "extra_audience",
            Self::AuthorizedParty { .. } => "authorized_party",
            Self::SubjectMissing => "subject_missing",
            Self::IssuedAtMissing => "issued_at_missing",
            Self::IssuedInFuture { .. } => "issued_in_future",
            Self::ExpiryMissing => "expiry_missing",
            Self::Expired { .. } => "expired",
            Self::NonceMissing => "nonce_missing",
            Self::NonceMismatch => "nonce_mismatch",
            Self::AccessTokenHash => "access_token_hash",
            Self::UserinfoMalformed { .. } => "userinfo_malformed",
            Self::UserinfoSubject { .. } => "userinfo_subject",
            Self::EmailMissing => "email_missing",
            Self::EmailUnverified { .. } => "email_unverified",
            Self::NameMissing => "name_missing",
            Self::SessionEnded { .. } => "session_ended",
            Self::SessionExpiry { .. } => "session_expiry",
            Self::Tenant { .. } => "tenant",
            Self::ObjectIdMissing => "object_id_missing",
            Self::GroupsLeftOut => "groups_left_out",
            Self::AssertionAlgorithm { .. } => "assertion_algorithm",
            Self::AssertionUnsigned { .. } => "assertion_unsigned",
            Self::InitiatedIssuer { .. } => "initiated_issuer",
        }
    }

    /// The management API's name for this class of failure.
    pub fn error_type(&self) -> &'static str {
        match self {
            Self::IssuerUrl { .. } => "oidc_connection_issuer_url_invalid_format",
            Self::StateMissing => "missing_oidc_state_param",
            Self::StateUnknown
            | Self::ResponseIssuer { .. }
            | Self::NonceMissing
            | Self::NonceMismatch => "unsolicited_oidc_response",
            Self::AuthorizationRefused { description, .. } if says_unassigned(description) => {
                "oidc_user_not_assigned_to_app_in_idp"
            }
            Self::Expired { .. } | Self::ExpiryMissing | Self::SessionEnded { .. } => {
                "expired_oidc_response"
            }
            Self::SubjectMissing | Self::ObjectIdMissing => "oidc_response_subject_missing",
            Self::UserinfoSubject { .. } => "oidc_response_subject_mismatch",
            Self::UserinfoMalformed { .. } => "oidc_invalid_userinfo",
            Self::EmailMissing => "oidc_response_email_missing",
            Self::EmailUnverified { .. } => "oidc_response_unverified_email",
            Self::NameMissing => "oidc_response_name_missing",
            _ => "oidc_auth_code_error",
        }
    }

    /// Whether the reason may be that the provider has changed its keys since they were fetched.
    pub fn may_be_key_rotation(&self) -> bool {
        matches!(
            self,
            Self::KeyUnknown { .. } | Self::SignatureInvalid { kid: None }
        )
    }
}

// Entra's code for it, and Okta's words.
fn says_unassigned(description: &str) -> bool {
    description.contains("AADSTS50105") || description.contains("not assigned to the client")
}

impl std::error::Error for Rejection {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_type_is_one_the_management_api_names() {
        let refused = |description: &str| Rejection::AuthorizationRefused {
            error: "access_denied".to_owned(),
            description: description.to_owned(),
        };
        let subject = Rejection::UserinfoSubject {
            expected: "a".to_owned(),
            received: "b".to_owned(),
        };
        let unassigned = "oidc_user_not_assigned_to_app_in_idp";
        let table = [
            (Rejection::StateMissing, "missing_oidc_state_param"),
            (Rejection::StateUnknown, "unsolicited_oidc_response"),
            (Rejection::NonceMismatch, "unsolicited_oidc_response"),
            (Rejection::SubjectMissing, "oidc_response_subject_missing"),
            (subject, "oidc_response_subject_mismatch"),
            (Rejection::EmailMissing, "oidc_response_email_missing"),
            (Rejection::CodeMissing, "oidc_auth_code_error"),
            (refused("The user pressed cancel."), "oidc_auth_code_error"),
            (refused("AADSTS50105: blocked"), unassigned),
            (
                refused("User is not assigned to the client application."),
                unassigned,
            ),
        ];
        for (rejection, error_type) in table {
            assert_eq!(rejection.error_type(), error_type, "{rejection}");
        }
    }

    #[test]
    fn the_sentence_names_what_was_expected_and_what_came() {
        let azp = Rejection::AuthorizedParty {
            expected: "us".to_owned(),
            received: None,
        };
        let table = [
            (azp, "azp is none, expected us"),
            (Rejection::NameMissing, "no name was asserted"),
            (
                Rejection::KeyUnknown {
                    kid: Some("k1".to_owned()),
                },
                "no key of the provider fits kid k1",
            ),
        ];
        for (rejection, sentence) in table {
            assert_eq!(rejection.to_string(), sentence);
        }
    }
}
