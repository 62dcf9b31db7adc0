//! The demo provider's state: its settings, key and grants.

use std::sync::Arc;

use chrono::DateTime;
use chrono::Utc;
use serde_json::Value;
use serde_json::json;
use url::Url;

use crate::demo::company::Profile;
use crate::demo::oidc_provider::error::DemoProviderError;
use crate::demo::oidc_provider::grants::Grants;
use crate::demo::oidc_provider::signing_key::SigningKey;
use crate::demo::people::DemoPerson;
use crate::demo::stage::Stage;

/// Where a company's provider lives below the public URL.
pub(crate) fn base_path(company: &Profile) -> String {
    format!("{}/oidc", company.idp_path())
}

/// What the provider is made of.
pub struct DemoProviderSettings {
    /// Knows the origin under which the gateway is reached; codes are sent nowhere else.
    pub stage: Arc<Stage>,
    /// Whose provider it is.
    pub(crate) company: &'static Profile,
    /// The key that signs.
    pub(crate) key: Arc<SigningKey>,
    /// The only client.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
}

/// The provider's state, shared by its routes.
pub struct DemoProvider {
    pub(crate) settings: DemoProviderSettings,
    pub(crate) issuer: String,
    pub(crate) grants: Grants,
}

impl DemoProvider {
    /// A provider that has given nothing yet.
    ///
    /// # Errors
    /// The public URL is none.
    pub fn new(settings: DemoProviderSettings) -> Result<Self, DemoProviderError> {
        let origin = &settings.stage.origin;
        Url::parse(origin).map_err(|error| DemoProviderError::new(origin, error))?;
        let origin = origin.trim_end_matches('/');
        Ok(Self {
            issuer: format!("{origin}{}", base_path(settings.company)),
            settings,
            grants: Grants::default(),
        })
    }

    /// The issuer to configure a connection with.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The current instant.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        (self.settings.stage.clock)()
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
