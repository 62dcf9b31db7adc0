//! Member sessions; the token itself is stored as a hash.

use chrono::NaiveDateTime;
use diesel::BoolExpressionMethods;
use diesel::ExpressionMethods;
use diesel::JoinOnDsl;
use diesel::NullableExpressionMethods;
use diesel::OptionalExtension;
use diesel::QueryDsl;
use diesel::RunQueryDsl;
use diesel::TextExpressionMethods;
use diesel::prelude::Queryable;

use crate::domain::id::ConnectionId;
use crate::domain::id::MemberId;
use crate::domain::id::OrganizationId;
use crate::domain::id::SessionId;
use crate::domain::member::Member;
use crate::domain::organization::Organization;
use crate::domain::project::ProjectId;
use crate::domain::project_settings::SessionSettings;
use crate::domain::rbac::PolicyDeclaration;
use crate::domain::scope::OrgScope;
use crate::domain::secret::SecretHash;
use crate::domain::session::Session;
use crate::storage::Transaction;
use crate::storage::columns::from_json;
use crate::storage::columns::instant;
use crate::storage::columns::like_anywhere;
use crate::storage::columns::to_json;
use crate::storage::error::StorageError;
use crate::storage::fence::Crossing;
use crate::storage::fence::entering;
use crate::storage::members::MemberRow;
use crate::storage::organizations::OrganizationRow;
use crate::storage::schema::members;
use crate::storage::schema::organizations;
use crate::storage::schema::project_settings;
use crate::storage::schema::sessions;

#[derive(Queryable)]
struct SessionRow {
    organization_id: String,
    id: String,
    member_id: String,
    _token_hash: String,
    factors: String,
    custom_claims: String,
    started_at: NaiveDateTime,
    last_accessed_at: NaiveDateTime,
    expires_at: NaiveDateTime,
    ends_no_later_than: Option<NaiveDateTime>,
}

impl TryFrom<SessionRow> for Session {
    type Error = StorageError;
    fn try_from(row: SessionRow) -> Result<Self, StorageError> {
        Ok(Self {
            id: SessionId::from_key(&row.id).map_err(StorageError::corrupt)?,
            organization_id: OrganizationId::from_key(&row.organization_id)
                .map_err(StorageError::corrupt)?,
            member_id: MemberId::from_key(&row.member_id).map_err(StorageError::corrupt)?,
            factors: from_json(&row.factors)?,
            custom_claims: from_json(&row.custom_claims)?,
            started_at: row.started_at.and_utc(),
            last_accessed_at: row.last_accessed_at.and_utc(),
            expires_at: row.expires_at.and_utc(),
            ends_no_later_than: row.ends_no_later_than.map(|instant| instant.and_utc()),
        })
    }
}

/// A live session, and what it is judged by: its organization, which the finding enters, its
/// member, and what the project declares of policy and sessions.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundSession {
    /// The session.
    pub session: Session,
    /// Its organization.
    pub organization: Organization,
    /// Its member, live or not.
    pub member: Member,
    /// What the project declares, if it ever did.
    pub declared: Option<(PolicyDeclaration, SessionSettings)>,
}

type Declared = Option<(String, String)>;
type Columns = (SessionRow, OrganizationRow, MemberRow, Declared, String);

fn read(columns: Columns) -> Result<FoundSession, StorageError> {
    let (session, organization, member, declared, _) = columns;
    let declared = declared.map(|(policy, session)| {
        let declared = (from_json(&policy)?, from_json(&session)?);
        Ok::<_, StorageError>(declared)
    });
    Ok(FoundSession {
        session: session.try_into()?,
        organization: organization.try_into()?,
        member: member.try_into()?,
        declared: declared.transpose()?,
    })
}

macro_rules! live {
    ($tx:expr, $project:expr) => {
        sessions::table
            .inner_join(organizations::table.on(organizations::id.eq(sessions::organization_id)))
            .inner_join(
                members::table.on(members::organization_id
                    .eq(sessions::organization_id)
                    .and(members::id.eq(sessions::member_id))),
            )
            .left_join(
                project_settings::table
                    .on(project_settings::project_id.eq(organizations::project_id)),
            )
            .filter(organizations::project_id.eq($project.as_str()))
            .filter(sessions::expires_at.gt(instant($tx.now)))
            .select((
                sessions::all_columns,
                organizations::all_columns,
                members::all_columns,
                (project_settings::policy, project_settings::session).nullable(),
                entering(organizations::id),
            ))
    };
}

/// The live session of this project that a token opens.
pub fn find_by_token(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    token: &SecretHash,
) -> Result<Option<FoundSession>, StorageError> {
    tx.across_organizations(Crossing::Session)?;
    live!(tx, project)
        .filter(sessions::token_hash.eq(token.as_str()))
        .first::<Columns>(tx.connection()?)
        .optional()?
        .map(read)
        .transpose()
}

