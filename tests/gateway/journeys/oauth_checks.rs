//! What a sign-in with an OAuth provider is refused for on its way.

use serde_json::json;

use crate::journeys::bag::told;
use crate::journeys::oauth::AUTHENTICATE;
use crate::journeys::oauth::DISCOVER;
use crate::journeys::oauth::House;
use crate::support::browser::Browser;

// The pair of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

async fn acme() -> House {
    let house = House::open().await;
    let acme = house.organization("acme", json!({})).await;
    house
        .member(&acme, json!({ "email_address": "ana@acme.test" }))
        .await;
    house
}

/// Where, with what, and what the page says.
type Asked<'r> = (&'r str, &'r [(&'r str, &'r str)], &'r str);

#[actix_web::test]
async fn a_link_that_asks_for_what_is_not_offered_is_told_so() {
    let house = acme().await;
    let table: [Asked<'_>; 7] = [
        ("apple/start", &[("slug", "acme")], "oauth_config_not_found"),
        ("google/start", &[], "organization_id_or_slug_required"),
        (
            "google/start",
            &[("slug", "nowhere")],
            "organization_not_found",
        ),
        (
            "google/start",
            &[
                ("slug", "acme"),
                ("login_redirect_url", "https://evil.test"),
            ],
            "no_match_for_provided_oauth_url",
        ),
        (
            "google/discovery/start",
            &[("discovery_redirect_url", "https://evil.test")],
            "no_match_for_provided_oauth_url",
        ),
        (
            "google/start",
            &[
                ("slug", "acme"),
                ("provider_redirect_uri", "https://evil.test"),
            ],
            "invalid_oauth_provider_parameter",
        ),
        (
            "google/discovery/start",
            &[("pkce_code_challenge", "short")],
            "invalid_pkce_code_challenge",
        ),
    ];
    for (place, parameters, expected) in table {
        let page = house.visit(place, parameters).await;
        assert_eq!(
            page.code(),
            expected,
            "{place} {parameters:?}: {}",
            page.text
        );
    }
    let unknown = house
        .link("google/start", &[])
        .replace("public-token", "other");
    let page = Browser::new().get(&unknown).await;
    assert_eq!(page.code(), "public_token_not_found");

    let plain = crate::support::TestGateway::start().await;
    let url = format!(
        "{}/v1/b2b/public/oauth/google/discovery/start?public_token={}",
        plain.base_url, plain.public_token
    );
    let page = Browser::new().get(&url).await;
    assert_eq!(
        (page.status, page.code().as_str()),
        (404, "oauth_config_not_found")
    );
}

#[actix_web::test]
async fn a_request_carries_what_binds_its_answer_and_what_the_link_hands_on() {
    let house = acme().await;
    let more = [
        ("slug", "acme"),
        ("custom_scopes", "calendar"),
        ("provider_login_hint", "ana@acme.test"),
    ];
    for (provider, scope) in [
        ("google", "openid email profile calendar"),
        ("github", "read:user user:email read:org calendar"),
        ("hubspot", "oauth calendar"),
    ] {
        let browser = Browser::new();
        let page = browser
            .get(&house.link(&format!("{provider}/start"), &more))
            .await;
        let callback = format!(
            "{}/v1/b2b/oauth/callback/{provider}",
            house.gateway.base_url
        );
        assert_eq!(page.parameter("redirect_uri").unwrap(), callback);
        assert_eq!(page.parameter("scope").unwrap(), scope);
        assert_eq!(page.parameter("login_hint").unwrap(), "ana@acme.test");
        assert_eq!(page.parameter("code_challenge_method").unwrap(), "S256");
        assert!(page.parameter("state").unwrap().len() > 40);
        let cookie = page.headers["set-cookie"].to_str().unwrap();
        for part in ["HttpOnly", "SameSite=Lax", "Path=/v1/b2b/oauth/callback"] {
            assert!(cookie.contains(part), "{cookie}");
        }
    }
}

