//! Links to the admin portal and what they opened; only hashes of their secrets are here.

use chrono::NaiveDateTime;
use chrono::TimeDelta;
use diesel::BoolExpressionMethods;
use diesel::ExpressionMethods;
use diesel::JoinOnDsl;
use diesel::OptionalExtension;
use diesel::QueryDsl;
use diesel::RunQueryDsl;
use diesel::SelectableHelper;
use diesel::prelude::Queryable;
use diesel::prelude::Selectable;

use crate::domain::id::OrganizationId;
use crate::domain::id::PortalLinkId;
use crate::domain::organization::Organization;
use crate::domain::portal_link::PortalLink;
use crate::domain::portal_link::PortalSession;
use crate::domain::project::ProjectId;
use crate::domain::scope::OrgScope;
use crate::domain::secret::SecretHash;
use crate::storage::Transaction;
use crate::storage::columns::instant;
use crate::storage::error::StorageError;
use crate::storage::fence::Crossing;
use crate::storage::fence::entering;
use crate::storage::organizations::OrganizationRow;
use crate::storage::schema::organizations;
use crate::storage::schema::portal_links;
use crate::storage::schema::portal_sessions;

const MOST_LISTED: i64 = 200;
// Whoever asks what became of a link finds it for a while after it has expired.
const KEPT: TimeDelta = TimeDelta::days(30);

#[derive(Queryable, Selectable)]
#[diesel(table_name = portal_links)]
struct LinkRow {
    organization_id: String,
    id: String,
    is_lasting: bool,
    created_at: NaiveDateTime,
    expires_at: NaiveDateTime,
    opened_at: Option<NaiveDateTime>,
    revoked_at: Option<NaiveDateTime>,
    completed_at: Option<NaiveDateTime>,
}

impl TryFrom<LinkRow> for PortalLink {
    type Error = StorageError;
    fn try_from(row: LinkRow) -> Result<Self, StorageError> {
        Ok(Self {
            id: PortalLinkId::from_key(&row.id).map_err(StorageError::corrupt)?,
            organization_id: OrganizationId::from_key(&row.organization_id)
                .map_err(StorageError::corrupt)?,
            is_lasting: row.is_lasting,
            created_at: row.created_at.and_utc(),
            expires_at: row.expires_at.and_utc(),
            opened_at: row.opened_at.map(|at| at.and_utc()),
            revoked_at: row.revoked_at.map(|at| at.and_utc()),
            completed_at: row.completed_at.map(|at| at.and_utc()),
        })
    }
}

/// A link and its organization, which the finding enters.
pub type FoundLink = (PortalLink, Organization);
type Columns = (LinkRow, OrganizationRow, String);

fn read((link, organization, _): Columns) -> Result<FoundLink, StorageError> {
    Ok((link.try_into()?, organization.try_into()?))
}

/// Adds a link under the hash of its secret.
pub fn insert(
    tx: &mut Transaction<'_>,
    link: &PortalLink,
    token: &SecretHash,
) -> Result<(), StorageError> {
    let row = (
        portal_links::organization_id.eq(link.organization_id.key()),
        portal_links::id.eq(link.id.key()),
        portal_links::token_hash.eq(token.as_str()),
        portal_links::is_lasting.eq(link.is_lasting),
        portal_links::created_at.eq(instant(link.created_at)),
        portal_links::expires_at.eq(instant(link.expires_at)),
    );
    diesel::insert_into(portal_links::table)
        .values(row)
        .execute(tx.connection()?)?;
    Ok(())
}

/// Writes what has become of a link.
pub fn save(tx: &mut Transaction<'_>, link: &PortalLink) -> Result<(), StorageError> {
    let this = portal_links::table
        .filter(portal_links::organization_id.eq(link.organization_id.key()))
        .filter(portal_links::id.eq(link.id.key()));
    diesel::update(this)
        .set((
            portal_links::opened_at.eq(link.opened_at.map(instant)),
            portal_links::revoked_at.eq(link.revoked_at.map(instant)),
            portal_links::completed_at.eq(link.completed_at.map(instant)),
        ))
        .execute(tx.connection()?)?;
    Ok(())
}

