//! A running gateway with a fresh database, and one method per thing a caller does.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering;

use actix_web::HttpServer;
use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use serde_json::Value;
use vestibule::domain::clock::Clock;
use vestibule::domain::id::RequestId;
use vestibule::domain::key_pair::KeyPair;
use vestibule::domain::letter::Letter;
use vestibule::domain::oauth_client::OauthClient;
use vestibule::domain::oauth_provider::OauthProvider;
use vestibule::domain::project::RedirectUrls;
use vestibule::domain::project_settings::ProjectSettings;
use vestibule::domain::rbac::Role;
use vestibule::domain::secret::MasterKey;
use vestibule::http::client_address::TrustedProxies;
use vestibule::http::password_threads::PasswordThreads;
use vestibule::http::rate_limit::Rates;
use vestibule::http::site::PublicSite;
use vestibule::http::state::Gateway;
use vestibule::outbound::dns::TxtResolvers;
use vestibule::outbound::http_client::HttpClient;
use vestibule::outbound::oidc_provider::OidcProviders;
use vestibule::outbound::smtp::Mailer;
use vestibule::storage::Settings;
use vestibule::storage::Storage;
use vestibule::storage::open::Database;
use vestibule::storage::project_settings;
use vestibule::use_cases::Deployment;
use vestibule::use_cases::error::ManagementError;
use vestibule::use_cases::mails;
use vestibule::use_cases::project;
use vestibule::use_cases::project::GivenCredentials;
use vestibule::use_cases::scim_requests::queue::RequestLog;
use vestibule::use_cases::signing_keys as keys;
use vestibule::use_cases::signing_keys::SealedKey;
use vestibule::worker;

pub mod browser;
mod database;
mod description;
pub mod dns_server;
mod domains;
pub mod mail_server;
mod member_session;
pub mod oidc_stub;
pub mod peers;
pub mod plans;
pub mod portal;
mod ports;
pub mod private_key;
pub mod race;
pub mod raw_sql;
pub mod saml;
pub mod sdk;
pub mod signing_keys;
pub mod statements;
pub mod stub_site;

pub use database::TestDatabase;

/// What a caller got back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
    /// The body as JSON; null when it is none.
    pub body: Value,
}

/// A gateway on a free port of loopback, on a database of its own.
pub struct TestGateway {
    pub base_url: String,
    pub project_id: String,
    pub secret: String,
    pub public_token: String,
    pub storage: Storage,
    pub deployment: Arc<Deployment>,
    pub http: reqwest::Client,
    pub request_log: RequestLog,
    http_client: HttpClient,
    seconds_ahead: Arc<AtomicI64>,
    served: Gateway,
    server: actix_web::dev::ServerHandle,
    /// Goes when the gateway goes.
    database: TestDatabase,
}

/// Another node of a gateway, on the same database.
pub struct Node {
    pub base_url: String,
    pub storage: Storage,
    deployment: Arc<Deployment>,
    http_client: HttpClient,
    served: Gateway,
    server: actix_web::dev::ServerHandle,
}

fn serve(listener: TcpListener, gateway: Gateway) -> actix_web::dev::ServerHandle {
    let site = PublicSite::new(gateway);
    let server = HttpServer::new(move || site.app(&|_| {}))
        .workers(1)
        .disable_signals()
        .listen(listener)
        .unwrap()
        .run();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    handle
}

fn signing_key() -> &'static KeyPair {
    static KEY: OnceLock<KeyPair> = OnceLock::new();
    KEY.get_or_init(|| {
        let now = Utc::now();
        KeyPair::generate("test", now, now + TimeDelta::days(365)).unwrap()
    })
}

/// What the project declares: the roles that the tests give.
fn declared() -> ProjectSettings {
    let mut settings = ProjectSettings::default();
    let roles = ROLES.iter().map(|role_id| Role {
        role_id: (*role_id).to_owned(),
        description: String::new(),
        permissions: Vec::new(),
    });
    settings.rbac.roles.extend(roles);
    settings
}

/// Roles that every test may give.
pub const ROLES: [&str; 8] = [
    "editor", "viewer", "employee", "auditor", "owner", "staff", "reader", "writer",
];

impl TestGateway {
    pub async fn start() -> Self {
        Self::start_with(false).await
    }

    /// A gateway that holds its callers to their rates, or not.
    pub async fn start_with(rate_limits: bool) -> Self {
        Self::start_inside(rate_limits.then(Rates::default), true, BTreeMap::new()).await
    }

    /// A gateway that reaches public addresses alone.
    pub async fn start_guarded() -> Self {
        Self::start_inside(None, false, BTreeMap::new()).await
    }

    /// The same, where people may sign in with these OAuth providers.
    pub async fn start_guarded_known_to(clients: BTreeMap<OauthProvider, OauthClient>) -> Self {
        Self::start_inside(None, false, clients).await
    }

    /// A gateway that holds its callers to these rates.
    pub async fn start_held_to(rates: Rates) -> Self {
        Self::start_inside(Some(rates), true, BTreeMap::new()).await
    }

