//! The API's member search, as SQL: pages in the order of creation.

use diesel::EscapeExpressionMethods;
use diesel::ExpressionMethods;
use diesel::QueryDsl;
use diesel::RunQueryDsl;
use diesel::TextExpressionMethods;

use crate::domain::id::MemberId;
use crate::domain::id::OrganizationId;
use crate::domain::member::Member;
use crate::domain::member::MemberStatus;
use crate::storage::Transaction;
use crate::storage::columns::like_anywhere;
use crate::storage::db_connection::DbConnection;
use crate::storage::error::StorageError;
use crate::storage::members::MemberRow;
use crate::storage::schema::members;

/// One condition of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MemberFilter {
    /// One of these ids.
    Ids(Vec<MemberId>),
    /// One of these addresses.
    Emails(Vec<String>),
    /// The address contains this, whatever its case.
    EmailContains(String),
    /// One of these states.
    Statuses(Vec<MemberStatus>),
    /// Whether it is a break-glass member.
    BreakGlass(bool),
}

type Query<'a> = members::BoxedQuery<'a, <DbConnection as diesel::Connection>::Backend>;

/// One page of these organizations' members and the number of all matches.
pub fn search(
    tx: &mut Transaction<'_>,
    organizations: &[OrganizationId],
    filters: &[MemberFilter],
    (after, limit): (Option<MemberId>, i64),
) -> Result<(Vec<Member>, i64), StorageError> {
    let total = matching(organizations, filters)
        .count()
        .get_result::<i64>(tx.connection)?;
    let mut page = matching(organizations, filters)
        .order(members::id.asc())
        .limit(limit);
    if let Some(after) = after {
        page = page.filter(members::id.gt(after.key()));
    }
    let rows = page.load::<MemberRow>(tx.connection)?;
    let found = rows
        .into_iter()
        .map(Member::try_from)
        .collect::<Result<_, _>>()?;
    Ok((found, total))
}

/// Deleted members are found only when their state is asked for.
fn matching<'a>(organizations: &'a [OrganizationId], filters: &'a [MemberFilter]) -> Query<'a> {
    let mut query = members::table
        .filter(members::organization_id.eq_any(organizations.iter().map(OrganizationId::key)))
        .into_boxed();
    if !filters
        .iter()
        .any(|filter| matches!(filter, MemberFilter::Statuses(_)))
    {
        query = query.filter(members::status.ne(MemberStatus::Deleted.name()));
    }
    filters.iter().fold(query, narrow)
}

fn narrow<'a>(query: Query<'a>, filter: &'a MemberFilter) -> Query<'a> {
    match filter {
        MemberFilter::Ids(ids) => query.filter(members::id.eq_any(ids.iter().map(MemberId::key))),
        MemberFilter::Emails(emails) => {
            query.filter(members::email.eq_any(emails.iter().map(|email| email.to_lowercase())))
        }
        MemberFilter::EmailContains(text) => {
            query.filter(members::email.like(like_anywhere(text)).escape('\\'))
        }
        MemberFilter::Statuses(statuses) => {
            query.filter(members::status.eq_any(statuses.iter().map(|status| status.name())))
        }
        MemberFilter::BreakGlass(wanted) => query.filter(members::is_breakglass.eq(*wanted)),
    }
}
