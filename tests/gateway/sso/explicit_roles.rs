use serde_json::Value;
use serde_json::json;

use super::Acme;
use super::roles;
use super::saml_connection;
use super::text;

/// Whether the session of an answer still counts.
async fn counts(acme: &Acme, token: &str) -> bool {
    let path = "/v1/b2b/sessions/authenticate";
    let answer = acme.gateway.post(path, json!({ "session_token": token }));
    answer.await.status == 200
}

/// A member that has `editor` by hand and through its connection, and `auditor` by hand alone: its
/// id, the token of a session through the connection, and of one that holds no factor of it.
async fn ana(acme: &Acme) -> (String, String, String) {
    let answer = acme.sign_in("ana@acme.test").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let member = text(&answer.body["member_id"]);
    let explicit = json!({ "roles": ["editor", "auditor"] });
    let updated = update(acme, &member, explicit).await;
    let editor = (
        "editor".to_owned(),
        vec!["direct_assignment".to_owned(), "sso_connection".to_owned()],
    );
    assert!(roles(&updated).contains(&editor), "{updated}");
    let other = acme
        .gateway
        .session_of(&acme.organization_id, &member)
        .await;
    (member, text(&answer.body["session_token"]), other)
}

async fn update(acme: &Acme, member: &str, body: Value) -> Value {
    let path = format!(
        "/v1/b2b/organizations/{}/members/{member}",
        acme.organization_id
    );
    let answer = acme.gateway.put(&path, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body["member"].clone()
}

fn editor_for_all() -> Value {
    json!({ "saml_connection_implicit_role_assignments": [{ "role_id": "editor" }] })
}

#[actix_web::test]
async fn losing_a_role_that_the_connection_gives_too_ends_the_sessions_through_it() {
    let acme = Acme::with(json!({}), editor_for_all()).await;
    let (member, through, other) = ana(&acme).await;
    let after = update(&acme, &member, json!({ "roles": ["auditor"] })).await;
    let editor = ("editor".to_owned(), vec!["sso_connection".to_owned()]);
    assert!(
        roles(&after).contains(&editor),
        "the connection still gives it"
    );
    assert!(!counts(&acme, &through).await && counts(&acme, &other).await);
    let journal = acme.journal().await;
    assert_eq!(
        journal[journal.len() - 2..],
        ["member.updated", "sessions.revoked"]
    );
}

#[actix_web::test]
async fn sessions_stay_when_they_are_to_be_preserved_or_nothing_is_lost() {
    let acme = Acme::with(json!({}), editor_for_all()).await;
    let (member, through, other) = ana(&acme).await;
    for body in [
        json!({ "name": "Ann" }),
        json!({ "roles": ["viewer", "editor"] }),
        json!({ "roles": ["editor"], "preserve_existing_sessions": false }),
        json!({ "roles": [], "preserve_existing_sessions": true }),
        json!({ "roles": [] }),
    ] {
        update(&acme, &member, body.clone()).await;
        let both = (counts(&acme, &through).await, counts(&acme, &other).await);
        assert_eq!(both, (true, true), "{body}");
    }
}

#[actix_web::test]
async fn a_role_through_a_group_counts_like_one_through_the_connection() {
    let by_group = json!({
        "attribute_mapping": { "email": "email", "full_name": "name", "groups": "groups" },
        "saml_group_implicit_role_assignments": [{ "role_id": "viewer", "group": "readers" }],
    });
    let acme = Acme::with(json!({}), by_group).await;
    let asked = acme.start().await;
    let mut draft = acme.response(&asked, "ana@acme.test");
    draft
        .attributes
        .push(("groups".to_owned(), vec!["readers".to_owned()]));
    let answer = acme.finish(&draft, &asked).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let (member, through) = (
        text(&answer.body["member_id"]),
        text(&answer.body["session_token"]),
    );
    update(&acme, &member, json!({ "roles": ["viewer", "owner"] })).await;
    update(&acme, &member, json!({ "roles": ["viewer"] })).await;
    assert!(counts(&acme, &through).await, "no connection gives owner");
    update(&acme, &member, json!({ "roles": [] })).await;
    assert!(!counts(&acme, &through).await);
}

#[actix_web::test]
async fn another_connection_that_gives_nothing_keeps_its_sessions() {
    let acme = Acme::with(
        json!({ "email_allowed_domains": ["acme.test"] }),
        editor_for_all(),
    )
    .await;
    let (member, through, _) = ana(&acme).await;
    let other = saml_connection(&acme.gateway, &acme.organization_id, json!({})).await;
    let acme = Acme {
        connection_id: other,
        ..acme
    };
    let elsewhere = acme.sign_in("ana@acme.test").await;
    assert_eq!(elsewhere.body["member_id"], *member, "{}", elsewhere.text);
    let elsewhere = text(&elsewhere.body["session_token"]);
    update(&acme, &member, json!({ "roles": [] })).await;
    assert!(!counts(&acme, &through).await && counts(&acme, &elsewhere).await);
}
