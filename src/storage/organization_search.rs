//! The API's organization search, as SQL: pages by age.

use diesel::ExpressionMethods;
use diesel::QueryDsl;
use diesel::QueryableByName;
use diesel::RunQueryDsl;
use diesel::sql_types::Nullable;
use diesel::sql_types::Text;

use crate::domain::email;
use crate::domain::id::ConnectionId;
use crate::domain::id::OrganizationId;
use crate::domain::organization::Organization;
use crate::domain::project::ProjectId;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::fence::Crossing;
use crate::storage::member_search::Count;
use crate::storage::organizations::OrganizationRow;
use crate::storage::plain_sql::PlainSql;
use crate::storage::schema::organizations;
use crate::storage::search_terms::ALLOWED_DOMAINS;
use crate::storage::search_terms::Conditions;
use crate::storage::search_terms::MEMBER_EMAIL;
use crate::storage::search_terms::ORGANIZATION_NAME;
use crate::storage::search_terms::ORGANIZATION_SLUG;
use crate::storage::search_terms::Operator;

/// One condition of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrganizationFilter {
    /// One of these ids.
    Ids(Vec<OrganizationId>),
    /// One of these slugs.
    Slugs(Vec<String>),
    /// The name contains this, whatever its case.
    NameContains(String),
    /// The slug contains this, whatever its case.
    SlugContains(String),
    /// A live member has one of these addresses.
    MemberEmails(Vec<String>),
    /// The address of a live member contains this, whatever its case.
    MemberEmailContains(String),
    /// It lets people with an address of one of these domains join.
    AllowedDomains(Vec<String>),
    /// It lets people join with an address of a domain that contains this.
    AllowedDomainContains(String),
    /// It claims one of these domains.
    ClaimedDomains(Vec<String>),
    /// It has an active SSO connection, or has none.
    HasActiveSso(bool),
    /// It has this SSO connection.
    Connection(ConnectionId),
}

/// The first organizations of a project that this filter fits.
pub fn first_matching(
    tx: &mut Transaction<'_>,
    (project, filter): (&ProjectId, OrganizationFilter),
    most: i64,
) -> Result<Vec<Organization>, StorageError> {
    tx.across_organizations(Crossing::Search)?;
    let conditions = Conditions {
        operator: Operator::And,
        filters: vec![filter],
    };
    page(tx, (project, &conditions), (None, most))
}

/// The organizations after this one.
pub fn page(
    tx: &mut Transaction<'_>,
    (project, conditions): (&ProjectId, &Conditions<OrganizationFilter>),
    (after, limit): (Option<OrganizationId>, i64),
) -> Result<Vec<Organization>, StorageError> {
    let mut sql = PlainSql::planned(tx, "SELECT organizations.* FROM organizations WHERE ");
    matching(&mut sql, project, conditions);
    if let Some(after) = after {
        sql.sql(" AND organizations.id > ").text(after.key());
    }
    sql.sql(" ORDER BY organizations.id LIMIT ").number(limit);
    let rows = sql.load::<OrganizationRow>(tx)?;
    rows.into_iter().map(Organization::try_from).collect()
}

/// How many there are in all.
pub fn count(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    conditions: &Conditions<OrganizationFilter>,
) -> Result<i64, StorageError> {
    let mut sql = PlainSql::planned(tx, "SELECT count(*) AS total FROM organizations WHERE ");
    matching(&mut sql, project, conditions);
    let counts = sql.load::<Count>(tx)?;
    Ok(counts.first().map_or(0, |count| count.total))
}

fn matching(sql: &mut PlainSql, project: &ProjectId, conditions: &Conditions<OrganizationFilter>) {
    sql.sql("organizations.project_id = ")
        .text(project.as_str());
    conditions.write(sql, |sql, filter| narrow(sql, project, filter));
}

