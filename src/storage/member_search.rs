//! The API's member search, as SQL: pages by organization and, within each, by age.
//!
//! The key of the table is the order of the pages, so that a page is a piece of it, whether one
//! organization is asked about or a thousand.

use diesel::QueryableByName;
use diesel::sql_types::BigInt;
use diesel::sql_types::Text;

use crate::domain::email;
use crate::domain::id::MemberId;
use crate::domain::id::OrganizationId;
use crate::domain::member::Member;
use crate::domain::member::MemberStatus;
use crate::domain::oauth_provider::OauthProvider;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::member_search::leading_role::LeadingRole;
use crate::storage::members::MemberRow;
use crate::storage::plain_sql::Dialect;
use crate::storage::plain_sql::PlainSql;
use crate::storage::role_holders;
use crate::storage::role_holders::RoleSources;
use crate::storage::search_terms::Conditions;
use crate::storage::search_terms::MEMBER_EMAIL;
use crate::storage::search_terms::MEMBER_PHONE_NUMBER;
use crate::storage::search_terms::ORGANIZATION_SLUG;
use crate::storage::search_terms::among_organizations;

mod leading_role;

/// One condition of a search.
#[derive(Clone, Debug, PartialEq)]
pub enum MemberFilter {
    /// One of these ids.
    Ids(Vec<MemberId>),
    /// One of these external ids.
    ExternalIds(Vec<String>),
    /// One of these addresses.
    Emails(Vec<String>),
    /// The address contains this, whatever its case.
    EmailContains(String),
    /// One of these states.
    Statuses(Vec<MemberStatus>),
    /// Whether it is a break-glass member.
    BreakGlass(bool),
    /// One of these phone numbers.
    PhoneNumbers(Vec<String>),
    /// The phone number contains this.
    PhoneNumberContains(String),
    /// It has a role from one of these sources.
    HasRole(RoleSources),
    /// The slug of its organization is one of these.
    OrganizationSlugs(Vec<String>),
    /// The slug of its organization contains this, whatever its case.
    OrganizationSlugContains(String),
    /// Whether it has a password, or its address has one in the project.
    HasPassword(bool),
    /// Whether the member has an authenticator application.
    HasTotp(bool),
    /// One of these OAuth providers knows the member.
    OauthProviders(Vec<OauthProvider>),
}

/// The last member of a page.
pub type MemberPosition = (OrganizationId, MemberId);

/// What is looked for, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberQuery<'a> {
    /// The organizations.
    pub organizations: &'a [OrganizationId],
    /// The conditions.
    pub conditions: &'a Conditions<MemberFilter>,
}

#[derive(QueryableByName)]
pub(crate) struct Count {
    #[diesel(sql_type = BigInt)]
    pub(crate) total: i64,
}

/// The members after a position, by the organizations' order.
///
/// The position's own organization is asked by itself: compared as a pair, positions are not looked
/// up in an index of PostgreSQL behind row-level security, but all before them is gone through.
pub fn page(
    tx: &mut Transaction<'_>,
    query: &MemberQuery<'_>,
    (after, limit): (Option<MemberPosition>, i64),
) -> Result<Vec<Member>, StorageError> {
    let Some((organization, member)) = after else {
        return part(tx, query, (None, limit));
    };
    let (own, others): (Vec<_>, Vec<_>) = query
        .organizations
        .iter()
        .filter(|id| **id >= organization)
        .partition(|id| **id == organization);
    let mut found = part(tx, &query.within(&own), (Some(member), limit))?;
    let missing = limit.saturating_sub(i64::try_from(found.len()).unwrap_or(limit));
    if missing > 0 {
        found.extend(part(tx, &query.within(&others), (None, missing))?);
    }
    Ok(found)
}

fn part(
    tx: &mut Transaction<'_>,
    query: &MemberQuery<'_>,
    (after, limit): (Option<MemberId>, i64),
) -> Result<Vec<Member>, StorageError> {
    if query.organizations.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = PlainSql::planned(tx, "SELECT members.* FROM ");
    if let Some(role) = LeadingRole::of(query) {
        role.write_page(&mut sql, (after, limit));
    } else {
        sql.sql("members WHERE ");
        query.write(&mut sql);
        if let Some(member) = after {
            sql.sql(" AND members.id > ").text(member.key());
        }
        sql.sql(" ORDER BY members.organization_id, members.id LIMIT ");
        sql.number(limit);
    }
    let rows = sql.load::<MemberRow>(tx)?;
    rows.into_iter().map(Member::try_from).collect()
}

/// How many there are in all.
pub fn count(tx: &mut Transaction<'_>, query: &MemberQuery<'_>) -> Result<i64, StorageError> {
    let mut sql = PlainSql::planned(tx, "SELECT count(*) AS total FROM ");
    if let Some(role) = LeadingRole::of(query) {
        role.write_holders(&mut sql);
    } else {
        sql.sql("members WHERE ");
        query.write(&mut sql);
    }
    let counts = sql.load::<Count>(tx)?;
    Ok(counts.first().map_or(0, |count| count.total))
}

/// Those of these organizations whose slugs all of these conditions match.
pub fn organizations_with_slug(
    tx: &mut Transaction<'_>,
    organizations: &[OrganizationId],
    slugs: Vec<MemberFilter>,
) -> Result<Vec<OrganizationId>, StorageError> {
    let mut sql = PlainSql::planned(tx, "SELECT id FROM organizations WHERE id");
    sql.one_of(organizations.iter().map(OrganizationId::key));
    for filter in &slugs {
        sql.sql(" AND ");
        narrow_organizations(&mut sql, filter);
    }
    let rows = sql.sql(" ORDER BY id").clone().load::<Found>(tx)?;
    let keys = rows.iter().map(|row| OrganizationId::from_key(&row.id));
    keys.collect::<Result<_, _>>()
        .map_err(StorageError::corrupt)
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Text)]
    id: String,
}

