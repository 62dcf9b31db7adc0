//! File and environment become one checked configuration; the environment is read nowhere else.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::Path;
use std::path::PathBuf;

use tracing_subscriber::EnvFilter;
use url::Url;

use crate::config::mail::MailSettings;
use crate::config::reader::Reader;
use crate::domain::oauth_client::OauthClient;
use crate::domain::oauth_provider::OauthProvider;
use crate::domain::project::REDIRECT_URL;
use crate::domain::project::RedirectUrls;
use crate::domain::project::is_redirect_url;
use crate::domain::secret::MasterKey;
use crate::http::client_address::TrustedProxies;
use crate::http::rate_limit::Rate;
use crate::http::rate_limit::Rates;
use crate::outbound::sms_gateway::SmsGateway;
use crate::storage::open::Database;
use crate::telemetry::DEFAULT_FILTER;
use crate::telemetry::LogFormat;
use crate::telemetry::LogSettings;
use crate::use_cases::project::GivenCredentials;
use crate::use_cases::scim_requests;

pub mod data_folder;
pub mod dns;
mod keys;
pub mod mail;
mod oauth;
pub mod project_file;
mod reader;
mod sms;

/// Everything that an operator may set, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the product is served.
    pub listen: SocketAddr,
    /// Where health and metrics are served.
    pub ops_listen: SocketAddr,
    /// The origin that identity providers and browsers see; the public listener's own if absent.
    pub public_url: Option<String>,
    /// The folder of the embedded database and of generated keys.
    pub data_dir: PathBuf,
    /// Which database; the embedded one in the data folder if absent.
    pub database: Option<Database>,
    /// The project's credentials, as far as they are given.
    pub credentials: GivenCredentials,
    /// Where sign-ins may return.
    pub redirect_urls: RedirectUrls,
    /// The key under which secrets are sealed; a file in the data folder if absent.
    pub master_key: Option<MasterKey>,
    /// Whether identity providers may be at private addresses and speak plain http.
    pub allow_private_network: bool,
    /// Whether callers are held to their rates.
    pub rate_limits: bool,
    /// The proxies that are believed about whom they bring.
    pub trusted_proxies: TrustedProxies,
    /// How many requests a second a SCIM connection may send.
    pub scim_requests_per_second: NonZeroU32,
    /// The DNS resolvers that are asked for the records of claimed domains; the machine's own if
    /// absent.
    pub dns_resolvers: Option<Vec<SocketAddr>>,
    /// How mail leaves.
    pub mail: MailSettings,
    /// Where messages to phones go.
    pub sms: Option<SmsGateway>,
    /// The OAuth providers that people may sign in with, and what we are to them.
    pub oauth_clients: BTreeMap<OauthProvider, OauthClient>,
    /// What is logged, and how.
    pub log: LogSettings,
    /// How much is kept of what SCIM clients send.
    pub scim_log: scim_requests::Settings,
}

/// What is wrong with the configuration: one line for each finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError(pub Vec<String>);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// Reads the file that the command line or `VESTIBULE_CONFIG` names, and the environment.
    pub fn from_environment(file: Option<&Path>) -> Result<Self, ConfigError> {
        let environment: Vec<(String, String)> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
            .map(|(name, value)| (name, value.to_string_lossy().into_owned()))
            .collect();
        let named = environment
            .iter()
            .find(|(name, value)| name == "VESTIBULE_CONFIG" && !value.is_empty());
        let file = file
            .map(Path::to_owned)
            .or_else(|| named.map(|it| PathBuf::from(&it.1)));
        let read = |path: &Path| std::fs::read_to_string(path);
        let text = match &file {
            Some(path) => Some(read(path).map_err(|error| {
                ConfigError(vec![format!(
                    "the file {} cannot be read: {error}",
                    path.display()
                )])
            })?),
            None => None,
        };
        Self::load(text.as_deref(), environment, read)
    }

    /// Merges a file's text with the environment, which wins.
    pub fn load(
        file: Option<&str>,
        environment: impl IntoIterator<Item = (String, String)>,
        read_file: impl Fn(&Path) -> io::Result<String>,
    ) -> Result<Self, ConfigError> {
        let mut reader = Reader::merge(file, environment, read_file);
        let config = Self::read(&mut reader);
        let problems = reader.problems();
        if problems.is_empty() {
            Ok(config)
        } else {
            Err(ConfigError(problems))
        }
    }

    fn read(reader: &mut Reader) -> Self {
        let address = "an address with a port, like 127.0.0.1:8080";
        let socket = |text: &str| text.parse().ok();
        Self {
            listen: reader
                .parse("listen", address, socket)
                .unwrap_or(default_address(8080)),
            ops_listen: reader
                .parse("ops_listen", address, socket)
                .unwrap_or(default_address(9090)),
            public_url: reader.parse("public_url", ORIGIN, origin),
            data_dir: reader
                .parse("data_dir", "a folder", |text| Some(PathBuf::from(text)))
                .unwrap_or_else(|| PathBuf::from("vestibule-data")),
            database: reader.parse_secret("database_url", DATABASE, Database::from_url),
            credentials: credentials(reader),
            redirect_urls: redirect_urls(reader),
            master_key: reader.parse_secret("master_key", KEY, MasterKey::from_base64),
            allow_private_network: reader.switch("allow_private_network").unwrap_or(false),
            rate_limits: reader.switch("rate_limits").unwrap_or(true),
            trusted_proxies: reader
                .parse("trusted_proxies", PROXIES, TrustedProxies::from_text)
                .unwrap_or_default(),
            scim_requests_per_second: reader
                .number("scim_requests_per_second", "a number above 0")
                .unwrap_or(Rates::default().connection.per_second),
            dns_resolvers: dns::read(reader),
            mail: MailSettings::read(reader),
            sms: sms::read(reader),
            oauth_clients: oauth::clients(reader),
            log: log(reader),
            scim_log: scim_log(reader),
        }
    }

    /// The rates that callers are held to, if they are.
    pub fn rates(&self) -> Option<Rates> {
        self.rate_limits.then(|| Rates {
            connection: Rate::per_second(self.scim_requests_per_second),
            ..Rates::default()
        })
    }

    /// The database that is used.
    pub fn database(&self) -> Database {
        let embedded = || Database::Sqlite(self.data_dir.join("vestibule.db"));
        self.database.clone().unwrap_or_else(embedded)
    }

    /// The DNS resolvers that are asked: those that were named, or the machine's own.
    pub fn resolvers(&self) -> Vec<SocketAddr> {
        let named = self.dns_resolvers.clone();
        named.unwrap_or_else(dns::of_the_machine)
    }

    /// The origin in addresses that commands print: the public one, or where the server listens.
    pub fn origin(&self) -> String {
        let own_origin = || format!("http://{}", self.listen);
        self.public_url.clone().unwrap_or_else(own_origin)
    }
}

