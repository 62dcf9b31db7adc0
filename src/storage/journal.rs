//! The journal: one event a change, written in the transaction that caused it, never changed.

use chrono::NaiveDateTime;
use diesel::ExpressionMethods;
use diesel::QueryDsl;
use diesel::QueryableByName;
use diesel::RunQueryDsl;
use diesel::prelude::Insertable;
use diesel::prelude::Queryable;
use serde_json::Value;

use crate::domain::event::Change;
use crate::domain::event::Event;
use crate::domain::id::EventId;
use crate::domain::id::OrganizationId;
use crate::domain::scope::OrgScope;
use crate::storage::Transaction;
use crate::storage::added_rows::row_of;
use crate::storage::columns::from_json;
use crate::storage::columns::instant;
use crate::storage::columns::to_json;
use crate::storage::error::StorageError;
use crate::storage::plain_sql::PlainSql;
use crate::storage::schema::journal;

/// Appends what changed, with who caused it and when. What is the project's own enters no
/// organization's journal, whichever one is at work.
pub fn append(tx: &mut Transaction<'_>, change: &Change) -> Result<(), StorageError> {
    match change.organization_id {
        Some(_) => write(tx, change),
        None => tx.outside(|tx| write(tx, change)),
    }
}

fn write(tx: &mut Transaction<'_>, change: &Change) -> Result<(), StorageError> {
    let cause = tx.cause().clone();
    tx.add_row(EventRow {
        organization_id: change
            .organization_id
            .map(|id| id.key())
            .unwrap_or_default(),
        id: EventId::fresh().key(),
        occurred_at: instant(tx.now),
        kind: change.kind.name().to_owned(),
        object_id: change.object_id.clone(),
        actor: cause.actor.name().to_owned(),
        actor_id: cause.actor.id().map(str::to_owned),
        request_id: cause.request_id.to_string(),
        before_change: change.before.as_ref().map(to_json).transpose()?,
        after_change: change.after.as_ref().map(to_json).transpose()?,
    })
}

#[derive(Queryable, QueryableByName, Insertable)]
#[diesel(table_name = journal, treat_none_as_default_value = false)]
pub(crate) struct EventRow {
    organization_id: String,
    id: String,
    occurred_at: NaiveDateTime,
    kind: String,
    object_id: String,
    actor: String,
    actor_id: Option<String>,
    request_id: String,
    before_change: Option<String>,
    after_change: Option<String>,
}

row_of!(EventRow, journal);

impl TryFrom<EventRow> for Event {
    type Error = StorageError;
    fn try_from(row: EventRow) -> Result<Self, StorageError> {
        let json = |text: Option<String>| text.map(|text| from_json::<Value>(&text)).transpose();
        Ok(Self {
            id: EventId::from_key(&row.id).map_err(StorageError::corrupt)?,
            organization_id: OrganizationId::from_key(&row.organization_id).ok(),
            occurred_at: row.occurred_at.and_utc(),
            kind: row.kind,
            object_id: row.object_id,
            actor: row.actor,
            actor_id: row.actor_id,
            request_id: row.request_id,
            before: json(row.before_change)?,
            after: json(row.after_change)?,
        })
    }
}

/// The events of an organization that one request caused, oldest first. The ids between which they
/// lie say where to look.
pub fn caused_by(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    request_id: &str,
    (from, until): (&str, &str),
) -> Result<Vec<Event>, StorageError> {
    let rows = journal::table
        .filter(journal::organization_id.eq(scope.key()))
        .filter(journal::id.ge(from))
        .filter(journal::id.lt(until))
        .filter(journal::request_id.eq(request_id))
        .order(journal::id)
        .load::<EventRow>(tx.connection()?)?;
    rows.into_iter().map(Event::try_from).collect()
}

/// The newest sign-in of each of these connections that was refused or tested, newest first.
pub fn newest_tries(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    connections: Vec<String>,
) -> Result<Vec<Event>, StorageError> {
    let mut sql = PlainSql::planned(tx, "SELECT journal.* FROM ");
    let pairs = connections.into_iter().map(|id| (id, String::new()));
    sql.pairs(pairs.collect());
    // In this order, as SQLite would else walk the journal and ask of each event whether it is meant.
    sql.sql(" CROSS JOIN journal WHERE journal.organization_id = ")
        .text(scope.key());
    sql.sql(
        " AND journal.id = (SELECT max(id) FROM journal AS about WHERE about.organization_id = ",
    )
    .text(scope.key());
    // In these words, as an index holds them alone.
    sql.sql(
        " AND about.object_id = pair.a AND about.kind IN ('sign_in.refused', 'connection.tested'))",
    );
    sql.sql(" ORDER BY journal.id DESC");
    let rows = sql.load::<EventRow>(tx)?;
    rows.into_iter().map(Event::try_from).collect()
}

/// The latest events of an organization, newest first.
pub fn list(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    limit: i64,
) -> Result<Vec<Event>, StorageError> {
    let rows = journal::table
        .filter(journal::organization_id.eq(scope.key()))
        .order(journal::id.desc())
        .limit(limit)
        .load::<EventRow>(tx.connection()?)?;
    rows.into_iter().map(Event::try_from).collect()
}

/// The events of an organization before a key, newest first.
pub fn page(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    (before, limit): (Option<&str>, i64),
) -> Result<Vec<Event>, StorageError> {
    let mut events = journal::table
        .filter(journal::organization_id.eq(scope.key()))
        .order(journal::id.desc())
        .limit(limit)
        .into_boxed();
    if let Some(before) = before {
        events = events.filter(journal::id.lt(before.to_owned()));
    }
    let rows = events.load::<EventRow>(tx.connection()?)?;
    rows.into_iter().map(Event::try_from).collect()
}
