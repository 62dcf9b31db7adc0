//! What a relying party must accept and refuse, end to end: the certification's "basic" and "config"
//! plans, and attacks on them (docs/conformance/oidc.md names each test).

use chrono::TimeDelta;
use chrono::Utc;
use jsonwebtoken::Algorithm;
use serde_json::Value;
use serde_json::json;

use super::authenticate;
use super::oidc_flow::Hooli;
use super::oidc_flow::connect;
use super::start_url;
use crate::support::browser::Browser;
use crate::support::oidc_stub::StubKey;

fn in_seconds(seconds: i64) -> i64 {
    (Utc::now() + TimeDelta::seconds(seconds)).timestamp()
}

#[actix_web::test]
async fn claims_that_are_wrong_are_refused_each_by_its_check() {
    let hooli = Hooli::open().await;
    let userinfo = hooli.provider.conduct(|conduct| conduct.userinfo.clone());
    let table: Vec<(Value, &str)> = vec![
        (json!({ "iss": "https://other.test" }), "issuer"),
        (json!({ "sub": null }), "subject_missing"),
        (json!({ "aud": "them" }), "audience"),
        (json!({ "aud": ["vestibule", "them"] }), "extra_audience"),
        (
            json!({ "aud": ["vestibule", "them"], "azp": "vestibule" }),
            "extra_audience",
        ),
        (json!({ "azp": "them" }), "authorized_party"),
        (json!({ "iat": null }), "issued_at_missing"),
        (json!({ "iat": in_seconds(360) }), "issued_in_future"),
        (json!({ "exp": null }), "expiry_missing"),
        (json!({ "exp": in_seconds(-61) }), "expired"),
        (json!({ "nonce": "another" }), "nonce_mismatch"),
        (json!({ "nonce": null }), "nonce_missing"),
        (
            json!({ "at_hash": "AAAAAAAAAAAAAAAAAAAAAA" }),
            "access_token_hash",
        ),
        (json!({ "email_verified": false }), "email_unverified"),
        (json!({ "session_expiry": in_seconds(-1) }), "session_ended"),
        (json!({ "session_expiry": "soon" }), "session_expiry"),
    ];
    for (claims, check) in table {
        hooli.provider.says(claims.clone());
        assert_eq!(hooli.check().await, check, "{claims}");
    }
    // The same within what clocks may differ, and everything right.
    for claims in [
        json!({ "exp": in_seconds(-50) }),
        json!({ "iat": in_seconds(240) }),
        json!({ "azp": "vestibule" }),
        json!({ "aud": ["vestibule"] }),
        json!({}),
    ] {
        hooli.provider.says(claims.clone());
        assert_eq!(hooli.check().await, "", "{claims}");
    }
    // Userinfo about somebody else.
    hooli.provider.says(json!({ "email": null }));
    hooli
        .provider
        .conduct(|conduct| conduct.userinfo["sub"] = json!("eve"));
    assert_eq!(hooli.check().await, "userinfo_subject");
    hooli
        .provider
        .conduct(|conduct| conduct.userinfo = userinfo);
    assert_eq!(hooli.check().await, "");
}

#[actix_web::test]
async fn each_algorithm_without_a_shared_secret_is_taken() {
    let hooli = Hooli::open().await;
    let rsa = [
        Algorithm::RS256,
        Algorithm::RS384,
        Algorithm::RS512,
        Algorithm::PS256,
        Algorithm::PS384,
        Algorithm::PS512,
    ];
    let elliptic = [Algorithm::ES256, Algorithm::ES384, Algorithm::EdDSA];
    let keys = rsa
        .into_iter()
        .map(|algorithm| StubKey::rsa("r", algorithm))
        .chain(
            elliptic
                .into_iter()
                .map(|algorithm| StubKey::elliptic("e", algorithm)),
        );
    for key in keys {
        let algorithm = key.algorithm;
        hooli.provider.conduct(|conduct| {
            conduct.shown = vec![key.clone()];
            conduct.signs = key;
        });
        // The keys that are known are too young to be asked for again by their names.
        hooli.gateway.wait(TimeDelta::seconds(3601));
        hooli
            .provider
            .says(json!({ "iat": hooli.gateway.now().timestamp(), "exp": hooli.gateway.now().timestamp() + 300 }));
        assert_eq!(hooli.check().await, "", "{algorithm:?}");
    }
}

#[actix_web::test]
async fn a_token_without_kid_is_taken_with_one_key_and_refused_with_several() {
    let hooli = Hooli::open().await;
    hooli.provider.conduct(|conduct| conduct.names_keys = false);
    assert_eq!(hooli.check().await, "");
    let hooli = Hooli::open().await;
    hooli.provider.conduct(|conduct| {
        conduct.names_keys = false;
        conduct.shown.push(StubKey::rsa("k2", Algorithm::RS256));
    });
    assert_eq!(hooli.check().await, "key_ambiguous");
}

