//! Who an OAuth provider says somebody is, and what it lets us do in their name.

use chrono::DateTime;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;

use crate::domain::email::EmailAddress;
use crate::domain::id::MemberId;
use crate::domain::id::OauthRegistrationId;
use crate::domain::oauth_provider::OauthProvider;

/// Who somebody is at a provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OauthIdentity {
    /// The provider.
    pub provider: OauthProvider,
    /// Their lasting id there.
    pub subject: String,
    /// The address that it names.
    pub email_address: EmailAddress,
    /// Whether signing in there proves that the address is theirs now.
    pub address_proven: bool,
    /// The tenants there to which they belong.
    pub tenants: Vec<String>,
    /// Their name; empty if it says none.
    pub name: String,
    /// Their picture; empty if it says none.
    pub picture_url: String,
    /// Their language; empty if it says none.
    pub locale: String,
}

/// A member as a provider knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OauthRegistration {
    /// Its id.
    pub id: OauthRegistrationId,
    /// The member.
    pub member_id: MemberId,
    /// The provider.
    pub provider: OauthProvider,
    /// The subject there.
    pub subject: String,
    /// The picture that the provider last named; empty if none.
    pub picture_url: String,
    /// The language that the provider last named; empty if none.
    pub locale: String,
}

/// The keys to the provider's API that came with a sign-in.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderTokens {
    /// What they allow.
    pub scopes: Vec<String>,
    /// The key.
    pub access_token: String,
    /// The key to another key; empty if there is none.
    pub refresh_token: String,
    /// When the key ends, if the provider says.
    pub expires_at: Option<DateTime<Utc>>,
    /// The ID token; empty if there is none.
    pub id_token: String,
}
