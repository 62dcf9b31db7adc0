//! Each URL of the product: without credentials, with another project's, with wrong ones.
//!
//! The list is checked against the route tables in the source, so that a new route without an
//! entry here fails.

use serde_json::json;

use crate::support::TestGateway;

/// Who may call a route, and with what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Guard {
    /// HTTP Basic with project id and secret.
    Project,
    /// A SCIM bearer token of the connection.
    Directory,
    /// Nobody has to prove anything.
    Open,
}

const ORGANIZATION: &str = "organization-test-00000000-0000-4000-8000-000000000000";
const SCIM: &str = "scim-connection-test-00000000-0000-4000-8000-000000000000";
const SAML: &str = "saml-connection-test-00000000-0000-4000-8000-000000000000";

fn routes() -> Vec<(Guard, &'static str, String)> {
    use Guard::Directory;
    use Guard::Open;
    use Guard::Project;
    let organizations = "/v1/b2b/organizations";
    let organization = format!("{organizations}/{ORGANIZATION}");
    let scim = format!("/v1/b2b/scim/{SCIM}");
    vec![
        (Project, "GET", "/v1/debug/whoami".to_owned()),
        (Project, "POST", organizations.to_owned()),
        (Project, "POST", format!("{organizations}/search")),
        (Project, "GET", organization.clone()),
        (Project, "PUT", organization.clone()),
        (Project, "POST", format!("{organizations}/members/search")),
        (
            Project,
            "GET",
            format!("{organizations}/members/dangerously_get/member-test-1"),
        ),
        (Project, "POST", format!("{organization}/members")),
        (Project, "GET", format!("{organization}/member")),
        (Project, "GET", format!("/v1/b2b/sso/{ORGANIZATION}")),
        (Project, "POST", "/v1/b2b/sso/authenticate".to_owned()),
        (Project, "POST", format!("/v1/b2b/sso/saml/{ORGANIZATION}")),
        (
            Project,
            "PUT",
            format!("/v1/b2b/sso/saml/{ORGANIZATION}/connections/{SAML}"),
        ),
        (Project, "POST", format!("/v1/b2b/sso/oidc/{ORGANIZATION}")),
        (
            Project,
            "PUT",
            format!("/v1/b2b/sso/oidc/{ORGANIZATION}/connections/{SAML}"),
        ),
        (
            Project,
            "POST",
            format!("/v1/b2b/scim/{ORGANIZATION}/connection"),
        ),
        (
            Project,
            "GET",
            format!("/v1/b2b/scim/{ORGANIZATION}/connection"),
        ),
        (
            Project,
            "PUT",
            format!("/v1/b2b/scim/{ORGANIZATION}/connection/{SCIM}"),
        ),
        (Project, "POST", "/v1/b2b/sessions/authenticate".to_owned()),
        (Project, "GET", "/v1/b2b/rbac/policy".to_owned()),
        (
            Project,
            "GET",
            format!("/v1/b2b/rbac/organizations/{ORGANIZATION}"),
        ),
        (
            Open,
            "GET",
            "/v1/b2b/sessions/jwks/project-test-1".to_owned(),
        ),
        (Open, "GET", "/v1/sessions/jwks/project-test-1".to_owned()),
        (Open, "GET", "/v1/public/sso/start".to_owned()),
        (Open, "GET", format!("/v1/b2b/sso/callback/{SAML}")),
        (Open, "POST", format!("/v1/b2b/sso/callback/{SAML}")),
        (Open, "GET", format!("/v1/b2b/sso/callback/{SAML}/metadata")),
        (Directory, "GET", format!("{scim}/Users")),
        (Directory, "POST", format!("{scim}/Users")),
        (Directory, "GET", format!("{scim}/Users/1")),
        (Directory, "PUT", format!("{scim}/Users/1")),
        (Directory, "PATCH", format!("{scim}/Users/1")),
        (Directory, "DELETE", format!("{scim}/Users/1")),
        (Directory, "GET", format!("{scim}/Groups")),
        (Directory, "POST", format!("{scim}/Groups")),
        (Directory, "GET", format!("{scim}/Groups/1")),
        (Directory, "PUT", format!("{scim}/Groups/1")),
        (Directory, "PATCH", format!("{scim}/Groups/1")),
        (Directory, "DELETE", format!("{scim}/Groups/1")),
        (Open, "GET", "/docs/errors".to_owned()),
        (Open, "GET", format!("{scim}/ServiceProviderConfig")),
        (Open, "GET", format!("{scim}/ResourceTypes")),
        (Open, "GET", format!("{scim}/ResourceTypes/User")),
        (Open, "GET", format!("{scim}/Schemas")),
        (
            Open,
            "GET",
            format!("{scim}/Schemas/urn:ietf:params:scim:schemas:core:2.0:User"),
        ),
    ]
}

