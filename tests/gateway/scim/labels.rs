//! What a client may write anywhere: ids and roles in its attributes are labels and nothing more.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::Value;
use serde_json::json;

use super::directory::Directory;
use super::directory::text;
use crate::support::ROLES;
use crate::support::TestGateway;

fn some<S: Strategy>(runner: &mut TestRunner, strategy: &S) -> S::Value {
    strategy.new_tree(runner).unwrap().current()
}

#[actix_web::test]
async fn an_id_in_external_id_is_never_read_as_an_id() {
    let gateway = TestGateway::start().await;
    let (ours, theirs) = (
        Directory::start(&gateway).await,
        Directory::start(&gateway).await,
    );
    let mut known = vec!["1".to_owned(), "0".to_owned(), ours.connection_id.clone()];
    for directory in [&ours, &theirs] {
        let user = directory.user("ana@acme.test").await;
        let member = directory.member("ana@acme.test").await;
        known.push(directory.group("Staff", &[&user]).await);
        known.extend([text(&member["member_id"]), user]);
        known.push(directory.organization_id.clone());
    }
    let bare = known
        .iter()
        .filter_map(|id| id.get(id.len().checked_sub(36)?..));
    let bare: Vec<String> = bare.map(str::to_owned).collect();
    known.extend(bare);
    let before = (
        ours.member("ana@acme.test").await,
        theirs.member("ana@acme.test").await,
    );
    let group = ours.group("Empty", &[]).await;
    let of_ours: Vec<String> = vec![
        text(&before.0["scim_registration"]["registration_id"]),
        known[3].clone(),
    ];
    let any = prop_oneof![
        4 => prop::sample::select(known),
        1 => "[0-9]{1,6}",
        1 => "(member|scim-user|scim-group)-test-[0-9a-f-]{36}",
    ];
    let mut runner = TestRunner::deterministic();
    for number in 0..60 {
        let id = some(&mut runner, &any);
        let body = json!({
            "userName": format!("user{number}@acme.test"),
            "externalId": id,
            "id": id,
        });
        let made = ours.post("/Users", body).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let own = text(&made.body["id"]);
        assert_ne!(own, id);
        if !of_ours.contains(&id) {
            for path in [format!("/Users/{id}"), format!("/Groups/{id}")] {
                assert_eq!(ours.get(&path).await.status, 404, "{path}");
                assert_eq!(ours.delete(&path).await.status, 404, "{path}");
            }
            let put = json!({ "displayName": "Empty", "members": [{ "value": id }] });
            let refused = ours.put(&format!("/Groups/{group}"), put).await;
            assert_eq!(refused.status, 400, "{id}: {}", refused.text);
        }
        assert_eq!(ours.delete(&format!("/Users/{own}")).await.status, 204);
    }
    let after = (
        ours.member("ana@acme.test").await,
        theirs.member("ana@acme.test").await,
    );
    assert_eq!(after, before);
}

/// Something that a client may send as a role, in any of the places where it could.
fn claim() -> impl Strategy<Value = Value> {
    let names = ["stytch_admin", "stytch_member", "owner", "super_admin"];
    let name = prop::sample::select(names.into_iter().chain(ROLES).collect::<Vec<_>>());
    (name, 0..6_usize).prop_map(|(name, place)| {
        let listed = json!([{ "value": name, "primary": true, "type": name, "display": name }]);
        match place {
            0 => json!({ "roles": listed }),
            1 => json!({ "entitlements": listed }),
            2 => json!({ "groups": listed }),
            3 => json!({ "userType": name, "title": name }),
            4 => json!({ "role": name, "is_admin": true, "explicit_roles": [name] }),
            _ => json!({ "displayName": name, "externalId": name }),
        }
    })
}

#[actix_web::test]
async fn no_attribute_gives_a_role() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let user = directory.user("ana@acme.test").await;
    let mapped = directory.group("Mapped", &[]).await;
    directory.give_role("viewer", &mapped).await;
    let member = text(&directory.member("ana@acme.test").await["member_id"]);
    let path = format!(
        "/v1/b2b/organizations/{}/members/{member}",
        directory.organization_id
    );
    let given = gateway.put(&path, json!({ "roles": ["editor"] })).await;
    assert_eq!(given.status, 200, "{}", given.text);
    let mut runner = TestRunner::deterministic();
    let mut is_in = false;
    for _ in 0..60 {
        let claim = some(&mut runner, &claim());
        let path = format!("/Users/{user}");
        let answer = match some(&mut runner, &(0..4)) {
            0 => {
                let mut body = claim.clone();
                body["userName"] = json!("ana@acme.test");
                directory.put(&path, body).await
            }
            1 => {
                let add = json!([{ "op": "add", "value": claim }]);
                directory.patch(&path, add).await
            }
            2 => {
                let replace = json!([{ "op": "replace", "value": claim }]);
                directory.patch(&path, replace).await
            }
            _ => {
                is_in = !is_in;
                let op = if is_in { "add" } else { "remove" };
                let members =
                    json!([{ "op": op, "path": "members", "value": [{ "value": user }] }]);
                directory.patch(&format!("/Groups/{mapped}"), members).await
            }
        };
        assert!(
            [200, 400].contains(&answer.status),
            "{claim}: {}",
            answer.text
        );
        let mut allowed = vec!["editor", "stytch_member"];
        if is_in {
            allowed.push("viewer");
        }
        assert_eq!(directory.roles("ana@acme.test").await, allowed, "{claim}");
    }
}
