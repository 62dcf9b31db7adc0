//! Each URL of the product: without credentials, with another project's, with wrong ones.
//!
//! The management API's list is made from its description, the others are listed by hand; both are
//! checked against the route tables in the source, so that no new route goes without an entry.

use std::collections::BTreeSet;

use serde_json::Value;
use serde_json::json;
use vestibule::http::openapi::document;

use crate::support::TestGateway;

/// Who may call a route, and with what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// HTTP Basic with project id and secret.
    Project,
    /// A SCIM bearer token of the connection.
    Directory,
    /// The cookie of a session in the admin portal.
    Portal,
    /// The cookie of a session in the operator's console.
    Operator,
    /// Nobody has to prove anything.
    Open,
}

/// A route, with its path as a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    pub guard: Guard,
    pub method: String,
    pub path: String,
    /// The name of the call in the description; empty where there is none.
    pub call: String,
}

impl Route {
    fn new(guard: Guard, method: &str, path: &str) -> Self {
        Self {
            guard,
            method: method.to_uppercase(),
            path: path.to_owned(),
            call: String::new(),
        }
    }

    fn key(&self) -> (String, String) {
        (self.method.clone(), without_names(&self.path))
    }

    pub fn method(&self) -> reqwest::Method {
        reqwest::Method::from_bytes(self.method.as_bytes()).unwrap()
    }

    /// The path with some id in each place.
    fn sample(&self) -> String {
        let mut path = String::new();
        for segment in self.path.split('/').skip(1) {
            let some = match segment {
                "{organization_id}" => "organization-test-00000000-0000-4000-8000-000000000000",
                "{scim_connection_id}" => {
                    "scim-connection-test-00000000-0000-4000-8000-000000000000"
                }
                "{connection_id}" => "saml-connection-test-00000000-0000-4000-8000-000000000000",
                "{project_id}" => "project-test-1",
                name if name.starts_with('{') => "1",
                word => word,
            };
            path = format!("{path}/{some}");
        }
        path
    }
}

/// The calls of the management API, as its description has them.
pub fn management() -> Vec<Route> {
    let mut routes = Vec::new();
    for (path, operations) in document()["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let guard = match operation["security"].as_array() {
                Some(open) if open.iter().all(|scheme| *scheme == json!({})) => Guard::Open,
                Some(_) | None => Guard::Project,
            };
            routes.push(Route {
                call: operation["operationId"].as_str().unwrap().to_owned(),
                ..Route::new(guard, method, path)
            });
        }
    }
    let is_missing = |call: &str| routes.iter().all(|route| route.call != call);
    let missing: Vec<_> = UNDESCRIBED
        .into_iter()
        .filter(|row| is_missing(row.0))
        .collect();
    routes.extend(missing.into_iter().map(|(call, method, path)| Route {
        call: call.to_owned(),
        ..Route::new(Guard::Project, method, path)
    }));
    routes
}

/// Calls that the description does not have yet.
const UNDESCRIBED: [(&str, &str, &str); 5] = [
    ("sso.getConnections", "GET", "/v1/b2b/sso/{organization_id}"),
    (
        "sso.saml.createConnection",
        "POST",
        "/v1/b2b/sso/saml/{organization_id}",
    ),
    (
        "sso.saml.updateConnection",
        "PUT",
        "/v1/b2b/sso/saml/{organization_id}/connections/{connection_id}",
    ),
    (
        "sso.oidc.createConnection",
        "POST",
        "/v1/b2b/sso/oidc/{organization_id}",
    ),
    (
        "sso.oidc.updateConnection",
        "PUT",
        "/v1/b2b/sso/oidc/{organization_id}/connections/{connection_id}",
    ),
];

/// Another address of a described call.
const ALIASES: [(Guard, &str, &str); 1] = [(Guard::Open, "GET", "/v1/sessions/jwks/{project_id}")];

