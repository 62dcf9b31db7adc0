//! Typed, prefixed identifiers: `<kind>-test-<uuid>` outside, a bare UUID in the database.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::digest;
use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use utoipa::openapi::ObjectBuilder;
use utoipa::openapi::RefOr;
use utoipa::openapi::Schema;
use utoipa::openapi::schema::Type;
use uuid::Builder;
use uuid::Uuid;

/// Why a text is not the identifier that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAnId {
    /// The kind that was expected, e.g. `organization`.
    pub kind: &'static str,
}

impl fmt::Display for NotAnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "expected an identifier of the form {}-test-<uuid>",
            self.kind
        )
    }
}

/// A fresh, time-ordered UUID; the only place that makes them.
#[expect(
    clippy::disallowed_methods,
    reason = "identifiers are made here and nowhere else"
)]
fn fresh() -> Uuid {
    Uuid::now_v7()
}

/// A UUID that tells nothing about when it was made.
#[expect(
    clippy::disallowed_methods,
    reason = "identifiers are made here and nowhere else"
)]
pub fn opaque_uuid() -> Uuid {
    Uuid::new_v4()
}

/// The UUID that these texts always have among identifiers of this kind.
fn derived(kind: &str, from: &[&str]) -> Uuid {
    let text = [&[kind], from].concat().join("\0");
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    let mut bytes = [0_u8; 16];
    for (to, from) in bytes.iter_mut().zip(hash.as_ref()) {
        *to = *from;
    }
    Builder::from_random_bytes(bytes).into_uuid()
}

fn parse_prefixed(text: &str, kind: &'static str) -> Result<Uuid, NotAnId> {
    text.strip_prefix(kind)
        .and_then(|rest| rest.strip_prefix("-test-"))
        .filter(|uuid| uuid.len() == 36)
        .and_then(|uuid| Uuid::parse_str(uuid).ok())
        .ok_or(NotAnId { kind })
}

/// How the API's description shows an identifier.
fn text_schema(form: &'static str) -> RefOr<Schema> {
    let schema = ObjectBuilder::new().schema_type(Type::String);
    schema.description(Some(form)).build().into()
}

macro_rules! typed_ids {
    ($($(#[$doc:meta])* $name:ident = $kind:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Uuid);

        impl $name {
            /// What the outer form has before the form of database columns.
            pub const PREFIX: &'static str = concat!($kind, "-test-");

            /// A new identifier, ordered by the time it was made.
            pub fn fresh() -> Self {
                Self(fresh())
            }

            /// The identifier that these texts always have.
            pub fn derived(from: &[&str]) -> Self {
                Self(derived($kind, from))
            }

            /// The form in database columns: the bare UUID.
            pub fn key(&self) -> String {
                self.0.to_string()
            }

            /// Reads the form of database columns.
            pub fn from_key(key: &str) -> Result<Self, NotAnId> {
                Uuid::parse_str(key).map(Self).map_err(|_| NotAnId { kind: $kind })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($kind, "-test-{}"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                parse_prefixed(text, $kind).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                text_schema(concat!($kind, "-test-<uuid>"))
            }
        }

        impl utoipa::ToSchema for $name {}
    )*};
}

typed_ids! {
    /// An organization: one customer of the application.
    OrganizationId = "organization";
    /// A member of one organization.
    MemberId = "member";
    /// A SCIM User record of one connection.
    ScimUserId = "scim-user";
    /// A SCIM Group record of one connection.
    ScimGroupId = "scim-group";
    /// A SCIM record of a type that one connection declares.
    ScimResourceId = "scim-resource";
    /// An OAuth client of a SCIM connection.
    ScimClientId = "scim-client";
    /// A secret of an OAuth client of a SCIM connection.
    ScimClientSecretId = "scim-client-secret";
    /// A member's registration with an SSO connection.
    RegistrationId = "sso-member-registration";
    /// A member session.
    SessionId = "session";
    /// An e-mail address that a member no longer uses.
    RetiredEmailId = "email";
    /// An e-mail address of a member.
    EmailId = "email";
    /// A phone number of a member.
    PhoneNumberId = "phone-number";
    /// A password of a member.
    MemberPasswordId = "member-password";
    /// A member's authenticator application.
    TotpId = "totp";
    /// A recovery code of a member.
    RecoveryCodeId = "recovery-code";
    /// A member's registration with an OAuth provider.
    OauthRegistrationId = "oauth-user";
    /// A token of another issuer that opened a session.
    TrustedTokenId = "trusted-token";
    /// A message on its way to a phone.
    SmsMessageId = "sms";
    /// A certificate with which an identity provider signs.
    CertificateId = "saml-verification-key";
    /// A key with which responses to a SAML connection are decrypted.
    EncryptionKeyId = "saml-encryption-key";
    /// A mail domain that an organization proves.
    DomainProofId = "domain";
    /// A mail that is to be sent.
    MailId = "mail";
    /// A key of the session JWT.
    JwkId = "jwk";
    /// A link to the admin portal.
    PortalLinkId = "portal-link";
    /// One entry of the journal.
    EventId = "event";
    /// One entry of a SCIM connection's request log.
    ScimRequestId = "scim-request";
    /// One request, as logs and error bodies name it.
    RequestId = "request-id";
}

/// What a connection speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ConnectionKind {
    /// SAML 2.0 single sign-on.
    Saml,
    /// OpenID Connect single sign-on.
    Oidc,
    /// Single sign-on through another organization's connection.
    External,
    /// SCIM 2.0 provisioning.
    Scim,
}

impl ConnectionKind {
    /// The word of this kind in identifiers, columns and events.
    pub fn name(self) -> &'static str {
        match self {
            Self::Saml => "saml",
            Self::Oidc => "oidc",
            Self::External => "external",
            Self::Scim => "scim",
        }
    }

    /// Reads the word back.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Saml, Self::Oidc, Self::External, Self::Scim]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}

/// A connection of any kind; its prefix says which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId {
    /// What the connection speaks.
    pub kind: ConnectionKind,
    uuid: Uuid,
}

