use serde_json::Value;
use serde_json::json;

use crate::journeys::bag::bag;
use crate::journeys::bag::link;
use crate::journeys::bag::text;
use crate::journeys::bag::told;
use crate::journeys::oauth::House;
use crate::support::TestGateway;

const EXCHANGE: &str = "/v1/b2b/sessions/exchange";

async fn organization(gateway: &TestGateway, slug: &str, mfa: &str, methods: &[&str]) -> String {
    let mut body =
        json!({ "organization_name": slug, "organization_slug": slug, "mfa_policy": mfa });
    if !methods.is_empty() {
        body["auth_methods"] = json!("RESTRICTED");
        body["allowed_auth_methods"] = json!(methods);
    }
    text(&gateway.organization(body).await, "/organization_id")
}

async fn member(gateway: &TestGateway, organization: &str, address: &str) -> String {
    let path = format!("/v1/b2b/organizations/{organization}/members");
    let answer = gateway
        .post(&path, json!({ "email_address": address }))
        .await;
    text(&answer.body, "/member_id")
}

/// The token of a session that a magic link opened.
async fn session(gateway: &TestGateway, organization: &str, address: &str) -> String {
    let token = bag(gateway, address, vec![link(gateway, address)]).await;
    let path = "/v1/b2b/discovery/intermediate_sessions/exchange";
    let body = json!({ "intermediate_session_token": token, "organization_id": organization });
    let answer = gateway.post(path, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    text(&answer.body, "/session_token")
}

#[actix_web::test]
async fn a_session_opens_another_organization_with_what_a_mail_proved() {
    let gateway = TestGateway::start().await;
    let acme = organization(&gateway, "acme", "OPTIONAL", &[]).await;
    let globex = organization(&gateway, "globex", "OPTIONAL", &[]).await;
    let strict = organization(&gateway, "strict", "OPTIONAL", &["sso"]).await;
    let careful = organization(&gateway, "careful", "REQUIRED_FOR_ALL", &[]).await;
    let foreign = organization(&gateway, "foreign", "OPTIONAL", &[]).await;
    for place in [&acme, &globex, &strict, &careful] {
        member(&gateway, place, "ana@acme.test").await;
    }
    member(&gateway, &foreign, "ben@acme.test").await;
    let token = session(&gateway, &acme, "ana@acme.test").await;
    let exchange = async |place: &str| {
        let body = json!({ "session_token": token, "organization_id": place });
        gateway.post(EXCHANGE, body).await
    };

    let answer = exchange("globex").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.body["member_authenticated"], true);
    assert_eq!(answer.body["organization_id"], *globex);
    let session = &answer.body["member_session"];
    assert_eq!(session["authentication_factors"][0]["type"], "magic_link");
    assert_ne!(answer.body["session_token"], *token);
    let first = json!({ "session_token": token });
    let still = gateway.post("/v1/b2b/sessions/authenticate", first).await;
    assert_eq!(still.body["member_session"]["organization_id"], *acme);

    let answer = exchange(&strict).await;
    assert_eq!(answer.body["member_authenticated"], false);
    assert_eq!(
        answer.body["primary_required"],
        json!({ "allowed_auth_methods": ["sso"] })
    );
    let answer = exchange(&careful).await;
    assert_eq!(answer.body["member_authenticated"], false);
    assert!(!answer.body["mfa_required"].is_null());
    let intermediate = text(&answer.body, "/intermediate_session_token");
    let path = "/v1/b2b/discovery/intermediate_sessions/exchange";
    let body = json!({ "intermediate_session_token": intermediate, "organization_id": globex });
    let turned = gateway.post(path, body).await;
    assert_eq!(turned.body["member_authenticated"], true, "{}", turned.text);

    assert_eq!(told(&exchange(&foreign).await), (404, "member_not_found"));
    assert_eq!(
        told(&exchange("nowhere").await),
        (404, "organization_not_found")
    );
}