/// What browsers, directories and readers visit.
const OTHERS: [(Guard, &str, &str); 110] = [
    (Guard::Open, "GET", "/console/enter"),
    (Guard::Open, "POST", "/console/enter"),
    (Guard::Operator, "POST", "/console/leave"),
    (Guard::Operator, "GET", "/console"),
    (Guard::Operator, "GET", "/console/organizations"),
    (Guard::Operator, "POST", "/console/organizations"),
    (
        Guard::Operator,
        "GET",
        "/console/organizations/{organization_id}",
    ),
    (
        Guard::Operator,
        "POST",
        "/console/organizations/{organization_id}/portal_links",
    ),
    (
        Guard::Operator,
        "POST",
        "/console/organizations/{organization_id}/portal_links/{portal_link_id}/revoke",
    ),
    (Guard::Operator, "GET", "/console/keys"),
    (Guard::Operator, "POST", "/console/keys"),
    (Guard::Operator, "POST", "/console/keys/{key_id}/revoke"),
    (Guard::Portal, "GET", "/portal/members"),
    (Guard::Portal, "GET", "/portal/members/{member_id}"),
    (Guard::Portal, "GET", "/portal/log"),
    (Guard::Portal, "GET", "/portal/log.jsonl"),
    (Guard::Open, "GET", "/portal/open"),
    (Guard::Open, "POST", "/portal/open"),
    (Guard::Open, "GET", "/portal/left"),
    (Guard::Portal, "POST", "/portal/leave"),
    (Guard::Portal, "POST", "/portal/complete"),
    (Guard::Portal, "GET", "/portal"),
    (Guard::Portal, "GET", "/portal/domains"),
    (Guard::Portal, "POST", "/portal/domains"),
    (Guard::Portal, "GET", "/portal/domains/state"),
    (Guard::Portal, "POST", "/portal/domains/check"),
    (Guard::Portal, "POST", "/portal/domains/release"),
    (Guard::Portal, "GET", "/portal/settings"),
    (Guard::Portal, "POST", "/portal/settings"),
    (Guard::Portal, "GET", "/portal/settings/forecast"),
    (Guard::Portal, "GET", "/portal/roles"),
    (Guard::Portal, "POST", "/portal/roles"),
    (Guard::Portal, "GET", "/portal/roles/forecast"),
    (Guard::Portal, "GET", "/portal/directory"),
    (Guard::Portal, "POST", "/portal/directory"),
    (Guard::Portal, "GET", "/portal/directory/state"),
    (Guard::Portal, "POST", "/portal/directory/token/start"),
    (Guard::Portal, "POST", "/portal/directory/token/complete"),
    (Guard::Portal, "POST", "/portal/directory/token/cancel"),
    (Guard::Portal, "GET", "/portal/sso"),
    (Guard::Portal, "POST", "/portal/sso"),
    (Guard::Portal, "GET", "/portal/sso/{connection_id}"),
    (
        Guard::Portal,
        "POST",
        "/portal/sso/{connection_id}/metadata_url",
    ),
    (
        Guard::Portal,
        "POST",
        "/portal/sso/{connection_id}/metadata",
    ),
    (Guard::Portal, "POST", "/portal/sso/{connection_id}/fields"),
    (
        Guard::Portal,
        "POST",
        "/portal/sso/{connection_id}/provider",
    ),
    (Guard::Portal, "POST", "/portal/sso/{connection_id}/test"),
    (Guard::Portal, "POST", "/portal/sso/{connection_id}/on"),
    (Guard::Portal, "POST", "/portal/sso/{connection_id}/off"),
    (Guard::Open, "GET", "/assets/style.css"),
    (Guard::Open, "GET", "/assets/script.js"),
    (Guard::Open, "GET", "/assets/icon.svg"),
    (Guard::Open, "GET", "/openapi.json"),
    (Guard::Open, "GET", "/docs"),
    (Guard::Open, "GET", "/docs/api"),
    (Guard::Open, "GET", "/docs/errors"),
    (Guard::Open, "GET", "/v1/magic_links/redirect"),
    (Guard::Open, "HEAD", "/v1/magic_links/redirect"),
    (Guard::Open, "GET", "/v1/public/sso/start"),
    (Guard::Open, "POST", "/v1/public/{project_id}/oauth2/token"),
    (Guard::Open, "GET", "/v1/b2b/public/oauth/{provider}/start"),
    (
        Guard::Open,
        "GET",
        "/v1/b2b/public/oauth/{provider}/discovery/start",
    ),
    (Guard::Open, "GET", "/v1/b2b/oauth/callback/{provider}"),
    (Guard::Open, "GET", "/v1/b2b/sso/callback/{connection_id}"),
    (Guard::Open, "POST", "/v1/b2b/sso/callback/{connection_id}"),
    (
        Guard::Open,
        "GET",
        "/v1/b2b/sso/callback/{connection_id}/metadata",
    ),
    (
        Guard::Open,
        "GET",
        "/v1/b2b/sso/callback/{connection_id}/jwks",
    ),
    (
        Guard::Open,
        "GET",
        "/v1/b2b/sso/callback/{connection_id}/initiate",
    ),
    (
        Guard::Open,
        "GET",
        "/v1/b2b/sso/callback/{connection_id}/logout",
    ),
    (
        Guard::Open,
        "POST",
        "/v1/b2b/sso/callback/{connection_id}/logout",
    ),
    (
        Guard::Open,
        "POST",
        "/v1/b2b/sso/callback/{connection_id}/initiate",
    ),
    (
        Guard::Open,
        "POST",
        "/v1/b2b/sso/callback/{connection_id}/backchannel_logout",
    ),
    (
        Guard::Project,
        "GET",
        "/sdk/v1/b2b/sso/discovery/connections",
    ),
    (Guard::Open, "GET", "/v1/public/sso/logout"),
    (
        Guard::Directory,
        "POST",
        "/v1/b2b/scim/{scim_connection_id}/.search",
    ),
    (
        Guard::Directory,
        "POST",
        "/v1/b2b/scim/{scim_connection_id}/Users/.search",
    ),
    (
        Guard::Directory,
        "POST",
        "/v1/b2b/scim/{scim_connection_id}/Groups/.search",
    ),
    (
        Guard::Directory,
        "POST",
        "/v1/b2b/scim/{scim_connection_id}/Roles/.search",
    ),
    (
        Guard::Directory,
        "POST",
        "/v1/b2b/scim/{scim_connection_id}/Entitlements/.search",
    ),
    (
        Guard::Directory,
        "POST",
        "/v1/b2b/scim/{scim_connection_id}/{endpoint}/.search",
    ),
    (
        Guard::Directory,
        "GET",
        "/v1/b2b/scim/{scim_connection_id}/",
    ),
    (
        Guard::Directory,
        "GET",
        "/v1/b2b/scim/{scim_connection_id}/Users",
    ),
    (
        Guard::Directory,
        "POST",
        "/v1/b2b/scim/{scim_connection_id}/Users",
    ),
    (
        Guard::Directory,
        "GET",
        "/v1/b2b/scim/{scim_connection_id}/Users/{id}",
    ),
    (
        Guard::Directory,
        "PUT",
        "/v1/b2b/scim/{scim_connection_id}/Users/{id}",
    ),
    (
        Guard::Directory,
        "PATCH",
        "/v1/b2b/scim/{scim_connection_id}/Users/{id}",
    ),
    (
        Guard::Directory,
        "DELETE",
        "/v1/b2b/scim/{scim_connection_id}/Users/{id}",
    ),
    (
        Guard::Directory,
        "GET",
        "/v1/b2b/scim/{scim_connection_id}/Groups",
    ),
    (
        Guard::Directory,
        "POST",
        "/v1/b2b/scim/{scim_connection_id}/Groups",
    ),
    (
        Guard::Directory,
        "GET",
        "/v1/b2b/scim/{scim_connection_id}/Groups/{id}",
    ),
    (
        Guard::Directory,
        "PUT",
        "/v1/b2b/scim/{scim_connection_id}/Groups/{id}",
    ),
    (
        Guard::Directory,
        "PATCH",
        "/v1/b2b/scim/{scim_connection_id}/Groups/{id}",
    ),
    (
        Guard::Directory,
        "DELETE",
        "/v1/b2b/scim/{scim_connection_id}/Groups/{id}",
    ),
    (
        Guard::Directory,
        "GET",
        "/v1/b2b/scim/{scim_connection_id}/{endpoint}",
    ),
    (
        Guard::Directory,
        "POST",
        "/v1/b2b/scim/{scim_connection_id}/{endpoint}",
    ),
    (
        Guard::Directory,
        "GET",
        "/v1/b2b/scim/{scim_connection_id}/{endpoint}/{id}",
    ),
    (
        Guard::Directory,
        "PUT",
        "/v1/b2b/scim/{scim_connection_id}/{endpoint}/{id}",
    ),
    (
        Guard::Directory,
        "PATCH",
        "/v1/b2b/scim/{scim_connection_id}/{endpoint}/{id}",
    ),
    (
        Guard::Directory,
        "DELETE",
        "/v1/b2b/scim/{scim_connection_id}/{endpoint}/{id}",
    ),
    (
        Guard::Directory,
        "POST",
        "/v1/b2b/scim/{scim_connection_id}/Bulk",
    ),
    (
        Guard::Directory,
        "GET",
        "/v1/b2b/scim/{scim_connection_id}/Roles",
    ),
    (
        Guard::Directory,
        "GET",
        "/v1/b2b/scim/{scim_connection_id}/Roles/{id}",
    ),
    (
        Guard::Directory,
        "GET",
        "/v1/b2b/scim/{scim_connection_id}/Entitlements",
    ),
    (
        Guard::Directory,
        "GET",
        "/v1/b2b/scim/{scim_connection_id}/Entitlements/{id}",
    ),
    (
        Guard::Open,
        "POST",
        "/v1/b2b/scim/{scim_connection_id}/oauth2/token",
    ),
    (
        Guard::Open,
        "GET",
        "/v1/b2b/scim/{scim_connection_id}/ServiceProviderConfig",
    ),
    (
        Guard::Open,
        "GET",
        "/v1/b2b/scim/{scim_connection_id}/ResourceTypes",
    ),
    (
        Guard::Open,
        "GET",
        "/v1/b2b/scim/{scim_connection_id}/ResourceTypes/{name}",
    ),
    (
        Guard::Open,
        "GET",
        "/v1/b2b/scim/{scim_connection_id}/Schemas",
    ),
    (
        Guard::Open,
        "GET",
        "/v1/b2b/scim/{scim_connection_id}/Schemas/{name}",
    ),
];

