use aws_lc_rs::signature::RSA_PKCS1_2048_8192_SHA256;
use aws_lc_rs::signature::UnparsedPublicKey;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use url::Url;
use vestibule::domain::id::RequestId;
use vestibule::domain::key_pair::certificate_der;
use vestibule::use_cases::project;
use vestibule::use_cases::project::GivenCredentials;

use super::Acme;
use super::RETURN_URL;
use super::saml_connection;
use super::text;
use crate::support::TestGateway;
use crate::support::private_key::rsa_key;

/// A query, and the status and code of the page that comes.
type Case<'a> = (&'a [(&'a str, &'a str)], u16, &'a str);

/// The answer to a start with this query.
async fn start(acme: &Acme, query: &[(&str, &str)]) -> (u16, String) {
    let mut url = Url::parse(&format!("{}/v1/public/sso/start", acme.gateway.base_url)).unwrap();
    url.query_pairs_mut().extend_pairs(query);
    let page = acme.browser.get(url.as_str()).await;
    (page.status, page.code())
}

async fn token_of_another_project(gateway: &TestGateway) -> String {
    let token = format!("public-token-test-{}", uuid::Uuid::new_v4());
    let given = GivenCredentials {
        project_id: Some(format!("project-test-{}", uuid::Uuid::new_v4())),
        secret: Some("secret-test-other".to_owned()),
        public_token: Some(token.clone()),
    };
    let adopted = gateway.storage.transaction(RequestId::fresh(), move |tx| {
        project::adopt(tx, &given, &GivenCredentials::default())
    });
    adopted.await.unwrap();
    token
}

#[actix_web::test]
async fn a_link_that_is_wrong_is_refused_by_its_code() {
    let acme = Acme::open().await;
    let (connection, token) = (
        acme.connection_id.as_str(),
        acme.gateway.public_token.as_str(),
    );
    let other_token = token_of_another_project(&acme.gateway).await;
    let absent = "saml-connection-test-00000000-0000-4000-8000-000000000000";
    let by_connection = ("connection_id", connection);
    let with_token = ("public_token", token);
    let registered = "no_match_for_provided_sso_url";
    let unknown = "sso_connection_not_found";
    let table: &[Case<'_>] = &[
        (&[by_connection], 400, "public_token_required"),
        (
            &[by_connection, ("public_token", "x")],
            404,
            "public_token_not_found",
        ),
        (
            &[by_connection, ("public_token", &other_token)],
            404,
            "public_token_not_found",
        ),
        (&[("connection_id", absent), with_token], 404, unknown),
        (&[("connection_id", "x"), with_token], 404, unknown),
        (&[with_token], 400, "missing_sso_connection_locator"),
        (
            &[
                by_connection,
                ("organization_id", &acme.organization_id),
                with_token,
            ],
            400,
            "too_many_sso_connection_locators",
        ),
        (
            &[("organization_id", "nobody"), with_token],
            404,
            "organization_not_found",
        ),
        (
            &[("organization_id", "acme"), ("public_token", &other_token)],
            404,
            "public_token_not_found",
        ),
        (
            &[
                by_connection,
                with_token,
                ("login_redirect_url", "https://evil.test/"),
            ],
            400,
            registered,
        ),
        (
            &[
                by_connection,
                with_token,
                ("signup_redirect_url", "http://app.test/authenticate/"),
            ],
            400,
            registered,
        ),
        (
            &[
                by_connection,
                with_token,
                ("login_redirect_url", "//app.test/authenticate"),
            ],
            400,
            registered,
        ),
        (
            &[by_connection, with_token, ("pkce_code_challenge", "short")],
            400,
            "invalid_pkce_code_challenge",
        ),
        (
            &[by_connection, by_connection, with_token],
            400,
            "bad_request",
        ),
    ];
    for (query, status, code) in table {
        assert_eq!(
            start(&acme, query).await,
            (*status, (*code).to_owned()),
            "{query:?}"
        );
    }
    assert!(acme.browser.cookie_names().is_empty());
}

