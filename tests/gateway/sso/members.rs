use serde_json::Value;
use serde_json::json;

use super::Acme;
use super::authenticate;
use super::saml_connection;

/// The code of the page that a person gets instead of coming in.
async fn refusal(acme: &Acme, email: &str) -> (u16, String) {
    let asked = acme.start().await;
    let page = acme
        .post(&acme.response(&asked, email), &asked.relay_state)
        .await;
    (page.status, page.code())
}

fn refused(code: &str) -> (u16, String) {
    (403, code.to_owned())
}

#[actix_web::test]
async fn the_organizations_rules_decide_who_is_created() {
    let acme = Acme::open().await;
    acme.create_member(json!({ "email_address": "ben@acme.test" }))
        .await;
    acme.change(json!({ "sso_jit_provisioning": "NOT_ALLOWED" }))
        .await;
    assert_eq!(
        refusal(&acme, "ana@acme.test").await,
        refused("jit_not_allowed")
    );
    assert_eq!(acme.sign_in("ben@acme.test").await.status, 200);
    let other = saml_connection(&acme.gateway, &acme.organization_id, json!({})).await;
    let only = |connection: &str| {
        json!({
            "sso_jit_provisioning": "RESTRICTED",
            "sso_jit_provisioning_allowed_connections": [connection],
        })
    };
    acme.change(only(&other)).await;
    let code = "connection_not_allowed_for_jit";
    assert_eq!(refusal(&acme, "ana@acme.test").await, refused(code));
    acme.change(only(&acme.connection_id)).await;
    assert_eq!(acme.sign_in("ana@acme.test").await.status, 200);
}

#[actix_web::test]
async fn a_method_that_is_not_allowed_is_refused_but_for_break_glass() {
    let acme = Acme::open().await;
    acme.create_member(json!({ "email_address": "ben@acme.test" }))
        .await;
    acme.create_member(json!({ "email_address": "root@acme.test", "is_breakglass": true }))
        .await;
    acme.change(json!({
        "auth_methods": "RESTRICTED",
        "allowed_auth_methods": ["password"],
        "email_allowed_domains": ["acme.test"],
    }))
    .await;
    assert_eq!(
        refusal(&acme, "ben@acme.test").await,
        refused("method_not_allowed")
    );
    assert_eq!(acme.sign_in("root@acme.test").await.status, 200);
}

#[actix_web::test]
async fn the_rules_are_asked_again_when_the_token_is_redeemed() {
    let acme = Acme::open().await;
    let asked = acme.start().await;
    let draft = acme.response(&asked, "ana@acme.test");
    let page = acme.post(&draft, &asked.relay_state).await;
    acme.change(json!({ "sso_jit_provisioning": "NOT_ALLOWED" }))
        .await;
    let answer = authenticate(&acme.gateway, &page).await;
    assert_eq!(answer.status, 400, "{}", answer.text);
    assert_eq!(acme.journal().await, ["sign_in.refused"]);
    let again = authenticate(&acme.gateway, &page).await;
    assert_eq!(again.body["error_type"], "sso_token_not_found");
}

#[actix_web::test]
async fn a_member_made_by_hand_is_linked_by_its_address_and_activated() {
    let acme = Acme::open().await;
    let pending = json!({ "email_address": "Ana@acme.test", "create_member_as_pending": true });
    let made = acme.create_member(pending).await;
    assert_eq!(made["status"], "pending");
    let answer = acme.sign_in("ana@acme.test").await;
    let member = &answer.body["member"];
    assert_eq!(member["member_id"], made["member_id"]);
    assert_eq!(
        (&member["status"], &member["email_address_verified"]),
        (&json!("active"), &json!(true))
    );
}

#[actix_web::test]
async fn an_address_alone_does_not_open_a_member_that_somebody_else_may_be() {
    let acme = Acme::open().await;
    acme.create_member(json!({ "email_address": "root@acme.test", "is_breakglass": true }))
        .await;
    let taken = refused("email_taken");
    assert_eq!(refusal(&acme, "root@acme.test").await, taken);
    // Another subject of the same connection with the same address is another person.
    assert_eq!(acme.sign_in("ana@acme.test").await.status, 200);
    let other_subject = async || {
        let asked = acme.start().await;
        let mut draft = acme.response(&asked, "ana@acme.test");
        draft.name_id = "another-ana".to_owned();
        let page = acme.post(&draft, &asked.relay_state).await;
        (page.status, page.code())
    };
    assert_eq!(other_subject().await, taken);
    // A second connection may link only within the organization's own domains.
    let other = saml_connection(&acme.gateway, &acme.organization_id, json!({})).await;
    let acme = Acme {
        connection_id: other,
        ..acme
    };
    assert_eq!(refusal(&acme, "ana@acme.test").await, taken);
    acme.change(json!({ "email_allowed_domains": ["acme.test"] }))
        .await;
    let answer = acme.sign_in("ana@acme.test").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let registrations = answer.body["member"]["sso_registrations"]
        .as_array()
        .unwrap();
    assert_eq!(registrations.len(), 2);
    assert_eq!(acme.sign_in("root@acme.test").await.status, 200);
}

/// A sign-in of somebody whom the IdP knows by a user id of its own.
async fn as_user(acme: &Acme, id: &str, email: &str) -> Result<Value, (u16, String)> {
    let asked = acme.start().await;
    let mut draft = acme.response(&asked, email);
    draft.name_id = id.to_owned();
    let page = acme.post(&draft, &asked.relay_state).await;
    if page.status == 302 {
        Ok(authenticate(&acme.gateway, &page).await.body["member"].clone())
    } else {
        Err((page.status, page.code()))
    }
}

