//! Registrations of members with SSO connections: which subject of which IdP somebody is.

use diesel::BoolExpressionMethods;
use diesel::ExpressionMethods;
use diesel::QueryDsl;
use diesel::RunQueryDsl;

use crate::domain::id::ConnectionId;
use crate::domain::id::MemberId;
use crate::domain::id::RegistrationId;
use crate::domain::identity::AssertedIdentity;
use crate::domain::metadata::Metadata;
use crate::domain::scope::OrgScope;
use crate::storage::Transaction;
use crate::storage::columns::from_json;
use crate::storage::columns::instant;
use crate::storage::columns::to_json;
use crate::storage::error::StorageError;
use crate::storage::schema::sso_registrations;

/// A registration as stored; its connection is known by its column key alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Registration {
    /// Its id.
    pub id: RegistrationId,
    /// The member.
    pub member_id: MemberId,
    /// The column key of the connection.
    pub connection_key: String,
    /// The subject at the IdP.
    pub subject: String,
    /// The attributes that the IdP last sent.
    pub attributes: Metadata,
    /// The groups that the IdP last reported.
    pub groups: Vec<String>,
}

type Columns = (String, String, String, String, String, String);

pub(crate) fn read(columns: Columns) -> Result<Registration, StorageError> {
    let (id, member_id, connection_key, subject, attributes, groups) = columns;
    Ok(Registration {
        id: RegistrationId::from_key(&id).map_err(StorageError::corrupt)?,
        member_id: MemberId::from_key(&member_id).map_err(StorageError::corrupt)?,
        connection_key,
        subject,
        attributes: from_json(&attributes)?,
        groups: from_json(&groups)?,
    })
}

macro_rules! columns {
    () => {
        (
            sso_registrations::id,
            sso_registrations::member_id,
            sso_registrations::connection_id,
            sso_registrations::subject,
            sso_registrations::attributes,
            sso_registrations::groups,
        )
    };
}

/// The registrations of these members.
pub fn list(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    members: &[MemberId],
) -> Result<Vec<Registration>, StorageError> {
    let rows = sso_registrations::table
        .filter(sso_registrations::organization_id.eq(scope.key()))
        .filter(sso_registrations::member_id.eq_any(members.iter().map(MemberId::key)))
        .order((
            sso_registrations::created_at.asc(),
            sso_registrations::id.asc(),
        ))
        .select(columns!())
        .load::<Columns>(tx.connection()?)?;
    rows.into_iter().map(read).collect()
}

/// Takes away every registration with a connection.
pub fn delete_all_of(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    connection: ConnectionId,
) -> Result<usize, StorageError> {
    let theirs = sso_registrations::table
        .filter(sso_registrations::organization_id.eq(scope.key()))
        .filter(sso_registrations::connection_id.eq(connection.key()));
    Ok(diesel::delete(theirs).execute(tx.connection()?)?)
}

/// Adds the registration of a member with the connection that proved it.
pub fn insert(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    member: MemberId,
    identity: &AssertedIdentity,
) -> Result<RegistrationId, StorageError> {
    let id = RegistrationId::fresh();
    let row = (
        sso_registrations::organization_id.eq(scope.key()),
        sso_registrations::connection_id.eq(identity.connection_id.key()),
        sso_registrations::subject.eq(identity.subject.clone()),
        sso_registrations::id.eq(id.key()),
        sso_registrations::member_id.eq(member.key()),
        sso_registrations::attributes.eq(to_json(&identity.attributes)?),
        sso_registrations::groups.eq(to_json(&identity.groups)?),
        sso_registrations::created_at.eq(instant(tx.now)),
        sso_registrations::updated_at.eq(instant(tx.now)),
    );
    let row = diesel::insert_into(sso_registrations::table).values(row);
    tx.add("sso_registrations", row)?;
    Ok(id)
}

/// Writes what the IdP said this time, and whom the subject is taken for.
pub fn save(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    member: MemberId,
    identity: &AssertedIdentity,
) -> Result<(), StorageError> {
    let this = sso_registrations::organization_id.eq(scope.key());
    let this = this.and(sso_registrations::connection_id.eq(identity.connection_id.key()));
    let this = this.and(sso_registrations::subject.eq(identity.subject.clone()));
    let columns = (
        sso_registrations::member_id.eq(member.key()),
        sso_registrations::attributes.eq(to_json(&identity.attributes)?),
        sso_registrations::groups.eq(to_json(&identity.groups)?),
        sso_registrations::updated_at.eq(instant(tx.now)),
    );
    tx.rewrite("sso_registrations", columns, this)
}
