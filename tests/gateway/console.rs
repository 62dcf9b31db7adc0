//! The operator's console: who gets in, and what is done there.

use chrono::TimeDelta;
use vestibule::domain::id::RequestId;
use vestibule::domain::secret::SecretHash;
use vestibule::use_cases::operators;

use crate::support::Answer;
use crate::support::TestGateway;
use crate::support::portal::cookie_of;
use crate::support::portal::redeem;
use crate::support::portal::token_in;
use crate::support::portal::with_form;
use crate::support::raw_sql::RawSql;

/// A session of the console, by its cookie.
pub struct Console<'g> {
    gateway: &'g TestGateway,
    pub cookie: String,
}

/// What `vestibule admin recover` does.
async fn link(gateway: &TestGateway) -> String {
    let token = uuid::Uuid::new_v4().to_string();
    let (hash, project) = (
        SecretHash::of(&token),
        gateway.deployment.project_id.clone(),
    );
    let made = gateway.storage.transaction(RequestId::fresh(), move |tx| {
        operators::make_link(tx, &project, &hash)
    });
    made.await.unwrap();
    token
}

async fn enter(gateway: &TestGateway, token: &str) -> Answer {
    let url = format!("{}/console/enter", gateway.base_url);
    let request = gateway.http.post(url);
    let request = request.header("sec-fetch-site", "same-origin");
    gateway.send(with_form(request, &[("token", token)])).await
}

impl<'g> Console<'g> {
    pub async fn open(gateway: &'g TestGateway) -> Self {
        let entered = enter(gateway, &link(gateway).await).await;
        assert_eq!(entered.status, 303, "{}", entered.text);
        Self {
            gateway,
            cookie: cookie_of(&entered),
        }
    }

    async fn get(&self, path: &str) -> Answer {
        let url = format!("{}{path}", self.gateway.base_url);
        let request = self.gateway.http.get(url).header("cookie", &self.cookie);
        self.gateway.send(request).await
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let url = format!("{}{path}", self.gateway.base_url);
        let request = self.gateway.http.post(url).header("cookie", &self.cookie);
        let request = request.header("sec-fetch-site", "same-origin");
        self.gateway.send(with_form(request, fields)).await
    }
}

fn journal(gateway: &TestGateway) -> Vec<String> {
    RawSql::open(gateway.storage.database()).texts(
        "SELECT kind || ' by ' || actor AS value FROM journal \
         WHERE kind LIKE 'operator%' ORDER BY id",
    )
}

#[actix_web::test]
async fn a_link_shows_a_button_opens_once_and_ends_when_a_newer_one_is_made() {
    let gateway = TestGateway::start().await;
    let (first, second) = (link(&gateway).await, link(&gateway).await);
    assert_eq!(enter(&gateway, &first).await.status, 404);
    let page = format!("{}/console/enter?token={second}", gateway.base_url);
    for _ in 0..2 {
        let shown = gateway.send(gateway.http.get(&page)).await;
        assert_eq!(shown.status, 200);
        assert!(shown.text.contains("Enter the console"), "{}", shown.text);
    }
    let entered = enter(&gateway, &second).await;
    assert_eq!(entered.status, 303, "{}", entered.text);
    let set = entered.headers.get("set-cookie").unwrap().to_str().unwrap();
    for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(set.contains(part), "{set}");
    }
    assert_eq!(enter(&gateway, &second).await.status, 404);
    let by = ["operator.link_made by system"; 2].iter();
    let by: Vec<_> = by.chain(&["operator.signed_in by operator"]).collect();
    assert_eq!(journal(&gateway).iter().collect::<Vec<_>>(), by);
}

#[actix_web::test]
async fn links_and_sessions_end() {
    let gateway = TestGateway::start().await;
    let token = link(&gateway).await;
    gateway.wait(TimeDelta::minutes(15));
    assert_eq!(enter(&gateway, &token).await.status, 404);
    let console = Console::open(&gateway).await;
    assert_eq!(console.get("/console").await.status, 200);
    let left = console.post("/console/leave", &[]).await;
    assert_eq!(left.status, 200, "{}", left.text);
    assert_eq!(console.get("/console").await.status, 401);
    let console = Console::open(&gateway).await;
    gateway.wait(TimeDelta::hours(8));
    assert_eq!(console.get("/console").await.status, 401);
}

