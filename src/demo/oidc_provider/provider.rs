//! The demo provider's state: its settings, key and grants.

use chrono::DateTime;
use chrono::Utc;
use serde_json::Value;
use serde_json::json;
use url::Url;

use crate::demo::oidc_provider::error::DemoProviderError;
use crate::demo::oidc_provider::grants::Grants;
use crate::demo::oidc_provider::signing_key::SigningKey;
use crate::demo::people::DemoPerson;

/// Where the provider lives below the public URL.
pub const BASE_PATH: &str = "/demo/oidc";

/// What the provider is made of.
pub struct DemoProviderSettings {
    /// The origin under which the gateway is reached; codes are sent nowhere else.
    pub public_url: String,
    /// The only client.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// Who can sign in.
    pub people: Vec<DemoPerson>,
    /// The clock.
    pub clock: fn() -> DateTime<Utc>,
}

/// The provider's state, shared by its routes.
pub struct DemoProvider {
    pub(crate) settings: DemoProviderSettings,
    pub(crate) issuer: String,
    pub(crate) key: SigningKey,
    pub(crate) grants: Grants,
}

impl DemoProvider {
    /// A provider with a key of its own.
    ///
    /// # Errors
    /// The public URL is none, or no key can be made.
    pub fn new(settings: DemoProviderSettings) -> Result<Self, DemoProviderError> {
        Url::parse(&settings.public_url)
            .map_err(|error| DemoProviderError::new(&settings.public_url, error))?;
        Ok(Self {
            issuer: format!("{}{BASE_PATH}", settings.public_url.trim_end_matches('/')),
            settings,
            key: SigningKey::generate()?,
            grants: Grants::default(),
        })
    }

    /// The issuer to configure a connection with.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The current instant.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        (self.settings.clock)()
    }
}

/// What the provider says about a person.
pub(crate) fn person_claims(person: &DemoPerson) -> Value {
    json!({
        "sub": person.id,
        "email": person.email,
        "email_verified": true,
        "name": person.full_name(),
        "given_name": person.given_name,
        "family_name": person.family_name,
        "preferred_username": person.email,
        "department": person.department,
        "groups": person.groups,
    })
}
