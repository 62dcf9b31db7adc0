//! Hashes of project secrets, public tokens and SCIM bearer tokens.

use std::sync::Arc;

use chrono::DateTime;
use chrono::Utc;
use diesel::BoolExpressionMethods;
use diesel::ExpressionMethods;
use diesel::JoinOnDsl;
use diesel::OptionalExtension;
use diesel::QueryDsl;
use diesel::RunQueryDsl;
use diesel::TextExpressionMethods;
use diesel::alias;
use diesel::dsl::exists;

use crate::domain::connection::Connection;
use crate::domain::connection::ConnectionStatus;
use crate::domain::id::ConnectionId;
use crate::domain::organization::Organization;
use crate::domain::project::ProjectId;
use crate::domain::secret::SecretHash;
use crate::storage::Transaction;
use crate::storage::columns::instant;
use crate::storage::connections::ConnectionRow;
use crate::storage::error::StorageError;
use crate::storage::fence::entering;
use crate::storage::organizations::OrganizationRow;
use crate::storage::schema::connections;
use crate::storage::schema::members;
use crate::storage::schema::organizations;
use crate::storage::schema::project_keys;
use crate::storage::schema::scim_tokens;

/// What a project key opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProjectKeyKind {
    /// The management API.
    Secret,
    /// Browser redirects; names the project, proves nothing.
    PublicToken,
}

impl ProjectKeyKind {
    /// The word in the column.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::PublicToken => "public_token",
        }
    }
}

/// The project that a presented key belongs to.
pub fn project_of(
    tx: &mut Transaction<'_>,
    kind: ProjectKeyKind,
    presented: &SecretHash,
) -> Result<Option<ProjectId>, StorageError> {
    let project = project_keys::table
        .filter(project_keys::hash.eq(presented.as_str()))
        .filter(project_keys::kind.eq(kind.name()))
        .select(project_keys::project_id)
        .first::<String>(tx.connection()?)
        .optional()?;
    Ok(project.map(ProjectId::new))
}

/// The transaction enters the organization of a live SCIM token of this project.
pub fn enter_by_scim_token(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    presented: &SecretHash,
) -> Result<(), StorageError> {
    scim_tokens::table
        .inner_join(organizations::table.on(organizations::id.eq(scim_tokens::organization_id)))
        .filter(organizations::project_id.eq(project.as_str()))
        .filter(scim_tokens::hash.eq(presented.as_str()))
        .filter(scim_tokens::expires_at.gt(instant(tx.now)))
        .select(entering(organizations::id))
        .first::<String>(tx.connection()?)
        .optional()?;
    Ok(())
}

/// Settings that name the role, which no rule can hold in other words.
const NAMES_ADMIN: &str = "%\"stytch_admin\"%";

/// What a SCIM token opens.
#[derive(Clone)]
pub struct Opened {
    /// The organization.
    pub organization: Arc<Organization>,
    /// The connection.
    pub connection: Arc<Connection>,
    /// Whether the settings of any connection of the organization name `stytch_admin`.
    pub connections_give_admin: bool,
}

/// The connection that a live SCIM token of this project opens, unless it is gone, and its
/// organization, in which the transaction is already.
pub fn scim_connection(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    (presented, connection): (&SecretHash, ConnectionId),
) -> Result<Option<Opened>, StorageError> {
    if let Some(opened) = tx.opened_before((presented, connection)) {
        return Ok(Some(opened));
    }
    let kept = members::table
        .filter(members::organization_id.eq(organizations::id))
        .filter(members::kept_as_admin.is_not_null());
    let givers = alias!(connections as givers);
    let givers_of_admin = givers
        .filter(
            givers
                .field(connections::organization_id)
                .eq(organizations::id),
        )
        .filter(givers.field(connections::settings).like(NAMES_ADMIN));
    let found = scim_tokens::table
        .inner_join(organizations::table.on(organizations::id.eq(scim_tokens::organization_id)))
        .inner_join(
            connections::table.on(connections::organization_id
                .eq(scim_tokens::organization_id)
                .and(connections::id.eq(scim_tokens::connection_id))),
        )
        .filter(organizations::project_id.eq(project.as_str()))
        .filter(scim_tokens::hash.eq(presented.as_str()))
        .filter(scim_tokens::expires_at.gt(instant(tx.now)))
        .filter(connections::id.eq(connection.key()))
        .filter(connections::kind.eq(connection.kind.name()))
        .filter(connections::status.ne(ConnectionStatus::Deleted.name()))
        .select((
            organizations::all_columns,
            connections::all_columns,
            exists(kept),
            exists(givers_of_admin),
        ))
        .first::<(OrganizationRow, ConnectionRow, bool, bool)>(tx.connection()?)
        .optional()?;
    let Some((organization, row, keeps, connections_give_admin)) = found else {
        return Ok(None);
    };
    let opened = Opened {
        organization: Arc::new(organization.try_into()?),
        connection: Arc::new(row.try_into()?),
        connections_give_admin,
    };
    if !keeps {
        tx.learn_that_nobody_is_kept(opened.organization.id);
        tx.remember_opened((presented, connection), &opened);
    }
    Ok(Some(opened))
}

/// Which of a SCIM connection's tokens is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScimTokenTurn {
    /// The one that counts.
    Current,
    /// The one that takes over when a rotation is completed; it works already.
    Next,
}

/// Adds a bearer token of a SCIM connection.
pub fn insert_scim_token(
    tx: &mut Transaction<'_>,
    connection: &Connection,
    (token, turn): (&str, ScimTokenTurn),
    expires_at: DateTime<Utc>,
) -> Result<(), StorageError> {
    let row = (
        scim_tokens::hash.eq(SecretHash::of(token).as_str().to_owned()),
        scim_tokens::organization_id.eq(connection.organization_id.key()),
        scim_tokens::connection_id.eq(connection.id.key()),
        scim_tokens::expires_at.eq(instant(expires_at)),
        scim_tokens::created_at.eq(instant(tx.now)),
        scim_tokens::is_next.eq(turn == ScimTokenTurn::Next),
    );
    diesel::insert_into(scim_tokens::table)
        .values(row)
        .execute(tx.connection()?)?;
    Ok(())
}

/// Ends a connection's current token, or its next one.
pub fn delete_scim_tokens(
    tx: &mut Transaction<'_>,
    connection: &Connection,
    turn: ScimTokenTurn,
) -> Result<(), StorageError> {
    let ended = scim_tokens::table
        .filter(scim_tokens::organization_id.eq(connection.organization_id.key()))
        .filter(scim_tokens::connection_id.eq(connection.id.key()))
        .filter(scim_tokens::client_id.is_null())
        .filter(scim_tokens::is_next.eq(turn == ScimTokenTurn::Next));
    diesel::delete(ended).execute(tx.connection()?)?;
    Ok(())
}

/// Lets a connection's next token take over; the current one must be gone already.
pub fn promote_scim_token(
    tx: &mut Transaction<'_>,
    connection: &Connection,
) -> Result<(), StorageError> {
    let next = scim_tokens::table
        .filter(scim_tokens::organization_id.eq(connection.organization_id.key()))
        .filter(scim_tokens::connection_id.eq(connection.id.key()))
        .filter(scim_tokens::client_id.is_null());
    diesel::update(next)
        .set(scim_tokens::is_next.eq(false))
        .execute(tx.connection()?)?;
    Ok(())
}
