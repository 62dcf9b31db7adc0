//! A world to try the product in; the tests borrow its identity provider.

use std::fmt;
use std::sync::Arc;

use actix_web::web;
use actix_web::web::Data;
use chrono::DateTime;
use chrono::Utc;

use crate::demo::application::Application;
use crate::demo::oidc_provider::DemoProvider;
use crate::demo::oidc_provider::DemoProviderSettings;
use crate::demo::saml_idp::SamlIdp;
use crate::domain::secret::fresh_token;

mod api_client;
pub mod application;
mod browser;
mod commands;
pub mod declaration;
mod directory;
mod explain;
pub mod oidc_provider;
mod page;
pub mod people;
pub mod saml_encryption;
pub mod saml_idp;
pub mod saml_response;
pub mod saml_signature;
pub mod tour;

/// Why the demo cannot go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoError(String);

impl DemoError {
    fn because(what: &str, cause: impl fmt::Display) -> Self {
        Self(format!("{what}: {cause}"))
    }
}

impl fmt::Display for DemoError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for DemoError {}

/// The client that the OpenID provider knows.
#[derive(Clone, Debug)]
pub struct OidcClient {
    /// Its id.
    pub id: String,
    /// Its secret.
    pub secret: String,
}

impl OidcClient {
    /// A client with a new secret.
    pub fn fresh() -> Result<Self, DemoError> {
        let secret = fresh_token().map_err(|error| DemoError::because("a secret", error))?;
        let id = "vestibule-demo".to_owned();
        Ok(Self { id, secret })
    }
}

/// Identity providers and an application, below `/demo` of the public origin.
#[derive(Clone)]
pub struct World {
    oidc: Data<DemoProvider>,
    saml: Data<SamlIdp>,
    application: Data<Application>,
}

impl World {
    /// A world at this origin, with keys of its own.
    pub fn new(
        origin: &str,
        client: &OidcClient,
        application: Arc<Application>,
        clock: fn() -> DateTime<Utc>,
    ) -> Result<Self, DemoError> {
        let provider = DemoProvider::new(DemoProviderSettings {
            public_url: origin.to_owned(),
            client_id: client.id.clone(),
            client_secret: client.secret.clone(),
            people: people::acme(),
            clock,
        });
        Ok(Self {
            oidc: Data::new(
                provider.map_err(|error| DemoError::because("the OpenID provider", error))?,
            ),
            saml: Data::new(SamlIdp::new(origin, people::acme(), clock)?),
            application: Data::from(application),
        })
    }

    /// Mounts the world.
    pub fn routes(&self, configuration: &mut web::ServiceConfig) {
        configuration
            .app_data(self.oidc.clone())
            .app_data(self.saml.clone())
            .app_data(self.application.clone())
            .configure(oidc_provider::routes)
            .configure(saml_idp::routes)
            .configure(application::routes);
    }
}
