//! What requests that share a transaction are going to look for, looked for at once.

use std::collections::HashMap;

use diesel::QueryableByName;
use diesel::sql_types::Bool;
use diesel::sql_types::Nullable;
use diesel::sql_types::Text;

use crate::domain::email::EmailAddress;
use crate::domain::id::ConnectionId;
use crate::domain::id::ScimUserId;
use crate::domain::scope::OrgScope;
use crate::storage::Transaction;
use crate::storage::addresses;
use crate::storage::addresses::Known;
use crate::storage::error::StorageError;
use crate::storage::members::MemberRow;
use crate::storage::plain_sql::PlainSql;
use crate::storage::waiting::Name;

/// Somebody whom a directory adds, by what has to be nobody else's. Said before the directory has
/// proven itself, it is a hint of what will be looked for, and no more.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Newcomer {
    connection: ConnectionId,
    user_name: String,
    /// Empty if there is none, as nobody's is.
    email: String,
}

impl Newcomer {
    /// One with this folded `userName`, and with this address if it is to be a member by one.
    pub fn new(
        connection: ConnectionId,
        (email, user_name): (Option<&EmailAddress>, &str),
    ) -> Self {
        Self {
            connection,
            user_name: user_name.to_owned(),
            email: email.map(EmailAddress::folded).unwrap_or_default(),
        }
    }

    fn names(&self) -> impl Iterator<Item = Name> + use<> {
        let user_name = format!("{}/{}", self.connection.key(), self.user_name);
        let email = Some(self.email.clone()).filter(|email| !email.is_empty());
        let email = email.map(|email| ("email", email));
        [("userName", user_name)].into_iter().chain(email)
    }

    fn shares_a_name(&self, other: &Self) -> bool {
        let is_same_user = self.connection == other.connection && self.user_name == other.user_name;
        is_same_user || (self.email == other.email && !self.email.is_empty())
    }
}

/// Who has to do with a newcomer's address, and who holds the userName.
pub type Beside = (Known, Option<ScimUserId>);

/// Who is going to be looked for, and what was found.
#[derive(Default)]
pub(crate) struct Foreseen {
    awaited: Vec<Newcomer>,
    found: HashMap<Newcomer, Beside>,
}

impl From<Vec<Newcomer>> for Foreseen {
    fn from(awaited: Vec<Newcomer>) -> Self {
        Self {
            awaited,
            found: HashMap::new(),
        }
    }
}

impl Foreseen {
    /// What was found may not be so any more.
    pub(super) fn forget(&mut self) {
        self.found.clear();
    }

    /// All who are awaited of the newcomer's connection, if there are others than that one.
    fn take_awaited(&mut self, newcomer: &Newcomer) -> Vec<Newcomer> {
        let is_of_it = |other: &mut Newcomer| other.connection == newcomer.connection;
        let awaited: Vec<Newcomer> = self.awaited.extract_if(.., is_of_it).collect();
        if awaited.len() > 1 && awaited.contains(newcomer) {
            awaited
        } else {
            Vec::new()
        }
    }

    /// What was found of this one, who comes now, so that it is not so of others with the same name.
    fn take(&mut self, newcomer: &Newcomer) -> Option<Beside> {
        let found = self.found.remove(newcomer);
        self.found.retain(|other, _| !other.shares_a_name(newcomer));
        found
    }
}

#[derive(QueryableByName)]
struct BesideRow {
    #[diesel(sql_type = Nullable<Text>)]
    user_id: Option<String>,
    #[diesel(embed)]
    member: Option<MemberRow>,
    #[diesel(sql_type = Nullable<Bool>)]
    gave_it_up: Option<bool>,
}

#[derive(QueryableByName)]
struct NewcomerRow {
    #[diesel(sql_type = Text)]
    user_name: String,
    #[diesel(sql_type = Text, column_name = "asked_email")]
    email: String,
    #[diesel(embed)]
    beside: BesideRow,
}