#[actix_web::test]
async fn a_person_who_is_renamed_stays_the_same_member() {
    let acme = Acme::open().await;
    let before = as_user(&acme, "17", "ana@acme.test").await.unwrap();
    let after = as_user(&acme, "17", "ana.berg@acme.test").await.unwrap();
    assert_eq!(after["member_id"], before["member_id"]);
    assert_eq!(after["email_address"], "ana.berg@acme.test");
    assert_eq!(
        after["retired_email_addresses"][0]["email_address"],
        "ana@acme.test"
    );
    // Nobody else gets what she gave up, or what she has.
    assert_eq!(
        as_user(&acme, "18", "ana@acme.test").await,
        Err(refused("email_retired"))
    );
    as_user(&acme, "19", "ben@acme.test").await.unwrap();
    let taken = as_user(&acme, "19", "ana.berg@acme.test").await;
    assert_eq!(taken, Err(refused("email_taken")));
    let retired = as_user(&acme, "19", "ana@acme.test").await;
    assert_eq!(retired, Err(refused("email_retired")));
}

#[actix_web::test]
async fn nobody_is_created_in_a_domain_that_another_organization_claims() {
    let acme = Acme::open().await;
    acme.gateway
        .organization(json!({
            "organization_name": "Globex", "claimed_email_domains": ["globex.test"],
        }))
        .await;
    assert_eq!(
        refusal(&acme, "boss@globex.test").await,
        refused("domain_claimed")
    );
    as_user(&acme, "17", "ana@acme.test").await.unwrap();
    let moved = as_user(&acme, "17", "boss@globex.test").await;
    assert_eq!(moved, Err(refused("domain_claimed")));
}

/// A directory of the organization: the path of its users, and its token.
async fn directory(acme: &Acme) -> (String, String) {
    let path = format!("/v1/b2b/scim/{}/connection", acme.organization_id);
    let created = acme
        .gateway
        .post(&path, json!({ "identity_provider": "generic" }))
        .await;
    let connection = &created.body["connection"];
    let id = connection["connection_id"].as_str().unwrap();
    (
        format!("/v1/b2b/scim/{id}/Users"),
        super::text(&connection["bearer_token"]),
    )
}

async fn push(acme: &Acme, (users, token): (&str, &str), email: &str) -> String {
    let user = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": email,
        "active": true,
        "emails": [{ "value": email, "primary": true }],
    });
    let pushed = acme.gateway.scim(("POST", users), token, Some(user)).await;
    assert_eq!(pushed.status, 201, "{}", pushed.text);
    super::text(&pushed.body["id"])
}

#[actix_web::test]
async fn a_person_whom_the_directory_removed_comes_back_through_the_directory_alone() {
    let acme = Acme::open().await;
    let (users, token) = directory(&acme).await;
    let (users, token) = (users.as_str(), token.as_str());
    let ana = push(&acme, (users, token), "ana@acme.test").await;
    let ben = push(&acme, (users, token), "ben@acme.test").await;
    let signed_in = acme.sign_in("ana@acme.test").await;
    assert_eq!(signed_in.status, 200, "{}", signed_in.text);
    let member = &signed_in.body["member"];
    assert!(member["scim_registration"].is_object(), "{member}");
    assert_eq!(
        acme.journal()
            .await
            .iter()
            .filter(|kind| *kind == "member.created")
            .count(),
        2
    );
    for user in [&ana, &ben] {
        let path = format!("{users}/{user}");
        assert_eq!(
            acme.gateway
                .scim(("DELETE", &path), token, None)
                .await
                .status,
            204
        );
    }
    let session = json!({ "session_token": signed_in.body["session_token"] });
    let over = acme
        .gateway
        .post("/v1/b2b/sessions/authenticate", session)
        .await;
    assert_eq!(over.body["error_type"], "session_not_found");
    let removed = refused("removed_by_directory");
    assert_eq!(refusal(&acme, "ana@acme.test").await, removed);
    assert_eq!(refusal(&acme, "ben@acme.test").await, removed);
    push(&acme, (users, token), "ana@acme.test").await;
    let again = acme.sign_in("ana@acme.test").await;
    assert_eq!(again.status, 200, "{}", again.text);
    assert_eq!(again.body["member_id"], signed_in.body["member_id"]);
}

#[actix_web::test]
async fn nobody_whom_the_directory_holds_as_inactive_is_created_by_signing_in() {
    let acme = Acme::open().await;
    let (users, token) = directory(&acme).await;
    let inactive = json!({ "userName": "ana@acme.test", "active": false });
    let pushed = acme
        .gateway
        .scim(("POST", &users), &token, Some(inactive))
        .await;
    assert_eq!(pushed.status, 201, "{}", pushed.text);
    let removed = refused("removed_by_directory");
    assert_eq!(refusal(&acme, "ana@acme.test").await, removed);
    assert_eq!(refusal(&acme, "ANA@acme.test").await, removed);
    assert_eq!(acme.sign_in("ben@acme.test").await.status, 200);
    let path = format!("{users}/{}", super::text(&pushed.body["id"]));
    let active = json!({ "userName": "ana@acme.test", "active": true });
    let put = acme.gateway.scim(("PUT", &path), &token, Some(active));
    assert_eq!(put.await.status, 200);
    assert_eq!(acme.sign_in("ana@acme.test").await.status, 200);
}

#[actix_web::test]
async fn the_directorys_own_people_keep_the_address_that_it_gives_them() {
    let acme = Acme::open().await;
    let (users, token) = directory(&acme).await;
    push(&acme, (&users, &token), "ana@acme.test").await;
    as_user(&acme, "17", "ana@acme.test").await.unwrap();
    let after = as_user(&acme, "17", "ana@login.acme.test").await.unwrap();
    assert_eq!(after["email_address"], "ana@acme.test");
    assert_eq!(after["retired_email_addresses"], json!([]));
}