impl ConnectionId {
    /// A new identifier of this kind.
    pub fn fresh(kind: ConnectionKind) -> Self {
        Self {
            kind,
            uuid: fresh(),
        }
    }

    /// The form in database columns: the bare UUID.
    pub fn key(&self) -> String {
        self.uuid.to_string()
    }

    /// Reads the form of database columns.
    pub fn from_key(kind: ConnectionKind, key: &str) -> Result<Self, NotAnId> {
        let uuid = Uuid::parse_str(key).map_err(|_| NotAnId { kind: kind.name() })?;
        Ok(Self { kind, uuid })
    }
}

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-connection-test-{}", self.kind.name(), self.uuid)
    }
}

impl FromStr for ConnectionId {
    type Err = NotAnId;
    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let not_an_id = NotAnId { kind: "connection" };
        let (kind, rest) = text.split_once('-').ok_or(not_an_id)?;
        let kind = ConnectionKind::from_name(kind).ok_or(not_an_id)?;
        parse_prefixed(rest, "connection").map(|uuid| Self { kind, uuid })
    }
}

impl utoipa::PartialSchema for ConnectionId {
    fn schema() -> RefOr<Schema> {
        text_schema("<kind>-connection-test-<uuid>")
    }
}

impl utoipa::ToSchema for ConnectionId {}

impl Serialize for ConnectionId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ConnectionId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_print_and_read_back() {
        let id = MemberId::fresh();
        assert_eq!(id.to_string().parse::<MemberId>(), Ok(id));
        assert_eq!(MemberId::from_key(&id.key()), Ok(id));
        let connection = ConnectionId::fresh(ConnectionKind::Oidc);
        assert!(connection.to_string().starts_with("oidc-connection-test-"));
        let external = ConnectionId::fresh(ConnectionKind::External);
        assert_eq!(external.to_string().parse::<ConnectionId>(), Ok(external));
        assert_eq!(
            connection.to_string().parse::<ConnectionId>(),
            Ok(connection)
        );
    }

    #[test]
    fn another_kind_of_identifier_is_refused() {
        let member = MemberId::fresh().to_string();
        assert!(member.parse::<OrganizationId>().is_err());
        for text in ["", "member-test-", "member-live-x", "member-test-00000000"] {
            assert!(text.parse::<MemberId>().is_err(), "{text}");
        }
    }
}
