//! A member's roles in plain words: which, and where each comes from.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::domain::rbac::MEMBER_ROLE;

/// Names of connections and groups, by their ids.
pub(crate) type Names = BTreeMap<String, String>;

/// One row for each role: its id and the reasons for it.
pub(crate) fn roles(member: &Value, names: &Names) -> Vec<(String, String)> {
    let roles = member.get("roles").and_then(Value::as_array);
    let roles = roles.map(Vec::as_slice).unwrap_or_default();
    roles
        .iter()
        .map(|role| {
            let role_id = field(role, "role_id").to_owned();
            if role_id == MEMBER_ROLE {
                return (role_id, "every member has it".to_owned());
            }
            let sources = role.get("sources").and_then(Value::as_array);
            let sources = sources.map(Vec::as_slice).unwrap_or_default();
            let reasons: Vec<_> = sources.iter().map(|source| reason(source, names)).collect();
            (role_id, reasons.join(", and "))
        })
        .collect()
}

fn reason(source: &Value, names: &Names) -> String {
    let details = source.get("details").unwrap_or(&Value::Null);
    let told = |key: &str| {
        let id = field(details, key);
        names.get(id).map_or(id, String::as_str).to_owned()
    };
    match field(source, "type") {
        "direct_assignment" => "given directly".to_owned(),
        "email_assignment" => format!("the address is at {}", field(details, "email_domain")),
        "sso_connection" => format!("signs in through {}", told("connection_id")),
        "sso_connection_group" => {
            format!(
                "{} says: in the group {}",
                told("connection_id"),
                told("group")
            )
        }
        "scim_connection" => format!("pushed by {}", told("connection_id")),
        "scim_connection_group" => {
            format!(
                "{} says: in the group {}",
                told("connection_id"),
                told("group_id")
            )
        }
        other => other.to_owned(),
    }
}

fn field<'v>(object: &'v Value, key: &str) -> &'v str {
    object.get(key).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_source_is_told_by_the_names_of_what_it_points_to() {
        let names = Names::from([
            ("c-1".to_owned(), "Acme SAML".to_owned()),
            ("g-1".to_owned(), "Engineering".to_owned()),
        ]);
        let source = |kind: &str| {
            json!({ "type": kind, "details": {
                "connection_id": "c-1", "group_id": "g-1", "group": "eng", "email_domain": "acme.test",
            }})
        };
        for (kind, told) in [
            ("email_assignment", "the address is at acme.test"),
            ("sso_connection", "signs in through Acme SAML"),
            ("sso_connection_group", "Acme SAML says: in the group eng"),
            ("scim_connection", "pushed by Acme SAML"),
            (
                "scim_connection_group",
                "Acme SAML says: in the group Engineering",
            ),
        ] {
            assert_eq!(reason(&source(kind), &names), told);
        }
        let member = json!({ "roles": [{ "role_id": "editor", "sources": [
            { "type": "direct_assignment", "details": {} }, source("scim_connection"),
        ]}]});
        let told = "given directly, and pushed by Acme SAML";
        assert_eq!(
            roles(&member, &names),
            [("editor".to_owned(), told.to_owned())]
        );
    }
}