/// What people visit who sign in.
const SIGN_IN_PAGES: &[(Guard, &str, &str)] = &[
    (Guard::Open, "GET", "/login"),
    (Guard::Open, "POST", "/login"),
    (Guard::Open, "GET", "/o/{slug}"),
    (Guard::Open, "POST", "/o/{slug}"),
    (Guard::Open, "POST", "/login/sso/{connection_id}"),
    (Guard::Open, "POST", "/login/oauth/{provider}"),
    (Guard::Open, "GET", "/login/return"),
    (Guard::Open, "GET", "/login/sent"),
    (Guard::Open, "GET", "/login/code"),
    (Guard::Open, "POST", "/login/code"),
    (Guard::Open, "GET", "/login/link"),
    (Guard::Open, "POST", "/login/link"),
    (Guard::Open, "GET", "/invite"),
    (Guard::Open, "POST", "/invite"),
    (Guard::Open, "GET", "/login/password"),
    (Guard::Open, "POST", "/login/password"),
    (Guard::Open, "GET", "/login/organizations"),
    (Guard::Open, "POST", "/login/organizations"),
    (Guard::Open, "GET", "/login/second-factor"),
    (Guard::Open, "POST", "/login/second-factor"),
    (Guard::Open, "POST", "/login/second-factor/message"),
    (Guard::Open, "GET", "/login/second-factor/application"),
    (Guard::Open, "POST", "/login/second-factor/application"),
];

