use serde_json::Value;
use serde_json::json;

use crate::journeys::bag::bag;
use crate::journeys::bag::link;
use crate::journeys::bag::password;
use crate::journeys::bag::text;
use crate::journeys::bag::told;
use crate::support::TestGateway;

const LIST: &str = "/v1/b2b/discovery/organizations";
const EXCHANGE: &str = "/v1/b2b/discovery/intermediate_sessions/exchange";
const CREATE: &str = "/v1/b2b/discovery/organizations/create";

async fn organization(gateway: &TestGateway, slug: &str, more: Value) -> String {
    let mut body = json!({ "organization_name": slug, "organization_slug": slug });
    let fields = body.as_object_mut().unwrap();
    fields.extend(more.as_object().unwrap().clone());
    text(&gateway.organization(body).await, "/organization_id")
}

async fn member(gateway: &TestGateway, organization: &str, body: Value) -> String {
    let path = format!("/v1/b2b/organizations/{organization}/members");
    let answer = gateway.post(&path, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    text(&answer.body, "/member_id")
}

/// Each organization that is shown: its slug, what the person is to it, and what it asks for.
async fn shown(gateway: &TestGateway, body: Value) -> Vec<(String, String, bool, bool, bool)> {
    let answer = gateway.post(LIST, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let found = answer.body["discovered_organizations"].as_array().unwrap();
    let mut shown: Vec<_> = found
        .iter()
        .map(|found| {
            (
                text(found, "/organization/organization_slug"),
                text(found, "/membership/type"),
                found["member_authenticated"] == json!(true),
                !found["primary_required"].is_null(),
                !found["mfa_required"].is_null(),
            )
        })
        .collect();
    shown.sort();
    shown
}

fn row(slug: &str, r#type: &str, asks: (bool, bool, bool)) -> (String, String, bool, bool, bool) {
    (slug.to_owned(), r#type.to_owned(), asks.0, asks.1, asks.2)
}

#[actix_web::test]
async fn somebody_sees_where_they_are_and_where_they_may_join_and_nothing_else() {
    let gateway = TestGateway::start().await;
    let jit =
        json!({ "email_jit_provisioning": "RESTRICTED", "email_allowed_domains": ["acme.test"] });
    let active = organization(&gateway, "active", json!({})).await;
    let sso_only = json!({ "auth_methods": "RESTRICTED", "allowed_auth_methods": ["sso"] });
    let sso_only = organization(&gateway, "sso-only", sso_only).await;
    let mfa = organization(&gateway, "mfa", json!({ "mfa_policy": "REQUIRED_FOR_ALL" })).await;
    let joinable = organization(&gateway, "joinable", jit.clone()).await;
    let unproven = organization(&gateway, "unproven", jit.clone()).await;
    let left = organization(&gateway, "left", jit).await;
    let stranger = organization(&gateway, "stranger", json!({})).await;
    let ana = json!({ "email_address": "ana@acme.test" });
    member(&gateway, &active, ana.clone()).await;
    let pending = json!({ "email_address": "Ana@acme.test", "create_member_as_pending": true });
    member(&gateway, &sso_only, pending).await;
    member(&gateway, &mfa, ana.clone()).await;
    let gone = member(&gateway, &left, ana).await;
    let path = format!("/v1/b2b/organizations/{left}/members/{gone}");
    assert_eq!(gateway.call("DELETE", &path, None).await.status, 200);
    // Somebody of the domain has proven their address where one may join; elsewhere nobody has.
    let ben = json!({ "email_address": "ben@acme.test" });
    for place in [&joinable, &left, &stranger] {
        member(&gateway, place, ben.clone()).await;
        let token = bag(
            &gateway,
            "ben@acme.test",
            vec![link(&gateway, "ben@acme.test")],
        )
        .await;
        let body = json!({ "intermediate_session_token": token, "organization_id": place });
        assert_eq!(gateway.post(EXCHANGE, body).await.status, 200);
    }
    member(&gateway, &unproven, ben).await;

    let token = bag(
        &gateway,
        "ana@acme.test",
        vec![link(&gateway, "ana@acme.test")],
    )
    .await;
    let asked = json!({ "intermediate_session_token": token });
    let expected = vec![
        row("active", "active_member", (true, false, false)),
        row(
            "joinable",
            "eligible_to_join_by_email_domain",
            (true, false, false),
        ),
        row("mfa", "active_member", (false, false, true)),
        row("sso-only", "pending_member", (false, true, false)),
    ];
    assert_eq!(shown(&gateway, asked.clone()).await, expected);
    assert_eq!(shown(&gateway, asked).await, expected, "nothing is used up");

    // A password proves no address, so it shows nobody's organizations.
    let token = bag(&gateway, "ana@acme.test", vec![password(&gateway)]).await;
    assert_eq!(
        shown(&gateway, json!({ "intermediate_session_token": token })).await,
        []
    );
}

#[actix_web::test]
async fn an_intermediate_session_becomes_one_session() {
    let gateway = TestGateway::start().await;
    let acme = organization(&gateway, "acme", json!({})).await;
    let pending = json!({ "email_address": "ana@acme.test", "create_member_as_pending": true });
    let ana = member(&gateway, &acme, pending).await;
    let token = bag(
        &gateway,
        "ana@acme.test",
        vec![link(&gateway, "ana@acme.test")],
    )
    .await;
    let body = json!({ "intermediate_session_token": token, "organization_id": "acme",
        "session_duration_minutes": 30, "session_custom_claims": { "plan": "pro" } });
    let answer = gateway.post(EXCHANGE, body.clone()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.body["member_authenticated"], true);
    assert_eq!(answer.body["member_id"], *ana);
    assert_eq!(answer.body["member"]["status"], "active");
    assert_eq!(answer.body["member"]["email_address_verified"], true);
    let session = &answer.body["member_session"];
    assert_eq!(session["custom_claims"], json!({ "plan": "pro" }));
    let factor = &session["authentication_factors"][0];
    assert_eq!(factor["type"], "magic_link");
    assert_eq!(factor["delivery_method"], "email");
    assert_eq!(factor["email_factor"]["email_address"], "ana@acme.test");
    assert!(text(factor, "/email_factor/email_id").starts_with("email-test-"));
    let held = json!({ "session_token": answer.body["session_token"] });
    let checked = gateway.post("/v1/b2b/sessions/authenticate", held).await;
    assert_eq!(checked.status, 200, "{}", checked.text);

    let again = gateway.post(EXCHANGE, body).await;
    assert_eq!(told(&again), (404, "intermediate_session_not_found"));
}

#[actix_web::test]
async fn an_intermediate_session_outlives_what_is_still_owed_and_ends_after_ten_minutes() {
    let gateway = TestGateway::start().await;
    let restricted = json!({ "auth_methods": "RESTRICTED", "allowed_auth_methods": ["sso"] });
    let acme = organization(&gateway, "acme", restricted).await;
    let globex = organization(
        &gateway,
        "globex",
        json!({ "mfa_policy": "REQUIRED_FOR_ALL" }),
    )
    .await;
    let open = organization(&gateway, "open", json!({})).await;
    for place in [&acme, &globex, &open] {
        member(&gateway, place, json!({ "email_address": "ana@acme.test" })).await;
    }
    let token = bag(
        &gateway,
        "ana@acme.test",
        vec![link(&gateway, "ana@acme.test")],
    )
    .await;
    let exchange = async |place: &str| {
        let body = json!({ "intermediate_session_token": token, "organization_id": place });
        gateway.post(EXCHANGE, body).await
    };
    let answer = exchange(&acme).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.body["member_authenticated"], false);
    assert_eq!(answer.body["session_token"], "");
    assert_eq!(answer.body["member_session"], Value::Null);
    assert_eq!(answer.body["intermediate_session_token"], token);
    assert_eq!(
        answer.body["primary_required"],
        json!({ "allowed_auth_methods": ["sso"] })
    );
    assert_eq!(answer.body["mfa_required"], Value::Null);

    let answer = exchange(&globex).await;
    assert_eq!(answer.body["intermediate_session_token"], token);
    assert_eq!(answer.body["primary_required"], Value::Null);
    let options = json!({ "mfa_phone_number": "", "totp_registration_id": "" });
    assert_eq!(answer.body["mfa_required"]["member_options"], options);
    let listed = gateway
        .post(LIST, json!({ "intermediate_session_token": token }))
        .await;
    assert_eq!(listed.body["organization_id_hint"], *globex);

    gateway.wait(chrono::TimeDelta::seconds(599));
    assert_eq!(
        exchange(&acme).await.status,
        200,
        "it was used and lives on"
    );
    gateway.wait(chrono::TimeDelta::seconds(601));
    assert_eq!(
        told(&exchange(&open).await),
        (404, "intermediate_session_not_found")
    );
}

#[actix_web::test]
async fn whoever_may_join_by_their_domain_becomes_a_member_by_choosing() {
    let gateway = TestGateway::start().await;
    let jit =
        json!({ "email_jit_provisioning": "RESTRICTED", "email_allowed_domains": ["acme.test"] });
    let acme = organization(&gateway, "acme", jit).await;
    let exchange = async |address: &str| {
        let token = bag(&gateway, address, vec![link(&gateway, address)]).await;
        let body = json!({ "intermediate_session_token": token, "organization_id": acme });
        gateway.post(EXCHANGE, body).await
    };
    let nobody = exchange("ana@acme.test").await;
    assert_eq!(told(&nobody), (400, "invalid_email_for_jit_provisioning"));
    member(&gateway, &acme, json!({ "email_address": "ben@acme.test" })).await;
    assert_eq!(exchange("ben@acme.test").await.status, 200);
    let answer = exchange("ana@acme.test").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.body["member"]["status"], "active");
    let stranger = exchange("eve@globex.test").await;
    assert_eq!(told(&stranger), (400, "invalid_email_for_jit_provisioning"));
}

#[actix_web::test]
async fn whoever_creates_an_organization_administers_it() {
    let gateway = TestGateway::start().await;
    let token = bag(
        &gateway,
        "ana@acme.test",
        vec![link(&gateway, "ana@acme.test")],
    )
    .await;
    let body = json!({ "intermediate_session_token": token, "mfa_policy": "OPTIONAL" });
    let answer = gateway.post(CREATE, body.clone()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.body["organization"]["organization_name"], "Acme");
    assert_eq!(answer.body["organization"]["organization_slug"], "acme");
    assert_eq!(answer.body["member"]["is_admin"], true);
    assert_eq!(answer.body["member"]["email_address_verified"], true);
    let roles = answer.body["member_session"]["roles"].as_array().unwrap();
    assert!(roles.contains(&json!("stytch_admin")), "{roles:?}");
    let again = gateway.post(CREATE, body).await;
    assert_eq!(told(&again), (404, "intermediate_session_not_found"));

    // What cannot be created uses nothing up, and nothing is half there.
    let token = bag(
        &gateway,
        "ana@acme.test",
        vec![link(&gateway, "ana@acme.test")],
    )
    .await;
    let claims = json!({ "intermediate_session_token": token, "organization_slug": "own",
        "claimed_email_domains": ["victim.test"] });
    let claims = gateway.post(CREATE, claims).await;
    let refused = (400, "organization_settings_invalid_claimed_domain");
    assert_eq!(told(&claims), refused);
    let body = json!({ "intermediate_session_token": token, "organization_slug": "acme" });
    let taken = gateway.post(CREATE, body).await;
    assert_eq!(told(&taken), (400, "organization_slug_already_used"));
    let body = json!({ "intermediate_session_token": token, "mfa_policy": "REQUIRED_FOR_ALL",
        "organization_name": "Second" });
    let owing = gateway.post(CREATE, body).await;
    assert_eq!(owing.status, 200, "{}", owing.text);
    assert_eq!(owing.body["member_authenticated"], false);
    assert!(!owing.body["mfa_required"].is_null());

    let token = bag(&gateway, "ana@acme.test", vec![password(&gateway)]).await;
    let body = json!({ "intermediate_session_token": token, "organization_name": "Third" });
    let unproven = gateway.post(CREATE, body).await;
    assert_eq!(told(&unproven), (400, "email_verification_required"));
}

#[actix_web::test]
async fn one_of_many_simultaneous_exchanges_on_two_nodes_wins() {
    let gateway = TestGateway::start().await;
    let acme = organization(&gateway, "acme", json!({})).await;
    member(&gateway, &acme, json!({ "email_address": "ana@acme.test" })).await;
    let other = gateway.another_node();
    let token = bag(
        &gateway,
        "ana@acme.test",
        vec![link(&gateway, "ana@acme.test")],
    )
    .await;
    let body = json!({ "intermediate_session_token": token, "organization_id": acme }).to_string();
    let mut tries = Vec::new();
    for turn in 0..50 {
        let base = [&gateway.base_url, &other.base_url][turn % 2];
        let request = gateway
            .http
            .post(format!("{base}{EXCHANGE}"))
            .basic_auth(&gateway.project_id, Some(&gateway.secret))
            .header("content-type", "application/json")
            .body(body.clone());
        tries.push(actix_web::rt::spawn(request.send()));
    }
    let mut answers = Vec::new();
    for attempt in tries {
        let answer = attempt.await.unwrap().unwrap();
        let status = answer.status().as_u16();
        answers.push((status, answer.text().await.unwrap()));
    }
    let opened = answers.iter().filter(|(status, _)| *status == 200).count();
    assert_eq!(opened, 1);
    let others = answers.iter().filter(|(status, _)| *status != 200);
    for (status, text) in others {
        assert_eq!(*status, 404, "{text}");
        assert!(text.contains("intermediate_session_not_found"), "{text}");
    }
}

#[actix_web::test]
async fn somebody_invited_sees_the_invitation_and_accepts_it_by_choosing() {
    let gateway = TestGateway::start().await;
    let open = json!({ "email_invites": "ALL_ALLOWED" });
    let acme = organization(&gateway, "acme", open).await;
    let invite = json!({ "organization_id": acme, "email_address": "ana@acme.test" });
    let invited = gateway
        .post("/v1/b2b/magic_links/email/invite", invite)
        .await;
    assert_eq!(
        invited.body["member"]["status"], "invited",
        "{}",
        invited.text
    );
    let proven = vec![link(&gateway, "ana@acme.test")];
    let token = bag(&gateway, "ana@acme.test", proven).await;
    let asked = json!({ "intermediate_session_token": token });
    assert_eq!(
        shown(&gateway, asked).await,
        [row("acme", "invited_member", (true, false, false))]
    );
    let chosen = json!({ "intermediate_session_token": token, "organization_id": acme });
    let entered = gateway.post(EXCHANGE, chosen).await;
    assert_eq!(
        entered.body["member_authenticated"], true,
        "{}",
        entered.text
    );
    assert_eq!(entered.body["member"]["status"], "active");
    assert_eq!(entered.body["member_id"], invited.body["member_id"]);
}