/// Who has to do with a newcomer's address, and by whom the userName is held: what somebody new
/// must not take. Whoever asks writes nothing but what goes by the one or the other, or looks
/// further.
pub fn look(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    newcomer: &Newcomer,
) -> Result<Beside, StorageError> {
    let names: Vec<Name> = newcomer.names().collect();
    tx.settle_what_goes_by(&names)?;
    tx.goes_by(names);
    let awaited = tx.together.foreseen.take_awaited(newcomer);
    if !awaited.is_empty() {
        let names: Vec<Name> = awaited.iter().flat_map(Newcomer::names).collect();
        tx.settle_what_goes_by(&names)?;
        tx.together.foreseen.found = known_beside_user_names(tx, scope, &awaited)?;
    }
    match tx.together.foreseen.take(newcomer) {
        Some(found) => Ok(found),
        None => known_beside_user_name(tx, scope, newcomer),
    }
}

/// Who has to do with a newcomer's address, and by whom the userName is held.
fn known_beside_user_name(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    newcomer: &Newcomer,
) -> Result<Beside, StorageError> {
    let mut sql = PlainSql::prepared(tx, "SELECT held.user_id, known.* FROM (SELECT ");
    holder(&mut sql, (scope, newcomer.connection), |sql| {
        sql.text(newcomer.user_name.as_str());
    });
    sql.sql(" AS user_id) AS held LEFT JOIN (");
    addresses::who(&mut sql, scope, |sql| {
        sql.text(newcomer.email.as_str());
    });
    sql.sql(") AS known ON TRUE");
    beside(sql.load_beside(tx)?)
}

/// The same of several newcomers to one connection, on PostgreSQL.
fn known_beside_user_names(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    newcomers: &[Newcomer],
) -> Result<HashMap<Newcomer, Beside>, StorageError> {
    let Some(Newcomer { connection, .. }) = newcomers.first() else {
        return Ok(HashMap::new());
    };
    let mut sql = PlainSql::prepared(tx, "SELECT pair.a AS user_name, pair.b AS asked_email, ");
    holder(&mut sql, (scope, *connection), |sql| {
        sql.sql("pair.a");
    });
    sql.sql(" AS user_id, known.* FROM ");
    let pairs = newcomers.iter();
    let pairs = pairs.map(|newcomer| (newcomer.user_name.clone(), newcomer.email.clone()));
    sql.any_pairs(pairs.collect()).sql(" LEFT JOIN LATERAL (");
    addresses::who(&mut sql, scope, |sql| {
        sql.sql("pair.b");
    });
    sql.sql(" OFFSET 0) AS known ON TRUE");
    let mut rows: HashMap<Newcomer, Vec<BesideRow>> = HashMap::new();
    for row in sql.load_beside::<NewcomerRow>(tx)? {
        let newcomer = Newcomer {
            connection: *connection,
            user_name: row.user_name,
            email: row.email,
        };
        rows.entry(newcomer).or_default().push(row.beside);
    }
    let found = rows.into_iter();
    found
        .map(|(newcomer, rows)| Ok((newcomer, beside(rows)?)))
        .collect()
}

fn beside(rows: Vec<BesideRow>) -> Result<Beside, StorageError> {
    let (mut known, mut holder) = (Vec::new(), None);
    for row in rows {
        holder = row.user_id;
        known.extend(row.member.zip(row.gave_it_up));
    }
    let holder = holder.map(|key| ScimUserId::from_key(&key).map_err(StorageError::corrupt));
    Ok((Known::of(known)?, holder.transpose()?))
}

/// The User of a connection that holds a folded userName.
fn holder(
    sql: &mut PlainSql,
    (scope, connection): (&OrgScope, ConnectionId),
    user_name: impl FnOnce(&mut PlainSql),
) {
    sql.sql("(SELECT id FROM scim_users WHERE organization_id = ");
    sql.text(scope.key()).sql(" AND connection_id = ");
    sql.text(connection.key()).sql(" AND user_name = ");
    user_name(sql);
    sql.sql(")");
}
