//! Links to the portal and what they open: once or again, for one organization, until they end.

use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;

use crate::support::Answer;
use crate::support::TestGateway;
use crate::support::portal::Portal;
use crate::support::portal::cookie_of;
use crate::support::portal::lasting_link;
use crate::support::portal::redeem;
use crate::support::portal::token_in;
use crate::support::portal::with_form;
use crate::support::raw_sql::RawSql;

const LINKS: &str = "/v1/b2b/portal_links";

async fn acme(gateway: &TestGateway) -> String {
    let acme =
        gateway.organization(json!({ "organization_name": "Acme", "organization_slug": "acme" }));
    acme.await["organization_id"].as_str().unwrap().to_owned()
}

async fn short(gateway: &TestGateway, organization: &str) -> (Value, String) {
    let made = gateway
        .post(LINKS, json!({ "organization_id": organization }))
        .await;
    assert_eq!(made.status, 200, "{}", made.text);
    let token = token_in(made.body["url"].as_str().unwrap()).to_owned();
    (made.body["portal_link"].clone(), token)
}

async fn visit(gateway: &TestGateway, token: &str) -> Answer {
    let url = format!("{}/portal/open?token={token}", gateway.base_url);
    gateway.send(gateway.http.get(url)).await
}

fn code(answer: &Answer) -> &str {
    let (_, rest) = answer.text.split_once("<dt>Code</dt><dd><code>").unwrap();
    rest.split_once('<').unwrap().0
}

fn journal(gateway: &TestGateway) -> Vec<String> {
    RawSql::open(gateway.storage.database()).texts(
        "SELECT kind || ' by ' || actor || ' ' || coalesce(actor_id, '-') AS value FROM journal \
         WHERE kind LIKE 'portal_link%' ORDER BY id",
    )
}

#[actix_web::test]
async fn looking_at_a_link_burns_nothing_and_opening_it_works_once() {
    let gateway = TestGateway::start().await;
    let organization = acme(&gateway).await;
    let (link, token) = short(&gateway, "acme").await;
    assert_eq!(link["status"], "active");
    assert_eq!(link["organization_id"], organization.as_str());
    for _ in 0..3 {
        let page = visit(&gateway, &token).await;
        assert_eq!(page.status, 200);
        assert!(
            page.text.contains("Set up <bdi>Acme</bdi>"),
            "{}",
            page.text
        );
    }
    let opened = redeem(&gateway, &token).await;
    assert_eq!(
        (opened.status, &opened.headers["location"]),
        (303, &"/portal".parse().unwrap())
    );
    let set = opened.headers["set-cookie"].to_str().unwrap();
    for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=28800"] {
        assert!(set.contains(part), "{set}");
    }
    for again in [
        redeem(&gateway, &token).await,
        visit(&gateway, &token).await,
    ] {
        assert_eq!((again.status, code(&again)), (400, "portal_link_used"));
    }
    let portal = Portal {
        cookie: cookie_of(&opened),
        link_id: String::new(),
    };
    let home = portal.get(&gateway, "/portal").await;
    assert_eq!(home.status, 200, "{}", home.text);
    assert!(home.text.contains("Acme") && home.text.contains("aria-current=\"page\""));
    let id = link["portal_link_id"].as_str().unwrap();
    let expected = [
        "portal_link.created by project -".to_owned(),
        format!("portal_link.opened by portal_link {id}"),
    ];
    assert_eq!(journal(&gateway), expected);
}

#[actix_web::test]
async fn secrets_of_links_and_sessions_are_kept_as_hashes_alone() {
    let gateway = TestGateway::start().await;
    let organization = acme(&gateway).await;
    let (_, token) = short(&gateway, &organization).await;
    let session = cookie_of(&redeem(&gateway, &token).await);
    let session = session.split_once('=').unwrap().1;
    let mut sql = RawSql::open(gateway.storage.database());
    let kept = sql.texts(
        "SELECT token_hash AS value FROM portal_links UNION SELECT token_hash FROM portal_sessions \
         UNION SELECT coalesce(after_change, '') FROM journal",
    );
    assert!(kept.len() > 2);
    assert!(
        kept.iter()
            .all(|it| !it.contains(&token) && !it.contains(session))
    );
}

#[actix_web::test]
async fn the_cookie_is_bound_to_the_host_behind_https() {
    let gateway = TestGateway::start().await;
    let organization = acme(&gateway).await;
    let node = gateway.node_behind_https();
    let (_, token) = short(&gateway, &organization).await;
    let request = gateway.http.post(format!("{}/portal/open", node.base_url));
    let request = request.header("sec-fetch-site", "same-origin");
    let opened = gateway.send(with_form(request, &[("token", &token)])).await;
    let set = opened.headers["set-cookie"].to_str().unwrap();
    assert!(
        set.starts_with("__Host-vestibule_portal=") && set.contains("Secure"),
        "{set}"
    );
}