/// The live session of this project with this id, as a JWT of ours names it.
pub fn find(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    id: SessionId,
) -> Result<Option<FoundSession>, StorageError> {
    tx.across_organizations(Crossing::Session)?;
    live!(tx, project)
        .filter(sessions::id.eq(id.key()))
        .first::<Columns>(tx.connection()?)
        .optional()?
        .map(read)
        .transpose()
}

/// Adds a session under the hash of its token.
pub fn insert(
    tx: &mut Transaction<'_>,
    session: &Session,
    token: &SecretHash,
) -> Result<(), StorageError> {
    tx.concern.add(session.member_id);
    let row = (
        sessions::organization_id.eq(session.organization_id.key()),
        sessions::id.eq(session.id.key()),
        sessions::member_id.eq(session.member_id.key()),
        sessions::token_hash.eq(token.as_str().to_owned()),
        sessions::factors.eq(to_json(&session.factors)?),
        sessions::custom_claims.eq(to_json(&session.custom_claims)?),
        sessions::started_at.eq(instant(session.started_at)),
        sessions::last_accessed_at.eq(instant(session.last_accessed_at)),
        sessions::expires_at.eq(instant(session.expires_at)),
        sessions::ends_no_later_than.eq(session.ends_no_later_than.map(instant)),
    );
    tx.add("sessions", diesel::insert_into(sessions::table).values(row))
}

/// Writes a session as it now is.
pub fn save(tx: &mut Transaction<'_>, session: &Session) -> Result<(), StorageError> {
    tx.concern.add(session.member_id);
    let this = sessions::organization_id.eq(session.organization_id.key());
    let this = this.and(sessions::id.eq(session.id.key()));
    let columns = (
        sessions::factors.eq(to_json(&session.factors)?),
        sessions::custom_claims.eq(to_json(&session.custom_claims)?),
        sessions::last_accessed_at.eq(instant(session.last_accessed_at)),
        sessions::expires_at.eq(instant(session.expires_at)),
        sessions::ends_no_later_than.eq(session.ends_no_later_than.map(instant)),
    );
    tx.rewrite("sessions", columns, this)
}

/// The live sessions of a member, oldest first.
pub fn list_of_member(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    member: MemberId,
) -> Result<Vec<Session>, StorageError> {
    let rows = sessions::table
        .filter(sessions::organization_id.eq(scope.key()))
        .filter(sessions::member_id.eq(member.key()))
        .filter(sessions::expires_at.gt(instant(tx.now)))
        .order(sessions::id.asc())
        .load::<SessionRow>(tx.connection()?)?;
    rows.into_iter().map(Session::try_from).collect()
}

/// The sessions of an organization that hold a factor of this connection.
pub fn list_proven_by(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    connection: ConnectionId,
) -> Result<Vec<Session>, StorageError> {
    let rows = sessions::table
        .filter(sessions::organization_id.eq(scope.key()))
        .filter(sessions::factors.like(like_anywhere(&connection.to_string())))
        .order(sessions::id.asc())
        .load::<SessionRow>(tx.connection()?)?;
    rows.into_iter().map(Session::try_from).collect()
}

/// Ends a session.
pub fn delete(tx: &mut Transaction<'_>, session: &Session) -> Result<(), StorageError> {
    tx.concern.add(session.member_id);
    let this = sessions::table
        .filter(sessions::organization_id.eq(session.organization_id.key()))
        .filter(sessions::id.eq(session.id.key()));
    diesel::delete(this).execute(tx.connection()?)?;
    Ok(())
}

/// Ends every session of a member and says how many there were.
pub fn delete_all_of(tx: &mut Transaction<'_>, member: &Member) -> Result<usize, StorageError> {
    tx.concern.add(member.id);
    let theirs = sessions::table
        .filter(sessions::organization_id.eq(member.organization_id.key()))
        .filter(sessions::member_id.eq(member.id.key()));
    Ok(diesel::delete(theirs).execute(tx.connection()?)?)
}

/// Forgets one by its id, if it has expired.
pub fn forget_expired_one(tx: &mut Transaction<'_>, id: SessionId) -> Result<(), StorageError> {
    let expired = sessions::table.filter(sessions::expires_at.le(instant(tx.now)));
    diesel::delete(expired.filter(sessions::id.eq(id.key()))).execute(tx.connection()?)?;
    Ok(())
}

/// Forgets one by its token, if it has expired.
pub fn forget_expired_token(
    tx: &mut Transaction<'_>,
    token: &SecretHash,
) -> Result<(), StorageError> {
    let expired = sessions::table.filter(sessions::expires_at.le(instant(tx.now)));
    let this = expired.filter(sessions::token_hash.eq(token.as_str()));
    diesel::delete(this).execute(tx.connection()?)?;
    Ok(())
}

/// Forgets sessions that have expired.
pub fn forget_expired(tx: &mut Transaction<'_>) -> Result<usize, StorageError> {
    let expired = sessions::table.filter(sessions::expires_at.le(instant(tx.now)));
    Ok(diesel::delete(expired).execute(tx.connection()?)?)
}