/// The link of this project that a secret opens, live or not.
pub fn find_by_token(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    token: &SecretHash,
) -> Result<Option<FoundLink>, StorageError> {
    tx.across_organizations(Crossing::Portal)?;
    portal_links::table
        .inner_join(organizations::table.on(organizations::id.eq(portal_links::organization_id)))
        .filter(organizations::project_id.eq(project.as_str()))
        .filter(portal_links::token_hash.eq(token.as_str()))
        .select((
            LinkRow::as_select(),
            organizations::all_columns,
            entering(organizations::id),
        ))
        .first::<Columns>(tx.connection()?)
        .optional()?
        .map(read)
        .transpose()
}

/// The links of an organization, newest first.
pub fn list(tx: &mut Transaction<'_>, scope: &OrgScope) -> Result<Vec<PortalLink>, StorageError> {
    let rows = portal_links::table
        .filter(portal_links::organization_id.eq(scope.key()))
        .order(portal_links::id.desc())
        .limit(MOST_LISTED)
        .select(LinkRow::as_select())
        .load::<LinkRow>(tx.connection()?)?;
    rows.into_iter().map(PortalLink::try_from).collect()
}

/// The link of an organization with this id.
pub fn find(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    id: PortalLinkId,
) -> Result<Option<PortalLink>, StorageError> {
    portal_links::table
        .filter(portal_links::organization_id.eq(scope.key()))
        .filter(portal_links::id.eq(id.key()))
        .select(LinkRow::as_select())
        .first::<LinkRow>(tx.connection()?)
        .optional()?
        .map(PortalLink::try_from)
        .transpose()
}

/// Adds a session under the hash of its secret.
pub fn insert_session(
    tx: &mut Transaction<'_>,
    session: &PortalSession,
    token: &SecretHash,
) -> Result<(), StorageError> {
    let row = (
        portal_sessions::organization_id.eq(session.organization_id.key()),
        portal_sessions::link_id.eq(session.link_id.key()),
        portal_sessions::token_hash.eq(token.as_str()),
        portal_sessions::started_at.eq(instant(session.started_at)),
        portal_sessions::expires_at.eq(instant(session.expires_at)),
    );
    diesel::insert_into(portal_sessions::table)
        .values(row)
        .execute(tx.connection()?)?;
    Ok(())
}

/// The link behind a live session of this project, and its organization.
pub fn find_by_session(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    token: &SecretHash,
) -> Result<Option<FoundLink>, StorageError> {
    tx.across_organizations(Crossing::Portal)?;
    portal_sessions::table
        .inner_join(
            portal_links::table.on(portal_links::organization_id
                .eq(portal_sessions::organization_id)
                .and(portal_links::id.eq(portal_sessions::link_id))),
        )
        .inner_join(organizations::table.on(organizations::id.eq(portal_sessions::organization_id)))
        .filter(organizations::project_id.eq(project.as_str()))
        .filter(portal_sessions::token_hash.eq(token.as_str()))
        .filter(portal_sessions::expires_at.gt(instant(tx.now)))
        .select((
            LinkRow::as_select(),
            organizations::all_columns,
            entering(organizations::id),
        ))
        .first::<Columns>(tx.connection()?)
        .optional()?
        .map(read)
        .transpose()
}

/// Ends the session that a secret opens.
pub fn delete_session(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    token: &SecretHash,
) -> Result<(), StorageError> {
    let this = portal_sessions::table
        .filter(portal_sessions::organization_id.eq(scope.key()))
        .filter(portal_sessions::token_hash.eq(token.as_str()));
    diesel::delete(this).execute(tx.connection()?)?;
    Ok(())
}

/// Ends all that a link has opened.
pub fn delete_sessions_of(tx: &mut Transaction<'_>, link: &PortalLink) -> Result<(), StorageError> {
    let its = portal_sessions::table
        .filter(portal_sessions::organization_id.eq(link.organization_id.key()))
        .filter(portal_sessions::link_id.eq(link.id.key()));
    diesel::delete(its).execute(tx.connection()?)?;
    Ok(())
}

/// Forgets sessions that have expired, and links that expired a while ago.
pub fn forget_expired(tx: &mut Transaction<'_>) -> Result<usize, StorageError> {
    let sessions = portal_sessions::table.filter(portal_sessions::expires_at.le(instant(tx.now)));
    let sessions = diesel::delete(sessions).execute(tx.connection()?)?;
    let long_ago = instant(tx.now - KEPT);
    let links = portal_links::table.filter(portal_links::expires_at.le(long_ago));
    Ok(sessions + diesel::delete(links).execute(tx.connection()?)?)
}
