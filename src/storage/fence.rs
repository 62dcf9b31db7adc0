//! Whose rows a transaction sees on PostgreSQL, where row-level security is a second fence behind
//! the predicate of each query.
//!
//! A transaction enters an organization by the statement that finds it, so that this costs nothing;
//! one that has entered none sees no tenant's rows. SQLite has no such fence: there the same
//! statements only echo the id.

use std::borrow::Cow;

use diesel::Connection as _;
use diesel::PgConnection;
use diesel::RunQueryDsl;
use diesel::SqliteConnection;
use diesel::expression::AsExpression;
use diesel::sql_types::Bool;
use diesel::sql_types::Text;

use crate::domain::id::OrganizationId;
use crate::storage::Transaction;
use crate::storage::db_connection::DbConnection;
use crate::storage::error::StorageError;
use crate::storage::open::Database;
use crate::storage::open::Purpose;

const SETTING: &str = "vestibule.organization";
const EVERY_ORGANIZATION: &str = "*";

/// Why a transaction may look at rows of more than one organization: the whole list. It may read
/// and forget such rows, never write them; finding an organization ends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crossing {
    /// A connection is named by nothing but its id, as in a callback's URL.
    ConnectionId,
    /// A connection ends, and with it those of other organizations that stand for it.
    ExternalConnections,
    /// Rows that have expired are forgotten, whosever they are.
    Expiry,
    /// A link to the admin portal, or what it opened, is named by the hash of its secret.
    Portal,
    /// A request log is named by nothing but one of its entries, or is shortened, whosever it is.
    RequestLog,
    /// A member is named by nothing but its id.
    MemberId,
    /// A search of the project, or of several organizations.
    Search,
    /// Connections that have to be looked after, whosever they are.
    Upkeep,
    /// A session is named by the hash of its token, or by a JWT that we signed.
    Session,
}

mod function {
    //! PostgreSQL's function of this name; SQLite gets one like it with each connection.

    use diesel::sql_types::Bool;
    use diesel::sql_types::Text;

    diesel::define_sql_function! {
        fn set_config(name: Text, value: Text, is_local: Bool) -> Text;
    }

    diesel::define_sql_function! {
        fn current_setting(name: Text, may_be_missing: Bool) -> Nullable<Text>;
    }
}

/// A column for the statement that finds an organization: the transaction enters it on the way.
pub(crate) fn entering<K>(organization: K) -> function::set_config<&'static str, K, bool>
where
    K: AsExpression<Text>,
{
    function::set_config(SETTING, organization, true)
}

/// Begins a transaction that works for this organization, or looks across all of them, from its
/// first statement on.
pub(crate) fn begin_within(
    begin: &str,
    (organization, across): (Option<OrganizationId>, Option<Crossing>),
) -> Cow<'_, str> {
    let fence = match (organization, across) {
        (Some(organization), _) => organization.key(),
        (None, Some(_)) => EVERY_ORGANIZATION.to_owned(),
        (None, None) => return Cow::Borrowed(begin),
    };
    Cow::Owned(format!("{begin}; {}", set_fence(&fence)))
}

/// Ends a transaction, and begins another one within an organization if nothing keeps the first from
/// being committed: one round trip for both.
pub(crate) fn commit_and_begin_within(
    begin: &str,
    organization: OrganizationId,
) -> Cow<'static, str> {
    let begin = begin_within(begin, (Some(organization), None));
    Cow::Owned(format!("COMMIT; {begin}"))
}

/// Makes a transaction work for the organization again in which it began.
pub(crate) fn back_within(organization: OrganizationId) -> String {
    set_fence(&organization.key())
}

fn set_fence(fence: &str) -> String {
    format!("SET LOCAL {SETTING} = '{fence}'")
}

/// Lets SQLite understand [`entering`].
pub(crate) fn prepare(connection: &mut SqliteConnection) -> Result<(), StorageError> {
    let echo = |_name: String, value: String, _is_local: bool| value;
    Ok(function::set_config_utils::register_impl(connection, echo)?)
}

impl Transaction<'_> {
    /// Works for this organization from here on; for one that was made rather than found.
    pub fn enter(&mut self, organization: OrganizationId) -> Result<(), StorageError> {
        self.set_fence(&organization.key())
    }

    /// The same, which costs nothing where that is what the transaction has done since it began.
    pub(crate) fn stay_in(&mut self, organization: OrganizationId) -> Result<(), StorageError> {
        if self.begin.within == Some(organization) && !self.together.has_left() {
            return Ok(());
        }
        self.enter(organization)
    }

    /// A statement has entered this organization, by finding it.
    pub(crate) fn has_entered(&mut self, organization: OrganizationId) {
        if self.begin.within != Some(organization) {
            self.leaves();
        }
    }

    /// Looks across organizations, until one is found.
    pub fn across_organizations(&mut self, reason: Crossing) -> Result<(), StorageError> {
        tracing::trace!(?reason, "looking across organizations");
        if self.begin.across.take() == Some(reason) {
            // It has done so since it began.
            return Ok(());
        }
        self.set_fence(EVERY_ORGANIZATION)
    }

    /// Does what belongs to no organization, and goes on in the one that was entered.
    pub(crate) fn outside<T>(
        &mut self,
        step: impl FnOnce(&mut Self) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        let entered = match self.connection()? {
            DbConnection::Postgres(postgres) => {
                diesel::select(function::current_setting(SETTING, true))
                    .get_result::<Option<String>>(postgres)?
            }
            DbConnection::Sqlite(_) => None,
        };
        let entered = entered.unwrap_or_default();
        if entered.is_empty() {
            return step(self);
        }
        self.set_fence("")?;
        let done = step(self)?;
        self.set_fence(&entered)?;
        Ok(done)
    }

    fn set_fence(&mut self, value: &str) -> Result<(), StorageError> {
        self.begin.across = None;
        self.leaves();
        // What seeks is held to no organization, from first to last.
        if let (Purpose::Read | Purpose::Write, DbConnection::Postgres(postgres)) =
            (self.purpose, self.connection()?)
        {
            diesel::select(entering(value)).execute(postgres)?;
        }
        Ok(())
    }
}

/// What is wrong with the role that the server uses, if row-level security does not hold it.
pub fn unfenced_role(database: &Database) -> Result<Option<&'static str>, StorageError> {
    let Database::Postgres(url) = database else {
        return Ok(None);
    };
    let unreachable = |error: diesel::ConnectionError| StorageError::Unavailable(error.to_string());
    let mut connection = PgConnection::establish(url).map_err(unreachable)?;
    let role: Role = diesel::sql_query(
        "SELECT rolsuper AS is_superuser, rolbypassrls AS bypasses \
         FROM pg_roles WHERE rolname = current_user",
    )
    .get_result(&mut connection)?;
    Ok(match role {
        Role {
            is_superuser: true, ..
        } => Some("it is a superuser"),
        Role { bypasses: true, .. } => Some("it has BYPASSRLS"),
        Role { .. } => None,
    })
}

#[derive(diesel::QueryableByName)]
struct Role {
    #[diesel(sql_type = Bool)]
    is_superuser: bool,
    #[diesel(sql_type = Bool)]
    bypasses: bool,
}
