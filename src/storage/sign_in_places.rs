//! What a sign-in is about, each time in one statement: the connection that somebody names, its
//! organization, and what else has to be known of them.

use diesel::BoolExpressionMethods;
use diesel::ExpressionMethods;
use diesel::JoinOnDsl;
use diesel::NullableExpressionMethods;
use diesel::OptionalExtension;
use diesel::QueryDsl;
use diesel::RunQueryDsl;
use serde::de::DeserializeOwned;

use crate::domain::connection::Connection;
use crate::domain::connection::ConnectionStatus;
use crate::domain::id::ConnectionId;
use crate::domain::id::OrganizationId;
use crate::domain::organization::Organization;
use crate::domain::project::ProjectId;
use crate::domain::project::RedirectUrls;
use crate::domain::secret::SecretHash;
use crate::storage::Transaction;
use crate::storage::columns::from_json;
use crate::storage::columns::instant;
use crate::storage::connections::ConnectionRow;
use crate::storage::connections::of_project;
use crate::storage::credentials::ProjectKeyKind;
use crate::storage::error::StorageError;
use crate::storage::fence::Crossing;
use crate::storage::fence::entering;
use crate::storage::organizations::OrganizationRow;
use crate::storage::schema::connections;
use crate::storage::schema::organizations;
use crate::storage::schema::project_keys;
use crate::storage::schema::project_settings;
use crate::storage::schema::sign_in_flows;

/// A connection beside its organization.
pub type Place = (Organization, Connection);

fn place(
    (organization, connection): (OrganizationRow, ConnectionRow),
) -> Result<Place, StorageError> {
    Ok((organization.try_into()?, connection.try_into()?))
}

/// This project's connection that a start URL names, unless it is gone or the public token is not
/// this project's, with what the project declares of where people may be sent back; the
/// transaction enters the organization.
pub fn find_for_start(
    tx: &mut Transaction<'_>,
    (project, public_token): (&ProjectId, &SecretHash),
    id: ConnectionId,
) -> Result<Option<(Place, Option<RedirectUrls>)>, StorageError> {
    tx.across_organizations(Crossing::ConnectionId)?;
    let its_key = project_keys::project_id
        .eq(organizations::project_id)
        .and(project_keys::kind.eq(ProjectKeyKind::PublicToken.name()))
        .and(project_keys::hash.eq(public_token.as_str().to_owned()));
    let its_settings = project_settings::project_id.eq(organizations::project_id);
    let found = of_project!(project, id)
        .inner_join(project_keys::table.on(its_key))
        .left_join(project_settings::table.on(its_settings))
        .select((
            (organizations::all_columns, connections::all_columns),
            project_settings::redirect_urls.nullable(),
            entering(organizations::id),
        ))
        .first::<((OrganizationRow, ConnectionRow), Option<String>, String)>(tx.connection()?)
        .optional()?;
    let read = |(rows, urls, _): (_, Option<String>, String)| {
        Ok((place(rows)?, urls.as_deref().map(from_json).transpose()?))
    };
    found.map(read).transpose()
}

/// This project's connection that a callback names, unless it is gone, with the flow of it that is
/// still open under this state; the transaction enters the organization.
pub fn find_for_callback<F: DeserializeOwned>(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    (id, state): (ConnectionId, Option<&SecretHash>),
) -> Result<Option<(Place, Option<F>)>, StorageError> {
    tx.across_organizations(Crossing::ConnectionId)?;
    let is_open = sign_in_flows::state_hash
        .eq(state.map(SecretHash::as_str).unwrap_or_default().to_owned())
        .and(sign_in_flows::organization_id.eq(connections::organization_id))
        .and(sign_in_flows::connection_id.eq(connections::id))
        .and(sign_in_flows::expires_at.gt(instant(tx.now)));
    let found = of_project!(project, id)
        .left_join(sign_in_flows::table.on(is_open))
        .select((
            (organizations::all_columns, connections::all_columns),
            sign_in_flows::flow.nullable(),
            entering(organizations::id),
        ))
        .first::<((OrganizationRow, ConnectionRow), Option<String>, String)>(tx.connection()?)
        .optional()?;
    let read = |(rows, flow, _): (_, Option<String>, String)| {
        Ok((place(rows)?, flow.as_deref().map(from_json).transpose()?))
    };
    found.map(read).transpose()
}

/// The connection of this organization with an id, unless it is gone; the transaction enters the
/// organization.
pub fn find_for_token(
    tx: &mut Transaction<'_>,
    (project, organization): (&ProjectId, OrganizationId),
    id: ConnectionId,
) -> Result<Option<Place>, StorageError> {
    tx.stay_in(organization)?;
    if let Some(known) = tx.place_before(id) {
        let is_it = |found: &Organization| found.id == organization && found.project_id == *project;
        return Ok(Some(known).filter(|(found, _)| is_it(found)));
    }
    let found = of_project!(project, id)
        .filter(connections::organization_id.eq(organization.key()))
        .select((organizations::all_columns, connections::all_columns))
        .first::<(OrganizationRow, ConnectionRow)>(tx.connection()?)
        .optional()?;
    let found = found.map(place).transpose()?;
    if let Some(found) = &found {
        tx.remember_place(found);
    }
    Ok(found)
}
