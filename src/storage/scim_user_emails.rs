//! The addresses of SCIM Users, as filters compare them: one row each.

use diesel::ExpressionMethods;
use diesel::QueryDsl;
use diesel::prelude::Insertable;
use serde_json::Value;

use crate::domain::id::ScimUserId;
use crate::domain::scope::OrgScope;
use crate::storage::Transaction;
use crate::storage::added_rows::row_of;
use crate::storage::error::StorageError;
use crate::storage::schema::scim_user_emails;
use crate::storage::scim_users::ScimUser;

#[derive(Insertable)]
#[diesel(table_name = scim_user_emails, treat_none_as_default_value = false)]
struct EmailRow {
    organization_id: String,
    user_id: String,
    position: i32,
    connection_id: String,
    value: Option<String>,
    kind: Option<String>,
    is_primary: Option<bool>,
}

row_of!(EmailRow, scim_user_emails);

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
        tx.add_row(EmailRow {
            organization_id: scope.key(),
            user_id: user.id.key(),
            position,
            connection_id: user.connection_id.key(),
            value: folded("value"),
            kind: folded("type"),
            is_primary: email.get("primary").and_then(Value::as_bool),
        })?;
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
