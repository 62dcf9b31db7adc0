//! Registrations of members with OAuth providers: which subject of which provider somebody is.

use diesel::BoolExpressionMethods;
use diesel::ExpressionMethods;
use diesel::JoinOnDsl;
use diesel::OptionalExtension;
use diesel::QueryDsl;
use diesel::RunQueryDsl;

use crate::domain::id::MemberId;
use crate::domain::id::OauthRegistrationId;
use crate::domain::member::Member;
use crate::domain::member::MemberStatus;
use crate::domain::oauth_identity::OauthIdentity;
use crate::domain::oauth_identity::OauthRegistration;
use crate::domain::oauth_provider::OauthProvider;
use crate::domain::project::ProjectId;
use crate::domain::scope::OrgScope;
use crate::storage::Transaction;
use crate::storage::columns::instant;
use crate::storage::error::StorageError;
use crate::storage::fence::Crossing;
use crate::storage::members::MemberRow;
use crate::storage::schema::members;
use crate::storage::schema::oauth_registrations;
use crate::storage::schema::organizations;

type Columns = (String, String, String, String, String, String);

pub(crate) fn read(columns: Columns) -> Result<OauthRegistration, StorageError> {
    let (id, member_id, provider, subject, picture_url, locale) = columns;
    let unknown = || StorageError::corrupt("an unknown OAuth provider");
    Ok(OauthRegistration {
        id: OauthRegistrationId::from_key(&id).map_err(StorageError::corrupt)?,
        member_id: MemberId::from_key(&member_id).map_err(StorageError::corrupt)?,
        provider: OauthProvider::from_name(&provider).ok_or_else(unknown)?,
        subject,
        picture_url,
        locale,
    })
}

macro_rules! columns {
    () => {
        (
            oauth_registrations::id,
            oauth_registrations::member_id,
            oauth_registrations::provider,
            oauth_registrations::subject,
            oauth_registrations::picture_url,
            oauth_registrations::locale,
        )
    };
}

/// The registration of a subject with a provider.
pub fn find(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    (provider, subject): (OauthProvider, &str),
) -> Result<Option<OauthRegistration>, StorageError> {
    oauth_registrations::table
        .filter(oauth_registrations::organization_id.eq(scope.key()))
        .filter(oauth_registrations::provider.eq(provider.name()))
        .filter(oauth_registrations::subject.eq(subject))
        .select(columns!())
        .first::<Columns>(tx.connection()?)
        .optional()?
        .map(read)
        .transpose()
}

/// Whether a member is registered with a provider, as whomever.
pub fn is_registered(
    tx: &mut Transaction<'_>,
    member: &Member,
    provider: OauthProvider,
) -> Result<bool, StorageError> {
    let found = oauth_registrations::table
        .filter(oauth_registrations::organization_id.eq(member.organization_id.key()))
        .filter(oauth_registrations::member_id.eq(member.id.key()))
        .filter(oauth_registrations::provider.eq(provider.name()))
        .select(oauth_registrations::id)
        .first::<String>(tx.connection()?)
        .optional()?;
    Ok(found.is_some())
}

/// The live members of a project's organizations that a subject is registered as.
pub fn members_of_subject(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    (provider, subject): (OauthProvider, &str),
) -> Result<Vec<Member>, StorageError> {
    tx.across_organizations(Crossing::Search)?;
    let is_theirs = members::organization_id
        .eq(oauth_registrations::organization_id)
        .and(members::id.eq(oauth_registrations::member_id));
    let rows = members::table
        .inner_join(oauth_registrations::table.on(is_theirs))
        .inner_join(organizations::table.on(organizations::id.eq(members::organization_id)))
        .filter(organizations::project_id.eq(project.as_str()))
        .filter(oauth_registrations::provider.eq(provider.name()))
        .filter(oauth_registrations::subject.eq(subject))
        .filter(members::status.ne(MemberStatus::Deleted.name()))
        .order(members::organization_id.asc())
        .select(members::all_columns)
        .load::<MemberRow>(tx.connection()?)?;
    rows.into_iter().map(Member::try_from).collect()
}

/// Adds the registration of a member with the provider that named it.
pub fn insert(
    tx: &mut Transaction<'_>,
    member: &Member,
    identity: &OauthIdentity,
) -> Result<OauthRegistrationId, StorageError> {
    let id = OauthRegistrationId::fresh();
    let row = (
        oauth_registrations::organization_id.eq(member.organization_id.key()),
        oauth_registrations::provider.eq(identity.provider.name()),
        oauth_registrations::subject.eq(&identity.subject),
        oauth_registrations::id.eq(id.key()),
        oauth_registrations::member_id.eq(member.id.key()),
        oauth_registrations::email_address.eq(identity.email_address.as_str()),
        oauth_registrations::picture_url.eq(&identity.picture_url),
        oauth_registrations::locale.eq(&identity.locale),
        oauth_registrations::created_at.eq(instant(tx.now)),
        oauth_registrations::updated_at.eq(instant(tx.now)),
    );
    diesel::insert_into(oauth_registrations::table)
        .values(row)
        .execute(tx.connection()?)?;
    Ok(id)
}

/// Writes what the provider said this time.
pub fn save(
    tx: &mut Transaction<'_>,
    member: &Member,
    identity: &OauthIdentity,
) -> Result<(), StorageError> {
    let this = oauth_registrations::table
        .filter(oauth_registrations::organization_id.eq(member.organization_id.key()))
        .filter(oauth_registrations::provider.eq(identity.provider.name()))
        .filter(oauth_registrations::subject.eq(&identity.subject));
    diesel::update(this)
        .set((
            oauth_registrations::email_address.eq(identity.email_address.as_str()),
            oauth_registrations::picture_url.eq(&identity.picture_url),
            oauth_registrations::locale.eq(&identity.locale),
            oauth_registrations::updated_at.eq(instant(tx.now)),
        ))
        .execute(tx.connection()?)?;
    Ok(())
}

/// Takes away the registrations of a member.
pub fn delete_all_of(tx: &mut Transaction<'_>, member: &Member) -> Result<usize, StorageError> {
    let theirs = oauth_registrations::table
        .filter(oauth_registrations::organization_id.eq(member.organization_id.key()))
        .filter(oauth_registrations::member_id.eq(member.id.key()));
    Ok(diesel::delete(theirs).execute(tx.connection()?)?)
}
