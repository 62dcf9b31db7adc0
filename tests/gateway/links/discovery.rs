use serde_json::json;

use super::Acme;
use super::CHALLENGE;
use super::LOGIN_OR_SIGNUP;
use super::RETURN_URL;
use super::SEND_DISCOVERY;
use super::VERIFIER;
use super::follow;
use super::inbox;
use super::link_to;
use super::parameter;
use super::refusal;
use super::refused;
use super::token_to;

const ANA: &str = "ana@acme.test";
const DISCOVER: &str = "/v1/b2b/magic_links/discovery/authenticate";

#[actix_web::test]
async fn a_link_of_discovery_proves_an_address_once() {
    let acme = Acme::open().await;
    let asked = json!({ "pkce_code_challenge": CHALLENGE });
    acme.asked(SEND_DISCOVERY, ANA, asked).await;
    let link = link_to(&acme.gateway, ANA).await;
    let target = follow(&acme.gateway, &link).await;
    assert!(target.starts_with(RETURN_URL), "{target}");
    assert_eq!(
        parameter(&target, "stytch_token_type").unwrap(),
        "discovery"
    );
    assert_eq!(parameter(&target, "slug"), None);
    let token = token_to(&acme.gateway, ANA).await;
    let bare = json!({ "discovery_magic_links_token": token });
    let answer = acme.gateway.post(DISCOVER, bare.clone()).await;
    assert_eq!(
        refusal(&answer),
        refused(400, "pkce_expected_code_verifier")
    );
    let verified = json!({
        "discovery_magic_links_token": token,
        "pkce_code_verifier": VERIFIER,
    });
    let answer = acme.gateway.post(DISCOVER, verified.clone()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.body["email_address"], ANA);
    assert_ne!(answer.body["intermediate_session_token"], "");
    assert_eq!(answer.body["discovered_organizations"], json!([]));
    let again = acme.gateway.post(DISCOVER, verified).await;
    assert_eq!(refusal(&again), refused(401, "unable_to_auth_magic_link"));
}

#[actix_web::test]
async fn a_link_of_discovery_finds_where_its_reader_is_a_member() {
    let acme = Acme::open().await;
    acme.sign_in(ANA).await;
    acme.asked(SEND_DISCOVERY, "Ana@acme.test", json!({})).await;
    let token = token_to(&acme.gateway, ANA).await;
    let body = json!({ "discovery_magic_links_token": token });
    let answer = acme.gateway.post(DISCOVER, body).await;
    let found = &answer.body["discovered_organizations"][0];
    assert_eq!(
        found["organization"]["organization_id"],
        json!(acme.organization_id)
    );
    assert_eq!(found["membership"]["type"], "active_member");
    let exchange = json!({
        "intermediate_session_token": answer.body["intermediate_session_token"],
        "organization_id": acme.organization_id,
    });
    let path = "/v1/b2b/discovery/intermediate_sessions/exchange";
    let session = acme.gateway.post(path, exchange).await;
    assert_eq!(session.status, 200, "{}", session.text);
    assert_eq!(session.body["member_authenticated"], true);
}

#[actix_web::test]
async fn nobody_learns_from_discovery_who_is_a_member() {
    let acme = Acme::open().await;
    acme.member(json!({ "email_address": ANA })).await;
    let mut told = Vec::new();
    for address in [ANA, "nobody@elsewhere.test"] {
        let answer = acme.ask(SEND_DISCOVERY, address, json!({})).await;
        let mut body = answer.body.clone();
        body.as_object_mut().unwrap().remove("request_id");
        told.push((answer.status, body));
        assert_eq!(inbox(&acme.gateway, address).await.len(), 1);
    }
    assert_eq!(told[0].0, 200);
    assert_eq!(told[0], told[1]);
}

/// Where nobody joins by their address, this call has to say so: the contract names a member in its
/// answer. Applications that must not tell send links of discovery instead.
#[actix_web::test]
async fn somebody_unknown_is_told_of_the_rule_and_of_no_person() {
    let acme = Acme::with(json!({ "email_jit_provisioning": "NOT_ALLOWED" })).await;
    let gone = acme
        .member(json!({ "email_address": "gone@acme.test" }))
        .await;
    let path = format!("{}/{gone}", acme.members());
    acme.gateway.call("DELETE", &path, None).await;
    let unknown = acme.ask(LOGIN_OR_SIGNUP, "no@acme.test", json!({})).await;
    let elsewhere = acme.ask(LOGIN_OR_SIGNUP, "no@else.test", json!({})).await;
    let error = refused(400, "email_jit_provisioning_not_allowed");
    assert_eq!(
        (refusal(&unknown), refusal(&elsewhere)),
        (error.clone(), error)
    );
    assert_eq!(
        unknown.body["error_message"],
        elsewhere.body["error_message"]
    );
}
