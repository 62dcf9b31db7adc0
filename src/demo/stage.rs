//! What all pages of the demo share: the product's address, what is set up in it, and the record.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::OnceLock;
use std::sync::PoisonError;

use chrono::DateTime;
use chrono::Utc;

use crate::demo::DemoError;
use crate::demo::api_client::ApiClient;
use crate::demo::company::Company;
use crate::demo::directory::Directory;
use crate::demo::exchanges::Exchanges;
use crate::demo::explain::Names;
use crate::demo::inbox::Inbox;
use crate::demo::record::Record;
use crate::outbound::http_client::HttpClient;

/// What an outsider has been given.
#[derive(Clone)]
pub struct Access {
    /// The public origin.
    pub origin: String,
    /// The project's id.
    pub project_id: String,
    /// Its secret.
    pub secret: String,
    /// Its public token.
    pub public_token: String,
}

/// What there is once the companies are set up.
pub(crate) struct Ready {
    /// What the application has been given.
    pub(crate) access: Access,
    /// Reaches the product.
    pub(crate) http: HttpClient,
    /// The management API, as the application's server calls it.
    pub(crate) api: ApiClient,
    /// The companies.
    pub(crate) companies: Vec<Company>,
    /// Their directories, by slug.
    pub(crate) directories: BTreeMap<&'static str, Directory>,
}

/// The demo.
pub struct Stage {
    /// The public origin.
    pub(crate) origin: String,
    /// The time.
    pub(crate) clock: fn() -> DateTime<Utc>,
    /// What happens.
    pub(crate) record: Arc<Record>,
    /// What the identity providers saw.
    pub(crate) exchanges: Exchanges,
    /// The mails that have arrived.
    pub(crate) inbox: Arc<Inbox>,
    names: Mutex<Names>,
    ready: OnceLock<Ready>,
}

impl Stage {
    /// A stage on which nothing is set up.
    pub fn new(origin: &str, inbox: Arc<Inbox>, clock: fn() -> DateTime<Utc>) -> Self {
        Self {
            origin: origin.to_owned(),
            clock,
            record: Arc::new(Record::new(clock)),
            exchanges: Exchanges::default(),
            inbox,
            names: Mutex::default(),
            ready: OnceLock::new(),
        }
    }

    /// Opens the pages; a second time changes nothing.
    pub(crate) fn open(&self, ready: Ready) {
        let _ = self.ready.set(ready);
    }

    /// What is set up; nothing before that.
    pub(crate) fn ready(&self) -> Option<&Ready> {
        self.ready.get()
    }

    /// Remembers how a connection or a group is called.
    pub(crate) fn name(&self, id: impl Into<String>, name: impl Into<String>) {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.insert(id.into(), name.into());
    }

    /// The names of connections and groups, by their ids.
    pub(crate) fn names(&self) -> Names {
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.clone()
    }
}

impl Ready {
    /// A company, by its name in URLs.
    pub(crate) fn company(&self, slug: &str) -> Option<&Company> {
        let mut companies = self.companies.iter();
        companies.find(|company| company.profile.slug == slug)
    }

    /// Its directory.
    pub(crate) fn directory(&self, company: &Company) -> Result<&Directory, DemoError> {
        let found = self.directories.get(company.profile.slug);
        found.ok_or_else(|| DemoError(format!("{} has no directory", company.profile.name)))
    }

    /// Where a sign-in through a connection begins.
    pub(crate) fn sign_in_url(&self, connection_id: &str) -> String {
        let Access {
            origin,
            public_token,
            ..
        } = &self.access;
        format!(
            "{origin}/v1/public/sso/start?connection_id={connection_id}&public_token={public_token}"
        )
    }
}