#[actix_web::test]
async fn an_organization_is_enough_when_its_connection_is_clear() {
    let acme = Acme::open().await;
    let token = acme.gateway.public_token.clone();
    let organizations = [acme.organization_id.clone(), "acme".to_owned()];
    for organization in &organizations {
        let query = [
            ("organization_id", organization.as_str()),
            ("public_token", &token),
        ];
        assert_eq!(start(&acme, &query).await.0, 302);
    }
    saml_connection(&acme.gateway, &acme.organization_id, json!({})).await;
    let query = [
        ("organization_id", "acme"),
        ("public_token", token.as_str()),
    ];
    let indeterminate = "indeterminate_sso_connection_for_organization".to_owned();
    assert_eq!(start(&acme, &query).await, (400, indeterminate));
    acme.change(json!({ "sso_default_connection_id": acme.connection_id }))
        .await;
    assert_eq!(start(&acme, &query).await.0, 302);
    acme.gateway
        .organization(json!({ "organization_name": "Globex", "organization_slug": "globex" }))
        .await;
    let query = [
        ("organization_id", "globex"),
        ("public_token", token.as_str()),
    ];
    let none = "no_sso_connection_exists_for_organization".to_owned();
    assert_eq!(start(&acme, &query).await, (400, none));
}

#[actix_web::test]
async fn a_connection_that_is_not_complete_cannot_be_used() {
    let acme = Acme::open().await;
    let path = format!("/v1/b2b/sso/saml/{}", acme.organization_id);
    let pending = acme
        .gateway
        .post(&path, json!({ "display_name": "Pending" }))
        .await;
    let pending = text(&pending.body["connection"]["connection_id"]);
    let query = [
        ("connection_id", pending.as_str()),
        ("public_token", acme.gateway.public_token.as_str()),
    ];
    let unknown = "sso_connection_not_found".to_owned();
    assert_eq!(start(&acme, &query).await, (404, unknown));
    // Its metadata is there all the same, since the IdP is often set up first.
    let url = format!("{}/metadata", super::callback_url(&acme.gateway, &pending));
    assert_eq!(acme.browser.get(&url).await.status, 200);
}

#[actix_web::test]
async fn the_cookie_is_bound_to_the_callback_and_the_redirect_is_not_kept() {
    let acme = Acme::open().await;
    let page = acme.browser.get(&acme.start_url(&[])).await;
    let cookie = page.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("vestibule_flow_"), "{cookie}");
    for part in [
        "HttpOnly",
        "Path=/v1/b2b/sso/callback",
        "Max-Age=600",
        "SameSite=Lax",
    ] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert_eq!(page.headers["cache-control"], "no-store");
    assert!(page.parameter("RelayState").unwrap().len() <= 80);
    assert!(!page.location().unwrap().as_str().contains(RETURN_URL));
}

#[actix_web::test]
async fn behind_https_the_cookie_is_the_host_s_alone() {
    let acme = Acme::open().await;
    let node = acme.gateway.node_behind_https();
    let url = acme.start_url(&[]);
    let url = url.replace(&acme.gateway.base_url, &node.base_url);
    let page = acme.browser.get(&url).await;
    let cookie = page.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("__Host-vestibule_flow_"), "{cookie}");
    for part in ["; Path=/;", "; Secure", "; HttpOnly", "; SameSite=None"] {
        assert!(cookie.contains(part), "{cookie}");
    }
}

#[actix_web::test]
async fn a_connection_with_a_key_signs_its_requests() {
    let (_, key) = rsa_key();
    let settings = json!({ "signing_private_key": key });
    let acme = Acme::with(json!({}), settings).await;
    let page = acme.browser.get(&acme.start_url(&[])).await;
    let url = page.location().unwrap();
    let (signed, signature) = url.query().unwrap().split_once("&Signature=").unwrap();
    assert!(
        signed.contains("&SigAlg=http%3A%2F%2Fwww.w3.org%2F2001%2F04%2Fxmldsig-more%23rsa-sha256"),
        "{signed}"
    );
    let signature = url::form_urlencoded::parse(format!("s={signature}").as_bytes())
        .next()
        .map(|(_, value)| STANDARD.decode(value.as_bytes()).unwrap())
        .unwrap();
    let path = format!("/v1/b2b/sso/{}", acme.organization_id);
    let shown = acme.gateway.get(&path).await.body["saml_connections"][0].clone();
    let certificate = text(&shown["signing_certificates"][0]["certificate"]);
    assert!(!shown.to_string().contains("PRIVATE KEY"));
    let der = certificate_der(&certificate).unwrap();
    let (_, certificate) = x509_parser::parse_x509_certificate(&der).unwrap();
    let public = certificate.public_key().subject_public_key.data.clone();
    let verifier = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public);
    verifier.verify(signed.as_bytes(), &signature).unwrap();
    assert!(
        verifier
            .verify(format!("{signed}x").as_bytes(), &signature)
            .is_err()
    );
}
