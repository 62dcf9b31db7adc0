use serde_json::Value;
use serde_json::json;

use super::authenticate;
use super::events;
use super::roles;
use super::start_url;
use super::text;
use crate::support::TestGateway;
use crate::support::browser::Browser;
use crate::support::browser::Form;
use crate::support::browser::Page;
use crate::support::peers::Peer;

/// An organization with an OIDC connection to a provider that is running.
struct Globex {
    gateway: TestGateway,
    organization_id: String,
    connection_id: String,
    issuer: String,
}

impl Globex {
    async fn at(issuer: &str, more: Value) -> Self {
        let gateway = TestGateway::start().await;
        let globex = gateway
            .organization(json!({ "organization_name": "Globex" }))
            .await;
        let organization_id = text(&globex["organization_id"]);
        let path = format!("/v1/b2b/sso/oidc/{organization_id}");
        let created = gateway.post(&path, json!({ "display_name": "OIDC" })).await;
        let connection_id = text(&created.body["connection"]["connection_id"]);
        let mut settings = json!({
            "issuer": issuer,
            "client_id": "vestibule",
            "client_secret": "a-secret-of-some-length",
        });
        super::merge(&mut settings, more);
        let path = format!("{path}/connections/{connection_id}");
        let updated = gateway.put(&path, settings).await;
        assert_eq!(updated.status, 200, "{}", updated.text);
        assert_eq!(
            updated.body["connection"]["status"], "active",
            "{}",
            updated.text
        );
        Self {
            gateway,
            organization_id,
            connection_id,
            issuer: issuer.to_owned(),
        }
    }

    fn start_url(&self) -> String {
        start_url(&self.gateway, &self.connection_id, &[])
    }

    /// A whole sign-in at a provider that asks nothing.
    async fn sign_in(&self) -> Page {
        let browser = Browser::new();
        let page = browser.get(&self.start_url()).await;
        assert_eq!(page.status, 302, "{}", page.text);
        browser.follow(page).await
    }

