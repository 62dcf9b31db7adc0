//! A search that a role leads: who has it is known in the order of the pages, so that no more members
//! are read than a page shows, and none to count the holders alone.

use crate::domain::id::MemberId;
use crate::storage::member_search::MemberFilter;
use crate::storage::member_search::MemberQuery;
use crate::storage::plain_sql::Dialect;
use crate::storage::plain_sql::PlainSql;
use crate::storage::role_holders;
use crate::storage::role_holders::RoleSources;
use crate::storage::search_terms::Conditions;
use crate::storage::search_terms::Operator;

/// The role of a search, and what else must hold for those who have it.
pub(super) struct LeadingRole<'a> {
    query: &'a MemberQuery<'a>,
    sources: &'a RoleSources,
    others: Conditions<MemberFilter>,
}

impl<'a> LeadingRole<'a> {
    /// The role that leads a search, unless fewer members match something else, or need no role.
    pub(super) fn of(query: &'a MemberQuery<'a>) -> Option<Self> {
        let filters = &query.conditions.filters;
        let sources = filters.iter().find_map(|filter| match filter {
            MemberFilter::HasRole(sources) if !sources.everyone => Some(sources),
            _ => None,
        })?;
        let narrow = filters.iter().filter(|filter| filter.is_narrow()).count();
        let must_hold = query.conditions.operator == Operator::And || filters.len() == 1;
        let others = filters.iter().filter(|filter| !filter.is_narrow());
        (must_hold && narrow == 1).then(|| Self {
            query,
            sources,
            others: Conditions {
                operator: Operator::And,
                filters: others.cloned().collect(),
            },
        })
    }

    /// Writes the tables and conditions by which `holder` is whom the search matches.
    pub(super) fn write_holders(&self, sql: &mut PlainSql) {
        role_holders::write_holders(sql, self.sources, self.query.organizations);
        if self.others.filters.is_empty() && self.sources.is_by_hand() {
            sql.sql(" WHERE 1 = 1");
            return;
        }
        // PostgreSQL would rather join all members with all holders than look some of them up.
        let (before, after) = match sql.dialect {
            Dialect::Sqlite => (" WHERE EXISTS (", ")"),
            Dialect::Postgres => (" CROSS JOIN LATERAL (", " OFFSET 0) AS live WHERE 1 = 1"),
        };
        sql.sql(before).sql(
            "SELECT 1 FROM members WHERE members.organization_id = holder.organization_id \
             AND members.id = holder.member_id AND members.status <> 'deleted'",
        );
        let others = MemberQuery {
            organizations: self.query.organizations,
            conditions: &self.others,
        };
        others.write_conditions(sql);
        sql.sql(after);
    }

    /// Writes what stands for the table `members` in a statement: a page of them, and its order.
    pub(super) fn write_page(&self, sql: &mut PlainSql, (after, limit): (Option<MemberId>, i64)) {
        sql.sql("(SELECT holder.organization_id, holder.member_id FROM ");
        self.write_holders(sql);
        if let Some(member) = after {
            sql.sql(" AND holder.member_id > ").text(member.key());
        }
        sql.sql(" ORDER BY holder.organization_id, holder.member_id LIMIT ");
        sql.number(limit).sql(
            ") AS found CROSS JOIN members WHERE members.organization_id = found.organization_id \
             AND members.id = found.member_id ORDER BY found.organization_id, found.member_id",
        );
    }
}