fn listed(rows: &[(Guard, &str, &str)]) -> Vec<Route> {
    let rows = rows.iter();
    rows.map(|(guard, method, path)| Route::new(*guard, method, path))
        .collect()
}

/// The routes of SCIM resources.
pub fn directory() -> Vec<Route> {
    let mut routes = listed(&OTHERS);
    routes.retain(|route| route.guard == Guard::Directory);
    routes
}

fn routes() -> Vec<Route> {
    let mut routes = management();
    routes.extend(listed(&ALIASES));
    routes.extend(listed(&OTHERS));
    routes.extend(listed(SIGN_IN_PAGES));
    routes
}

#[actix_web::test]
async fn a_call_without_credentials_is_refused_in_its_own_protocol() {
    let gateway = TestGateway::start().await;
    for route in routes() {
        let url = format!("{}{}", gateway.base_url, route.sample());
        let request = gateway.http.request(route.method(), &url);
        let answer = gateway.send(request).await;
        match route.guard {
            Guard::Project => {
                assert_eq!(answer.status, 401, "{route:?}: {}", answer.text);
                let error_type = &answer.body["error_type"];
                assert_eq!(error_type, "unauthorized_credentials", "{route:?}");
            }
            Guard::Directory => {
                assert_eq!(answer.status, 401, "{route:?}: {}", answer.text);
                assert_eq!(answer.body["status"], "401", "{route:?}");
                assert!(answer.headers.contains_key("www-authenticate"), "{route:?}");
            }
            Guard::Portal => {
                assert_eq!(answer.status, 401, "{route:?}: {}", answer.text);
                assert!(
                    answer.text.contains("portal_session_not_found"),
                    "{route:?}"
                );
            }
            Guard::Operator => {
                assert_eq!(answer.status, 401, "{route:?}: {}", answer.text);
                assert!(answer.text.contains("vestibule admin recover"), "{route:?}");
            }
            Guard::Open => assert!(answer.status < 500 && answer.status != 401, "{route:?}"),
        }
    }
}