    /// A gateway where people may sign in with these OAuth providers.
    pub async fn start_known_to(clients: BTreeMap<OauthProvider, OauthClient>) -> Self {
        Self::start_inside(None, true, clients).await
    }

    /// A gateway that asks these DNS resolvers.
    pub async fn start_asking(resolvers: &[SocketAddr]) -> Self {
        Self::start_whole((None, true), BTreeMap::new(), resolvers).await
    }

    async fn start_inside(
        rate_limits: Option<Rates>,
        private_network: bool,
        oauth_clients: BTreeMap<OauthProvider, OauthClient>,
    ) -> Self {
        Self::start_whole((rate_limits, private_network), oauth_clients, &[]).await
    }

    async fn start_whole(
        (rate_limits, private_network): (Option<Rates>, bool),
        oauth_clients: BTreeMap<OauthProvider, OauthClient>,
        resolvers: &[SocketAddr],
    ) -> Self {
        statements::watch();
        let database = TestDatabase::fresh();
        let seconds_ahead = Arc::new(AtomicI64::new(0));
        let ahead = seconds_ahead.clone();
        let clock =
            Clock::from_fn(move || Utc::now() + TimeDelta::seconds(ahead.load(Ordering::SeqCst)));
        let settings = Settings {
            database: database.location(),
            readers: 2,
            writers: 4,
        };
        let storage = Storage::start(&settings, clock.clone()).unwrap();
        let given = GivenCredentials {
            project_id: Some(format!("project-test-{}", uuid::Uuid::new_v4())),
            secret: Some(format!("secret-test-{}", uuid::Uuid::new_v4())),
            public_token: Some(format!("public-token-test-{}", uuid::Uuid::new_v4())),
        };
        let master_key = MasterKey::fresh().unwrap();
        let adopted = given.clone();
        let adopted = storage
            .transaction(RequestId::fresh(), move |tx| {
                project::adopt(tx, &adopted, &GivenCredentials::default())
            })
            .await
            .unwrap();
        let (id, key) = (adopted.project.id.clone(), master_key.clone());
        let signer = storage
            .transaction(RequestId::fresh(), move |tx| {
                let first = SealedKey::new(&id, &key, signing_key())?;
                keys::add_first(tx, &id, &first)?;
                project_settings::save(tx, &id, &declared())?;
                keys::signer(tx, &id, &key)?
                    .ok_or_else(|| ManagementError::Internal("no signing key".to_owned()))
            })
            .await
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let outbound = vestibule::outbound::http_client::Settings {
            allow_private_network: private_network,
            ..Default::default()
        };
        let deployment = Arc::new(Deployment {
            project_id: adopted.project.id.clone(),
            public_url: base_url.clone(),
            redirect_urls: RedirectUrls::for_all(vec![
                "http://app.test/authenticate".into(),
                "http://app.test/welcome?from=sso".into(),
            ]),
            oauth_clients,
            master_key,
            allow_http: private_network,
            sends_sms: true,
        });
        let http_client = HttpClient::new(outbound).unwrap();
        let request_log = RequestLog::default();
        let gateway = Gateway {
            storage: storage.clone(),
            clock,
            deployment: deployment.clone(),
            project_id: adopted.project.id,
            signer: Arc::new(signer),
            txt_resolvers: TxtResolvers::new(resolvers).unwrap(),
            oidc_providers: OidcProviders::new(http_client.clone()),
            http_client: http_client.clone(),
            recent_sessions: Arc::default(),
            proven_secrets: Arc::default(),
            owners_of_directories: Arc::default(),
            tokens_under_way: Arc::default(),
            request_log: request_log.clone(),
            password_threads: PasswordThreads::start().unwrap(),
            rate_limits,
            trusted_proxies: TrustedProxies::default(),
        };
        let handle = serve(listener, gateway.clone());
        let redirects = reqwest::redirect::Policy::none();
        Self {
            base_url,
            project_id: given.project_id.unwrap(),
            secret: given.secret.unwrap(),
            public_token: given.public_token.unwrap(),
            storage,
            deployment,
            http: reqwest::Client::builder()
                .redirect(redirects)
                .no_proxy()
                .build()
                .unwrap(),
            request_log,
            http_client,
            seconds_ahead,
            served: gateway,
            server: handle,
            database,
        }
    }

    /// Another node with nothing but the database in common. SQLite serves one process alone, so
    /// there it has the storage in common too.
    pub fn another_node(&self) -> Node {
        self.node_known_as(self.deployment.clone())
    }

    /// Another node, behind a proxy at an https address.
    pub fn node_behind_https(&self) -> Node {
        self.node_known_as(Arc::new(Deployment {
            public_url: "https://sso.test".to_owned(),
            ..(*self.deployment).clone()
        }))
    }

    /// Another node, behind proxies that it trusts.
    pub fn node_behind_proxies(&self, proxies: &str) -> Node {
        self.node_like(Gateway {
            trusted_proxies: TrustedProxies::from_text(proxies).unwrap(),
            ..self.served.clone()
        })
    }

    fn node_known_as(&self, deployment: Arc<Deployment>) -> Node {
        self.node_like(Gateway {
            deployment,
            ..self.served.clone()
        })
    }