#[actix_web::test]
async fn an_answer_is_believed_from_its_own_browser_and_provider_once() {
    let house = acme().await;
    let link = house.link("google/start", &[("slug", "acme")]);
    let browser = Browser::new();
    let page = browser.get(&link).await;
    let answer = browser.get(page.location().unwrap().as_str()).await;
    let callback = answer.location().unwrap().to_string();

    let stranger = Browser::new().get(&callback).await;
    assert_eq!(stranger.code(), "missing_oidc_csrf_cookie");
    let other = callback.replace("callback/google", "callback/github");
    assert_eq!(
        browser.get(&other).await.code(),
        "unsolicited_oidc_response"
    );
    let unknown = callback.replace("state=", "state=x");
    assert_eq!(
        browser.get(&unknown).await.code(),
        "unsolicited_oidc_response"
    );
    let none = callback.replace("state=", "other=");
    assert_eq!(browser.get(&none).await.code(), "missing_oidc_state_param");
    let refused = callback.replace("code=", "error=access_denied&was=");
    let page = browser.get(&refused).await;
    assert_eq!(page.shown("Check"), "authorization_refused");

    let page = browser.get(&callback).await;
    assert_eq!(page.status, 302, "{}", page.text);
    assert!(page.parameter("token").is_some());
    let again = Browser::new().get(&callback).await;
    assert_eq!(again.code(), "unsolicited_oidc_response");

    let browser = Browser::new();
    let page = browser.get(&link).await;
    browser.spoil_cookies();
    let page = browser.follow(page).await;
    assert_eq!(page.code(), "oidc_csrf_cookie_mismatch");
}

#[actix_web::test]
async fn a_token_of_the_provider_that_is_not_for_this_sign_in_is_refused() {
    let house = acme().await;
    let table = [
        (json!({ "nonce": "another" }), "nonce_mismatch"),
        (json!({ "aud": "another" }), "audience"),
        (json!({ "iss": "https://evil.test" }), "issuer"),
        (json!({ "exp": 1 }), "expired"),
        (json!({ "email": null }), "email_missing"),
    ];
    for (claims, expected) in table {
        house.provider.says(claims);
        let page = house.visit("google/start", &[("slug", "acme")]).await;
        assert_eq!(page.shown("Check"), expected, "{}", page.text);
    }
    let path = "/v1/b2b/oauth/callback/google";
    assert!(house.provider.count("/token") >= 5);
    let forms = house.provider.conduct(|conduct| conduct.forms.clone());
    let (header, form) = forms.first().unwrap();
    assert_eq!(header, "", "the secret goes one way");
    assert_eq!(form["client_secret"], "a-secret-of-some-length");
    assert!(form["redirect_uri"].ends_with(path));
    assert!(form["code_verifier"].len() >= 43);
}

#[actix_web::test]
async fn the_application_s_own_pkce_is_held_to_and_tokens_are_of_one_kind() {
    let house = acme().await;
    let more = [("slug", "acme"), ("pkce_code_challenge", CHALLENGE)];
    let page = house.visit("google/start", &more).await;
    let token = page.parameter("token").unwrap();
    let table = [
        (
            json!({ "oauth_token": token }),
            (400, "pkce_expected_code_verifier"),
        ),
        (
            json!({ "oauth_token": token, "pkce_code_verifier": CHALLENGE }),
            (400, "pkce_mismatch"),
        ),
        (
            json!({ "oauth_token": "wrong" }),
            (404, "oauth_token_not_found"),
        ),
        (json!({}), (404, "oauth_token_not_found")),
    ];
    for (body, expected) in table {
        let answer = house.gateway.post(AUTHENTICATE, body).await;
        assert_eq!(told(&answer), expected);
    }
    let other = json!({ "discovery_oauth_token": token, "pkce_code_verifier": VERIFIER });
    let answer = house.gateway.post(DISCOVER, other).await;
    assert_eq!(told(&answer), (404, "oauth_token_not_found"));
    let body = json!({ "oauth_token": token, "pkce_code_verifier": VERIFIER });
    let answer = house.gateway.post(AUTHENTICATE, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);

    let page = house.visit("google/start", &[("slug", "acme")]).await;
    house.gateway.wait(chrono::TimeDelta::seconds(301));
    let body = json!({ "oauth_token": page.parameter("token").unwrap() });
    let answer = house.gateway.post(AUTHENTICATE, body).await;
    assert_eq!(told(&answer), (404, "oauth_token_not_found"));
}