#[actix_web::test]
async fn wrong_credentials_are_refused_before_anything_else_is_said() {
    let gateway = TestGateway::start().await;
    let (project_id, secret) = (gateway.project_id.clone(), gateway.secret.clone());
    for route in routes() {
        let url = format!("{}{}", gateway.base_url, route.sample());
        let request = || gateway.http.request(route.method(), &url);
        let attempts = match route.guard {
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
            Guard::Portal | Guard::Operator => [
                "vestibule_portal=wrong; vestibule_operator=wrong",
                "vestibule_portal=; vestibule_operator=",
                "__Host-vestibule_portal=x; __Host-vestibule_operator=x",
            ]
            .map(|cookie| request().header("cookie", cookie))
            .into_iter()
            .map(|it| it.header("sec-fetch-site", "same-origin"))
            .collect(),
        };
        for attempt in attempts {
            let answer = gateway.send(attempt).await;
            assert_eq!(answer.status, 401, "{route:?}: {}", answer.text);
        }
    }
}

#[actix_web::test]
async fn another_projects_credentials_open_nothing_here() {
    let gateway = TestGateway::start().await;
    let (other, secret) = gateway.another_project().await;
    let acme = json!({ "organization_name": "Acme" });
    let acme = gateway.organization(acme).await;
    let id = acme["organization_id"].as_str().unwrap();
    let guarded = routes()
        .into_iter()
        .filter(|route| route.guard != Guard::Open);
    for mut route in guarded {
        route.path = route.path.replace("{organization_id}", id);
        let url = format!("{}{}", gateway.base_url, route.sample());
        let request = gateway.http.request(route.method(), url);
        let answer = gateway
            .send(request.basic_auth(&other, Some(&secret)))
            .await;
        assert_eq!(answer.status, 401, "{route:?}: {}", answer.text);
    }
    let unchanged = gateway.get(&format!("/v1/b2b/organizations/{id}")).await;
    assert_eq!(unchanged.body["organization"], acme);
}

