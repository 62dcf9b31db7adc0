//! What an identity provider said about a person, whatever its protocol.

use chrono::DateTime;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;

use crate::domain::email::EmailAddress;
use crate::domain::id::ConnectionId;
use crate::domain::metadata::Metadata;

/// What a SAML IdP calls a person, word for word, so that it can be told later that a session is over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SamlSubject {
    /// The NameID.
    pub name_id: String,
    /// Its format, if one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// The domain in which the IdP names people, if one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_qualifier: Option<String>,
    /// The service provider that the name is for, if one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sp_name_qualifier: Option<String>,
}

impl SamlSubject {
    /// Whether a sign-in under this name, with this session at the IdP, is meant by a name and session
    /// indexes; with none, every sign-in of the person is.
    pub fn is_meant(
        &self,
        idp_session: Option<&str>,
        (subject, session_indexes): (&Self, &[String]),
    ) -> bool {
        let is_same_index = |own: &str| session_indexes.iter().any(|index| index == own);
        self.name_id == subject.name_id
            && fits(self.format.as_deref(), subject.format.as_deref())
            && (session_indexes.is_empty() || idp_session.is_none_or(is_same_index))
    }
}

/// IdPs leave the format out where it is not specified.
fn fits(own: Option<&str>, named: Option<&str>) -> bool {
    let specified = |format: &&str| !format.is_empty() && !format.ends_with(":unspecified");
    let (own, named) = (own.filter(specified), named.filter(specified));
    own.is_none() || named.is_none() || own == named
}

/// A proven statement of an IdP: this subject, through this connection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AssertedIdentity {
    /// The connection that proved it.
    pub connection_id: ConnectionId,
    /// The subject: SAML NameID or OIDC `sub`; with the connection, the key of the person.
    pub subject: String,
    /// The address that the IdP names.
    pub email_address: EmailAddress,
    /// The display name that the IdP gives, if any.
    pub name: String,
    /// The groups that the IdP reports.
    pub groups: Vec<String>,
    /// Attributes as the IdP sent them, for the registration.
    pub attributes: Metadata,
    /// Attributes that the connection maps into trusted metadata.
    pub mapped: Metadata,
    /// When the IdP wants the session to end at the latest.
    pub session_not_on_or_after: Option<DateTime<Utc>>,
    /// The IdP's name for its own session: OIDC `sid` or SAML `SessionIndex`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idp_session: Option<String>,
    /// How a SAML IdP named the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saml_subject: Option<SamlSubject>,
}
