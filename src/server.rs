//! The assembly: the only place where rooms are wired together; both listeners; graceful stop.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::sync::Arc;

use actix_web::App;
use actix_web::HttpServer;
use actix_web::dev::Server;
use actix_web::dev::ServerHandle;
use actix_web::web;
use actix_web::web::Data;
use tokio::signal::unix::SignalKind;
use tokio::signal::unix::signal;
use tokio::task::JoinHandle;

use crate::config::Config;
use crate::domain::id::RequestId;
use crate::domain::oauth_client::OauthClient;
use crate::domain::oauth_provider::OauthProvider;
use crate::domain::project::ProjectId;
use crate::domain::project::RedirectUrls;
use crate::domain::project_settings::ProjectSettings;
use crate::http::client_address::TrustedProxies;
use crate::http::ops;
use crate::http::ops::health::Health;
use crate::http::password_threads::PasswordThreads;
use crate::http::rate_limit::Rates;
use crate::http::site::PublicSite;
use crate::http::state::Gateway;
use crate::outbound::dns::TxtResolvers;
use crate::outbound::http_client;
use crate::outbound::http_client::HttpClient;
use crate::outbound::oidc_provider::OidcProviders;
use crate::server::first_link::first_link;
use crate::server::foundation::Foundation;
use crate::server::work::mailer;
use crate::server::work::request_log;
use crate::server::work::tools;
use crate::server::work::txt_resolvers;
use crate::storage::Storage;
use crate::use_cases::Deployment;
use crate::use_cases::project::Adopted;
use crate::use_cases::project_settings;
use crate::use_cases::scim_requests::queue::RequestLog;
use crate::worker;
use crate::worker::Worker;

mod first_link;
mod foundation;
mod work;

const SECONDS_TO_DRAIN: u64 = 10;

/// Why nothing was started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartError(String);

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StartError {}

impl StartError {
    fn because(what: &str, cause: impl fmt::Display) -> Self {
        Self(format!("{what}: {cause}"))
    }
}

/// The running product.
pub struct Running {
    /// Where the product is served.
    pub public_addr: SocketAddr,
    /// Where health and metrics are served.
    pub ops_addr: SocketAddr,
    /// The origin that identity providers and browsers see.
    pub public_url: String,
    /// The project, with the credentials that were made just now.
    pub adopted: Adopted,
    /// The link into the operator's console, when this is the first start.
    pub console_link: Option<String>,
    listeners: [(ServerHandle, JoinHandle<io::Result<()>>); 2],
    worker: Worker,
}

/// More routes for the public listener.
pub type MoreRoutes = Arc<dyn Fn(&mut web::ServiceConfig) + Send + Sync>;

/// Makes the routes of a world at the origin that it is given.
pub type MakeRoutes = Box<dyn FnOnce(&str) -> Result<MoreRoutes, String>>;

/// A world around the product, at the product's own origin: identity providers and an application.
pub struct World {
    /// Its routes.
    pub routes: MakeRoutes,
    /// The path at the origin where sign-ins return.
    pub return_path: &'static str,
    /// What its application declares.
    pub settings: ProjectSettings,
}

/// Starts the product; it is ready when this returns.
pub async fn start(config: Config) -> Result<Running, StartError> {
    start_with(config, None).await
}

/// Starts the product with a world around it, or none.
pub async fn start_with(config: Config, world: Option<World>) -> Result<Running, StartError> {
    let (public, public_addr) = bind("listen", config.listen)?;
    let (ops, ops_addr) = bind("ops_listen", config.ops_listen)?;
    let own_origin = || format!("http://{public_addr}");
    let public_url = config.public_url.clone().unwrap_or_else(own_origin);
    let mailer = mailer(&config)?;
    let foundation = Foundation::lay(&config).await?;
    let (adopted, storage) = (foundation.adopted.clone(), foundation.storage.clone());
    let request_log = request_log(&config);
    let resolvers = txt_resolvers(&config.resolvers())?;
    let mut rules = Rules {
        rate_limits: config.rates(),
        trusted_proxies: config.trusted_proxies,
        request_log,
        redirect_urls: config.redirect_urls,
        oauth_clients: config.oauth_clients,
        allow_private_network: config.allow_private_network,
        sends_sms: config.sms.is_some(),
        txt_resolvers: resolvers,
        own_world: false,
    };
    let mut more: MoreRoutes = Arc::new(|_| {});
    if let Some(world) = world {
        declare(&storage, &adopted.project.id, world.settings).await?;
        more = (world.routes)(&public_url).map_err(StartError)?;
        let return_url = format!("{public_url}{}", world.return_path);
        rules.redirect_urls = RedirectUrls::for_all(vec![return_url]);
        rules.own_world = true;
    }
    let console_link = first_link(&storage, &adopted, &public_url).await?;
    let gateway = gateway(foundation, public_url.clone(), rules)?;
    let tools = tools(&gateway, config.scim_log, (mailer, config.sms));
    let site = PublicSite::new(gateway);
    let health = Health {
        storage,
        project_id: adopted.project.id.clone(),
    };
    let ops = serve_ops(ops, health, site.metrics());
    let public = serve(public, site, more);
    let failed = |error| StartError::because("a listener cannot be served", error);
    let listeners = [public.map_err(failed)?, ops.map_err(failed)?];
    Ok(Running {
        public_addr,
        ops_addr,
        public_url,
        adopted,
        console_link,
        listeners: listeners.map(|server| (server.handle(), actix_web::rt::spawn(server))),
        worker: worker::start(tools),
    })
}