impl MemberQuery<'_> {
    /// Deleted members are found only when their state is asked for.
    fn write(&self, sql: &mut PlainSql) {
        let filters = &self.conditions.filters;
        // SQLite does not know that a few values are fewer than a few organizations.
        if sql.dialect == Dialect::Sqlite && filters.iter().any(MemberFilter::is_narrow) {
            sql.sql("+");
        }
        sql.sql("members.organization_id");
        among_organizations(sql, self.organizations);
        let by_status = |filter: &MemberFilter| matches!(filter, MemberFilter::Statuses(_));
        if !filters.iter().any(by_status) {
            sql.sql(" AND members.status <> 'deleted'");
        }
        self.write_conditions(sql);
    }

    fn write_conditions(&self, sql: &mut PlainSql) {
        self.conditions
            .write(sql, |sql, filter| narrow(sql, self.organizations, filter));
    }

    fn within<'b>(&'b self, organizations: &'b [OrganizationId]) -> MemberQuery<'b> {
        MemberQuery {
            organizations,
            conditions: self.conditions,
        }
    }
}

impl MemberFilter {
    /// Whether few members match wherever they are, and an index knows them.
    fn is_narrow(&self) -> bool {
        match self {
            Self::Ids(_)
            | Self::ExternalIds(_)
            | Self::Emails(_)
            | Self::EmailContains(_)
            | Self::PhoneNumbers(_)
            | Self::PhoneNumberContains(_) => true,
            Self::HasRole(sources) => !sources.everyone,
            Self::Statuses(_)
            | Self::BreakGlass(_)
            | Self::OrganizationSlugs(_)
            | Self::OrganizationSlugContains(_)
            | Self::HasPassword(_)
            | Self::HasTotp(_)
            | Self::OauthProviders(_) => false,
        }
    }
}

const HAS_PASSWORD: &str = "(EXISTS (SELECT 1 FROM member_passwords AS own \
     WHERE own.organization_id = members.organization_id AND own.member_id = members.id) \
     OR EXISTS (SELECT 1 FROM organizations AS place \
     JOIN address_passwords AS shared ON shared.project_id = place.project_id \
     WHERE place.id = members.organization_id AND shared.email = members.email))";

const KNOWN_TO_PROVIDER: &str = "EXISTS (SELECT 1 FROM oauth_registrations AS known \
     WHERE known.organization_id = members.organization_id AND known.member_id = members.id \
     AND known.provider";

fn narrow(sql: &mut PlainSql, organizations: &[OrganizationId], filter: &MemberFilter) {
    match filter {
        MemberFilter::Ids(ids) => {
            sql.sql("members.id").one_of(ids.iter().map(MemberId::key));
        }
        MemberFilter::ExternalIds(ids) => {
            sql.sql("(members.external_id IS NOT NULL AND members.external_id");
            sql.one_of(ids.iter().cloned()).sql(")");
        }
        MemberFilter::Emails(emails) => {
            let folded = emails.iter().map(|email| email::folded(email));
            sql.sql("members.email").one_of(folded);
        }
        MemberFilter::EmailContains(part) => MEMBER_EMAIL.contains(sql, part),
        MemberFilter::Statuses(statuses) => {
            let names = statuses.iter().map(|status| status.name().to_owned());
            sql.sql("members.status").one_of(names);
        }
        MemberFilter::BreakGlass(true) => {
            sql.sql("members.is_breakglass");
        }
        MemberFilter::BreakGlass(false) => {
            sql.sql("NOT members.is_breakglass");
        }
        MemberFilter::PhoneNumbers(numbers) => {
            sql.sql("(members.mfa_phone_number <> '' AND members.mfa_phone_number");
            sql.one_of(numbers.iter().cloned()).sql(")");
        }
        MemberFilter::PhoneNumberContains(part) => MEMBER_PHONE_NUMBER.contains(sql, part),
        MemberFilter::HasRole(sources) => role_holders::write(sql, sources, organizations),
        MemberFilter::OrganizationSlugs(_) | MemberFilter::OrganizationSlugContains(_) => {
            sql.sql("members.organization_id IN (SELECT id FROM organizations WHERE ");
            narrow_organizations(sql, filter);
            sql.sql(")");
        }
        MemberFilter::HasPassword(wanted) => {
            sql.sql(if *wanted { "" } else { "NOT " }).sql(HAS_PASSWORD);
        }
        MemberFilter::HasTotp(true) => {
            sql.sql("members.totp_registration_id IS NOT NULL");
        }
        MemberFilter::HasTotp(false) => {
            sql.sql("members.totp_registration_id IS NULL");
        }
        MemberFilter::OauthProviders(providers) => {
            let names = providers.iter().map(|provider| provider.name().to_owned());
            sql.sql(KNOWN_TO_PROVIDER).one_of(names).sql(")");
        }
    }
}

fn narrow_organizations(sql: &mut PlainSql, filter: &MemberFilter) {
    match filter {
        MemberFilter::OrganizationSlugs(slugs) => {
            sql.sql("slug").one_of(slugs.iter().cloned());
        }
        MemberFilter::OrganizationSlugContains(part) => ORGANIZATION_SLUG.contains(sql, part),
        _ => {}
    }
}
