//! SCIM resource → row and member.

use serde_json::Map;
use serde_json::Value;

use chrono::DateTime;
use chrono::Utc;

use crate::domain::authentication_settings::AuthenticationSettings;
use crate::domain::email::EmailAddress;
use crate::domain::id::ConnectionId;
use crate::domain::id::ScimGroupId;
use crate::domain::id::ScimResourceId;
use crate::domain::id::ScimUserId;
use crate::domain::member::Member;
use crate::domain::member::MemberStatus;
use crate::domain::member::kept_admin::KeptAdmin;
use crate::domain::member::kept_admin::Withheld;
use crate::protocol::scim::error::ScimError;
use crate::protocol::scim::resource;
use crate::protocol::scim::user_name;
use crate::storage::groups::ScimGroup;
use crate::storage::scim_resources::ScimResource;
use crate::storage::scim_users::ScimUser;
use crate::use_cases::provisioning::limits::check_emails;
use crate::use_cases::provisioning::limits::check_indexed;
use crate::use_cases::provisioning::limits::check_storable;
use crate::use_cases::provisioning::limits::indexed;
use crate::use_cases::provisioning::limits::text;

const MAX_NAME_CHARACTERS: usize = 256;

/// A new User of a connection.
pub(crate) fn new_user(
    connection_id: ConnectionId,
    resource: Map<String, Value>,
    now: DateTime<Utc>,
) -> Result<ScimUser, ScimError> {
    let blank = ScimUser {
        id: ScimUserId::fresh(),
        connection_id,
        user_name: String::new(),
        external_id: None,
        email: None,
        display_name: None,
        active: true,
        member_id: None,
        resource: Map::new(),
        version: 0,
        created_at: now,
        updated_at: now,
    };
    changed_user(&blank, resource, now)
}

/// A User with another resource: one version further.
pub(crate) fn changed_user(
    user: &ScimUser,
    resource: Map<String, Value>,
    now: DateTime<Utc>,
) -> Result<ScimUser, ScimError> {
    check_storable(&resource)?;
    let given = indexed(&resource, "userName")?.unwrap_or_default();
    let user_name = user_name::folded(&given);
    // One character may stand for many.
    check_indexed("userName", &user_name)?;
    check_emails(&resource)?;
    Ok(ScimUser {
        user_name,
        external_id: indexed(&resource, "externalId")?,
        email: address(&resource).map(|address| address.folded()),
        display_name: indexed(&resource, "displayName")?,
        active: resource::is_active(&resource),
        resource,
        version: user.version.saturating_add(1),
        updated_at: now,
        ..user.clone()
    })
}

/// A new Group of a connection.
pub(crate) fn new_group(
    connection_id: ConnectionId,
    resource: Map<String, Value>,
    now: DateTime<Utc>,
) -> Result<ScimGroup, ScimError> {
    let blank = ScimGroup {
        id: ScimGroupId::fresh(),
        connection_id,
        display_name: String::new(),
        external_id: None,
        resource: Map::new(),
        version: 0,
        created_at: now,
        updated_at: now,
    };
    changed_group(&blank, resource, now)
}

/// A Group with another resource or other members: one version further.
pub(crate) fn changed_group(
    group: &ScimGroup,
    resource: Map<String, Value>,
    now: DateTime<Utc>,
) -> Result<ScimGroup, ScimError> {
    check_storable(&resource)?;
    Ok(ScimGroup {
        display_name: indexed(&resource, "displayName")?.unwrap_or_default(),
        external_id: indexed(&resource, "externalId")?,
        resource,
        version: group.version.saturating_add(1),
        updated_at: now,
        ..group.clone()
    })
}

/// A new resource of a type that its connection declares.
pub(crate) fn new_resource(
    (connection_id, resource_type): (ConnectionId, &str),
    resource: Map<String, Value>,
    now: DateTime<Utc>,
) -> Result<ScimResource, ScimError> {
    let blank = ScimResource {
        id: ScimResourceId::fresh(),
        connection_id,
        resource_type: resource_type.to_owned(),
        external_id: None,
        resource: Map::new(),
        version: 0,
        created_at: now,
        updated_at: now,
    };
    changed_resource(&blank, resource, now)
}