#[actix_web::test]
async fn a_code_works_once_and_a_replayed_callback_is_refused() {
    let hooli = Hooli::open().await;
    let browser = Browser::new();
    let start = start_url(&hooli.gateway, &hooli.connection_id, &[]);
    let first = browser.get(&start).await;
    let callback = browser.get(first.location().unwrap().as_str()).await;
    let code = callback.parameter("code").unwrap();
    let done = browser.get(callback.location().unwrap().as_str()).await;
    assert_eq!(authenticate(&hooli.gateway, &done).await.status, 200);
    let again = browser.get(callback.location().unwrap().as_str()).await;
    assert_eq!(again.shown("Check"), "unknown_flow");
    // The code of one sign-in in the callback of another: the provider refuses it.
    let second = browser.get(&start).await;
    let callback = browser.get(second.location().unwrap().as_str()).await;
    let fresh = callback.parameter("code").unwrap();
    let mixed = callback.location().unwrap().as_str().replace(&fresh, &code);
    assert_eq!(browser.get(&mixed).await.shown("Check"), "code_refused");
}

#[actix_web::test]
async fn a_state_is_bound_to_its_connection_and_its_browser() {
    let hooli = Hooli::open().await;
    let issuer = hooli.provider.issuer();
    let other = connect(&hooli.gateway, &hooli.organization_id, &issuer, json!({})).await;
    let browser = Browser::new();
    let start = start_url(&hooli.gateway, &hooli.connection_id, &[]);
    let first = browser.get(&start).await;
    let callback = browser.get(first.location().unwrap().as_str()).await;
    let target = callback.location().unwrap();
    let elsewhere = target.as_str().replace(&hooli.connection_id, &other);
    let page = browser.get(&elsewhere).await;
    assert_eq!(
        (page.status, page.shown("Check").as_str()),
        (400, "unknown_flow")
    );
    let state = callback.parameter("state").unwrap();
    let without = target.as_str().replace(&format!("state={state}"), "state=");
    assert_eq!(
        browser.get(&without).await.code(),
        "missing_oidc_state_param"
    );
    let stranger = Browser::new().get(target.as_str()).await;
    assert_eq!(stranger.code(), "missing_oidc_csrf_cookie");
    // RFC 9207: a provider that names itself always does, and is nobody else.
    let iss = callback.parameter("iss").unwrap();
    let mut mixed_up = target.clone();
    let kept: Vec<(String, String)> = target
        .query_pairs()
        .into_owned()
        .filter(|(name, _)| name != "iss")
        .collect();
    mixed_up.query_pairs_mut().clear().extend_pairs(&kept);
    let page = browser.get(mixed_up.as_str()).await;
    assert_eq!(page.shown("Check"), "response_issuer", "{iss}");
    mixed_up
        .query_pairs_mut()
        .append_pair("iss", "https://other.test");
    let page = browser.get(mixed_up.as_str()).await;
    assert_eq!(page.shown("Check"), "response_issuer");
    let page = browser.get(target.as_str()).await;
    assert_eq!(authenticate(&hooli.gateway, &page).await.status, 200);
}

#[actix_web::test]
async fn the_secret_travels_as_the_connection_says_or_else_as_the_provider_does() {
    let hooli = Hooli::open().await;
    let last = || {
        hooli
            .provider
            .conduct(|conduct| conduct.forms.last().cloned().unwrap())
    };
    assert_eq!(hooli.sign_in().await.status, 200);
    let (header, form) = last();
    assert!(header.starts_with("Basic ") && !form.contains_key("client_secret"));
    assert!(form["code_verifier"].len() >= 43);
    let post = json!({ "token_endpoint_auth_method": "client_secret_post" });
    let answer = hooli.change(post).await;
    assert_eq!(
        answer.body["connection"]["token_endpoint_auth_method"],
        "client_secret_post"
    );
    assert_eq!(hooli.sign_in().await.status, 200);
    let (header, form) = last();
    assert_eq!(
        (header.as_str(), form["client_secret"].as_str()),
        ("", "a-secret-of-some-length")
    );
    let wrong = hooli
        .change(json!({ "token_endpoint_auth_method": "tls_client_auth" }))
        .await;
    assert_eq!(
        (wrong.status, &wrong.body["error_type"]),
        (400, &json!("invalid_oidc_token_endpoint_auth_method"))
    );
}

