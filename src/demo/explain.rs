//! A member's roles in plain words: which, and where each comes from.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::domain::rbac::MEMBER_ROLE;

/// Names of connections and groups, by their ids.
pub(crate) type Names = BTreeMap<String, String>;

/// That a source gives a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Edge {
    /// What gives it.
    pub(crate) source: String,
    /// By which connection, if by one.
    pub(crate) through: String,
    /// The role.
    pub(crate) role: String,
}

impl Edge {
    /// The edge in words.
    pub(crate) fn sentence(&self) -> String {
        let Self {
            source,
            through,
            role,
        } = self;
        match through.as_str() {
            "" => format!("{source} → role {role}"),
            through => format!("{source} ({through}) → role {role}"),
        }
    }
}

/// Each source of each role that a member has, but of the one that everybody has.
pub(crate) fn edges(member: &Value, names: &Names) -> Vec<Edge> {
    let mut edges = Vec::new();
    for role in list(member, "roles") {
        let role_id = field(role, "role_id");
        if role_id == MEMBER_ROLE {
            continue;
        }
        for source in list(role, "sources") {
            let (source, through) = told(source, names);
            let role = role_id.to_owned();
            edges.push(Edge {
                source,
                through,
                role,
            });
        }
    }
    edges
}

/// One row for each role: its id and the reasons for it.
pub(crate) fn roles(member: &Value, names: &Names) -> Vec<(String, String)> {
    let reasons = |role: &Value| {
        let role_id = field(role, "role_id");
        if role_id == MEMBER_ROLE {
            return "every member has it".to_owned();
        }
        let reasons = list(role, "sources").iter().map(|source| {
            let (source, through) = told(source, names);
            match through.as_str() {
                "" => source,
                through => format!("{source} ({through})"),
            }
        });
        reasons.collect::<Vec<_>>().join(", and ")
    };
    let roles = list(member, "roles").iter();
    roles
        .map(|role| (field(role, "role_id").to_owned(), reasons(role)))
        .collect()
}

/// What gives a role, and through which connection.
fn told(source: &Value, names: &Names) -> (String, String) {
    let details = source.get("details").unwrap_or(&Value::Null);
    let name = |key: &str| {
        let id = field(details, key);
        names.get(id).map_or(id, String::as_str).to_owned()
    };
    let connection = || name("connection_id");
    match field(source, "type") {
        "direct_assignment" => ("given directly".to_owned(), String::new()),
        "email_assignment" => {
            let domain = field(details, "email_domain");
            (format!("address at {domain}"), String::new())
        }
        "sso_connection" => ("signs in".to_owned(), connection()),
        "sso_connection_group" => (format!("group {}", name("group")), connection()),
        "scim_connection" => ("pushed".to_owned(), connection()),
        "scim_connection_group" => (format!("group {}", name("group_id")), connection()),
        other => (other.to_owned(), String::new()),
    }
}

fn list<'v>(object: &'v Value, key: &str) -> &'v [Value] {
    let list = object.get(key).and_then(Value::as_array);
    list.map(Vec::as_slice).unwrap_or_default()
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
        for (kind, gift, through) in [
            ("direct_assignment", "given directly", ""),
            ("email_assignment", "address at acme.test", ""),
            ("sso_connection", "signs in", "Acme SAML"),
            ("sso_connection_group", "group eng", "Acme SAML"),
            ("scim_connection", "pushed", "Acme SAML"),
            ("scim_connection_group", "group Engineering", "Acme SAML"),
            ("new_one", "new_one", ""),
        ] {
            let expected = (gift.to_owned(), through.to_owned());
            assert_eq!(told(&source(kind), &names), expected);
        }
        let member = json!({ "roles": [
            { "role_id": "stytch_member", "sources": [source("direct_assignment")] },
            { "role_id": "editor", "sources": [source("direct_assignment"), source("scim_connection")] },
        ]});
        let expected = [
            ("stytch_member", "every member has it"),
            ("editor", "given directly, and pushed (Acme SAML)"),
        ];
        let expected = expected.map(|(role, why)| (role.to_owned(), why.to_owned()));
        assert_eq!(roles(&member, &names), expected);
        let sentences: Vec<_> = edges(&member, &names).iter().map(Edge::sentence).collect();
        assert_eq!(
            sentences,
            [
                "given directly → role editor",
                "pushed (Acme SAML) → role editor"
            ]
        );
    }

    fn source(kind: &str) -> Value {
        json!({ "type": kind, "details": {
            "connection_id": "c-1", "group_id": "g-1", "group": "eng", "email_domain": "acme.test",
        }})
    }
}