    async fn tell_provider(&self, path: &str, body: Value) {
        let request = self
            .gateway
            .http
            .post(format!("{}{path}", self.issuer))
            .header("content-type", "application/json")
            .body(body.to_string());
        let answer = self.gateway.send(request).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
}

#[actix_web::test]
async fn oauth2_mock_server_signs_a_person_in() {
    let peer = Peer::oauth2_mock().await;
    let mapping = json!({ "attribute_mapping": { "given": "given_name" } });
    let globex = Globex::at(&peer.origin, mapping).await;
    let browser = Browser::new();
    let page = browser.get(&globex.start_url()).await;
    for (name, value) in [("response_type", "code"), ("code_challenge_method", "S256")] {
        assert_eq!(page.parameter(name).as_deref(), Some(value));
    }
    let page = browser.follow(page).await;
    let signed_in = authenticate(&globex.gateway, &page).await;
    assert_eq!(signed_in.status, 200, "{}", signed_in.text);
    let member = &signed_in.body["member"];
    assert_eq!(member["email_address"], "ana@acme.test");
    assert_eq!(member["email_address_verified"], true);
    assert_eq!(member["name"], "Ana Anders");
    assert_eq!(member["trusted_metadata"], json!({ "given": "Ana" }));
    assert_eq!(member["sso_registrations"][0]["external_id"], "ana");
    let default = (
        "stytch_member".to_owned(),
        vec!["direct_assignment".to_owned()],
    );
    assert_eq!(roles(member), [default]);
    let factor = &signed_in.body["member_session"]["authentication_factors"][0];
    assert_eq!(factor["delivery_method"], "sso_oidc");
    let again = authenticate(&globex.gateway, &globex.sign_in().await).await;
    assert_eq!(again.body["member_id"], signed_in.body["member_id"]);
}

#[actix_web::test]
async fn a_person_whom_the_directory_removed_does_not_come_back_by_oidc() {
    let peer = Peer::oauth2_mock().await;
    let globex = Globex::at(&peer.origin, json!({})).await;
    let gateway = &globex.gateway;
    let path = format!("/v1/b2b/scim/{}/connection", globex.organization_id);
    let connection = gateway.post(&path, json!({})).await.body["connection"].clone();
    let users = format!("/v1/b2b/scim/{}/Users", text(&connection["connection_id"]));
    let token = text(&connection["bearer_token"]);
    let ana = json!({ "userName": "ana@acme.test" });
    let pushed = gateway
        .scim(("POST", &users), &token, Some(ana.clone()))
        .await;
    assert_eq!(pushed.status, 201, "{}", pushed.text);
    let user = format!("{users}/{}", text(&pushed.body["id"]));
    let put = async |active: bool| {
        let body = json!({ "userName": "ana@acme.test", "active": active });
        gateway.scim(("PUT", &user), &token, Some(body)).await
    };
    assert_eq!(
        authenticate(gateway, &globex.sign_in().await).await.status,
        200
    );
    let refused = (403, "removed_by_directory".to_owned());
    assert_eq!(put(false).await.status, 200);
    let page = globex.sign_in().await;
    assert_eq!((page.status, page.code()), refused);
    assert_eq!(put(true).await.status, 200);
    assert_eq!(
        authenticate(gateway, &globex.sign_in().await).await.status,
        200
    );
    assert_eq!(
        gateway.scim(("DELETE", &user), &token, None).await.status,
        204
    );
    let page = globex.sign_in().await;
    assert_eq!((page.status, page.code()), refused);
    let pushed = gateway.scim(("POST", &users), &token, Some(ana)).await;
    assert_eq!(pushed.status, 201, "{}", pushed.text);
    assert_eq!(
        authenticate(gateway, &globex.sign_in().await).await.status,
        200
    );
}

#[actix_web::test]
async fn oidc_provider_mock_signs_a_person_in() {
    let peer = Peer::oidc_provider_mock().await;
    let globex = Globex::at(&peer.origin, json!({})).await;
    let browser = Browser::new();
    let page = browser.get(&globex.start_url()).await;
    let login = browser.follow(page).await;
    let form = Form {
        action: login.url.to_string(),
        fields: vec![("sub".to_owned(), "ana".to_owned())],
    };
    let answer = browser.submit(&form).await;
    let page = browser.follow(answer).await;
    let signed_in = authenticate(&globex.gateway, &page).await;
    assert_eq!(signed_in.status, 200, "{}", signed_in.text);
    assert_eq!(signed_in.body["member"]["email_address"], "ana@acme.test");
}

#[actix_web::test]
async fn an_id_token_that_is_wrong_is_refused_by_its_check() {
    let peer = Peer::oauth2_mock().await;
    let globex = Globex::at(&peer.origin, json!({})).await;
    let table = [
        ("nonce", "nonce_mismatch"),
        ("nonce_missing", "nonce_missing"),
        ("aud", "audience"),
        ("aud_many", "extra_audience"),
        ("azp", "authorized_party"),
        ("iss", "issuer"),
        ("expired", "expired"),
        ("exp_missing", "expiry_missing"),
        ("iat_future", "issued_in_future"),
        ("sub_missing", "subject_missing"),
        ("email_unverified", "email_unverified"),
        ("alg_none", "algorithm_refused"),
        ("hs256", "algorithm_refused"),
        ("hs256_public_key", "algorithm_refused"),
        ("foreign_key", "signature_invalid"),
        ("unknown_kid", "key_unknown"),
        ("tampered", "signature_invalid"),
        ("id_token_missing", "id_token_missing"),
        ("token_error", "code_refused"),
    ];
    for (what, check) in table {
        globex
            .tell_provider("/__break", json!({ "what": what }))
            .await;
        let page = globex.sign_in().await;
        assert_eq!(
            (page.status, page.shown("Check").as_str()),
            (400, check),
            "{what}: {}",
            page.text
        );
        let all = events(&globex.gateway, &globex.organization_id).await;
        let last = all.last().unwrap();
        assert_eq!(last.kind, "sign_in.refused");
        assert_eq!(last.after.as_ref().unwrap()["check"], check);
        assert!(
            all.iter().all(|event| event.kind != "member.created"),
            "{what}"
        );
    }
    let page = globex.sign_in().await;
    assert_eq!(authenticate(&globex.gateway, &page).await.status, 200);
}

#[actix_web::test]
async fn an_address_that_only_userinfo_names_is_taken_from_there() {
    let peer = Peer::oauth2_mock().await;
    let globex = Globex::at(&peer.origin, json!({})).await;
    globex
        .tell_provider("/__break", json!({ "what": "email_missing" }))
        .await;
    let answer = authenticate(&globex.gateway, &globex.sign_in().await).await;
    assert_eq!(
        answer.body["member"]["email_address"], "ana@acme.test",
        "{}",
        answer.text
    );
}

#[actix_web::test]
async fn an_address_that_nobody_vouches_for_opens_no_member() {
    let peer = Peer::oauth2_mock().await;
    let globex = Globex::at(&peer.origin, json!({})).await;
    let members = format!("/v1/b2b/organizations/{}/members", globex.organization_id);
    let boss = json!({ "email_address": "boss@acme.test" });
    assert_eq!(globex.gateway.post(&members, boss).await.status, 200);
    let claim = json!({ "sub": "eve", "email": "boss@acme.test", "email_verified": null });
    globex.tell_provider("/__user", claim).await;
    let page = globex.sign_in().await;
    assert_eq!((page.status, page.code().as_str()), (403, "email_taken"));
    // Entra says it in a claim of its own.
    let path = format!("/v1/b2b/organizations/{}", globex.organization_id);
    let owned =
        json!({ "what": "claims", "claims": { "xms_edov": "1", "email": "new@acme.test" } });
    globex.tell_provider("/__break", owned).await;
    let answer = authenticate(&globex.gateway, &globex.sign_in().await).await;
    assert_eq!(
        answer.body["member"]["email_address_verified"], true,
        "{}",
        answer.text
    );
    // Not even in the organization's own domain, where a guest may have set the address.
    let claim = json!({ "sub": "guest", "email": "boss@acme.test", "email_verified": null });
    globex.tell_provider("/__user", claim).await;
    let own = json!({ "email_allowed_domains": ["acme.test"] });
    assert_eq!(globex.gateway.put(&path, own).await.status, 200);
    let page = globex.sign_in().await;
    assert_eq!((page.status, page.code().as_str()), (403, "email_taken"));
    let claim = json!({ "sub": "boss", "email": "boss@acme.test", "email_verified": true });
    globex.tell_provider("/__user", claim).await;
    let answer = authenticate(&globex.gateway, &globex.sign_in().await).await;
    assert_eq!(
        answer.body["member"]["email_address"], "boss@acme.test",
        "{}",
        answer.text
    );
}

#[actix_web::test]
async fn a_callback_that_fits_no_open_sign_in_is_refused() {
    let peer = Peer::oauth2_mock().await;
    let globex = Globex::at(&peer.origin, json!({})).await;
    let browser = Browser::new();
    let page = browser.get(&globex.start_url()).await;
    let answer = browser.get(page.location().unwrap().as_str()).await;
    let callback = answer.location().unwrap();
    let state = answer.parameter("state").unwrap();
    let code_of = async |browser: &Browser, url: &str| browser.get(url).await.code();
    let stranger = Browser::new();
    assert_eq!(
        code_of(&stranger, callback.as_str()).await,
        "missing_oidc_csrf_cookie"
    );
    let without = callback.as_str().replace(&state, "");
    assert_eq!(
        code_of(&browser, &without).await,
        "missing_oidc_state_param"
    );
    let unknown = callback.as_str().replace(&state, "unknown");
    assert_eq!(
        code_of(&browser, &unknown).await,
        "unsolicited_oidc_response"
    );
    let denied = format!(
        "{}?error=access_denied&state={state}",
        callback_without_query(&callback)
    );
    let page = browser.get(&denied).await;
    assert_eq!(page.shown("Check"), "authorization_refused");
    let mixed_up = format!("{callback}&iss=https://other.test");
    assert_eq!(
        code_of(&browser, &mixed_up).await,
        "unsolicited_oidc_response"
    );
    let page = browser.get(callback.as_str()).await;
    assert_eq!(authenticate(&globex.gateway, &page).await.status, 200);
    let again = browser.get(callback.as_str()).await;
    assert_eq!(
        (again.status, again.code().as_str()),
        (400, "unsolicited_oidc_response")
    );
}

fn callback_without_query(url: &url::Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.into()
}