#[actix_web::test]
async fn of_fifty_tries_at_once_on_two_nodes_one_opens_a_session() {
    let house = acme().await;
    let other = house.gateway.another_node();
    let page = house.visit("google/start", &[("slug", "acme")]).await;
    let body = json!({ "oauth_token": page.parameter("token").unwrap() }).to_string();
    let mut tries = Vec::new();
    for turn in 0..50 {
        let base = [&house.gateway.base_url, &other.base_url][turn % 2];
        let request = house
            .gateway
            .http
            .post(format!("{base}{AUTHENTICATE}"))
            .basic_auth(&house.gateway.project_id, Some(&house.gateway.secret))
            .header("content-type", "application/json")
            .body(body.clone());
        tries.push(actix_web::rt::spawn(request.send()));
    }
    let mut opened = 0;
    for attempt in tries {
        let answer = attempt.await.unwrap().unwrap();
        match answer.status().as_u16() {
            200 => opened += 1,
            status => {
                let text = answer.text().await.unwrap();
                assert_eq!(status, 404, "{text}");
                assert!(text.contains("oauth_token_not_found"), "{text}");
            }
        }
    }
    assert_eq!(opened, 1);
}

#[actix_web::test]
async fn google_proves_addresses_of_its_own_and_of_the_account_s_workspace_and_no_others() {
    let house = House::open().await;
    let jit =
        json!({ "email_jit_provisioning": "RESTRICTED", "email_allowed_domains": ["acme.test"] });
    let acme = house.organization("acme", jit).await;
    let ana = json!({ "email_address": "ana@acme.test" });
    let ana = house.member(&acme, ana).await;
    // An account that was made with her address when it was somebody else's.
    for workspace in [json!(null), json!("evil.test"), json!("")] {
        house
            .provider
            .says(json!({ "sub": "eve", "hd": workspace }));
        let named = house.sign_in("google", &acme).await;
        assert_eq!(named.status, 200, "{}", named.text);
        assert_eq!(named.body["member_authenticated"], false, "{workspace}");
        let found = house.discover("google").await;
        assert_eq!(found.body["discovered_organizations"], json!([]));
        let stranger = json!({ "sub": "eve", "email": "eve@acme.test", "hd": workspace });
        house.provider.says(stranger);
        let refusal = house.refusal("google", &acme).await;
        assert_eq!(refusal, "oauth_tenant_jit_not_allowed", "{workspace}");
    }
    house.provider.says(json!({ "hd": "ACME.test" }));
    let answer = house.sign_in("google", &acme).await;
    assert_eq!(answer.body["member_authenticated"], true, "{}", answer.text);
    assert_eq!(answer.body["member_id"], *ana);
    let ben = json!({ "email_address": "ben@gmail.com" });
    house.member(&acme, ben).await;
    let own = json!({ "sub": "ben", "email": "ben@gmail.com", "hd": null });
    house.provider.says(own);
    let private = house.sign_in("google", &acme).await;
    assert_eq!(
        private.body["member_authenticated"], true,
        "{}",
        private.text
    );
}

#[actix_web::test]
async fn behind_https_no_other_host_can_plant_the_cookie_of_a_flow() {
    let house = acme().await;
    let node = house.gateway.node_behind_https();
    let at_node = |url: &str| url.replace(&house.gateway.base_url, &node.base_url);
    let link = at_node(&house.link("google/start", &[("slug", "acme")]));
    let page = Browser::new().get(&link).await;
    let cookie = page.headers["set-cookie"].to_str().unwrap().to_owned();
    let (name, rest) = cookie.split_once('=').unwrap();
    let planted = name.strip_prefix("__Host-").unwrap();
    for part in ["; Path=/;", "; Secure", "; HttpOnly", "; SameSite=Lax"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
    let value = rest.split_once(';').unwrap().0;
    let state = page.parameter("state").unwrap();
    let url = format!(
        "{}/v1/b2b/oauth/callback/google?state={state}&error=access_denied",
        node.base_url
    );
    let answer = async |name: &str| {
        let request = house.gateway.http.get(&url);
        let request = request.header("cookie", format!("{name}={value}"));
        house.gateway.send(request).await.text
    };
    let missing = "missing_oidc_csrf_cookie";
    assert!(answer(planted).await.contains(missing));
    assert!(!answer(name).await.contains(missing));
}
