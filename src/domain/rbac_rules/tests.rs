use serde_json::Value;
use serde_json::json;

use super::*;

fn declaration(change: impl Fn(&mut Value)) -> PolicyDeclaration {
    let mut policy = json!({
        "resources": [{ "resource_id": "documents", "actions": ["read", "write"] }],
        "roles": [
            { "role_id": "editor", "permissions": [{ "resource_id": "documents", "actions": ["*"] }] },
            { "role_id": "stytch_member",
              "permissions": [{ "resource_id": "documents", "actions": ["read"] }] },
        ],
        "scopes": [
            { "scope": "read:documents",
              "permissions": [{ "resource_id": "documents", "actions": ["read"] }] },
        ],
    });
    change(&mut policy);
    serde_json::from_value(policy).unwrap()
}

fn role(role_id: &str, resource: &str, actions: &[&str]) -> Value {
    json!({ "role_id": role_id,
            "permissions": [{ "resource_id": resource, "actions": actions }] })
}

fn org_policy(roles: &Value) -> OrgPolicy {
    serde_json::from_value(json!({ "roles": roles })).unwrap()
}

#[test]
fn a_project_adds_to_what_is_reserved() {
    let declared = declaration(|_| {});
    assert_eq!(declared.refusals(), []);
    let policy = Policy::with(&declared);
    let ids: Vec<_> = policy.roles.iter().map(|it| it.role_id.as_str()).collect();
    assert_eq!(ids, ["stytch_member", "stytch_admin", "editor"]);
    let member = policy.roles.first().unwrap();
    let on: Vec<_> = member
        .permissions
        .iter()
        .map(|it| it.resource_id.as_str())
        .collect();
    assert_eq!(on, ["stytch.self", "documents"]);
    assert_eq!(policy.scopes.len(), 1);
}

