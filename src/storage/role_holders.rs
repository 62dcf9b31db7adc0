//! Who has a role, as SQL: every source of roles is asked for its members through an index.

use diesel::QueryableByName;
use diesel::sql_types::Text;

use crate::domain::id::ConnectionId;
use crate::domain::id::MemberId;
use crate::domain::id::OrganizationId;
use crate::domain::id::ScimGroupId;
use crate::domain::id::ScimUserId;
use crate::domain::scope::OrgScope;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::plain_sql::Dialect;
use crate::storage::plain_sql::PlainSql;
use crate::storage::search_terms::among_organizations;

/// Everything that gives one of the roles that are asked about.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RoleSources {
    /// Every live member has one of them.
    pub everyone: bool,
    /// The roles themselves, as they may have been given by hand.
    pub explicit: Vec<String>,
    /// An e-mail domain, in one organization.
    pub domains: Vec<(OrganizationId, String)>,
    /// A registration with one of these SSO connections.
    pub sso_connections: Vec<ConnectionId>,
    /// A group that an SSO connection last reported.
    pub sso_groups: Vec<(ConnectionId, String)>,
    /// An active record in the directory of one of these connections.
    pub scim_connections: Vec<ConnectionId>,
    /// An active record in a group of a directory.
    pub scim_groups: Vec<(ConnectionId, ScimGroupId)>,
    /// Organizations whose last administrator a directory cannot take away.
    pub kept_admins: Vec<OrganizationId>,
}

/// One active administrator of an organization whom no directory wants gone: this member, or
/// any other, or any at all.
pub fn find_admin(
    tx: &mut Transaction<'_>,
    organization: OrganizationId,
    sources: &RoleSources,
    among: Candidates,
) -> Result<Option<MemberId>, StorageError> {
    let mut sql = PlainSql::planned(tx, "SELECT members.id FROM members WHERE ");
    sql.sql("members.organization_id = ")
        .text(organization.key());
    match among {
        Candidates::Only(member) => sql.sql(" AND members.id = ").text(member.key()),
        Candidates::AllBut(member) => sql
            .sql(" AND members.kept_as_admin IS NULL AND members.id <> ")
            .text(member.key()),
        Candidates::All => sql.sql(" AND members.kept_as_admin IS NULL"),
    };
    sql.sql(" AND members.status = 'active' AND members.id IN (");
    // As the index of the administrators by hand has it.
    let mentions = match sql.dialect {
        Dialect::Sqlite => "instr",
        Dialect::Postgres => "strpos",
    };
    sql.sql(
        "SELECT source.member_id FROM (\
         SELECT holder.organization_id, holder.id AS member_id FROM members AS holder \
         WHERE holder.organization_id = ",
    );
    sql.text(organization.key()).sql(&format!(
        " AND {mentions}(holder.explicit_roles, '\"stytch_admin\"') > 0"
    ));
    by_domain(&mut sql, &sources.domains);
    by_sso(&mut sql, sources);
    by_scim(&mut sql, sources);
    sql.sql(") AS source) LIMIT 1");
    only(&sql.load::<Found>(tx)?)
}

/// The longest-standing of the active members whom these active Users of a connection are.
pub fn oldest_active(
    tx: &mut Transaction<'_>,
    (scope, connection): (&OrgScope, ConnectionId),
    users: &[ScimUserId],
) -> Result<Option<MemberId>, StorageError> {
    let mut sql = PlainSql::planned(
        tx,
        "SELECT members.id FROM scim_users AS record JOIN members \
         ON members.organization_id = record.organization_id AND members.id = record.member_id \
         WHERE record.active AND members.status = 'active' AND record.organization_id = ",
    );
    sql.text(scope.key()).sql(" AND record.connection_id = ");
    sql.text(connection.key()).sql(" AND record.id");
    sql.one_of(users.iter().map(ScimUserId::key));
    sql.sql(" ORDER BY members.id LIMIT 1");
    only(&sql.load::<Found>(tx)?)
}

fn only(found: &[Found]) -> Result<Option<MemberId>, StorageError> {
    let id = found.first().map(|row| MemberId::from_key(&row.id));
    id.transpose().map_err(StorageError::corrupt)
}

/// Among whom an administrator is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Candidates {
    /// This member alone.
    Only(MemberId),
    /// All but this member.
    AllBut(MemberId),
    /// All.
    All,
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Text)]
    id: String,
}

impl RoleSources {
    /// Whether nothing gives one of them but a hand; only live members have such roles.
    pub(crate) fn is_by_hand(&self) -> bool {
        let by_hand = Self {
            explicit: self.explicit.clone(),
            ..Self::default()
        };
        *self == by_hand
    }
}

/// Writes that a live member has one of the roles.
pub(crate) fn write(sql: &mut PlainSql, sources: &RoleSources, organizations: &[OrganizationId]) {
    sql.sql("(members.status <> 'deleted'");
    if !sources.everyone {
        sql.sql(" AND members.id IN (SELECT holder.member_id FROM ");
        write_holders(sql, sources, organizations);
        sql.sql(")");
    }
    sql.sql(")");
}