#[actix_web::test]
async fn scopes_and_claims_are_those_that_the_connection_names() {
    let settings = json!({
        "custom_scopes": "openid groups",
        "attribute_mapping": { "groups": "realm_access.roles", "email": "upn", "team": "org.team" },
        "group_implicit_role_assignments": [{ "role_id": "editor", "group": "engineering" }],
    });
    let provider = crate::support::oidc_stub::OidcStub::start();
    let hooli = Hooli::with(provider, json!({}), settings).await;
    let start = start_url(
        &hooli.gateway,
        &hooli.connection_id,
        &[("custom_scopes", "offline")],
    );
    let page = Browser::new().get(&start).await;
    assert_eq!(
        page.parameter("scope").as_deref(),
        Some("openid groups offline")
    );
    let claims = |roles: Value| json!({ "realm_access": { "roles": roles }, "upn": "ana@hooli.test", "org": { "team": "a" } });
    hooli.provider.says(claims(json!(["engineering"])));
    let answer = hooli.sign_in().await;
    let member = &answer.body["member"];
    assert_eq!(member["email_address"], "ana@hooli.test", "{}", answer.text);
    // The provider's word about `email` says nothing about another claim.
    assert_eq!(member["email_address_verified"], false);
    assert_eq!(member["trusted_metadata"], json!({ "team": "a" }));
    let roles = |answer: &crate::support::Answer| answer.body["member_session"]["roles"].clone();
    assert_eq!(roles(&answer), json!(["editor", "stytch_member"]));
    // Roles are those of the last sign-in.
    hooli.provider.says(claims(json!(["sales"])));
    assert_eq!(roles(&hooli.sign_in().await), json!(["stytch_member"]));
}

#[actix_web::test]
async fn a_session_ends_when_the_provider_or_the_connection_wants_it_to() {
    let hooli = Hooli::open().await;
    let minutes = async || {
        let body = json!({
            "sso_token": hooli.visit().await.parameter("token").unwrap(),
            "session_duration_minutes": 600,
        });
        let answer = super::redeem(&hooli.gateway, body).await;
        let session = &answer.body["member_session"];
        let time = |name: &str| {
            chrono::DateTime::parse_from_rfc3339(session[name].as_str().unwrap()).unwrap()
        };
        (time("expires_at") - time("started_at")).num_minutes()
    };
    assert_eq!(minutes().await, 600);
    hooli
        .provider
        .says(json!({ "session_expiry": in_seconds(30 * 60 + 5) }));
    assert_eq!(minutes().await, 30);
    let limit = json!({ "maximum_session_duration_minutes": 20 });
    let answer = hooli.change(limit).await;
    assert_eq!(
        answer.body["connection"]["maximum_session_duration_minutes"],
        20
    );
    assert!([19, 20].contains(&minutes().await));
    for wrong in [-1, 4, 527_041] {
        let answer = hooli
            .change(json!({ "maximum_session_duration_minutes": wrong }))
            .await;
        assert_eq!(
            answer.body["error_type"],
            "invalid_maximum_session_duration"
        );
    }
    hooli
        .change(json!({ "maximum_session_duration_minutes": 0 }))
        .await;
    hooli.provider.says(json!({}));
    assert_eq!(minutes().await, 600);
}

#[actix_web::test]
async fn a_sign_in_that_the_provider_begins_becomes_one_of_ours() {
    let hooli = Hooli::open().await;
    let issuer = hooli.provider.issuer();
    let initiate = format!("{}/initiate", hooli.callback());
    let begin = async |browser: &Browser, query: &[(&str, &str)]| {
        let mut url = url::Url::parse(&initiate).unwrap();
        url.query_pairs_mut().extend_pairs(query);
        browser.get(url.as_str()).await
    };
    let browser = Browser::new();
    let iss = ("iss", issuer.as_str());
    let page = begin(&browser, &[iss, ("login_hint", "ana@acme.test")]).await;
    assert_eq!(
        page.parameter("login_hint").as_deref(),
        Some("ana@acme.test")
    );
    let page = browser.follow(page).await;
    assert_eq!(authenticate(&hooli.gateway, &page).await.status, 200);
    let target = ("target_link_uri", super::RETURN_URL);
    let page = browser.follow(begin(&browser, &[iss, target]).await).await;
    assert_eq!(page.location().unwrap().path(), "/authenticate");
    let form = vec![("iss".to_owned(), issuer.clone())];
    assert_eq!(browser.post(&initiate, &form).await.status, 302);
    let refused = async |query: &[(&str, &str)]| {
        let page = begin(&browser, query).await;
        (page.status, page.shown("Check") + &page.code())
    };
    let elsewhere = ("target_link_uri", "https://evil.test/");
    assert_eq!(
        refused(&[iss, elsewhere]).await,
        (400, "no_match_for_provided_sso_url".to_owned())
    );
    for query in [&[][..], &[("iss", "https://other.test")]] {
        assert_eq!(
            refused(query).await,
            (400, "initiated_issueroidc_auth_code_error".to_owned())
        );
    }
    // Without its cookie nobody can finish in another browser.
    let page = begin(&browser, &[iss]).await;
    let callback = Browser::new().get(page.location().unwrap().as_str()).await;
    let stranger = Browser::new()
        .get(callback.location().unwrap().as_str())
        .await;
    assert_eq!(stranger.code(), "missing_oidc_csrf_cookie");
}