#[actix_web::test]
async fn a_call_without_credentials_is_refused_in_its_own_protocol() {
    let gateway = TestGateway::start().await;
    for (guard, method, path) in routes() {
        let url = format!("{}{path}", gateway.base_url);
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let answer = gateway
            .send(gateway.http.request(method.clone(), &url))
            .await;
        match guard {
            Guard::Project => {
                assert_eq!(answer.status, 401, "{method} {path}: {}", answer.text);
                assert_eq!(
                    answer.body["error_type"], "unauthorized_credentials",
                    "{path}"
                );
            }
            Guard::Directory => {
                assert_eq!(answer.status, 401, "{method} {path}: {}", answer.text);
                assert_eq!(answer.body["status"], "401", "{path}");
                assert!(answer.headers.contains_key("www-authenticate"), "{path}");
            }
            Guard::Open => assert!(answer.status < 500 && answer.status != 401, "{path}"),
        }
    }
}

#[actix_web::test]
async fn wrong_credentials_are_refused_before_anything_else_is_said() {
    let gateway = TestGateway::start().await;
    let secret = gateway.secret.clone();
    let project_id = gateway.project_id.clone();
    for (guard, method, path) in routes() {
        let url = format!("{}{path}", gateway.base_url);
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = || gateway.http.request(method.clone(), &url);
        let attempts = match guard {
            Guard::Open => continue,
            Guard::Project => vec![
                request().basic_auth(&project_id, Some("secret-test-wrong")),
                request().basic_auth("project-test-wrong", Some(&secret)),
                request().basic_auth(&project_id, Some("")),
                request().bearer_auth(&secret),
                request().header("authorization", "Basic !!!"),
            ],
            Guard::Directory => vec![
                request().bearer_auth("wrong"),
                request().bearer_auth(""),
                request().basic_auth(&project_id, Some(&secret)),
                request().header("authorization", "Bearer"),
            ],
        };
        for attempt in attempts {
            let answer = gateway.send(attempt).await;
            assert_eq!(answer.status, 401, "{method} {path}: {}", answer.text);
        }
    }
}

/// The route tables: their text, and what stands before each path in them.
const TABLES: [(&str, &str); 4] = [
    (include_str!("../../src/http/management/mod.rs"), ""),
    (include_str!("../../src/http/sso/mod.rs"), ""),
    (include_str!("../../src/http/documentation.rs"), ""),
    (
        include_str!("../../src/http/scim/mod.rs"),
        "/v1/b2b/scim/{connection_id}",
    ),
];

#[test]
fn the_list_holds_every_route_of_the_source() {
    let listed = routes();
    let mut handlers = 0;
    for (table, prefix) in TABLES {
        for method in ["get", "post", "put", "patch", "delete"] {
            handlers += table.matches(&format!("{method}().to(")).count();
        }
        let paths = table
            .split('"')
            .skip(1)
            .step_by(2)
            .filter(|text| text.starts_with('/'));
        // What is refused for everybody has no handler of its own.
        let refused = [
            "/Bulk",
            "/Me",
            "/.search",
            "/Users/.search",
            "/Groups/.search",
        ];
        for path in
            paths.filter(|path| !refused.contains(path) && !path.contains("scim-connection"))
        {
            let pattern = format!("{prefix}{}", path.trim_start_matches(prefix));
            let is_listed = listed.iter().any(|(_, _, listed)| fits(&pattern, listed));
            assert!(
                is_listed || pattern == prefix || pattern.ends_with("/callback"),
                "{pattern}"
            );
        }
    }
    assert_eq!(
        handlers,
        listed.len(),
        "a route is missing here, or is listed twice"
    );
}

fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, path): (Vec<_>, Vec<_>) =
        (pattern.split('/').collect(), path.split('/').collect());
    pattern.len() == path.len()
        && pattern
            .iter()
            .zip(path)
            .all(|(wanted, given)| wanted.starts_with('{') || *wanted == given)
}

#[actix_web::test]
async fn another_projects_credentials_open_nothing_here() {
    let gateway = TestGateway::start().await;
    let (other, secret) = gateway.another_project().await;
    let acme = gateway
        .organization(json!({ "organization_name": "Acme" }))
        .await;
    let id = acme["organization_id"].as_str().unwrap();
    for (guard, method, path) in routes() {
        if guard == Guard::Open {
            continue;
        }
        let path = path.replace(ORGANIZATION, id);
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = gateway
            .http
            .request(method.clone(), format!("{}{path}", gateway.base_url))
            .basic_auth(&other, Some(&secret));
        let answer = gateway.send(request).await;
        assert_eq!(answer.status, 401, "{method} {path}: {}", answer.text);
    }
    let unchanged = gateway.get(&format!("/v1/b2b/organizations/{id}")).await;
    assert_eq!(unchanged.body["organization"], acme);
}