const ORIGIN: &str = "an origin without a path, like https://auth.example.com";
const DATABASE: &str = "sqlite://PATH or postgres://USER:PASSWORD@HOST/DATABASE";
const PROXIES: &str =
    "addresses and networks with commas between, like 10.0.0.0/8,192.0.2.7,fd00::/8";
const KEY: &str = "32 bytes in base64, as `openssl rand -base64 32` prints them";

fn default_address(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

fn origin(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let is_origin = matches!(url.scheme(), "http" | "https")
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    is_origin.then(|| url.origin().ascii_serialization())
}

fn credentials(reader: &mut Reader) -> GivenCredentials {
    let beginning_with = |prefix: &'static str| {
        move |text: &str| {
            let rest = text.strip_prefix(prefix)?;
            let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.=+/".contains(c);
            (!rest.is_empty() && rest.chars().all(allowed)).then(|| text.to_owned())
        }
    };
    let token = "public-token-test-<uuid>";
    GivenCredentials {
        project_id: reader.parse(
            "project_id",
            "project-test-<uuid>",
            beginning_with("project-test-"),
        ),
        secret: reader.parse_secret("secret", "secret-test-…", beginning_with("secret-test-")),
        public_token: reader.parse_secret(
            "public_token",
            token,
            beginning_with("public-token-test-"),
        ),
    }
}

fn redirect_urls(reader: &mut Reader) -> RedirectUrls {
    let kinds = RedirectUrls::default().by_kind().map(|(kind, _)| kind);
    let [login, signup, invite, discovery, reset_password] =
        reader.url_lists("redirect_urls", kinds);
    let urls = RedirectUrls {
        login,
        signup,
        invite,
        discovery,
        reset_password,
    };
    let all: BTreeSet<&String> = urls.by_kind().into_iter().flat_map(|it| it.1).collect();
    for url in all.into_iter().filter(|url| !is_redirect_url(url)) {
        reader.refuse("redirect_urls", Some(url), REDIRECT_URL);
    }
    urls
}

fn log(reader: &mut Reader) -> LogSettings {
    let directives = |text: &str| EnvFilter::try_new(text).ok().map(|_| text.to_owned());
    let filter = reader.parse(
        "log",
        "a filter like info or vestibule=debug,warn",
        directives,
    );
    let format = reader.parse("log_format", "text or json", |text| match text {
        "text" => Some(LogFormat::Text),
        "json" => Some(LogFormat::Json),
        _ => None,
    });
    LogSettings {
        filter: filter.unwrap_or_else(|| DEFAULT_FILTER.to_owned()),
        format: format.unwrap_or(LogFormat::Text),
    }
}

fn scim_log(reader: &mut Reader) -> scim_requests::Settings {
    let usual = scim_requests::Settings::default();
    let up_to = |most: u32| move |text: &str| text.parse().ok().filter(|number| *number <= most);
    let days = "a number of days from 0, which keeps no log, to 365";
    let entries = "a number of entries of each connection, up to 1000000";
    scim_requests::Settings {
        days: reader
            .parse("scim_log_days", days, up_to(365))
            .unwrap_or(usual.days),
        entries: reader
            .parse("scim_log_entries", entries, up_to(1_000_000))
            .unwrap_or(usual.entries),
    }
}

#[cfg(test)]
mod tests;
