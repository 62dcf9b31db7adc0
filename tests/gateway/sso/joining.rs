//! Who may join and as whom: the order of checks (contract 4.1), and an IdP that speaks for people
//! who are not its own.

use serde_json::Value;
use serde_json::json;

use super::oidc_flow::Hooli;
use super::oidc_flow::connect;
use super::text;
use crate::support::Answer;
use crate::support::oidc_stub::OidcStub;
use crate::support::raw_sql::RawSql;

const ADDRESS: &str = "x@globex.test";

async fn directory(hooli: &Hooli) -> (String, String) {
    let path = format!("/v1/b2b/scim/{}/connection", hooli.organization_id);
    let made = hooli.gateway.post(&path, json!({})).await;
    let connection = &made.body["connection"];
    let users = format!("/v1/b2b/scim/{}/Users", text(&connection["connection_id"]));
    (users, text(&connection["bearer_token"]))
}

async fn claim(hooli: &Hooli, organization: &str, domains: Value) {
    let path = format!("/v1/b2b/organizations/{organization}");
    let body = json!({ "claimed_email_domains": domains });
    let answer = hooli.gateway.put(&path, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

async fn organization(hooli: &Hooli, name: &str) -> String {
    let body = json!({ "organization_name": name });
    text(&hooli.gateway.organization(body).await["organization_id"])
}

#[actix_web::test]
async fn each_check_wins_over_all_that_come_after_it() {
    let hooli = Hooli::open().await;
    let gateway = &hooli.gateway;
    // Somebody had the address and gave it up.
    hooli
        .provider
        .says(json!({ "sub": "first", "email": ADDRESS }));
    let first = hooli.sign_in().await;
    let member = text(&first.body["member_id"]);
    hooli
        .provider
        .says(json!({ "sub": "first", "email": "first@hooli.test" }));
    assert_eq!(hooli.sign_in().await.status, 200);
    // Everything speaks against whoever comes with it now.
    let globex = organization(&hooli, "Globex").await;
    claim(&hooli, &globex, json!(["globex.test"])).await;
    let (users, token) = directory(&hooli).await;
    let inactive = json!({ "userName": ADDRESS, "active": false });
    let pushed = gateway.scim(("POST", &users), &token, Some(inactive)).await;
    assert_eq!(pushed.status, 201, "{}", pushed.text);
    let user = format!("{users}/{}", text(&pushed.body["id"]));
    let passwords = json!({ "auth_methods": "RESTRICTED", "allowed_auth_methods": ["password"] });
    hooli.change_organization(passwords).await;
    let closed = json!({ "sso_jit_provisioning": "NOT_ALLOWED" });
    hooli.change_organization(closed).await;
    hooli
        .provider
        .says(json!({ "sub": "second", "email": ADDRESS, "nonce": "another" }));
    // One after the other is mended, and the next one shows.
    assert_eq!(hooli.check().await, "nonce_mismatch");
    hooli
        .provider
        .says(json!({ "sub": "second", "email": ADDRESS }));
    assert_eq!(hooli.check().await, "email_retired");
    let path = format!(
        "/v1/b2b/organizations/{}/members/{member}/unlink_retired_email",
        hooli.organization_id
    );
    let unlinked = gateway
        .post(&path, json!({ "email_address": ADDRESS }))
        .await;
    assert_eq!(unlinked.status, 200, "{}", unlinked.text);
    assert_eq!(hooli.check().await, "jit_not_allowed");
    let issuer = hooli.provider.issuer();
    let other = connect(gateway, &hooli.organization_id, &issuer, json!({})).await;
    hooli
        .change_organization(json!({
            "sso_jit_provisioning": "RESTRICTED",
            "sso_jit_provisioning_allowed_connections": [other],
        }))
        .await;
    assert_eq!(hooli.check().await, "connection_not_allowed_for_jit");
    let open = json!({ "sso_jit_provisioning": "ALL_ALLOWED" });
    hooli.change_organization(open).await;
    assert_eq!(hooli.check().await, "domain_claimed");
    claim(&hooli, &globex, json!([])).await;
    assert_eq!(hooli.check().await, "removed_by_directory");
    let gone = gateway.scim(("DELETE", &user), &token, None).await;
    assert_eq!(gone.status, 204);
    assert_eq!(hooli.check().await, "method_not_allowed");
    hooli
        .change_organization(json!({ "auth_methods": "ALL_ALLOWED" }))
        .await;
    assert_eq!(hooli.check().await, "");
}

#[actix_web::test]
async fn a_member_who_is_gone_is_refused_before_the_method_is_asked() {
    let hooli = Hooli::open().await;
    let signed_in = hooli.sign_in().await;
    let path = format!(
        "/v1/b2b/organizations/{}/members/{}",
        hooli.organization_id,
        text(&signed_in.body["member_id"])
    );
    assert_eq!(hooli.gateway.call("DELETE", &path, None).await.status, 200);
    let passwords = json!({ "auth_methods": "RESTRICTED", "allowed_auth_methods": ["password"] });
    hooli.change_organization(passwords).await;
    assert_eq!(hooli.check().await, "member_deleted");
}

async fn members(hooli: &Hooli, organization: &str) -> Value {
    let body = json!({ "organization_ids": [organization] });
    let path = "/v1/b2b/organizations/members/search";
    hooli.gateway.post(path, body).await.body["members"].clone()
}

#[actix_web::test]
async fn a_hostile_provider_gets_at_nobody_of_another_organization() {
    let hooli = Hooli::open().await;
    let gateway = &hooli.gateway;
    let victim = organization(&hooli, "Victim").await;
    let create = async |organization: &str, email: &str| -> Answer {
        let path = format!("/v1/b2b/organizations/{organization}/members");
        let made = gateway.post(&path, json!({ "email_address": email })).await;
        assert_eq!(made.status, 200, "{}", made.text);
        made
    };
    create(&victim, "boss@victim.test").await;
    let before = members(&hooli, &victim).await;
    // The address of somebody else's member makes a person of one's own.
    hooli
        .provider
        .says(json!({ "sub": "boss", "email": "boss@victim.test" }));
    let own = hooli.sign_in().await;
    assert_eq!(own.body["organization_id"], hooli.organization_id.as_str());
    // Once the domain is claimed, not even that: not a new one, not by a new address, not by
    // taking over somebody who was invited.
    create(&hooli.organization_id, "guest@victim.test").await;
    claim(&hooli, &victim, json!(["victim.test"])).await;
    for (sub, email) in [
        ("new", "new@victim.test"),
        ("boss", "other@victim.test"),
        ("guest", "guest@victim.test"),
    ] {
        hooli.provider.says(json!({ "sub": sub, "email": email }));
        assert_eq!(hooli.check().await, "domain_claimed", "{email}");
    }
    // The same subject at another provider is another person.
    let theirs = OidcStub::start();
    let own_idp = connect(gateway, &victim, &theirs.issuer(), json!({})).await;
    theirs.says(json!({ "sub": "boss", "email": "boss@victim.test" }));
    let page = hooli.visit_through(&own_idp).await;
    let boss = super::authenticate(gateway, &page).await;
    assert_eq!(
        boss.body["member_id"], before[0]["member_id"],
        "{}",
        boss.text
    );
    assert_ne!(boss.body["member_id"], own.body["member_id"]);
}

#[actix_web::test]
async fn a_trusted_provider_of_others_does_not_speak_for_ones_own_domains() {
    let hooli = Hooli::open().await;
    let gateway = &hooli.gateway;
    let victim = organization(&hooli, "Victim").await;
    let path = format!("/v1/b2b/organizations/{victim}");
    let own = json!({ "email_allowed_domains": ["victim.test"] });
    assert_eq!(gateway.put(&path, own).await.status, 200);
    let body = json!({
        "external_organization_id": hooli.organization_id,
        "external_connection_id": hooli.connection_id,
    });
    let made = gateway
        .post(&format!("/v1/b2b/sso/external/{victim}"), body)
        .await;
    let external = text(&made.body["connection"]["connection_id"]);
    // Nobody has proven either of them yet; one is the victim's own, one a guest.
    for email in ["boss@victim.test", "guest@hooli.test"] {
        let body = json!({ "email_address": email });
        let made = gateway.post(&format!("{path}/members"), body).await;
        assert_eq!(made.status, 200, "{}", made.text);
    }
    hooli
        .provider
        .says(json!({ "sub": "boss", "email": "boss@victim.test" }));
    let page = hooli.visit_through(&external).await;
    assert_eq!(page.code(), "email_taken", "{}", page.text);
    hooli
        .provider
        .says(json!({ "sub": "guest", "email": "guest@hooli.test" }));
    let page = hooli.visit_through(&external).await;
    let guest = super::authenticate(gateway, &page).await;
    assert_eq!(
        guest.body["organization_id"],
        victim.as_str(),
        "{}",
        guest.text
    );
    assert_eq!(members(&hooli, &victim).await.as_array().unwrap().len(), 2);
}

#[actix_web::test]
async fn a_provider_gets_at_no_guest_who_has_proven_the_address_otherwise() {
    let hooli = Hooli::open().await;
    let gateway = &hooli.gateway;
    let victim = organization(&hooli, "Victim").await;
    let body = json!({
        "external_organization_id": hooli.organization_id,
        "external_connection_id": hooli.connection_id,
    });
    let path = format!("/v1/b2b/sso/external/{victim}");
    let made = gateway.post(&path, body).await;
    let external = text(&made.body["connection"]["connection_id"]);
    let boss = json!({ "sub": "boss", "email": "boss@elsewhere.test" });
    for (organization, connection) in [
        (&victim, &external),
        (&hooli.organization_id, &hooli.connection_id),
    ] {
        let members = format!("/v1/b2b/organizations/{organization}/members");
        let body = json!({ "email_address": "boss@elsewhere.test" });
        let made = gateway.post(&members, body).await;
        let member = text(&made.body["member_id"]);
        let id: vestibule::domain::id::MemberId = member.parse().unwrap();
        let mut rows = RawSql::open(gateway.storage.database());
        let verified = |verified: bool| {
            let verified = if verified { "TRUE" } else { "FALSE" };
            format!(
                "UPDATE members SET email_address_verified = {verified} WHERE id = '{}'",
                id.key()
            )
        };
        // As a link in a mail to the address has left it.
        rows.execute(&verified(true));
        hooli.provider.says(boss.clone());
        let page = hooli.visit_through(connection).await;
        assert_eq!(page.code(), "email_taken", "{}", page.text);
        rows.execute(&verified(false));
        let page = hooli.visit_through(connection).await;
        let guest = super::authenticate(gateway, &page).await;
        assert_eq!(guest.body["member_id"], member.as_str(), "{}", guest.text);
    }
}