#[actix_web::test]
async fn an_operators_link_opens_again_until_it_is_completed() {
    let gateway = TestGateway::start().await;
    acme(&gateway).await;
    let (id, token) = lasting_link(&gateway, "acme", 30).await;
    let first = Portal {
        cookie: cookie_of(&redeem(&gateway, &token).await),
        link_id: id.clone(),
    };
    gateway.wait(TimeDelta::days(29));
    let late = first.get(&gateway, "/portal").await;
    assert_eq!(
        (late.status, code(&late)),
        (401, "portal_session_not_found")
    );
    let second = Portal {
        cookie: cookie_of(&redeem(&gateway, &token).await),
        link_id: id.clone(),
    };
    let third = Portal {
        cookie: cookie_of(&redeem(&gateway, &token).await),
        link_id: id.clone(),
    };
    // One browser is in by a link at a time.
    assert_eq!(second.get(&gateway, "/portal").await.status, 401);
    let left = third.post(&gateway, "/portal/leave", &[]).await;
    assert_eq!(
        (left.status, &left.headers["location"]),
        (303, &"/portal/left".parse().unwrap())
    );
    assert!(
        left.headers["set-cookie"]
            .to_str()
            .unwrap()
            .contains("Max-Age=0")
    );
    assert_eq!(third.get(&gateway, "/portal").await.status, 401);
    let second = Portal {
        cookie: cookie_of(&redeem(&gateway, &token).await),
        link_id: id.clone(),
    };
    assert_eq!(second.get(&gateway, "/portal").await.status, 200);
    let completed = second.post(&gateway, "/portal/complete", &[]).await;
    assert_eq!(completed.status, 303);
    assert_eq!(second.get(&gateway, "/portal").await.status, 401);
    let again = redeem(&gateway, &token).await;
    assert_eq!((again.status, code(&again)), (400, "portal_link_completed"));
    assert!(journal(&gateway).contains(&format!("portal_link.completed by portal_link {id}")));
}

#[actix_web::test]
async fn opening_another_link_ends_what_the_browser_had_open() {
    let gateway = TestGateway::start().await;
    acme(&gateway).await;
    let globex = json!({ "organization_name": "Globex", "organization_slug": "globex" });
    gateway.organization(globex).await;
    let first = Portal::open(&gateway, "acme").await;
    let bystander = Portal::open(&gateway, "acme").await;
    let (_, spent) = short(&gateway, "globex").await;
    redeem(&gateway, &spent).await;
    let open = async |token: &str| {
        let fields = [("token", token)];
        first.post(&gateway, "/portal/open", &fields).await
    };
    // A link that opens nothing ends nothing.
    assert_eq!(open(&spent).await.status, 400);
    assert_eq!(first.get(&gateway, "/portal").await.status, 200);
    let (_, token) = short(&gateway, "globex").await;
    let opened = open(&token).await;
    assert_eq!(opened.status, 303, "{}", opened.text);
    assert_eq!(first.get(&gateway, "/portal").await.status, 401);
    assert_eq!(bystander.get(&gateway, "/portal").await.status, 200);
    let second = Portal {
        cookie: cookie_of(&opened),
        link_id: String::new(),
    };
    let home = second.get(&gateway, "/portal").await;
    assert!(home.text.contains("Globex"), "{}", home.text);
}

#[actix_web::test]
async fn a_link_that_is_too_old_revoked_or_unknown_opens_nothing() {
    let gateway = TestGateway::start().await;
    acme(&gateway).await;
    let (_, old) = short(&gateway, "acme").await;
    let (_, older) = lasting_link(&gateway, "acme", 1).await;
    gateway.wait(TimeDelta::minutes(5));
    let late = redeem(&gateway, &old).await;
    assert_eq!((late.status, code(&late)), (400, "portal_link_expired"));
    gateway.wait(TimeDelta::days(1));
    let late = visit(&gateway, &older).await;
    assert_eq!((late.status, code(&late)), (400, "portal_link_expired"));
    for unknown in ["", "nobody-has-this"] {
        let answer = redeem(&gateway, unknown).await;
        assert_eq!(
            (answer.status, code(&answer)),
            (404, "portal_link_not_found")
        );
    }
    let portal = Portal::open(&gateway, "acme").await;
    let (live, token) = short(&gateway, "acme").await;
    for id in [
        portal.link_id.as_str(),
        live["portal_link_id"].as_str().unwrap(),
    ] {
        for _ in 0..2 {
            let revoked = gateway
                .call("DELETE", &format!("{LINKS}/acme/{id}"), None)
                .await;
            assert_eq!(
                revoked.body["portal_link"]["status"], "revoked",
                "{}",
                revoked.text
            );
        }
    }
    assert_eq!(portal.get(&gateway, "/portal").await.status, 401);
    let refused = redeem(&gateway, &token).await;
    assert_eq!(
        (refused.status, code(&refused)),
        (400, "portal_link_revoked")
    );
    let listed = gateway.get(&format!("{LINKS}/acme")).await;
    let states: Vec<_> = listed.body["portal_links"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["status"])
        .collect();
    assert_eq!(states, ["revoked", "revoked", "expired", "expired"]);
    let revocations = journal(&gateway)
        .into_iter()
        .filter(|it| it.contains("revoked"));
    assert_eq!(revocations.count(), 2);
}