#[test]
fn what_a_project_may_not_declare() {
    use PolicyRefusal as E;
    let text = |it: &str| it.to_owned();
    let long = "x".repeat(129);
    let permission = "/roles/0/permissions/0";
    let cases: Vec<(&str, Value, Vec<PolicyRefusal>)> = vec![
        (
            "/resources/0/actions",
            json!(["read", "read"]),
            vec![E::Duplicate(
                Part::Action,
                text("read"),
                text("resource documents"),
            )],
        ),
        (
            "/resources/0/actions",
            json!([]),
            vec![
                E::MissingActions(text("resource documents"), text("documents")),
                E::UnknownAction(text("role stytch_member"), text("documents"), text("read")),
                E::UnknownAction(
                    text("scope read:documents"),
                    text("documents"),
                    text("read"),
                ),
            ],
        ),
        (
            "/resources/0/actions",
            json!(["read", "*"]),
            vec![E::WildcardAmongOthers(text("resource documents"))],
        ),
        (
            "/resources/0/actions",
            json!(["read", ""]),
            vec![E::Empty(Part::Action, text("resource documents"))],
        ),
        (
            "/resources/0/actions",
            json!(["read", long]),
            vec![E::TooLong(Part::Action, long.clone())],
        ),
        (
            "/resources/0/description",
            json!("x".repeat(1025)),
            vec![E::DescriptionTooLong(text("resource documents"))],
        ),
        (
            "/roles/0/role_id",
            json!("a b"),
            vec![E::InvalidRoleId(text("a b"))],
        ),
        (
            "/roles/0/role_id",
            json!(long),
            vec![E::TooLong(Part::Role, long.clone())],
        ),
        (
            "/roles/0/role_id",
            json!("stytch_member"),
            vec![E::Duplicate(
                Part::Role,
                text("stytch_member"),
                text("the policy"),
            )],
        ),
        (
            "/roles/0/role_id",
            json!("stytch_other"),
            vec![E::ReservedRole(text("stytch_other"))],
        ),
        (
            "/roles/0/permissions",
            json!([]),
            vec![E::MissingPermissions(text("role editor"))],
        ),
        (
            "/roles/0/permissions",
            json!([{ "resource_id": "documents", "actions": ["read"] },
                                        { "resource_id": "documents", "actions": ["write"] }]),
            vec![E::Duplicate(
                Part::Resource,
                text("documents"),
                text("role editor"),
            )],
        ),
        (
            permission,
            json!({ "resource_id": "documents", "actions": [] }),
            vec![E::MissingActions(text("role editor"), text("documents"))],
        ),
        (
            permission,
            json!({ "resource_id": "documents", "actions": ["shred"] }),
            vec![E::UnknownAction(
                text("role editor"),
                text("documents"),
                text("shred"),
            )],
        ),
        (
            permission,
            json!({ "resource_id": "papers", "actions": ["read"] }),
            vec![E::UnknownResource(text("role editor"), text("papers"))],
        ),
        (
            permission,
            json!({ "resource_id": "documents", "actions": ["read", "*"] }),
            vec![E::WildcardAmongOthers(text("role editor"))],
        ),
        (
            permission,
            json!({ "resource_id": "stytch.sso", "actions": ["get"] }),
            vec![],
        ),
        (
            "/roles/1/description",
            json!("mine"),
            vec![E::ReservedRole(text("stytch_member"))],
        ),
        (
            "/roles/1/permissions/0",
            json!({ "resource_id": "stytch.sso", "actions": ["get"] }),
            vec![E::ReservedRole(text("stytch_member"))],
        ),
        (
            "/scopes/0/scope",
            json!(""),
            vec![E::Empty(Part::Scope, text("the policy"))],
        ),
        (
            "/scopes/0/scope",
            json!(long),
            vec![E::TooLong(Part::Scope, long.clone())],
        ),
    ];
    for (place, value, expected) in cases {
        let declared = declaration(|policy| {
            let (parent, key) = place.rsplit_once('/').unwrap();
            match policy.pointer_mut(parent).unwrap() {
                Value::Array(items) => items[key.parse::<usize>().unwrap()] = value.clone(),
                fields => fields[key] = value.clone(),
            }
        });
        let found = declared.refusals();
        assert_eq!(found, expected, "{place}: {value}");
        for refusal in found {
            assert!(refusal.to_string().len() > 20, "{refusal:?}");
        }
    }
    let reserved = declaration(|policy| {
        policy["resources"] = json!([{ "resource_id": "stytch.self", "actions": ["a"] },
                                     { "resource_id": "documents", "actions": ["read"] },
                                     { "resource_id": "documents", "actions": ["read"] }]);
    });
    assert_eq!(
        reserved.refusals(),
        [
            E::Duplicate(Part::Resource, text("documents"), text("the policy")),
            E::ReservedResource(text("stytch.self")),
        ]
    );
}

#[test]
fn an_organization_adds_roles_and_nothing_else() {
    use PolicyRefusal as E;
    let project = Policy::with(&declaration(|_| {}));
    let refusals = |roles: Value| org_policy(&roles).refusals(&project);
    assert_eq!(refusals(json!([])), []);
    assert_eq!(
        refusals(json!([role("auditor", "documents", &["read"])])),
        []
    );
    assert_eq!(
        refusals(json!([role("sso-admin", "stytch.sso", &["*"])])),
        []
    );
    let taken = json!([role("editor", "documents", &["read"])]);
    assert_eq!(refusals(taken), [E::RoleOfProject("editor".into())]);
    let reserved = json!([role("stytch_admin", "documents", &["read"])]);
    assert_eq!(refusals(reserved), [E::ReservedRole("stytch_admin".into())]);
    let twice = json!([
        role("a", "documents", &["read"]),
        role("a", "documents", &["write"])
    ]);
    let expected = E::Duplicate(Part::Role, "a".into(), "the policy".into());
    assert_eq!(refusals(twice), [expected]);
    let roles = |count: usize| {
        let roles = (0..count).map(|number| role(&format!("r{number}"), "documents", &["read"]));
        Value::from(roles.collect::<Vec<_>>())
    };
    assert_eq!(refusals(roles(100)), []);
    assert_eq!(refusals(roles(101)), [E::TooManyRoles(101)]);
}
