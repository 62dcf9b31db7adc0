//! SAML, OIDC, external and SCIM connections: rows of one organization.

use chrono::DateTime;
use chrono::NaiveDateTime;
use chrono::Utc;
use diesel::ExpressionMethods;
use diesel::JoinOnDsl;
use diesel::OptionalExtension;
use diesel::QueryDsl;
use diesel::RunQueryDsl;
use diesel::prelude::AsChangeset;
use diesel::prelude::Insertable;
use diesel::prelude::Queryable;
use diesel::prelude::QueryableByName;

use crate::domain::connection::Connection;
use crate::domain::connection::ConnectionStatus;
use crate::domain::connection_settings::ConnectionSettings;
use crate::domain::id::ConnectionId;
use crate::domain::id::ConnectionKind;
use crate::domain::id::OrganizationId;
use crate::domain::organization::Organization;
use crate::domain::project::ProjectId;
use crate::domain::scope::OrgScope;
use crate::storage::Transaction;
use crate::storage::columns::from_json;
use crate::storage::columns::instant;
use crate::storage::columns::to_json;
use crate::storage::error::StorageError;
use crate::storage::fence::Crossing;
use crate::storage::fence::entering;
use crate::storage::organizations::OrganizationRow;
use crate::storage::plain_sql::PlainSql;
use crate::storage::schema::connections;
use crate::storage::schema::organizations;

#[derive(Queryable, QueryableByName, Insertable, AsChangeset)]
#[diesel(table_name = connections, primary_key(organization_id, id), treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct ConnectionRow {
    pub(crate) organization_id: String,
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) display_name: String,
    pub(crate) identity_provider: String,
    pub(crate) status: String,
    pub(crate) settings: String,
    pub(crate) created_at: NaiveDateTime,
    pub(crate) updated_at: NaiveDateTime,
    pub(crate) external_connection_id: Option<String>,
    pub(crate) upkeep_at: Option<NaiveDateTime>,
}

impl ConnectionRow {
    fn new(connection: &Connection, now: DateTime<Utc>) -> Result<Self, StorageError> {
        let id = connection.id.key();
        let last = id.get(id.len().saturating_sub(2)..).unwrap_or_default();
        let spread_by = u8::from_str_radix(last, 16).unwrap_or_default();
        let settings = connection.saml();
        let upkeep_at = settings.and_then(|it| it.next_upkeep(spread_by, now));
        Ok(Self {
            organization_id: connection.organization_id.key(),
            id: connection.id.key(),
            kind: connection.id.kind.name().to_owned(),
            display_name: connection.display_name.clone(),
            identity_provider: connection.identity_provider.clone(),
            status: connection.status.name().to_owned(),
            settings: match &connection.settings {
                ConnectionSettings::Saml(settings) => to_json(settings)?,
                ConnectionSettings::Oidc(settings) => to_json(settings)?,
                ConnectionSettings::External(settings) => to_json(settings)?,
                ConnectionSettings::Scim(settings) => to_json(settings)?,
            },
            created_at: instant(connection.created_at),
            updated_at: instant(connection.updated_at),
            external_connection_id: connection
                .external()
                .map(|settings| settings.connection_id.key()),
            upkeep_at: upkeep_at.map(instant),
        })
    }
}

impl TryFrom<ConnectionRow> for Connection {
    type Error = StorageError;
    fn try_from(row: ConnectionRow) -> Result<Self, StorageError> {
        let kind = ConnectionKind::from_name(&row.kind)
            .ok_or_else(|| StorageError::corrupt("a connection of unknown kind"))?;
        Ok(Self {
            id: ConnectionId::from_key(kind, &row.id).map_err(StorageError::corrupt)?,
            organization_id: OrganizationId::from_key(&row.organization_id)
                .map_err(StorageError::corrupt)?,
            display_name: row.display_name,
            identity_provider: row.identity_provider,
            status: ConnectionStatus::from_name(&row.status)
                .ok_or_else(|| StorageError::corrupt("a connection of unknown status"))?,
            settings: match kind {
                ConnectionKind::Saml => ConnectionSettings::Saml(from_json(&row.settings)?),
                ConnectionKind::Oidc => ConnectionSettings::Oidc(from_json(&row.settings)?),
                ConnectionKind::External => ConnectionSettings::External(from_json(&row.settings)?),
                ConnectionKind::Scim => ConnectionSettings::Scim(from_json(&row.settings)?),
            },
            created_at: row.created_at.and_utc(),
            updated_at: row.updated_at.and_utc(),
        })
    }
}

/// The connection with this id, unless it is gone.
pub fn find(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    id: ConnectionId,
) -> Result<Option<Connection>, StorageError> {
    connections::table
        .filter(connections::organization_id.eq(scope.key()))
        .filter(connections::id.eq(id.key()))
        .filter(connections::kind.eq(id.kind.name()))
        .filter(connections::status.ne(ConnectionStatus::Deleted.name()))
        .first::<ConnectionRow>(tx.connection()?)
        .optional()?
        .map(Connection::try_from)
        .transpose()
}

