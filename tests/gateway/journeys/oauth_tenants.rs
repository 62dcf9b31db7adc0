//! Discovery with OAuth providers, and joining by a tenant there.

use serde_json::Value;
use serde_json::json;

use crate::journeys::bag::text;
use crate::journeys::bag::told;
use crate::journeys::oauth::EXCHANGE;
use crate::journeys::oauth::House;
use crate::support::Answer;

fn letting(tenants: Value) -> Value {
    json!({ "oauth_tenant_jit_provisioning": "RESTRICTED", "allowed_oauth_tenants": tenants })
}

/// What was found: slug and type of membership.
fn shown(answer: &Answer) -> Vec<(String, String)> {
    let found = answer.body["discovered_organizations"].as_array().unwrap();
    let mut shown: Vec<_> = found
        .iter()
        .map(|found| {
            let slug = text(found, "/organization/organization_slug");
            (slug, text(found, "/membership/type"))
        })
        .collect();
    shown.sort();
    shown
}

fn row(slug: &str, membership: &str) -> (String, String) {
    (slug.to_owned(), membership.to_owned())
}

async fn choose(house: &House, found: &Answer, organization: &str) -> Answer {
    let body = json!({
        "intermediate_session_token": found.body["intermediate_session_token"],
        "organization_id": organization,
    });
    house.gateway.post(EXCHANGE, body).await
}

#[actix_web::test]
async fn google_shows_somebody_their_organizations_and_where_they_may_join() {
    let house = House::open().await;
    let acme = house.organization("acme", json!({})).await;
    let ana = house
        .member(&acme, json!({ "email_address": "ana@acme.test" }))
        .await;
    house.organization("other", json!({})).await;
    house.provider.says(json!({ "hd": "acme.test" }));
    let found = house.discover("google").await;
    assert_eq!(shown(&found), [row("acme", "active_member")]);
    assert_eq!(found.body["email_address"], "ana@acme.test");
    assert_eq!(found.body["provider_type"], "Google");
    assert_eq!(found.body["provider_tenant_id"], "acme.test");
    assert_eq!(found.body["provider_tenant_ids"], json!(["acme.test"]));
    assert_eq!(found.body["full_name"], "Ana Anders");
    let entered = choose(&house, &found, &acme).await;
    assert_eq!(
        entered.body["member_authenticated"], true,
        "{}",
        entered.text
    );
    assert_eq!(entered.body["member_id"], *ana);
    let registered = &entered.body["member"]["oauth_registrations"][0];
    assert_eq!(registered["provider_subject"], "ana");
}

#[actix_web::test]
async fn people_of_an_allowed_tenant_join_at_once_or_by_choosing() {
    let house = House::open().await;
    let tenants = json!({ "slack": ["T1"], "hubspot": ["99"], "github": ["1", "2"] });
    let acme = house.organization("acme", letting(tenants.clone())).await;
    let others = json!({ "slack": ["T2"], "github": ["3"] });
    let globex = house.organization("globex", letting(others)).await;
    let closed = json!({ "allowed_oauth_tenants": tenants });
    house.organization("closed", closed).await;
    house.github(7, "gina@acme.test", &[2, 5]);
    house.hubspot(8, "hugo@acme.test", 99);
    house.slack("U9", "sara@acme.test", "T1");
    for (provider, subject, tenants) in [
        ("github", "7", json!(["2", "5"])),
        ("hubspot", "8", json!(["99"])),
        ("slack", "U9.T1", json!(["T1"])),
    ] {
        let found = house.discover(provider).await;
        let expected = [row("acme", "eligible_to_join_by_oauth_tenant")];
        assert_eq!(shown(&found), expected, "{provider}: {}", found.text);
        assert_eq!(found.body["provider_tenant_ids"], tenants);
        let details = &found.body["discovered_organizations"][0]["membership"]["details"];
        assert_eq!(details["provider"], provider);
        assert_eq!(details["tenant"], tenants[0]);
        let refused = choose(&house, &found, &globex).await;
        assert_eq!(
            told(&refused),
            (400, "invalid_oauth_tenant_for_jit_provisioning")
        );
        let joined = choose(&house, &found, &acme).await;
        assert_eq!(joined.status, 200, "{}", joined.text);
        assert_eq!(joined.body["member_authenticated"], true, "{}", joined.text);
        assert_eq!(joined.body["member"]["status"], "active");
        assert_eq!(joined.body["member"]["email_address_verified"], false);
        let registered = &joined.body["member"]["oauth_registrations"][0];
        assert_eq!(registered["provider_subject"], subject);
        let found = house.discover(provider).await;
        assert_eq!(shown(&found), [row("acme", "active_member")], "{provider}");
        let entered = choose(&house, &found, &acme).await;
        assert_eq!(entered.body["member_id"], joined.body["member_id"]);
        assert_eq!(entered.body["member_authenticated"], true);
    }
    // The same without a choice.
    house.slack("U10", "sam@acme.test", "T2");
    let joined = house.sign_in("slack", &globex).await;
    assert_eq!(joined.body["member_authenticated"], true, "{}", joined.text);
    assert_eq!(
        house.refusal("slack", &acme).await,
        "oauth_tenant_not_allowed_for_jit"
    );
    let again = house.sign_in("slack", &globex).await;
    assert_eq!(again.body["member_id"], joined.body["member_id"]);
}

#[actix_web::test]
async fn a_named_address_shows_nobody_s_organizations() {
    let house = House::open().await;
    let acme = house
        .organization("acme", letting(json!({ "github": ["1"] })))
        .await;
    house
        .member(&acme, json!({ "email_address": "ana@acme.test" }))
        .await;
    house.github(7, "ana@acme.test", &[1]);
    let found = house.discover("github").await;
    assert_eq!(shown(&found), []);
    let chosen = choose(&house, &found, &acme).await;
    assert_eq!(chosen.status, 200, "{}", chosen.text);
    assert_eq!(chosen.body["member_authenticated"], false);
    let path = "/v1/b2b/discovery/organizations/create";
    let body = json!({ "intermediate_session_token": found.body["intermediate_session_token"] });
    let refused = house.gateway.post(path, body).await;
    assert_eq!(told(&refused), (400, "email_verification_required"));

    // A tenant that is not let in any more lets nobody in.
    house.github(8, "ben@acme.test", &[1]);
    let found = house.discover("github").await;
    assert_eq!(
        shown(&found),
        [row("acme", "eligible_to_join_by_oauth_tenant")]
    );
    let path = format!("/v1/b2b/organizations/{acme}");
    let shut = letting(json!({ "github": ["2"] }));
    assert_eq!(house.gateway.put(&path, shut).await.status, 200);
    let refused = choose(&house, &found, &acme).await;
    assert_eq!(
        told(&refused),
        (400, "invalid_oauth_tenant_for_jit_provisioning")
    );
    assert_eq!(shown(&house.discover("github").await), []);
}
