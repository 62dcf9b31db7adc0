//! SCIM resources of a connection's own types: rows of one connection and resource type.

use chrono::DateTime;
use chrono::NaiveDateTime;
use chrono::Utc;
use diesel::EscapeExpressionMethods;
use diesel::ExpressionMethods;
use diesel::OptionalExtension;
use diesel::QueryDsl;
use diesel::RunQueryDsl;
use diesel::TextExpressionMethods;
use diesel::prelude::AsChangeset;
use diesel::prelude::Insertable;
use diesel::prelude::Queryable;
use serde_json::Map;
use serde_json::Value;

use crate::domain::id::ConnectionId;
use crate::domain::id::ConnectionKind;
use crate::domain::id::ScimResourceId;
use crate::domain::scope::OrgScope;
use crate::storage::Transaction;
use crate::storage::columns::from_json;
use crate::storage::columns::instant;
use crate::storage::columns::text;
use crate::storage::columns::to_json;
use crate::storage::db_connection::DbConnection;
use crate::storage::error::StorageError;
use crate::storage::plain_sql::PlainSql;
use crate::storage::schema::scim_groups;
use crate::storage::schema::scim_resources;
use crate::storage::schema::scim_users;
use crate::storage::scim_filter::Owner;
use crate::storage::scim_filter::Predicate;
use crate::storage::scim_pages::Part;
use crate::storage::scim_pages::pages_of;

/// A resource of a type that only its connection has.
#[derive(Clone, Debug, PartialEq)]
pub struct ScimResource {
    /// Its id.
    pub id: ScimResourceId,
    /// The connection that pushed it.
    pub connection_id: ConnectionId,
    /// The name of its type.
    pub resource_type: String,
    /// `externalId`.
    pub external_id: Option<String>,
    /// The resource without `id` and `meta`.
    pub resource: Map<String, Value>,
    /// Counts its changes; the ETag is made from it.
    pub version: i32,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// Which resources are meant: those of one type of one connection.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The organization.
    pub scope: &'a OrgScope,
    /// The connection.
    pub connection: ConnectionId,
    /// The name of the type.
    pub resource_type: &'a str,
}

impl<'a> From<Place<'a>> for Owner<'a> {
    fn from(place: Place<'a>) -> Self {
        (place.scope, place.connection)
    }
}

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = scim_resources, primary_key(organization_id, id), treat_none_as_null = true, treat_none_as_default_value = false)]
struct Row {
    organization_id: String,
    id: String,
    connection_id: String,
    resource_type: String,
    external_id: Option<String>,
    resource: String,
    version: i32,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

impl Row {
    fn new(scope: &OrgScope, resource: &ScimResource) -> Result<Self, StorageError> {
        Ok(Self {
            organization_id: scope.key(),
            id: resource.id.key(),
            connection_id: resource.connection_id.key(),
            resource_type: resource.resource_type.clone(),
            external_id: text(&resource.resource, "externalId"),
            resource: to_json(&resource.resource)?,
            version: resource.version,
            created_at: instant(resource.created_at),
            updated_at: instant(resource.updated_at),
        })
    }
}

impl TryFrom<Row> for ScimResource {
    type Error = StorageError;
    fn try_from(row: Row) -> Result<Self, StorageError> {
        Ok(Self {
            id: ScimResourceId::from_key(&row.id).map_err(StorageError::corrupt)?,
            connection_id: ConnectionId::from_key(ConnectionKind::Scim, &row.connection_id)
                .map_err(StorageError::corrupt)?,
            resource_type: row.resource_type,
            external_id: row.external_id,
            resource: from_json(&row.resource)?,
            version: row.version,
            created_at: row.created_at.and_utc(),
            updated_at: row.updated_at.and_utc(),
        })
    }
}

type Query<'a> = scim_resources::BoxedQuery<'a, <DbConnection as diesel::Connection>::Backend>;

fn of_place<'a>(place: Place<'_>) -> Query<'a> {
    scim_resources::table
        .filter(scim_resources::organization_id.eq(place.scope.key()))
        .filter(scim_resources::connection_id.eq(place.connection.key()))
        .filter(scim_resources::resource_type.eq(place.resource_type.to_owned()))
        .into_boxed()
}

/// The resource with this id.
pub fn find(
    tx: &mut Transaction<'_>,
    place: Place<'_>,
    id: ScimResourceId,
) -> Result<Option<ScimResource>, StorageError> {
    of_place(place)
        .filter(scim_resources::id.eq(id.key()))
        .first::<Row>(tx.connection()?)
        .optional()?
        .map(ScimResource::try_from)
        .transpose()
}

pages_of!(scim_resources, Row, ScimResource, Place<'_>);

/// Adds a resource.
pub fn insert(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    resource: &ScimResource,
) -> Result<(), StorageError> {
    let row = Row::new(scope, resource)?;
    diesel::insert_into(scim_resources::table)
        .values(row)
        .execute(tx.connection()?)?;
    Ok(())
}

/// Writes a resource as it now is.
pub fn save(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    resource: &ScimResource,
) -> Result<(), StorageError> {
    let this = scim_resources::table
        .filter(scim_resources::organization_id.eq(scope.key()))
        .filter(scim_resources::id.eq(resource.id.key()));
    diesel::update(this)
        .set(Row::new(scope, resource)?)
        .execute(tx.connection()?)?;
    Ok(())
}

/// Removes a resource.
pub fn delete(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    resource: &ScimResource,
) -> Result<(), StorageError> {
    let this = scim_resources::table
        .filter(scim_resources::organization_id.eq(scope.key()))
        .filter(scim_resources::id.eq(resource.id.key()));
    diesel::delete(this).execute(tx.connection()?)?;
    Ok(())
}

macro_rules! any_with_key {
    ($name:ident, $table:ident, $what:literal) => {
        #[doc = concat!("Whether a ", $what, " of a connection has data under this URN.")]
        pub fn $name(
            tx: &mut Transaction<'_>,
            (scope, connection): (&OrgScope, ConnectionId),
            urn: &str,
        ) -> Result<bool, StorageError> {
            let found = $table::table
                .filter($table::organization_id.eq(scope.key()))
                .filter($table::connection_id.eq(connection.key()))
                .filter($table::resource.like(key_pattern(urn)).escape('!'))
                .select($table::id)
                .first::<String>(tx.connection()?)
                .optional()?;
            Ok(found.is_some())
        }
    };
}

any_with_key!(any_user_with, scim_users, "User");
any_with_key!(any_group_with, scim_groups, "Group");
any_with_key!(
    any_resource_with,
    scim_resources,
    "resource of the connection's own types"
);

/// A URN as the key of an object; no value looks like it, since its quotes would be escaped.
fn key_pattern(urn: &str) -> String {
    format!("%\"{}\":%", urn.replace('_', "!_"))
}