#[actix_web::test]
async fn what_only_one_organization_has_a_say_in_opens_no_other() {
    let gateway = TestGateway::start().await;
    let acme = organization(&gateway, "acme", "OPTIONAL", &[]).await;
    let globex = organization(&gateway, "globex", "OPTIONAL", &[]).await;
    let ana = member(&gateway, &acme, "ana@acme.test").await;
    member(&gateway, &globex, "ana@acme.test").await;
    // It holds no factor that travels.
    let token = gateway.session_of(&acme, &ana).await;
    let body = json!({ "session_token": token, "organization_id": globex });
    let answer = gateway.post(EXCHANGE, body).await;
    assert_eq!(
        told(&answer),
        (400, "insufficient_factors_for_session_exchange")
    );
    let listed = gateway
        .post(
            "/v1/b2b/discovery/organizations",
            json!({ "session_token": token }),
        )
        .await;
    let found = listed.body["discovered_organizations"].as_array().unwrap();
    let slugs: Vec<&Value> = found
        .iter()
        .map(|found| &found["organization"]["organization_slug"])
        .collect();
    assert_eq!(slugs, ["acme"]);
}

#[actix_web::test]
async fn an_invitation_is_accepted_by_an_exchange_and_nobody_joins_by_a_domain() {
    let gateway = TestGateway::start().await;
    let acme = organization(&gateway, "acme", "OPTIONAL", &[]).await;
    member(&gateway, &acme, "ana@acme.test").await;
    let inviting = organization(&gateway, "inviting", "OPTIONAL", &[]).await;
    let open = json!({ "email_invites": "ALL_ALLOWED" });
    let path = format!("/v1/b2b/organizations/{inviting}");
    assert_eq!(gateway.put(&path, open).await.status, 200);
    let invite = json!({ "organization_id": inviting, "email_address": "ana@acme.test" });
    let invited = gateway.post("/v1/b2b/magic_links/email/invite", invite);
    assert_eq!(invited.await.status, 200);
    // Where her domain may join, and where it may not: an exchange is no way to join either.
    let jit = organization(&gateway, "jit", "OPTIONAL", &[]).await;
    let joinable = json!({ "email_jit_provisioning": "RESTRICTED",
        "email_allowed_domains": ["acme.test"] });
    let path = format!("/v1/b2b/organizations/{jit}");
    assert_eq!(gateway.put(&path, joinable).await.status, 200);
    member(&gateway, &jit, "ben@acme.test").await;
    session(&gateway, &jit, "ben@acme.test").await;
    let closed = organization(&gateway, "closed", "OPTIONAL", &[]).await;
    let token = session(&gateway, &acme, "ana@acme.test").await;
    let shown = json!({ "session_token": token });
    let shown = gateway.post("/v1/b2b/sessions/authenticate", shown).await;
    let jwt = text(&shown.body, "/session_jwt");
    for (place, expected) in [
        (&acme, Ok("active")),
        (&inviting, Ok("active")),
        (&jit, Err((404, "member_not_found"))),
        (&closed, Err((404, "member_not_found"))),
    ] {
        for named in [
            json!({ "session_token": token }),
            json!({ "session_jwt": jwt }),
        ] {
            let mut body = named;
            body["organization_id"] = json!(place);
            let answer = gateway.post(EXCHANGE, body).await;
            match expected {
                Ok(status) => {
                    assert_eq!(answer.body["member"]["status"], status, "{}", answer.text);
                    assert_eq!(answer.body["organization_id"], **place);
                    assert_ne!(answer.body["session_token"], *token, "the first one stays");
                }
                Err(refused) => assert_eq!(told(&answer), refused, "{place}"),
            }
        }
    }
    let both = json!({ "session_token": token, "session_jwt": jwt, "organization_id": acme });
    let both = gateway.post(EXCHANGE, both).await;
    assert_eq!(told(&both), (400, "too_many_session_arguments"));
}

#[actix_web::test]
async fn what_google_proved_opens_another_organization_too() {
    let house = House::open().await;
    let (acme, globex) = (
        house.organization("acme", json!({})).await,
        house.organization("globex", json!({})).await,
    );
    for place in [&acme, &globex] {
        house
            .member(place, json!({ "email_address": "ana@acme.test" }))
            .await;
    }
    let entered = house.sign_in("google", &acme).await;
    let token = text(&entered.body, "/session_token");
    let body = json!({ "session_token": token, "organization_id": globex });
    let answer = house.gateway.post(EXCHANGE, body).await;
    assert_eq!(answer.body["member_authenticated"], true, "{}", answer.text);
    assert_eq!(answer.body["organization_id"], *globex);
    let factor = &answer.body["member_session"]["authentication_factors"][0];
    assert_eq!(factor["type"], "oauth");
    assert_eq!(factor["delivery_method"], "oauth_google");
}
