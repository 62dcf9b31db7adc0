//! Everything that a directory has pushed through one SCIM connection, as a whole.

use diesel::ExpressionMethods;
use diesel::QueryDsl;
use diesel::RunQueryDsl;

use crate::domain::id::ConnectionId;
use crate::domain::scope::OrgScope;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::schema::scim_group_members;
use crate::storage::schema::scim_group_nesting;
use crate::storage::schema::scim_groups;
use crate::storage::schema::scim_resources;
use crate::storage::schema::scim_unique_values;
use crate::storage::schema::scim_user_emails;
use crate::storage::schema::scim_users;
use crate::storage::scim_requests;
use crate::storage::scim_schemas;

/// How much of a directory has been removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Users.
    pub users: usize,
    /// Groups.
    pub groups: usize,
    /// Resources of the connection's own types.
    pub resources: usize,
}

/// Removes the Users, Groups and other resources of a connection, who was in which, what it
/// declares, and its request log.
pub fn delete(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    connection: ConnectionId,
) -> Result<Removed, StorageError> {
    let groups = scim_groups::table
        .filter(scim_groups::organization_id.eq(scope.key()))
        .filter(scim_groups::connection_id.eq(connection.key()));
    let memberships = scim_group_members::table
        .filter(scim_group_members::organization_id.eq(scope.key()))
        .filter(scim_group_members::group_id.eq_any(groups.clone().select(scim_groups::id)));
    diesel::delete(memberships).execute(tx.connection()?)?;
    let nesting = scim_group_nesting::table
        .filter(scim_group_nesting::organization_id.eq(scope.key()))
        .filter(scim_group_nesting::group_id.eq_any(groups.clone().select(scim_groups::id)));
    diesel::delete(nesting).execute(tx.connection()?)?;
    let groups = diesel::delete(groups).execute(tx.connection()?)?;
    let users = scim_users::table
        .filter(scim_users::organization_id.eq(scope.key()))
        .filter(scim_users::connection_id.eq(connection.key()));
    let emails = scim_user_emails::table
        .filter(scim_user_emails::organization_id.eq(scope.key()))
        .filter(scim_user_emails::connection_id.eq(connection.key()));
    diesel::delete(emails).execute(tx.connection()?)?;
    let users = diesel::delete(users).execute(tx.connection()?)?;
    let values = scim_unique_values::table
        .filter(scim_unique_values::organization_id.eq(scope.key()))
        .filter(scim_unique_values::connection_id.eq(connection.key()));
    diesel::delete(values).execute(tx.connection()?)?;
    let resources = scim_resources::table
        .filter(scim_resources::organization_id.eq(scope.key()))
        .filter(scim_resources::connection_id.eq(connection.key()));
    let resources = diesel::delete(resources).execute(tx.connection()?)?;
    scim_schemas::delete(tx, scope, connection)?;
    scim_requests::delete_all(tx, scope, connection)?;
    Ok(Removed {
        users,
        groups,
        resources,
    })
}
