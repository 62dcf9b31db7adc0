//! What Okta and Microsoft Entra ID send by SCIM, each in its own way (RFC 7644, and its neighbours).

use serde_json::Value;
use serde_json::json;
use url::form_urlencoded::byte_serialize;

use crate::demo::company::Dialect;
use crate::demo::people::DemoPerson;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const ENTRA_GROUP: &str =
    "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// How somebody is looked for before they are created.
pub(crate) fn find(resources: &str, attribute: &str, value: &str) -> String {
    let filter = format!("{attribute} eq {}", Value::String(value.to_owned()));
    let filter: String = byte_serialize(filter.as_bytes()).collect();
    format!("/{resources}?filter={filter}&startIndex=1&count=100")
}

/// Somebody new. Okta makes up a password and names no groups; Entra announces an extension.
pub(crate) fn user(dialect: Dialect, person: &DemoPerson) -> Value {
    let mut user = json!({
        "schemas": [USER],
        "externalId": person.id,
        "userName": person.email,
        "name": { "givenName": person.given_name, "familyName": person.family_name },
        "displayName": person.full_name(),
        "emails": [{ "primary": true, "value": person.email, "type": "work" }],
        "active": true,
    });
    let more = match dialect {
        Dialect::Okta => json!({ "locale": "en-US", "groups": [], "password": "1mz050nq" }),
        Dialect::Entra => json!({
            "schemas": [USER, ENTERPRISE],
            "meta": { "resourceType": "User" },
            "roles": [],
            ENTERPRISE: { "department": person.department },
        }),
    };
    if let (Some(user), Value::Object(more)) = (user.as_object_mut(), more) {
        user.extend(more);
    }
    user
}

/// A new group, still empty. Entra names a schema that no RFC knows.
pub(crate) fn group(dialect: Dialect, name: &str) -> Value {
    match dialect {
        Dialect::Okta => json!({ "schemas": [GROUP], "displayName": name, "members": [] }),
        Dialect::Entra => json!({
            "schemas": [GROUP, ENTRA_GROUP],
            "externalId": dialect.group_in_sign_ins(name),
            "displayName": name,
            "meta": { "resourceType": "Group" },
        }),
    }
}

/// These users become members of a group.
pub(crate) fn add_members(dialect: Dialect, ids: &[String]) -> Value {
    let op = match dialect {
        Dialect::Okta => "add",
        Dialect::Entra => "Add",
    };
    let member = |id: &String| match dialect {
        Dialect::Okta => json!({ "value": id }),
        Dialect::Entra => json!({ "$ref": null, "value": id }),
    };
    let members: Vec<Value> = ids.iter().map(member).collect();
    json!({
        "schemas": [PATCH],
        "Operations": [{ "op": op, "path": "members", "value": members }],
    })
}

/// Somebody leaves or comes back. Entra writes the boolean as a word.
pub(crate) fn set_active(dialect: Dialect, active: bool) -> Value {
    let operation = match dialect {
        Dialect::Okta => json!({ "op": "replace", "value": { "active": active } }),
        Dialect::Entra => {
            let word = if active { "True" } else { "False" };
            json!({ "op": "Replace", "path": "active", "value": word })
        }
    };
    json!({ "schemas": [PATCH], "Operations": [operation] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::company::COMPANIES;

    #[test]
    fn each_has_its_own_way() {
        let [okta, entra] = [Dialect::Okta, Dialect::Entra];
        assert_eq!(
            set_active(okta, false)["Operations"][0]["value"]["active"],
            false
        );
        assert_eq!(set_active(entra, false)["Operations"][0]["value"], "False");
        assert_eq!(
            add_members(entra, &["u".to_owned()])["Operations"][0]["op"],
            "Add"
        );
        assert!(group(entra, "Sales").get("members").is_none());
        let ana = COMPANIES[0].people().remove(0);
        assert_eq!(user(okta, &ana)["groups"], json!([]));
        assert_eq!(user(entra, &ana)["schemas"][1], ENTERPRISE);
        assert_eq!(user(entra, &ana)[ENTERPRISE]["department"], "Engineering");
    }

    #[test]
    fn a_filter_holds_any_name() {
        let path = find("Groups", "displayName", "a\"b&c=d + e");
        assert_eq!(
            path,
            "/Groups?filter=displayName+eq+%22a%5C%22b%26c%3Dd+%2B+e%22&startIndex=1&count=100"
        );
    }
}
