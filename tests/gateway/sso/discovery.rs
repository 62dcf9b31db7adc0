//! Which connections fit an address, for the backend and for the browser SDK.

use serde_json::Value;
use serde_json::json;

use super::saml_connection;
use super::text;
use crate::support::Answer;
use crate::support::TestGateway;
use crate::support::raw_sql::RawSql;

struct World {
    gateway: TestGateway,
    acme: (String, String),
    globex: (String, String),
}

impl World {
    /// Acme, which allows acme.test and has a guest, and Globex, which claims globex.test.
    async fn open() -> Self {
        let gateway = TestGateway::start().await;
        let found = async |body: Value| {
            let id = text(&gateway.organization(body).await["organization_id"]);
            let connection = saml_connection(&gateway, &id, json!({})).await;
            (id, connection)
        };
        let acme = found(json!({
            "organization_name": "Acme", "organization_slug": "acme",
            "email_allowed_domains": ["acme.test", "globex.test"],
        }))
        .await;
        let globex = found(json!({
            "organization_name": "Globex", "claimed_email_domains": ["globex.test"],
        }))
        .await;
        let path = format!("/v1/b2b/organizations/{}/members", acme.0);
        let guest = json!({ "email_address": "guest@elsewhere.test" });
        assert_eq!(gateway.post(&path, guest).await.status, 200);
        Self {
            gateway,
            acme,
            globex,
        }
    }

    async fn backend(&self, email: &str) -> Value {
        let path = "/v1/b2b/sso/discovery/connections";
        let answer = self
            .gateway
            .post(path, json!({ "email_address": email }))
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body["connections"].clone()
    }

    async fn browser(&self, email: &str, origin: &str) -> Answer {
        let url = format!(
            "{}/sdk/v1/b2b/sso/discovery/connections",
            self.gateway.base_url
        );
        let mut url = url::Url::parse(&url).unwrap();
        url.query_pairs_mut().append_pair("email_address", email);
        let token = &self.gateway.public_token;
        let request = self.gateway.http.get(url).basic_auth(token, Some(token));
        self.gateway.send(request.header("origin", origin)).await
    }

    async fn shown(&self, email: &str) -> Vec<String> {
        let answer = self.browser(email, "http://app.test").await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let connections = answer.body["data"]["connections"]
            .as_array()
            .unwrap()
            .iter();
        connections.map(|it| text(&it["connection_id"])).collect()
    }
}

fn ids(connections: &Value) -> Vec<(String, bool)> {
    let all = connections.as_array().unwrap().iter();
    all.map(|it| (text(&it["connection_id"]), it["is_member"] == true))
        .collect()
}

