//! What browsers visit shows no more of another project's connection than of a missing one.

use super::World;
use super::fill;

const PAGES: [(&str, &str); 14] = [
    ("GET", "/v1/b2b/sso/callback/<saml_connection_id>/metadata"),
    (
        "GET",
        "/v1/b2b/sso/callback/<saml_connection_id>?code=1&state=2",
    ),
    (
        "GET",
        "/v1/b2b/sso/callback/<oidc_connection_id>?code=1&state=2",
    ),
    ("POST", "/v1/b2b/sso/callback/<saml_connection_id>"),
    ("GET", "/v1/b2b/sso/callback/<oidc_connection_id>/jwks"),
    ("GET", "/v1/b2b/sso/callback/<oidc_connection_id>/initiate"),
    ("POST", "/v1/b2b/sso/callback/<oidc_connection_id>/initiate"),
    (
        "POST",
        "/v1/b2b/sso/callback/<oidc_connection_id>/backchannel_logout",
    ),
    (
        "GET",
        "/v1/b2b/sso/callback/<saml_connection_id>/logout?SAMLRequest=1",
    ),
    ("POST", "/v1/b2b/sso/callback/<saml_connection_id>/logout"),
    (
        "GET",
        "/v1/public/sso/logout?connection_id=<saml_connection_id>&state=1",
    ),
    (
        "GET",
        "/v1/public/sso/start?public_token=<public_token>&connection_id=<saml_connection_id>",
    ),
    (
        "GET",
        "/v1/public/sso/start?public_token=<public_token>&organization_id=<organization_id>",
    ),
    (
        "GET",
        "/v1/magic_links/redirect?stytch_token_type=multi_tenant_magic_links&token=<link_token>",
    ),
];

#[actix_web::test]
async fn a_connection_of_another_project_is_as_good_as_missing() {
    let mut world = World::furnish().await;
    let missing = world.own.missing();
    let before = world.others();
    let token = world.gateway.public_token.clone();
    for (method, path) in PAGES {
        let mut pages = Vec::new();
        for tenant in [&missing, &world.stranger] {
            let path = fill(path, tenant).replace("<public_token>", &token);
            let url = format!("{}{path}", world.gateway.base_url);
            let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
            let mut request = world.gateway.http.request(method.clone(), url);
            if method == reqwest::Method::POST {
                let form = "SAMLResponse=PHg%2BPC94Pg%3D%3D&RelayState=1";
                let kind = "application/x-www-form-urlencoded";
                request = request.header("content-type", kind).body(form);
            }
            let answer = world.gateway.send(request).await;
            let request_id = answer.headers["x-request-id"].to_str().unwrap();
            let text = answer.text.replace(request_id, "…");
            let shown = tenant
                .values()
                .fold(text, |text, value| text.replace(value, "…"));
            pages.push((
                answer.status,
                answer.headers.get("location").cloned(),
                shown,
            ));
        }
        assert!(pages[0].0 >= 400, "{path}: {}", pages[0].2);
        assert_eq!(pages[1], pages[0], "{path}");
    }
    assert_eq!(world.others(), before);
}
