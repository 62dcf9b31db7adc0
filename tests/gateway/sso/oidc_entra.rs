//! A fake Entra: one tenant, people known by `oid`, addresses that anybody may write.

use serde_json::Value;
use serde_json::json;

use super::events;
use super::oidc_flow::Hooli;
use crate::support::oidc_stub::OidcStub;

const TENANT: &str = "7f0c3a2e-1b5d-4c6f-8a9b-0c1d2e3f4a5b";
const OTHER: &str = "8f0c3a2e-1b5d-4c6f-8a9b-0c1d2e3f4a5b";

async fn open() -> Hooli {
    let provider = OidcStub::at(&format!("/{TENANT}/v2.0"));
    let entra = json!({ "identity_provider": "microsoft-entra" });
    let hooli = Hooli::with(provider, json!({}), entra).await;
    says(&hooli, json!({}));
    let userinfo = json!({ "sub": "pairwise" });
    hooli
        .provider
        .conduct(|conduct| conduct.userinfo = userinfo);
    hooli
}

/// What a token of this tenant says, with more claims over it.
fn says(hooli: &Hooli, more: Value) {
    let mut claims = json!({
        "sub": "pairwise", "tid": TENANT, "oid": "object-1", "email": "ana@hooli.test",
        "email_verified": null,
    });
    super::merge(&mut claims, more);
    hooli.provider.says(claims);
}

#[actix_web::test]
async fn people_of_entra_are_known_by_their_object_id_in_the_pinned_tenant() {
    let hooli = open().await;
    let first = hooli.sign_in().await;
    let registration = &first.body["member"]["sso_registrations"][0];
    assert_eq!(registration["external_id"], "object-1", "{}", first.text);
    assert_eq!(first.body["member"]["email_address_verified"], false);
    // The same person through another pairwise `sub` and with another address.
    says(
        &hooli,
        json!({ "sub": "pairwise-2", "email": "ana.berg@hooli.test" }),
    );
    let again = hooli.sign_in().await;
    assert_eq!(again.body["member_id"], first.body["member_id"]);
    assert_eq!(again.body["member"]["email_address"], "ana@hooli.test");
    for (claims, check) in [
        (json!({ "tid": OTHER }), "tenant"),
        (json!({ "tid": null }), "tenant"),
        (json!({ "oid": null }), "object_id_missing"),
    ] {
        says(&hooli, claims.clone());
        assert_eq!(hooli.check().await, check, "{claims}");
    }
}

#[actix_web::test]
async fn an_address_that_a_stranger_wrote_into_another_tenant_opens_nobody() {
    let hooli = open().await;
    let path = format!("/v1/b2b/organizations/{}/members", hooli.organization_id);
    let boss = json!({ "email_address": "boss@hooli.test" });
    assert_eq!(hooli.gateway.post(&path, boss).await.status, 200);
    hooli
        .change_organization(json!({ "email_allowed_domains": ["hooli.test"] }))
        .await;
    let boss = json!({ "oid": "mallory", "email": "boss@hooli.test" });
    says(&hooli, boss.clone());
    assert_eq!(hooli.check().await, "email_taken");
    let mut other = boss.clone();
    super::merge(&mut other, json!({ "tid": OTHER, "xms_edov": true }));
    says(&hooli, other);
    assert_eq!(hooli.check().await, "tenant");
    // What the tenant itself owns, it vouches for.
    let mut owned = boss;
    super::merge(&mut owned, json!({ "xms_edov": "1" }));
    says(&hooli, owned);
    let answer = hooli.sign_in().await;
    assert_eq!(
        answer.body["member"]["email_address"], "boss@hooli.test",
        "{}",
        answer.text
    );
}

#[actix_web::test]
async fn an_issuer_for_several_tenants_is_refused_with_what_to_do() {
    let hooli = open().await;
    for issuer in [
        "https://login.microsoftonline.com/common/v2.0",
        "https://login.microsoftonline.com/organizations/v2.0",
        "https://login.microsoftonline.com/hooli.onmicrosoft.com/v2.0",
    ] {
        let answer = hooli.change(json!({ "issuer": issuer })).await;
        let error = &answer.body["error_type"];
        assert_eq!(
            (answer.status, error),
            (400, &json!("oidc_connection_issuer_for_several_tenants"))
        );
        let message = answer.body["error_message"].as_str().unwrap();
        assert!(message.contains("/<tenant id>/v2.0"), "{message}");
    }
}

#[actix_web::test]
async fn groups_that_entra_leaves_out_are_told_and_journaled_where_they_give_roles() {
    let hooli = open().await;
    let overage = json!({
        "_claim_names": { "groups": "src1" },
        "_claim_sources": { "src1": { "endpoint": "https://graph.test/" } },
    });
    says(&hooli, overage);
    assert_eq!(hooli.check().await, "", "no role rests on them");
    let rules = json!({
        "group_implicit_role_assignments": [{ "role_id": "editor", "group": "engineering" }],
    });
    assert_eq!(hooli.change(rules).await.status, 200);
    let page = hooli.visit().await;
    assert_eq!(page.shown("Check"), "groups_left_out");
    assert!(
        page.text.contains("groups assigned to the application"),
        "{}",
        page.text
    );
    let journal = events(&hooli.gateway, &hooli.organization_id).await;
    let last = journal.last().unwrap();
    assert_eq!(last.kind, "sign_in.refused");
    assert_eq!(last.after.as_ref().unwrap()["check"], "groups_left_out");
    says(&hooli, json!({ "groups": ["engineering"] }));
    let answer = hooli.sign_in().await;
    assert_eq!(
        answer.body["member_session"]["roles"],
        json!(["editor", "stytch_member"])
    );
}
