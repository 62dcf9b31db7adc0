//! What an identity provider said about a person, whatever its protocol.

use chrono::DateTime;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;

use crate::domain::email::EmailAddress;
use crate::domain::id::ConnectionId;
use crate::domain::metadata::Metadata;

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
}
