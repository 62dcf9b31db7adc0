//! The addresses of SCIM Users, as filters compare them: one row each.

use diesel::ExpressionMethods;
use diesel::QueryDsl;
use serde_json::Value;

use crate::domain::id::ScimUserId;
use crate::domain::scope::OrgScope;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::schema::scim_user_emails;
use crate::storage::scim_users::ScimUser;

/// Writes the addresses of a User that has none here yet.
pub fn insert(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    user: &ScimUser,
) -> Result<(), StorageError> {
    let emails = user.resource.get("emails").and_then(Value::as_array);
    for (position, email) in (0_i32..).zip(emails.into_iter().flatten()) {
        let folded = |part: &str| {
            let text = email.get(part).and_then(Value::as_str);
            text.map(str::to_lowercase)
        };
        let row = (
            scim_user_emails::organization_id.eq(scope.key()),
            scim_user_emails::user_id.eq(user.id.key()),
            scim_user_emails::position.eq(position),
            scim_user_emails::connection_id.eq(user.connection_id.key()),
            scim_user_emails::value.eq(folded("value")),
            scim_user_emails::kind.eq(folded("type")),
            scim_user_emails::is_primary.eq(email.get("primary").and_then(Value::as_bool)),
        );
        let row = diesel::insert_into(scim_user_emails::table).values(row);
        tx.add("scim_user_emails", row)?;
    }
    Ok(())
}

/// Forgets the addresses of a User.
pub fn delete_all_of(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    user: ScimUserId,
) -> Result<(), StorageError> {
    let theirs = scim_user_emails::table
        .filter(scim_user_emails::organization_id.eq(scope.key()))
        .filter(scim_user_emails::user_id.eq(user.key()));
    tx.change("scim_user_emails", diesel::delete(theirs))
}