#[actix_web::test]
async fn the_backend_is_told_by_domain_and_by_membership() {
    let world = World::open().await;
    let (acme, globex) = (world.acme.1.clone(), world.globex.1.clone());
    let table = [
        ("new@acme.test", vec![(acme.clone(), false)]),
        ("NEW@ACME.TEST", vec![(acme.clone(), false)]),
        // A claimed domain is its claimant's alone.
        ("new@globex.test", vec![(globex.clone(), false)]),
        ("guest@elsewhere.test", vec![(acme.clone(), true)]),
        ("nobody@elsewhere.test", vec![]),
        ("new@sub.acme.test", vec![]),
    ];
    for (email, expected) in table {
        assert_eq!(ids(&world.backend(email).await), expected, "{email}");
    }
    let path = format!("/v1/b2b/organizations/{}/members", world.globex.0);
    let joined = json!({ "email_address": "guest@elsewhere.test" });
    assert_eq!(world.gateway.post(&path, joined).await.status, 200);
    assert_eq!(
        world
            .backend("guest@elsewhere.test")
            .await
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let first = &world.backend("new@acme.test").await[0];
    assert_eq!(first["organization_slug"], "acme");
    let wrong = world
        .gateway
        .post(
            "/v1/b2b/sso/discovery/connections",
            json!({ "email_address": "x" }),
        )
        .await;
    assert_eq!(wrong.body["error_type"], "invalid_email");
}

#[actix_web::test]
async fn a_stranger_learns_nothing_about_members() {
    let world = World::open().await;
    assert_eq!(
        world.shown("new@acme.test").await,
        std::slice::from_ref(&world.acme.1)
    );
    assert_eq!(
        world.shown("new@globex.test").await,
        std::slice::from_ref(&world.globex.1)
    );
    let member = world
        .browser("guest@elsewhere.test", "http://app.test")
        .await;
    let nobody = world
        .browser("nobody@elsewhere.test", "http://app.test")
        .await;
    for answer in [member, nobody] {
        assert_eq!(answer.body["data"]["connections"], json!([]));
    }
    let known = world.browser("new@acme.test", "http://app.test").await;
    let names = known.body["data"]["connections"][0]
        .as_object()
        .unwrap()
        .len();
    assert_eq!(names, 3, "{}", known.text);
    // Only the application's own pages may read it.
    let allowed = |answer: &Answer| answer.headers.get("access-control-allow-origin").cloned();
    assert_eq!(allowed(&known).unwrap(), "http://app.test");
    let elsewhere = world.browser("new@acme.test", "https://evil.test").await;
    assert_eq!(allowed(&elsewhere), None);
    let url = format!(
        "{}/sdk/v1/b2b/sso/discovery/connections",
        world.gateway.base_url
    );
    let preflight = world
        .gateway
        .http
        .request(reqwest::Method::OPTIONS, url)
        .header("origin", "http://app.test");
    let preflight = world.gateway.send(preflight).await;
    assert_eq!(
        (preflight.status, allowed(&preflight).is_some()),
        (204, true)
    );
}

#[actix_web::test]
async fn only_what_somebody_could_sign_in_through_is_shown() {
    let world = World::open().await;
    let path = format!("/v1/b2b/organizations/{}", world.acme.0);
    let passwords = json!({ "auth_methods": "RESTRICTED", "allowed_auth_methods": ["password"] });
    assert_eq!(world.gateway.put(&path, passwords).await.status, 200);
    assert!(world.shown("new@acme.test").await.is_empty());
    let all = json!({ "auth_methods": "ALL_ALLOWED" });
    assert_eq!(world.gateway.put(&path, all).await.status, 200);
    let pending = format!("/v1/b2b/sso/oidc/{}", world.acme.0);
    assert_eq!(world.gateway.post(&pending, json!({})).await.status, 200);
    let second = saml_connection(&world.gateway, &world.acme.0, json!({})).await;
    assert_eq!(world.shown("new@acme.test").await.len(), 2);
    let default = json!({ "sso_default_connection_id": second });
    assert_eq!(world.gateway.put(&path, default).await.status, 200);
    assert_eq!(world.shown("new@acme.test").await[0], second);
}

#[actix_web::test]
async fn what_another_project_has_fits_nobody_and_a_member_may_not_ask() {
    let world = World::open().await;
    let gateway = &world.gateway;
    let (other, secret) = gateway.another_project().await;
    let id: vestibule::domain::id::OrganizationId = world.acme.0.parse().unwrap();
    RawSql::open(gateway.storage.database()).execute(&format!(
        "UPDATE organizations SET project_id = '{other}' WHERE id = '{}'",
        id.key()
    ));
    let addresses = [
        "new@acme.test",
        "guest@elsewhere.test",
        "nobody@elsewhere.test",
    ];
    for email in addresses {
        assert_eq!(world.backend(email).await, json!([]), "{email}");
        assert!(world.shown(email).await.is_empty(), "{email}");
    }
    let path = format!("{}/v1/b2b/sso/discovery/connections", gateway.base_url);
    let ask = |credentials: (&str, &str), email: &str| {
        let body = json!({ "email_address": email }).to_string();
        let request = gateway
            .http
            .post(&path)
            .header("content-type", "application/json");
        let (name, password) = credentials;
        request.basic_auth(name, Some(password)).body(body)
    };
    // That project is told of its own and of nobody else's.
    let own = gateway.send(ask((&other, &secret), "new@acme.test")).await;
    if own.status == 200 {
        assert_eq!(
            ids(&own.body["connections"]),
            [(world.acme.1.clone(), false)]
        );
        let theirs = gateway
            .send(ask((&other, &secret), "new@globex.test"))
            .await;
        assert_eq!(theirs.body["connections"], json!([]), "{}", theirs.text);
    } else {
        assert_eq!(own.status, 401, "{}", own.text);
    }
    let session = gateway
        .member_session(&world.globex.0, &["stytch_admin"])
        .await;
    let as_member = ask((&gateway.project_id, &gateway.secret), "new@globex.test");
    let refused = gateway
        .send(as_member.header("X-Stytch-Member-Session", session))
        .await;
    assert_eq!(refused.status, 403, "{}", refused.text);
}