#[actix_web::test]
async fn a_form_from_elsewhere_changes_nothing() {
    let gateway = TestGateway::start().await;
    let console = Console::open(&gateway).await;
    for path in ["/console/organizations", "/console/keys", "/console/leave"] {
        for (header, value) in [
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://evil.test"),
            ("x-nothing", "at all"),
        ] {
            let url = format!("{}{path}", gateway.base_url);
            let request = gateway.http.post(url).header("cookie", &console.cookie);
            let request = request.header(header, value);
            let refused = gateway.send(with_form(request, &[("name", "x")])).await;
            assert_eq!(refused.status, 403, "{path} {header}");
        }
    }
    let home = console.get("/console").await;
    assert!(home.text.contains("0 organizations"), "{}", home.text);
}

#[actix_web::test]
async fn an_operator_makes_an_organization_and_lets_its_admin_into_the_portal() {
    let gateway = TestGateway::start().await;
    let console = Console::open(&gateway).await;
    let hostile = "<script>alert(1)</script>\"' שלום";
    let refused = console
        .post("/console/organizations", &[("name", "")])
        .await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    assert!(
        refused.text.contains("Nothing was made"),
        "{}",
        refused.text
    );
    let made = console
        .post("/console/organizations", &[("name", hostile)])
        .await;
    assert_eq!(made.status, 303, "{}", made.text);
    let path = made.headers.get("location").unwrap().to_str().unwrap();
    let list = console.get("/console/organizations?query=ALERT").await;
    for shown in [&console.get(path).await, &list] {
        assert!(!shown.text.contains("<script>alert"), "{}", shown.text);
        assert!(shown.text.contains("alert(1)"), "{}", shown.text);
    }
    assert!(list.text.contains("1 in all"), "{}", list.text);
    let none = console.get("/console/organizations?query=nobody").await;
    assert!(none.text.contains("None matches"), "{}", none.text);

    let linked = console
        .post(&format!("{path}/portal_links"), &[("days", "3")])
        .await;
    assert_eq!(linked.status, 200, "{}", linked.text);
    let (_, url) = linked.text.split_once("id=\"made\">").unwrap();
    let token = token_in(url.split_once('<').unwrap().0);
    assert_eq!(redeem(&gateway, token).await.status, 303);
    let listed = console.get(path).await;
    assert!(!listed.text.contains(token));
    let (_, rest) = listed.text.split_once("/portal_links/").unwrap();
    let revoke = format!("{path}/portal_links/{}", rest.split_once('"').unwrap().0);
    assert_eq!(console.post(&revoke, &[]).await.status, 303);
    assert_eq!(redeem(&gateway, token).await.status, 400);
    let unknown = "/console/organizations/organization-test-00000000-0000-4000-8000-000000000000";
    assert_eq!(console.get(unknown).await.status, 404);
}

#[actix_web::test]
async fn an_operator_makes_and_revokes_secrets_but_not_those_of_the_start() {
    let gateway = TestGateway::start().await;
    let console = Console::open(&gateway).await;
    let made = console.post("/console/keys", &[("name", "next")]).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let (_, secret) = made.text.split_once("id=\"made\">").unwrap();
    let secret = secret.split_once('<').unwrap().0.to_owned();
    let whoami = async || {
        let request = gateway
            .http
            .get(format!("{}/v1/debug/whoami", gateway.base_url));
        let request = request.basic_auth(&gateway.project_id, Some(&secret));
        gateway.send(request).await.status
    };
    let works = whoami().await;
    assert_ne!(works, 401);
    let listed = console.get("/console/keys").await;
    assert!(!listed.text.contains(&secret));
    let (_, rest) = listed.text.split_once("action=\"/console/keys/").unwrap();
    let revoke = format!("/console/keys/{}", rest.split_once('"').unwrap().0);
    assert_eq!(console.post(&revoke, &[]).await.status, 303);
    gateway.wait(TimeDelta::seconds(1));
    assert_eq!(whoami().await, 401);
    let (_, rest) = listed.text.split_once("vestibule secret revoke ").unwrap();
    let id = rest.split_once('<').unwrap().0;
    let kept = console
        .post(&format!("/console/keys/{id}/revoke"), &[])
        .await;
    assert_eq!(kept.status, 422, "{}", kept.text);
}
