//! The API's organization search, as SQL: pages in the order of creation.

use diesel::BoolExpressionMethods;
use diesel::EscapeExpressionMethods;
use diesel::ExpressionMethods;
use diesel::QueryDsl;
use diesel::RunQueryDsl;
use diesel::TextExpressionMethods;
use diesel::dsl::exists;
use diesel::dsl::not;

use crate::domain::connection::ConnectionStatus;
use crate::domain::id::ConnectionId;
use crate::domain::id::OrganizationId;
use crate::domain::organization::Organization;
use crate::domain::project::ProjectId;
use crate::storage::Transaction;
use crate::storage::columns::like_anywhere;
use crate::storage::db_connection::DbConnection;
use crate::storage::error::StorageError;
use crate::storage::organizations::OrganizationRow;
use crate::storage::schema::connections;
use crate::storage::schema::members;
use crate::storage::schema::organizations;

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
    /// It has an active SSO connection, or has none.
    HasActiveSso(bool),
    /// It has this connection.
    Connection(ConnectionId),
}

type Query<'a> = organizations::BoxedQuery<'a, <DbConnection as diesel::Connection>::Backend>;

/// One page and the number of all matches.
pub fn search(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    filters: &[OrganizationFilter],
    (after, limit): (Option<OrganizationId>, i64),
) -> Result<(Vec<Organization>, i64), StorageError> {
    let total = matching(project, filters)
        .count()
        .get_result::<i64>(tx.connection)?;
    let mut page = matching(project, filters)
        .order(organizations::id.asc())
        .limit(limit);
    if let Some(after) = after {
        page = page.filter(organizations::id.gt(after.key()));
    }
    let rows = page.load::<OrganizationRow>(tx.connection)?;
    let found = rows
        .into_iter()
        .map(Organization::try_from)
        .collect::<Result<_, _>>()?;
    Ok((found, total))
}

fn matching<'a>(project: &'a ProjectId, filters: &'a [OrganizationFilter]) -> Query<'a> {
    let all = organizations::table
        .filter(organizations::project_id.eq(project.as_str()))
        .into_boxed();
    filters.iter().fold(all, narrow)
}

fn narrow<'a>(query: Query<'a>, filter: &'a OrganizationFilter) -> Query<'a> {
    match filter {
        OrganizationFilter::Ids(ids) => {
            query.filter(organizations::id.eq_any(ids.iter().map(OrganizationId::key)))
        }
        OrganizationFilter::Slugs(slugs) => query.filter(organizations::slug.eq_any(slugs)),
        OrganizationFilter::NameContains(text) => query.filter(
            organizations::name_folded
                .like(like_anywhere(text))
                .escape('\\'),
        ),
        OrganizationFilter::SlugContains(text) => query.filter(
            diesel::dsl::sql::<diesel::sql_types::Text>("lower(organizations.slug)")
                .like(like_anywhere(text))
                .escape('\\'),
        ),
        OrganizationFilter::MemberEmails(emails) => query.filter(exists(
            members::table
                .filter(members::organization_id.eq(organizations::id))
                .filter(members::email.eq_any(emails.iter().map(|email| email.to_lowercase())))
                .filter(members::status.ne("deleted")),
        )),
        OrganizationFilter::HasActiveSso(wanted) => {
            let active = exists(
                connections::table
                    .filter(connections::organization_id.eq(organizations::id))
                    .filter(connections::kind.ne("scim"))
                    .filter(connections::status.eq(ConnectionStatus::Active.name())),
            );
            if *wanted {
                query.filter(active)
            } else {
                query.filter(not(active))
            }
        }
        OrganizationFilter::Connection(id) => query.filter(exists(
            connections::table
                .filter(connections::organization_id.eq(organizations::id))
                .filter(
                    connections::id
                        .eq(id.key())
                        .and(connections::status.ne("deleted")),
                ),
        )),
    }
}
