//! What the journal says about how things became what they are, as far as roles go.

use crate::domain::event::Event;
use crate::domain::id::ScimGroupId;
use crate::domain::id::ScimUserId;
use crate::domain::scope::OrgScope;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::journal::EventRow;
use crate::storage::plain_sql::Dialect;
use crate::storage::plain_sql::PlainSql;

/// How many changes are read at most. Only those count that could give or take a role.
const MOST: i64 = 5_000;

/// What of organizations, connections, members, registrations and directory records gives roles.
const DECISIVE: [&[&str]; 9] = [
    &["settings", "rbac_email_implicit_role_assignments"],
    &["settings", "implicit_roles"],
    &["status"],
    &["email_address"],
    &["explicit_roles"],
    &["kept_as_admin"],
    &["member_id"],
    &["groups"],
    &["memberId"],
];

const KINDS: &str = "'organization.created', 'organization.updated', 'connection.created', \
     'connection.updated', 'member.created', 'member.updated', 'member.deleted', \
     'member.locked', 'member.unlocked', 'last_admin.kept', 'last_admin.released', \
     'sso_registration.created', 'sso_registration.updated', 'scim_user.created', \
     'scim_user.updated'";

/// The changes of these things in which something that gives roles became another, newest first.
pub fn of_objects(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    objects: Vec<String>,
) -> Result<Vec<Event>, StorageError> {
    let mut sql = PlainSql::planned(
        tx,
        "SELECT organization_id, id, occurred_at, kind, object_id, actor, actor_id, request_id, \
         before_change, after_change FROM journal WHERE organization_id = ",
    );
    sql.text(scope.key()).sql(" AND object_id").one_of(objects);
    sql.sql(&format!(
        " AND kind IN ({KINDS}) AND (before_change IS NULL OR {}) ORDER BY id DESC LIMIT ",
        became_another(sql.dialect)
    ));
    sql.number(MOST);
    read(sql, tx)
}

fn became_another(dialect: Dialect) -> String {
    let differs = |path: &[&str]| {
        let of = |column: &str| part(dialect, column, path);
        format!(
            "{} IS DISTINCT FROM {}",
            of("before_change"),
            of("after_change")
        )
    };
    let active = differs(&["active"]);
    let others = DECISIVE.iter().map(|path| differs(path));
    others.fold(active, |all, one| format!("{all} OR {one}"))
}

/// A part of a JSON text, as text. Nothing in it is decoded: not every JSON text is one that
/// PostgreSQL can decode.
fn part(dialect: Dialect, column: &str, path: &[&str]) -> String {
    match dialect {
        Dialect::Sqlite => format!("({column} -> '$.{}')", path.join(".")),
        Dialect::Postgres => format!("({column}::json #> '{{{}}}')::text", path.join(",")),
    }
}

/// For each of these groups the event that put a User into it last, newest first, without what
/// the group was before and after: that may be of any length.
pub fn of_memberships(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    (user, groups): (ScimUserId, &[ScimGroupId]),
) -> Result<Vec<Event>, StorageError> {
    let mut sql = PlainSql::planned(
        tx,
        "SELECT organization_id, id, occurred_at, kind, object_id, actor, actor_id, request_id, \
         CAST(NULL AS TEXT) AS before_change, CAST(NULL AS TEXT) AS after_change \
         FROM journal WHERE organization_id = ",
    );
    let groups: Vec<String> = groups.iter().map(ToString::to_string).collect();
    sql.text(scope.key())
        .sql(" AND id IN (SELECT max(id) FROM journal WHERE organization_id = ");
    sql.text(scope.key()).sql(" AND object_id").one_of(groups);
    sql.sql(" AND kind IN ('scim_group.created', 'scim_group.updated')");
    sql.contains("after_change", &user.to_string());
    sql.sql(match sql.dialect {
        Dialect::Sqlite => {
            " AND EXISTS (SELECT 1 FROM json_each(after_change, '$.membersAdded') WHERE value = "
        }
        Dialect::Postgres => {
            " AND EXISTS (SELECT 1 FROM json_array_elements_text(\
             after_change::json -> 'membersAdded') AS added(value) WHERE value = "
        }
    });
    sql.text(user.to_string());
    sql.sql(") GROUP BY object_id) ORDER BY id DESC");
    read(sql, tx)
}

fn read(sql: PlainSql, tx: &mut Transaction<'_>) -> Result<Vec<Event>, StorageError> {
    let rows = sql.load::<EventRow>(tx)?;
    rows.into_iter().map(Event::try_from).collect()
}