/// Writes a table of those who have one of the roles, each once, called `holder`, with the columns
/// `organization_id` and `member_id`. Who was deleted may be among them, if not by hand.
pub(crate) fn write_holders(
    sql: &mut PlainSql,
    sources: &RoleSources,
    organizations: &[OrganizationId],
) {
    // One role by hand is in the order of a search's pages as it stands.
    let is_in_order = sources.is_by_hand() && sources.explicit.len() == 1;
    sql.sql(if is_in_order {
        "(SELECT "
    } else {
        "(SELECT DISTINCT "
    });
    sql.sql("source.organization_id, source.member_id FROM (");
    by_hand(sql, &sources.explicit);
    by_domain(sql, &sources.domains);
    by_sso(sql, sources);
    by_scim(sql, sources);
    by_lack_of_others(sql, &sources.kept_admins);
    sql.sql(") AS source WHERE source.organization_id");
    among_organizations(sql, organizations);
    sql.sql(") AS holder");
}

fn by_hand(sql: &mut PlainSql, roles: &[String]) {
    sql.sql("SELECT organization_id, member_id FROM member_roles WHERE role");
    match roles {
        [role] => sql.sql(" = ").text(role.as_str()),
        roles => sql.one_of(roles.iter().cloned()),
    };
}

fn by_domain(sql: &mut PlainSql, domains: &[(OrganizationId, String)]) {
    if domains.is_empty() {
        return;
    }
    let pairs = domains
        .iter()
        .map(|(organization, domain)| (organization.key(), domain.to_lowercase()));
    sql.sql(" UNION ALL SELECT holder.organization_id, holder.id FROM ")
        .pairs(pairs.collect());
    sql.sql(
        " JOIN members AS holder ON holder.organization_id = pair.a \
         AND holder.email LIKE '%@' || pair.b",
    );
}

fn by_sso(sql: &mut PlainSql, sources: &RoleSources) {
    let of_connection = "registration.organization_id = connections.organization_id \
                         AND registration.connection_id = connections.id";
    if !sources.sso_connections.is_empty() {
        sql.sql(&format!(
            " UNION ALL SELECT registration.organization_id, registration.member_id FROM connections \
             JOIN sso_registrations AS registration ON {of_connection} WHERE connections.id"
        ));
        sql.one_of(sources.sso_connections.iter().map(ConnectionId::key));
    }
    if !sources.sso_groups.is_empty() {
        let groups = match sql.dialect {
            Dialect::Sqlite => "json_each(registration.\"groups\")",
            Dialect::Postgres => {
                "jsonb_array_elements_text(CAST(registration.\"groups\" AS jsonb))"
            }
        };
        sql.sql(" UNION ALL SELECT registration.organization_id, registration.member_id FROM ")
            .pairs(keyed(&sources.sso_groups, Clone::clone));
        sql.sql(&format!(
            " JOIN connections ON connections.id = pair.a \
             JOIN sso_registrations AS registration ON {of_connection} WHERE EXISTS \
             (SELECT 1 FROM {groups} AS reported WHERE reported.value = pair.b)"
        ));
    }
}

fn by_scim(sql: &mut PlainSql, sources: &RoleSources) {
    let holder = " UNION ALL SELECT record.organization_id, record.member_id FROM ";
    let counts = "record.active AND record.member_id IS NOT NULL";
    if !sources.scim_connections.is_empty() {
        sql.sql(holder).sql(&format!(
            "connections JOIN scim_users AS record \
             ON record.organization_id = connections.organization_id \
             AND record.connection_id = connections.id WHERE {counts} AND connections.id"
        ));
        sql.one_of(sources.scim_connections.iter().map(ConnectionId::key));
    }
    if !sources.scim_groups.is_empty() {
        sql.sql(holder)
            .pairs(keyed(&sources.scim_groups, ScimGroupId::key));
        sql.sql(&format!(
            " JOIN connections ON connections.id = pair.a \
             JOIN scim_group_members AS place \
             ON place.organization_id = connections.organization_id \
             AND place.group_id = pair.b \
             JOIN scim_users AS record ON record.organization_id = place.organization_id \
             AND record.id = place.user_id AND record.connection_id = connections.id WHERE {counts}"
        ));
    }
}

fn by_lack_of_others(sql: &mut PlainSql, organizations: &[OrganizationId]) {
    if !organizations.is_empty() {
        sql.sql(
            " UNION ALL SELECT kept.organization_id, kept.id FROM members AS kept \
             WHERE kept.kept_as_admin IS NOT NULL AND kept.organization_id",
        );
        sql.one_of(organizations.iter().map(OrganizationId::key));
    }
}

fn keyed<G>(pairs: &[(ConnectionId, G)], key: impl Fn(&G) -> String) -> Vec<(String, String)> {
    let keys = pairs.iter();
    keys.map(|(connection, group)| (connection.key(), key(group)))
        .collect()
}
