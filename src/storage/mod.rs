//! The database: one door for reads, one for transactions, queries behind them.
//!
//! A closure handed to [`Storage::transaction`] may be run again after a lost race, so it holds
//! neither network nor clock; its instant is [`Transaction::now`].

use std::sync::Arc;

use chrono::DateTime;
use chrono::Utc;

use crate::domain::clock::Clock;
use crate::domain::event::Actor;
use crate::domain::event::Cause;
use crate::domain::id::MemberId;
use crate::storage::db_connection::DbConnection;
use crate::storage::error::StorageError;
use crate::storage::job::Begin;
use crate::storage::open::Database;
use crate::storage::open::Purpose;
use crate::storage::repeats::Repeats;
use crate::storage::threads::Workers;
use crate::storage::together::Together;
use crate::storage::writes::Concern;
use crate::storage::writes::Writes;

mod added_rows;
pub mod addresses;
mod back_off;
mod closure_job;
mod columns;
pub mod connection_tests;
pub mod connections;
pub mod credentials;
mod db_connection;
pub mod directories;
pub mod domain_proofs;
pub mod email_codes;
pub mod error;
pub mod factors;
pub mod fence;
pub mod foreseen;
pub mod group_members;
pub mod group_nesting;
pub(crate) mod group_rows;
pub mod groups;
pub mod holdings;
pub mod job;
pub mod journal;
pub mod journal_history;
pub mod listed_users;
pub mod m2m_clients;
pub mod mail_recipients;
pub mod mails;
pub mod member_discovery;
pub mod member_search;
pub mod members;
pub mod migrations;
pub mod oauth_registrations;
pub(crate) mod oauth_tenants;
pub mod one_time_tokens;
pub mod open;
pub mod operator_secrets;
pub mod organization_search;
pub mod organizations;
pub mod passwords;
mod plain_load;
mod plain_plan;
mod plain_sql;
pub mod portal_links;
mod postponed;
pub mod project_counts;
pub mod project_keys;
pub mod project_settings;
pub mod projects;
mod queue;
mod reading;
pub mod recent_days;
mod reconnection;
pub mod refusals;
pub mod registrations;
mod repeats;
pub mod retired_emails;
pub mod role_holders;
pub mod role_reach;
mod savepoint;
#[expect(
    missing_docs,
    reason = "the tables are documented where the migrations make them"
)]
pub mod schema;
pub mod scim_access_tokens;
pub mod scim_clients;
pub mod scim_filter;
pub mod scim_pages;
pub mod scim_request_search;
pub mod scim_requests;
pub mod scim_resources;
pub mod scim_schemas;
pub mod scim_user_emails;
pub mod scim_user_search;
pub mod scim_users;
pub mod search_terms;
pub mod sessions;
pub mod sign_in_flows;
pub mod sign_in_places;
pub mod signing_keys;
pub mod standings;
pub mod statistics;
pub mod tenant_rows;
mod threads;
mod together;
mod transactions;
pub mod unique_values;
pub mod used_tokens;
mod waiting;
pub mod ways_in;
pub mod writes;
mod writing;

/// How many threads own connections.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Which database.
    pub database: Database,
    /// Threads that read.
    pub readers: usize,
    /// Threads that write; SQLite has one whatever this says.
    pub writers: usize,
}

/// The database, as handlers hold it.
#[derive(Clone)]
pub struct Storage {
    readers: Workers,
    seekers: Workers,
    writers: Workers,
    clock: Clock,
    database: Arc<Database>,
    writes: Arc<Writes>,
    repeats: Arc<Repeats>,
}

/// One connection, one instant, one cause.
pub struct Transaction<'c> {
    opened: &'c mut DbConnection,
    /// Where it began.
    pub begin: Begin,
    /// The instant of everything that happens in here.
    pub now: DateTime<Utc>,
    cause: Cause,
    purpose: Purpose,
    has_written: bool,
    /// Whether it has said by which names all is found that it writes.
    is_named: bool,
    concern: Concern,
    together: &'c mut Together,
}

impl Transaction<'_> {
    /// Says that what is written in here changes nothing that others' sessions show: nothing but
    /// what belongs to these members, to any whom it is said of besides, and to whose member or
    /// session is written. Who says nothing may concern everybody.
    pub fn concerns(&mut self, member: Option<MemberId>) {
        self.concern.say(member);
    }

    /// Says who acts, once it is known.
    pub fn acts_as(&mut self, actor: Actor) {
        self.cause.actor = actor;
    }

    /// Who acts, and through which request.
    pub fn cause(&self) -> &Cause {
        &self.cause
    }
}

impl Storage {
    /// Brings the schema up to date and opens the connections.
    pub fn start(settings: &Settings, clock: Clock) -> Result<Self, StorageError> {
        migrations::run(&settings.database)?;
        if let Some(reason) = fence::unfenced_role(&settings.database)? {
            tracing::warn!(
                "row-level security is off: it does not hold the PostgreSQL role of the database \
                 URL, because {reason}; give the server a role without SUPERUSER and BYPASSRLS"
            );
        }
        let writers = match settings.database {
            Database::Sqlite(_) => 1,
            Database::Postgres(_) => settings.writers,
        };
        let readers = Workers::start(&settings.database, Purpose::Read, settings.readers)?;
        let seekers = match settings.database {
            Database::Sqlite(_) => readers.clone(),
            Database::Postgres(_) => {
                Workers::start(&settings.database, Purpose::Seek, settings.readers)?
            }
        };
        Ok(Self {
            readers,
            seekers,
            writers: Workers::start(&settings.database, Purpose::Write, writers)?,
            clock,
            database: Arc::new(settings.database.clone()),
            writes: Arc::default(),
            repeats: Arc::default(),
        })
    }

    /// What this process has written: what was read before and was spared since cannot have been
    /// changed by it.
    pub fn writes(&self) -> &Writes {
        &self.writes
    }

    /// Which database this is.
    pub fn database(&self) -> &Database {
        &self.database
    }
}