    fn node_like(&self, served: Gateway) -> Node {
        let location = self.database.location();
        let storage = match &location {
            Database::Sqlite(_) => self.storage.clone(),
            Database::Postgres(_) => {
                let settings = Settings {
                    database: location,
                    readers: 2,
                    writers: 4,
                };
                Storage::start(&settings, self.served.clock.clone()).unwrap()
            }
        };
        let http_client = self.served.http_client.clone();
        let gateway = Gateway {
            storage: storage.clone(),
            oidc_providers: OidcProviders::new(http_client),
            recent_sessions: Arc::default(),
            proven_secrets: Arc::default(),
            request_log: RequestLog::default(),
            password_threads: PasswordThreads::start().unwrap(),
            signer: Arc::new((*self.served.signer).clone()),
            ..served
        };
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        Node {
            base_url: format!("http://{}", listener.local_addr().unwrap()),
            storage,
            deployment: gateway.deployment.clone(),
            http_client: self.http_client.clone(),
            served: gateway.clone(),
            server: serve(listener, gateway),
        }
    }

    /// Writes what waits for the request log, as the worker does.
    pub async fn write_request_log(&self) {
        let project = &self.deployment.project_id;
        worker::request_log::write(&self.storage, project, &self.request_log).await;
    }

    /// The letters to an address that wait in the outbox, the newest first.
    pub async fn mails_to(&self, address: &str) -> Vec<Letter> {
        let deployment = self.deployment.clone();
        let kept = self.storage.read(RequestId::fresh(), move |tx| {
            mails::outbox(tx, &deployment, 1000)
        });
        let letters = kept.await.unwrap().into_iter().map(|(_, letter)| letter);
        letters.filter(|letter| letter.to == address).collect()
    }

    /// Sends what the outbox holds, as the worker does.
    pub async fn send_mails(&self, mailer: &Mailer) {
        worker::mails::run(&self.storage, &self.deployment, mailer, &|| false).await;
    }

    /// Looks after SAML connections, as the worker does.
    pub async fn keep_up(&self) {
        worker::saml_upkeep::run(&self.storage, &self.deployment, &self.http_client).await;
    }

    /// Turns the gateway's clock forward.
    pub fn wait(&self, time: TimeDelta) {
        self.seconds_ahead
            .fetch_add(time.num_seconds(), Ordering::SeqCst);
    }

    /// The gateway's clock.
    pub fn clock(&self) -> Clock {
        self.served.clock.clone()
    }

    /// The instant as the gateway has it.
    pub fn now(&self) -> DateTime<Utc> {
        Utc::now() + TimeDelta::seconds(self.seconds_ahead.load(Ordering::SeqCst))
    }

    /// Sends a request as it is. The answer must be one that the API's description allows.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let request = request.build().unwrap();
        let (method, path) = (request.method().clone(), request.url().path().to_owned());
        let response = self.http.execute(request).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        let answer = Answer {
            status,
            headers,
            text,
            body,
        };
        description::check(method.as_str(), &path, &answer);
        answer
    }

    /// A call of the management API with the project's credentials.
    pub async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self
            .http
            .request(method, format!("{}{path}", self.base_url))
            .basic_auth(&self.project_id, Some(&self.secret));
        if let Some(body) = body {
            request = request
                .header("content-type", "application/json")
                .body(body.to_string());
        }
        self.send(request).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call("POST", path, Some(body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.call("PUT", path, Some(body)).await
    }

    /// A SCIM request with a bearer token.
    pub async fn scim(&self, call: (&str, &str), token: &str, body: Option<Value>) -> Answer {
        let method = reqwest::Method::from_bytes(call.0.as_bytes()).unwrap();
        let url = if call.1.starts_with("http") {
            call.1.to_owned()
        } else {
            format!("{}{}", self.base_url, call.1)
        };
        let mut request = self.http.request(method, url).bearer_auth(token);
        if let Some(body) = body {
            request = request
                .header("content-type", "application/scim+json")
                .body(body.to_string());
        }
        self.send(request).await
    }

    /// A second project on the same database: its id and secret.
    pub async fn another_project(&self) -> (String, String) {
        let id = format!("project-test-{}", uuid::Uuid::new_v4());
        let secret = format!("secret-test-{}", uuid::Uuid::new_v4());
        let given = GivenCredentials {
            project_id: Some(id.clone()),
            secret: Some(secret.clone()),
            public_token: Some(format!("public-token-test-{}", uuid::Uuid::new_v4())),
        };
        let adopted = self.storage.transaction(RequestId::fresh(), move |tx| {
            project::adopt(tx, &given, &GivenCredentials::default())
        });
        adopted.await.unwrap();
        (id, secret)
    }

    /// Creates an organization and gives its object.
    pub async fn organization(&self, body: Value) -> Value {
        let answer = self.post("/v1/b2b/organizations", body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body["organization"].clone()
    }
}

impl Node {
    /// Looks after SAML connections, as this node's worker does.
    pub async fn keep_up(&self) {
        worker::saml_upkeep::run(&self.storage, &self.deployment, &self.http_client).await;
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}

impl Drop for TestGateway {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}