async fn declare(
    storage: &Storage,
    project: &ProjectId,
    settings: ProjectSettings,
) -> Result<(), StartError> {
    let project = project.clone();
    let applied = storage.transaction(RequestId::fresh(), move |tx| {
        project_settings::apply(tx, &project, &settings)
    });
    let failed = |error| StartError::because("the demo's roles cannot be declared", error);
    applied.await.map(|_| ()).map_err(failed)
}

/// What the gateway allows, and where it notes what it answers.
struct Rules {
    request_log: RequestLog,
    redirect_urls: RedirectUrls,
    oauth_clients: BTreeMap<OauthProvider, OauthClient>,
    allow_private_network: bool,
    rate_limits: Option<Rates>,
    trusted_proxies: TrustedProxies,
    sends_sms: bool,
    txt_resolvers: TxtResolvers,
    /// Whether identity providers may live at the public origin, even on plain http.
    own_world: bool,
}

fn gateway(
    foundation: Foundation,
    public_url: String,
    rules: Rules,
) -> Result<Gateway, StartError> {
    let own_origin = rules.own_world.then(|| public_url.clone());
    let outbound = http_client::Settings {
        allow_private_network: rules.allow_private_network,
        allowed_origins: own_origin.into_iter().collect(),
    };
    let client = HttpClient::new(outbound)
        .map_err(|error| StartError::because("the HTTP client cannot be set up", error))?;
    let password_threads = PasswordThreads::start()
        .map_err(|error| StartError::because("no thread for passwords can be started", error))?;
    Ok(Gateway {
        storage: foundation.storage,
        clock: foundation.clock,
        deployment: Arc::new(Deployment {
            project_id: foundation.adopted.project.id.clone(),
            public_url,
            redirect_urls: rules.redirect_urls,
            oauth_clients: rules.oauth_clients,
            master_key: foundation.master_key,
            allow_http: rules.allow_private_network || rules.own_world,
            sends_sms: rules.sends_sms,
        }),
        project_id: foundation.adopted.project.id,
        signer: Arc::new(foundation.signer),
        oidc_providers: OidcProviders::new(client.clone()),
        http_client: client,
        txt_resolvers: rules.txt_resolvers,
        recent_sessions: Arc::default(),
        proven_secrets: Arc::default(),
        owners_of_directories: Arc::default(),
        tokens_under_way: Arc::default(),
        request_log: rules.request_log,
        password_threads,
        rate_limits: rules.rate_limits,
        trusted_proxies: rules.trusted_proxies,
    })
}

fn serve(listener: TcpListener, site: PublicSite, more: MoreRoutes) -> io::Result<Server> {
    let server = HttpServer::new(move || site.app(&*more))
        .disable_signals()
        .shutdown_timeout(SECONDS_TO_DRAIN)
        .listen(listener)?;
    Ok(server.run())
}

fn serve_ops(
    listener: TcpListener,
    health: Health,
    metrics: Data<ops::metrics::Metrics>,
) -> io::Result<Server> {
    let health = Data::new(health);
    let app = move || {
        App::new()
            .app_data(health.clone())
            .app_data(metrics.clone())
            .configure(ops::routes)
    };
    let server = HttpServer::new(app)
        .workers(1)
        .disable_signals()
        .shutdown_timeout(1)
        .listen(listener)?;
    Ok(server.run())
}

fn bind(name: &str, address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let what = format!("{name}: {address} cannot be listened at");
    let failed = |error: io::Error| StartError::because(&what, error);
    let listener = TcpListener::bind(address).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

impl Running {
    /// Waits for SIGTERM or SIGINT, or for a listener to fail, and then stops.
    pub async fn wait(mut self) -> io::Result<()> {
        let mut terminated = signal(SignalKind::terminate())?;
        let mut interrupted = signal(SignalKind::interrupt())?;
        let [(_, public), (_, ops)] = &mut self.listeners;
        let failed = tokio::select! {
            _ = terminated.recv() => None,
            _ = interrupted.recv() => None,
            ended = public => Some(ended),
            ended = ops => Some(ended),
        };
        tracing::info!("stopping");
        self.stop().await;
        match failed {
            None => Ok(()),
            Some(ended) => ended
                .map_err(io::Error::other)?
                .and(Err(io::Error::other("a listener ended"))),
        }
    }

    /// Takes no more requests, lets those in hand end for at most 10 seconds, and stops.
    pub async fn stop(self) {
        let [(public, _), (ops, _)] = self.listeners;
        public.stop(true).await;
        ops.stop(false).await;
        self.worker.stop().await;
    }
}