fn narrow(sql: &mut PlainSql, project: &ProjectId, filter: &OrganizationFilter) {
    match filter {
        OrganizationFilter::Ids(ids) => {
            let keys = ids.iter().map(OrganizationId::key);
            sql.sql("organizations.id").one_of(keys);
        }
        OrganizationFilter::Slugs(slugs) => {
            sql.sql("organizations.slug").one_of(slugs.iter().cloned());
        }
        OrganizationFilter::NameContains(part) => ORGANIZATION_NAME.contains(sql, part),
        OrganizationFilter::SlugContains(part) => ORGANIZATION_SLUG.contains(sql, part),
        OrganizationFilter::MemberEmails(_) | OrganizationFilter::MemberEmailContains(_) => {
            with_member(sql, filter);
        }
        OrganizationFilter::AllowedDomains(domains) => {
            sql.sql("(1 = 0");
            for domain in domains {
                sql.sql(" OR ");
                ALLOWED_DOMAINS.contains_word(sql, &domain.to_lowercase());
            }
            sql.sql(")");
        }
        OrganizationFilter::AllowedDomainContains(part) => {
            // The domains are indexed as one text, whose punctuation is no part of them.
            if part.contains(['"', ',', '[', ']', ' ', '\\']) {
                sql.sql("1 = 0");
            } else {
                ALLOWED_DOMAINS.contains(sql, part);
            }
        }
        OrganizationFilter::ClaimedDomains(domains) => {
            sql.sql(
                "organizations.id IN (SELECT organization_id FROM claimed_domains \
                 WHERE project_id = ",
            );
            sql.text(project.as_str()).sql(" AND domain");
            sql.one_of(domains.iter().map(|domain| domain.to_lowercase()))
                .sql(")");
        }
        OrganizationFilter::HasActiveSso(wanted) => {
            sql.sql(if *wanted { "" } else { "NOT " }).sql(
                "EXISTS (SELECT 1 FROM connections \
                 WHERE connections.organization_id = organizations.id \
                 AND connections.kind <> 'scim' AND connections.status = 'active')",
            );
        }
        OrganizationFilter::Connection(id) => {
            sql.sql("organizations.id IN (SELECT organization_id FROM connections WHERE id = ");
            sql.text(id.key()).sql(" AND kind = ").text(id.kind.name());
            sql.sql(" AND kind <> 'scim' AND status <> 'deleted')");
        }
    }
}

fn with_member(sql: &mut PlainSql, filter: &OrganizationFilter) {
    sql.sql(
        "organizations.id IN (SELECT members.organization_id FROM members \
         WHERE members.status <> 'deleted' AND ",
    );
    match filter {
        OrganizationFilter::MemberEmailContains(part) => MEMBER_EMAIL.contains(sql, part),
        OrganizationFilter::MemberEmails(emails) => {
            let folded = emails.iter().map(|email| email::folded(email));
            sql.sql("members.email").one_of(folded);
        }
        _ => {}
    }
    sql.sql(")");
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Nullable<Text>)]
    external_id: Option<String>,
    #[diesel(sql_type = Text)]
    slug: String,
}

/// The organizations that these names stand for, in their order: ids, external ids or slugs, as
/// elsewhere. `None` stands for a name that nothing has.
pub fn resolve(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    names: &[String],
) -> Result<Vec<Option<OrganizationId>>, StorageError> {
    let is_id = |name: &&String| name.parse::<OrganizationId>().is_ok();
    let (ids, others): (Vec<&String>, Vec<&String>) = names.iter().partition(is_id);
    let keys = ids
        .iter()
        .filter_map(|id| id.parse::<OrganizationId>().ok());
    // PostgreSQL takes no NUL in a text, and no name has one.
    let others = others.into_iter().filter(|name| !name.contains('\0'));
    let others: Vec<String> = others.cloned().collect();
    let known = "SELECT id, external_id, slug FROM organizations WHERE project_id = ";
    let mut sql = PlainSql::planned(tx, known);
    sql.text(project.as_str()).sql(" AND id");
    sql.one_of(keys.map(|id| id.key()));
    if !others.is_empty() {
        for column in [" AND external_id", " AND slug"] {
            sql.sql(" UNION ").sql(known).text(project.as_str());
            sql.sql(column).one_of(others.iter().cloned());
        }
    }
    let rows = sql.load::<Named>(tx)?;
    let mut found = std::collections::HashMap::new();
    for row in &rows {
        found.insert(row.slug.as_str(), &row.id);
    }
    for row in &rows {
        if let Some(external_id) = &row.external_id {
            found.insert(external_id.as_str(), &row.id);
        }
    }
    let by_key: std::collections::HashSet<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    names
        .iter()
        .map(|name| match name.parse::<OrganizationId>() {
            Ok(id) => Ok(by_key.contains(id.key().as_str()).then_some(id)),
            Err(_) => found
                .get(name.as_str())
                .map(|key| OrganizationId::from_key(key).map_err(StorageError::corrupt))
                .transpose(),
        })
        .collect()
}

/// These organizations.
pub fn list(
    tx: &mut Transaction<'_>,
    ids: &[OrganizationId],
) -> Result<Vec<Organization>, StorageError> {
    let rows = organizations::table
        .filter(organizations::id.eq_any(ids.iter().map(OrganizationId::key)))
        .order(organizations::id.asc())
        .load::<OrganizationRow>(tx.connection()?)?;
    rows.into_iter().map(Organization::try_from).collect()
}

/// Those of these organizations whose settings contain a word.
pub fn mentioning(
    tx: &mut Transaction<'_>,
    ids: &[OrganizationId],
    word: &str,
) -> Result<Vec<Organization>, StorageError> {
    let mut sql = PlainSql::planned(tx, "SELECT organizations.* FROM organizations WHERE id");
    sql.one_of(ids.iter().map(OrganizationId::key));
    sql.contains("settings", word);
    let rows = sql.load::<OrganizationRow>(tx)?;
    rows.into_iter().map(Organization::try_from).collect()
}