/// The route tables, and what stands before each path in them.
const TABLES: [(&str, &str); 33] = [
    ("console/mod.rs", ""),
    ("pages/assets.rs", ""),
    ("management/explanations.rs", ""),
    ("management/refusals.rs", ""),
    ("management/discovery.rs", ""),
    ("management/domains.rs", ""),
    ("management/email_codes.rs", ""),
    ("management/mod.rs", ""),
    ("management/foreign_tokens.rs", ""),
    ("management/m2m_routes.rs", ""),
    ("management/portal_links.rs", ""),
    ("portal/directory.rs", ""),
    ("portal/domains.rs", ""),
    ("portal/mod.rs", ""),
    ("portal/roles.rs", ""),
    ("portal/settings.rs", ""),
    ("management/explanations.rs", ""),
    ("links.rs", ""),
    ("management/magic_links.rs", ""),
    ("management/password_discovery.rs", ""),
    ("management/password_resets.rs", ""),
    ("management/password_sign_in.rs", ""),
    ("management/passwords.rs", ""),
    ("management/saml_routes.rs", ""),
    ("management/second_factor_routes.rs", ""),
    ("management/oauth.rs", ""),
    ("oauth/mod.rs", ""),
    ("management/sso_routes.rs", ""),
    ("sso/mod.rs", ""),
    ("documentation.rs", ""),
    ("openapi.rs", ""),
    ("scim/mod.rs", "/v1/b2b/scim/{}"),
    ("management/member_routes.rs", ""),
];

#[test]
fn the_list_holds_every_route_of_the_source() {
    let mut in_source = BTreeSet::new();
    let of_pages = [("sign_in_pages/mod.rs", ""), ("pages/assets.rs", "")];
    for (file, prefix) in TABLES.into_iter().chain(of_pages) {
        let path = format!("{}/src/http/{file}", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&path).unwrap();
        let handlers = METHODS
            .iter()
            .map(|method| text.matches(&format!("{method}().to(")).count());
        let found = in_table(&text, prefix);
        assert_eq!(found.len(), handlers.sum::<usize>(), "{file}: {found:?}");
        in_source.extend(found);
    }
    let listed: BTreeSet<_> = routes().iter().map(Route::key).collect();
    assert_eq!(listed.len(), routes().len(), "a route is listed twice");
    let missing: Vec<_> = in_source.difference(&listed).collect();
    assert!(missing.is_empty(), "described nowhere: {missing:#?}");
    let gone: Vec<_> = listed.difference(&in_source).collect();
    assert!(gone.is_empty(), "described, but not served: {gone:#?}");
}

const METHODS: [&str; 6] = ["get", "head", "post", "put", "patch", "delete"];

/// The method and path of each handler in a route table: each belongs to the path before it.
fn in_table(text: &str, prefix: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut path = String::new();
    let mut is_quoted = false;
    for piece in text.split('"') {
        if is_quoted && piece.starts_with('/') {
            path = format!("{prefix}{}", without_names(piece));
        }
        if !is_quoted {
            let mut handlers: Vec<_> = METHODS
                .iter()
                .flat_map(|method| {
                    let call = format!("{method}().to(");
                    let places: Vec<_> = piece.match_indices(&call).map(|(at, _)| at).collect();
                    places
                        .into_iter()
                        .map(move |at| (at, method.to_uppercase()))
                })
                .collect();
            handlers.sort();
            found.extend(
                handlers
                    .into_iter()
                    .map(|(_, method)| (method, path.clone())),
            );
        }
        is_quoted = !is_quoted;
    }
    found
}

fn without_names(path: &str) -> String {
    let segments = path.split('/');
    let segments = segments.map(|segment| {
        if segment.starts_with('{') {
            "{}"
        } else {
            segment
        }
    });
    segments.collect::<Vec<_>>().join("/")
}

/// What the description says of a call, for a test that reads it.
pub fn takes_member_session(route: &Route) -> bool {
    let operation = &document()["paths"][&route.path][route.method.to_lowercase()];
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let mut references = parameters.filter_map(|parameter| parameter["$ref"].as_str());
    references.any(|reference: &str| reference.ends_with("/MemberSession"))
}

#[test]
fn the_description_tells_which_calls_take_a_member_session() {
    let taking: Vec<Value> = management()
        .iter()
        .filter(|route| takes_member_session(route))
        .map(|route| json!(route.call))
        .collect();
    assert!(
        taking.contains(&json!("organizations.update")),
        "{taking:?}"
    );
    assert!(
        !taking.contains(&json!("organizations.create")),
        "{taking:?}"
    );
}