/// Such a resource with other attributes: one version further.
pub(crate) fn changed_resource(
    before: &ScimResource,
    resource: Map<String, Value>,
    now: DateTime<Utc>,
) -> Result<ScimResource, ScimError> {
    check_storable(&resource)?;
    Ok(ScimResource {
        external_id: indexed(&resource, "externalId")?,
        resource,
        version: before.version.saturating_add(1),
        updated_at: now,
        ..before.clone()
    })
}

/// The address that makes a User a member; `None` when it names none that could receive mail.
pub(crate) fn address(user: &Map<String, Value>) -> Option<EmailAddress> {
    EmailAddress::parse(resource::email_of(user)?)
}

/// The name to be shown for a User, if it has any.
pub(crate) fn name(user: &Map<String, Value>) -> Option<String> {
    let parts = user.get("name").and_then(Value::as_object);
    let part = |name: &str| parts.and_then(|parts| text(parts, name));
    let full = || {
        let given = [part("givenName"), part("familyName")];
        given.into_iter().flatten().collect::<Vec<_>>().join(" ")
    };
    let chosen = text(user, "displayName").or_else(|| part("formatted"));
    let chosen = chosen.map_or_else(full, str::to_owned);
    let shown: String = chosen
        .chars()
        .filter(|character| !character.is_control())
        .take(MAX_NAME_CHARACTERS)
        .collect();
    (!shown.is_empty()).then_some(shown)
}

/// The member that an active User makes of a member: in, with the User's address and name.
///
/// Without an address or a name of its own the User leaves the member's as they are. An address
/// is proven when the organization vouches for its domain, or when it was proven before. Whom the
/// directory has again, it does not want gone.
pub(crate) fn member_of(
    settings: &AuthenticationSettings,
    member: &Member,
    user: &Map<String, Value>,
) -> Member {
    let given = address(user).filter(|given| *given != member.email_address);
    let proven_before = given.is_none() && member.email_address_verified;
    let address = given.unwrap_or_else(|| member.email_address.clone());
    Member {
        email_address_verified: proven_before || settings.vouches_for(&address),
        email_address: address,
        name: name(user).unwrap_or_else(|| member.name.clone()),
        status: MemberStatus::Active,
        removed_by_directory: false,
        kept_as_admin: member.kept_as_admin.clone().map(|kept| KeptAdmin {
            withheld: Withheld::RoleLoss,
            ..kept
        }),
        ..member.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::ConnectionKind;
    use serde_json::json;

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn the_first_name_that_is_there_is_shown() {
        let long = "x".repeat(300);
        let cases = [
            (json!({}), None),
            (json!({"displayName": " ", "name": {}}), None),
            (
                json!({"displayName": "Ana", "name": {"formatted": "A. B."}}),
                Some("Ana"),
            ),
            (
                json!({"name": {"formatted": "A. B.", "givenName": "Ana"}}),
                Some("A. B."),
            ),
            (
                json!({"name": {"givenName": "Ana", "familyName": "Brkic"}}),
                Some("Ana Brkic"),
            ),
            (json!({"name": {"familyName": "Brkic"}}), Some("Brkic")),
            (json!({"displayName": "A\nna"}), Some("Ana")),
        ];
        for (user, expected) in cases {
            assert_eq!(name(&map(user.clone())).as_deref(), expected, "{user}");
        }
        let shown = name(&map(json!({ "displayName": long }))).unwrap();
        assert_eq!(shown.len(), MAX_NAME_CHARACTERS);
    }

    #[test]
    fn what_no_index_can_hold_is_refused_by_name() {
        let connection = ConnectionId::fresh(ConnectionKind::Scim);
        let cases = [
            (json!({"userName": "x".repeat(513)}), "`userName`"),
            (json!({"userName": "\u{fdfa}".repeat(100)}), "`userName`"),
            (
                json!({"userName": "x", "externalId": "é".repeat(513)}),
                "`externalId`",
            ),
            (
                json!({"userName": "x", "name": {"givenName": "a\u{0}"}}),
                "U+0000",
            ),
        ];
        for (user, named) in cases {
            let refused = new_user(connection, map(user), DateTime::UNIX_EPOCH).unwrap_err();
            assert!(refused.detail().contains(named), "{refused}");
        }
        let longest = map(json!({"userName": "É".repeat(512)}));
        let kept = new_user(connection, longest, DateTime::UNIX_EPOCH).unwrap();
        assert_eq!(kept.user_name, "é".repeat(512));
        assert_eq!(kept.version, 1);
    }
}