/// The connection of a project with an id, unless it is gone, beside its organization.
macro_rules! of_project {
    ($project:expr, $id:expr) => {
        connections::table
            .inner_join(organizations::table.on(organizations::id.eq(connections::organization_id)))
            .filter(organizations::project_id.eq($project.as_str()))
            .filter(connections::id.eq($id.key()))
            .filter(connections::kind.eq($id.kind.name()))
            .filter(connections::status.ne(ConnectionStatus::Deleted.name()))
    };
}

pub(crate) use of_project;

/// This project's connection that a public URL names, with its organization, unless it is gone; the
/// transaction enters that.
pub fn named(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    id: ConnectionId,
) -> Result<Option<(Organization, Connection)>, StorageError> {
    tx.across_organizations(Crossing::ConnectionId)?;
    let found = of_project!(project, id)
        .select((
            organizations::all_columns,
            connections::all_columns,
            entering(organizations::id),
        ))
        .first::<(OrganizationRow, ConnectionRow, String)>(tx.connection()?)
        .optional()?;
    found
        .map(|(organization, connection, _)| {
            Ok((
                Organization::try_from(organization)?,
                Connection::try_from(connection)?,
            ))
        })
        .transpose()
}

/// The scope of this project's connection that a public URL names, unless it is gone; the
/// transaction enters it.
pub fn scope_of(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    id: ConnectionId,
) -> Result<Option<OrgScope>, StorageError> {
    tx.across_organizations(Crossing::ConnectionId)?;
    let found = of_project!(project, id)
        .select((organizations::id, entering(organizations::id)))
        .first::<(String, String)>(tx.connection()?)
        .optional()?;
    found
        .map(|(organization, _)| {
            let organization_id =
                OrganizationId::from_key(&organization).map_err(StorageError::corrupt)?;
            Ok(OrgScope {
                project_id: project.clone(),
                organization_id,
            })
        })
        .transpose()
}

/// All connections of these organizations that are not gone, oldest first.
pub fn list(
    tx: &mut Transaction<'_>,
    organizations: &[OrganizationId],
) -> Result<Vec<Connection>, StorageError> {
    let rows = connections::table
        .filter(connections::organization_id.eq_any(organizations.iter().map(OrganizationId::key)))
        .filter(connections::status.ne(ConnectionStatus::Deleted.name()))
        .order(connections::id.asc())
        .load::<ConnectionRow>(tx.connection()?)?;
    rows.into_iter().map(Connection::try_from).collect()
}

/// Those of these organizations' connections that are not gone and whose settings contain a word.
pub fn mentioning(
    tx: &mut Transaction<'_>,
    organizations: &[OrganizationId],
    word: &str,
) -> Result<Vec<Connection>, StorageError> {
    let known = "SELECT connections.* FROM connections WHERE status <> 'deleted' \
                 AND organization_id";
    let mut sql = PlainSql::planned(tx, known);
    sql.one_of(organizations.iter().map(OrganizationId::key));
    sql.contains("settings", word);
    let rows = sql.load::<ConnectionRow>(tx)?;
    rows.into_iter().map(Connection::try_from).collect()
}

/// The connection of this project that has to be looked after since longest, if there is one; the
/// transaction enters its organization.
pub fn find_due(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
) -> Result<Option<Connection>, StorageError> {
    tx.across_organizations(Crossing::Upkeep)?;
    let found = connections::table
        .inner_join(organizations::table.on(organizations::id.eq(connections::organization_id)))
        .filter(organizations::project_id.eq(project.as_str()))
        .filter(connections::upkeep_at.le(instant(tx.now)))
        .filter(connections::status.ne(ConnectionStatus::Deleted.name()))
        .order(connections::upkeep_at.asc())
        .select(connections::all_columns)
        .first::<ConnectionRow>(tx.connection()?)
        .optional()?;
    let found = found.map(Connection::try_from).transpose()?;
    if let Some(connection) = &found {
        tx.enter(connection.organization_id)?;
    }
    Ok(found)
}

/// The external connections, of whatever organization, that stand for this one.
pub fn list_pointing_at(
    tx: &mut Transaction<'_>,
    id: ConnectionId,
) -> Result<Vec<Connection>, StorageError> {
    tx.across_organizations(Crossing::ExternalConnections)?;
    let rows = connections::table
        .filter(connections::external_connection_id.eq(id.key()))
        .filter(connections::status.ne(ConnectionStatus::Deleted.name()))
        .order(connections::id.asc())
        .load::<ConnectionRow>(tx.connection()?)?;
    rows.into_iter().map(Connection::try_from).collect()
}

/// Adds a connection.
pub fn insert(tx: &mut Transaction<'_>, connection: &Connection) -> Result<(), StorageError> {
    tx.concern.add_everybody();
    let row = ConnectionRow::new(connection, tx.now)?;
    diesel::insert_into(connections::table)
        .values(row)
        .execute(tx.connection()?)?;
    Ok(())
}

/// Writes a connection as it now is.
pub fn save(tx: &mut Transaction<'_>, connection: &Connection) -> Result<(), StorageError> {
    tx.forget_what_is_known();
    tx.concern.add_everybody();
    let this = connections::table
        .filter(connections::organization_id.eq(connection.organization_id.key()))
        .filter(connections::id.eq(connection.id.key()));
    diesel::update(this)
        .set(ConnectionRow::new(connection, tx.now)?)
        .execute(tx.connection()?)?;
    Ok(())
}