#[actix_web::test]
async fn nobody_elses_page_opens_or_leaves_the_portal() {
    let gateway = TestGateway::start().await;
    acme(&gateway).await;
    let (_, token) = short(&gateway, "acme").await;
    let portal = Portal::open(&gateway, "acme").await;
    for (path, site, origin) in [
        ("/portal/open", Some("cross-site"), None),
        ("/portal/open", None, None),
        ("/portal/open", None, Some("https://evil.test")),
        ("/portal/leave", Some("same-site"), None),
        ("/portal/complete", Some("cross-site"), None),
        ("/portal/complete", Some("none"), None),
    ] {
        let mut request = gateway.http.post(format!("{}{path}", gateway.base_url));
        request = request.header("cookie", &portal.cookie);
        request = with_form(request, &[("token", &token)]);
        for (name, value) in [("sec-fetch-site", site), ("origin", origin)] {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        let answer = gateway.send(request).await;
        assert_eq!(answer.status, 403, "{path} {site:?} {origin:?}");
    }
    assert_eq!(portal.get(&gateway, "/portal").await.status, 200);
    assert_eq!(redeem(&gateway, &token).await.status, 303);
}

#[actix_web::test]
async fn links_and_sessions_of_another_project_open_nothing_here() {
    let gateway = TestGateway::start().await;
    let organization = acme(&gateway).await;
    let (_, token) = short(&gateway, "acme").await;
    let portal = Portal::open(&gateway, "acme").await;
    let (other, _) = gateway.another_project().await;
    let key = organization.rsplit_once("-test-").unwrap().1;
    let moved = format!("UPDATE organizations SET project_id = '{other}' WHERE id = '{key}'");
    RawSql::open(gateway.storage.database()).execute(&moved);
    assert_eq!(portal.get(&gateway, "/portal").await.status, 401);
    assert_eq!(redeem(&gateway, &token).await.status, 404);
}

#[actix_web::test]
async fn a_race_for_a_link_that_works_once_has_one_winner() {
    let gateway = TestGateway::start().await;
    acme(&gateway).await;
    let (_, token) = short(&gateway, "acme").await;
    let answers = tokio::join!(
        redeem(&gateway, &token),
        redeem(&gateway, &token),
        redeem(&gateway, &token),
        redeem(&gateway, &token)
    );
    let answers: [Answer; 4] = answers.into();
    let won = answers.iter().filter(|answer| answer.status == 303).count();
    assert_eq!(won, 1);
    let sessions = "SELECT token_hash AS value FROM portal_sessions";
    assert_eq!(
        RawSql::open(gateway.storage.database())
            .texts(sessions)
            .len(),
        1
    );
}

#[actix_web::test]
async fn what_has_expired_is_forgotten_and_links_a_month_later() {
    let gateway = TestGateway::start().await;
    acme(&gateway).await;
    Portal::open(&gateway, "acme").await;
    let counts = |gateway: &TestGateway| {
        let mut sql = RawSql::open(gateway.storage.database());
        let sessions = sql
            .texts("SELECT token_hash AS value FROM portal_sessions")
            .len();
        (
            sessions,
            sql.texts("SELECT id AS value FROM portal_links").len(),
        )
    };
    let forget = || {
        let forgotten = gateway.storage.transaction(
            vestibule::domain::id::RequestId::fresh(),
            vestibule::use_cases::cleanup::forget_expired,
        );
        async move { forgotten.await.unwrap() }
    };
    forget().await;
    assert_eq!(counts(&gateway), (1, 1));
    gateway.wait(TimeDelta::hours(8));
    forget().await;
    assert_eq!(counts(&gateway), (0, 1));
    gateway.wait(TimeDelta::days(30));
    forget().await;
    assert_eq!(counts(&gateway), (0, 0));
}
