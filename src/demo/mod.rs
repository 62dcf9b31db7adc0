//! A world to try the product in; the tests borrow its identity provider.

use std::fmt;
use std::sync::Arc;
use std::thread;

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::ServiceRequest;
use actix_web::dev::ServiceResponse;
use actix_web::http::header::HOST;
use actix_web::http::uri::Authority;
use actix_web::middleware::Next;
use actix_web::middleware::from_fn;
use actix_web::web;
use actix_web::web::Data;

use crate::demo::company::COMPANIES;
use crate::demo::faults_page::Tried;
use crate::demo::oidc_provider::DemoProvider;
use crate::demo::oidc_provider::DemoProviderSettings;
use crate::demo::oidc_provider::SigningKey;
use crate::demo::saml_idp::SamlIdp;
use crate::demo::saml_signature::KeyPair;
use crate::demo::set_up::Keys;
use crate::demo::stage::Stage;
use crate::domain::secret::fresh_token;

mod api_client;
pub mod application;
mod browser;
mod company;
pub mod declaration;
mod directory;
mod directory_page;
mod drawer;
mod exchanges;
mod explain;
mod fault;
mod faults_page;
mod graph;
mod idp_page;
pub mod inbox;
mod inbox_page;
pub mod mail_sink;
mod mime;
pub mod oidc_provider;
mod page;
pub mod people;
mod record;
pub mod saml_encryption;
pub mod saml_idp;
pub mod saml_response;
pub mod saml_signature;
mod scim_dialect;
pub mod set_up;
pub mod stage;
mod standing;
pub mod start;
pub mod tour;
mod verdict;

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

/// The client that the OpenID providers know.
#[derive(Clone, Debug)]
pub struct OidcClient {
    /// Its id.
    pub id: String,
    /// Its secret.
    pub secret: String,
}

impl OidcClient {
    /// A client with a new secret.
    fn fresh() -> Result<Self, DemoError> {
        let secret = fresh_token().map_err(|error| DemoError::because("a secret", error))?;
        let id = "vestibule-demo".to_owned();
        Ok(Self { id, secret })
    }
}

/// What takes a while to be made, and can be made before there is an origin.
pub struct Secrets {
    saml: KeyPair,
    oidc: Arc<SigningKey>,
    client: OidcClient,
}

impl Secrets {
    /// Makes all keys, two at a time.
    pub fn make() -> Result<Self, DemoError> {
        let saml = thread::spawn(|| KeyPair::generate("Demo identity provider"));
        let oidc = SigningKey::generate();
        let saml = saml.join();
        let saml = saml.map_err(|_| DemoError("a key cannot be made".to_owned()))?;
        Ok(Self {
            saml: saml.map_err(|error| DemoError::because("the SAML key", error))?,
            oidc: Arc::new(oidc.map_err(|error| DemoError::because("the OpenID key", error))?),
            client: OidcClient::fresh()?,
        })
    }

    /// What has to be entered in the product.
    pub fn keys(&self) -> Keys {
        Keys {
            certificate: self.saml.certificate_pem.clone(),
            oidc_client: self.client.clone(),
        }
    }
}

/// Identity providers, directories, an application and an inbox, below `/demo` of the origin.
#[derive(Clone)]
pub struct World {
    stage: Data<Stage>,
    oidc: Vec<Data<DemoProvider>>,
    saml: Data<SamlIdp>,
    tried: Data<Tried>,
}

impl World {
    /// A world on this stage.
    pub fn new(stage: Arc<Stage>, secrets: &Secrets) -> Result<Self, DemoError> {
        let provider = |company| {
            let provider = DemoProvider::new(DemoProviderSettings {
                stage: stage.clone(),
                company,
                key: secrets.oidc.clone(),
                client_id: secrets.client.id.clone(),
                client_secret: secrets.client.secret.clone(),
            });
            provider.map(Data::new)
        };
        let oidc: Result<Vec<_>, _> = COMPANIES.iter().map(provider).collect();
        let saml = SamlIdp::new(stage.clone(), secrets.saml.clone());
        Ok(Self {
            oidc: oidc.map_err(|error| DemoError::because("an OpenID provider", error))?,
            saml: Data::new(saml),
            tried: Data::new(Tried::default()),
            stage: Data::from(stage),
        })
    }

    /// Mounts the world.
    pub fn routes(&self, configuration: &mut web::ServiceConfig) {
        let inside = |configuration: &mut web::ServiceConfig| {
            for provider in &self.oidc {
                oidc_provider::routes(provider, configuration);
            }
            configuration
                .configure(saml_idp::routes)
                .configure(start::routes)
                .configure(application::routes)
                .configure(directory_page::routes)
                .configure(faults_page::routes)
                .configure(inbox_page::routes);
        };
        configuration
            .app_data(self.stage.clone())
            .app_data(self.saml.clone())
            .app_data(self.tried.clone())
            .service(
                web::scope("/demo")
                    .wrap(from_fn(only_here))
                    .configure(inside),
            );
    }
}

/// A name that leads to this machine but is not its own is somebody else's page reaching for it.
async fn only_here(
    stage: Data<Stage>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    // What proxies say of the host, a page could say as well.
    let host = request.headers().get(HOST).and_then(|it| it.to_str().ok());
    let host = host.or_else(|| request.uri().authority().map(Authority::as_str));
    if page::is_here(host, &stage.origin) {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let refused = page::unusable("The demo answers by its own address alone.");
    Ok(request.into_response(refused).map_into_boxed_body())
}
