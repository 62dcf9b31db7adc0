//! The pages that set an organization up: domains, settings, directory, roles.

use chrono::TimeDelta;
use serde_json::json;

use crate::domains::World;
use crate::scim::directory::Directory;
use crate::support::Answer;
use crate::support::TestGateway;
use crate::support::portal::Portal;

const HOSTILE: &str = "<script>alert(1)</script>\"'>&\u{202e}emca";

async fn organization(gateway: &TestGateway, slug: &str) -> String {
    let body = json!({ "organization_name": "Acme", "organization_slug": slug });
    let made = gateway.organization(body).await;
    made["organization_id"].as_str().unwrap().to_owned()
}

fn assert_page(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{}", answer.text);
    let policy = answer.headers["content-security-policy"].to_str().unwrap();
    assert!(!policy.contains("unsafe"), "{policy}");
    assert!(!answer.text.contains("<script>alert"), "{}", answer.text);
    assert!(!answer.text.contains(" style="), "{}", answer.text);
}

#[actix_web::test]
async fn a_domain_is_claimed_and_proven_in_the_portal() {
    let world = World::start(2).await;
    let gateway = &world.gateway;
    let acme = world.organization("acme").await;
    let portal = Portal::open(gateway, &acme).await;
    let page = portal.get(gateway, "/portal/domains").await;
    assert_page(&page, 200);
    assert!(page.text.contains("No domain yet"));
    let form = [("domain", "acme.test")];
    let claimed = portal.post(gateway, "/portal/domains", &form).await;
    assert_eq!(claimed.status, 303, "{}", claimed.text);
    let texts: [&[u8]; 1] = [HOSTILE.as_bytes()];
    world.servers[0].set("_vestibule-challenge.acme.test", &texts);
    let checked = portal.post(gateway, "/portal/domains/check", &form).await;
    assert_eq!(checked.status, 303, "{}", checked.text);
    let page = portal.get(gateway, "/portal/domains").await;
    assert_page(&page, 200);
    assert!(
        page.text.contains("Seen by 0 of 2 resolvers."),
        "{}",
        page.text
    );
    assert!(page.text.contains("alert(1)"), "{}", page.text);
    let state = "/portal/domains/state?domain=acme.test";
    let waiting = portal.get(gateway, state).await;
    assert!(waiting.text.contains("every 15s"), "{}", waiting.text);
    let listed = gateway
        .get(&format!("/v1/b2b/organizations/{acme}/domains"))
        .await;
    world.publish(&listed.body["domains"][0]);
    gateway.wait(TimeDelta::seconds(20));
    gateway.look_after_domains().await;
    let once = portal.get(gateway, state).await;
    assert!(
        once.text.contains("Seen once, checking again"),
        "{}",
        once.text
    );
    assert!(once.text.contains("every 15s"), "{}", once.text);
    let home = portal.get(gateway, "/portal").await;
    assert!(
        home.text.contains("<strong>0 of 4</strong>"),
        "{}",
        home.text
    );
    gateway.wait(TimeDelta::seconds(61));
    gateway.look_after_domains().await;
    let home = portal.get(gateway, "/portal").await;
    assert!(
        home.text.contains("<strong>1 of 4</strong>"),
        "{}",
        home.text
    );
    let proven = portal.get(gateway, state).await;
    assert!(proven.text.contains("Verified"), "{}", proven.text);
    assert!(!proven.text.contains("every 15s"), "{}", proven.text);
    let released = portal.post(gateway, "/portal/domains/release", &form).await;
    assert_eq!(released.status, 303, "{}", released.text);
    let events = gateway.events(&acme).await;
    let mut by_link = events.iter().filter(|it| it.actor == "portal_link");
    assert!(by_link.any(|it| it.kind == "domain.released"));
}

#[actix_web::test]
async fn a_domain_that_is_not_taken_stays_in_the_form() {
    let world = World::start(1).await;
    let acme = world.organization("acme").await;
    let portal = Portal::open(&world.gateway, &acme).await;
    for domain in ["gmail.com", HOSTILE, &"x".repeat(10_240)] {
        let form = [("domain", domain)];
        let page = portal.post(&world.gateway, "/portal/domains", &form).await;
        assert_page(&page, 422);
        assert!(page.text.contains("role=\"alert\""), "{}", page.text);
    }
}

#[actix_web::test]
async fn whoever_is_in_the_portal_reaches_no_other_organization() {
    let world = World::start(1).await;
    let gateway = &world.gateway;
    let (acme, globex) = (
        world.organization("acme").await,
        world.organization("globex").await,
    );
    world.claim(&globex, "globex.test").await;
    let path = format!("/v1/b2b/scim/{globex}/connection");
    let made = gateway
        .post(&path, json!({ "identity_provider": "okta" }))
        .await;
    let connection = made.body["connection"]["connection_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let portal = Portal::open(gateway, &acme).await;
    let domain = [("domain", "globex.test")];
    let token = [("connection_id", connection.as_str())];
    let rule = [
        ("change", "add"),
        ("connection_id", connection.as_str()),
        ("role_id", "editor"),
        ("group", ""),
    ];
    let before = gateway.get(&path).await.body;
    for (path, form, status) in [
        ("/portal/domains/check", &domain[..], 404),
        ("/portal/domains/release", &domain[..], 404),
        ("/portal/directory/token/start", &token[..], 404),
        ("/portal/directory/token/complete", &token[..], 404),
        ("/portal/directory/token/cancel", &token[..], 404),
        ("/portal/roles", &rule[..], 422),
    ] {
        let answer = portal.post(gateway, path, form).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text);
    }
    let state = portal
        .get(gateway, "/portal/domains/state?domain=globex.test")
        .await;
    assert_eq!(state.status, 404);
    let asked = format!("/portal/roles/forecast?connection_id={connection}&role_id=editor");
    assert_eq!(portal.get(gateway, &asked).await.status, 422);
    for page in ["/portal/domains", "/portal/directory", "/portal/roles"] {
        let page = portal.get(gateway, page).await;
        assert_page(&page, 200);
        assert!(!page.text.contains("globex"), "{}", page.text);
        assert!(!page.text.contains(&connection), "{}", page.text);
    }
    let after = gateway.get(&path).await.body;
    assert_eq!(after["connection"], before["connection"]);
}

#[actix_web::test]
async fn forms_from_elsewhere_change_nothing() {
    let world = World::start(1).await;
    let gateway = &world.gateway;
    let acme = world.organization("acme").await;
    let portal = Portal::open(gateway, &acme).await;
    for path in [
        "/portal/domains",
        "/portal/domains/check",
        "/portal/domains/release",
        "/portal/settings",
        "/portal/roles",
        "/portal/directory",
        "/portal/directory/token/start",
        "/portal/directory/token/complete",
        "/portal/directory/token/cancel",
    ] {
        let request = gateway.http.post(format!("{}{path}", gateway.base_url));
        let request = request.header("sec-fetch-site", "cross-site");
        let request = request.header("cookie", &portal.cookie);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = gateway.send(request.body("domain=acme.test")).await;
        assert_eq!(answer.status, 403, "{path}: {}", answer.text);
    }
}

#[actix_web::test]
async fn settings_tell_who_is_locked_out_before_they_are_saved() {
    let gateway = TestGateway::start().await;
    let acme = organization(&gateway, "acme").await;
    let members = format!("/v1/b2b/organizations/{acme}/members");
    for (address, name) in [("ana@acme.test", HOSTILE), ("bea@acme.test", "")] {
        let body = json!({ "email_address": address, "name": name });
        assert_eq!(gateway.post(&members, body).await.status, 200);
    }
    let portal = Portal::open(&gateway, &acme).await;
    assert_page(&portal.get(&gateway, "/portal/settings").await, 200);
    let query = "method_sso=on&factor_totp=on&factor_sms_otp=on&mfa_policy=OPTIONAL\
                 &sso_jit_provisioning=ALL_ALLOWED&email_jit_provisioning=NOT_ALLOWED\
                 &email_invites=ALL_ALLOWED&email_allowed_domains=acme.test";
    let told = portal
        .get(&gateway, &format!("/portal/settings/forecast?{query}"))
        .await;
    assert_page(&told, 200);
    assert!(told.text.contains("Locked out: 2"), "{}", told.text);
    assert!(told.text.contains("bea@acme.test"), "{}", told.text);
    let path = format!("/v1/b2b/organizations/{acme}");
    let untouched = gateway.get(&path).await;
    assert_eq!(
        untouched.body["organization"]["auth_methods"],
        "ALL_ALLOWED"
    );
    let fields: Vec<(&str, &str)> = query
        .split('&')
        .map(|it| it.split_once('=').unwrap())
        .collect();
    let saved = portal.post(&gateway, "/portal/settings", &fields).await;
    assert_eq!(saved.status, 303, "{}", saved.text);
    let after = gateway.get(&path).await.body["organization"].clone();
    assert_eq!(after["allowed_auth_methods"], json!(["sso"]));
    assert_eq!(after["email_allowed_domains"], json!(["acme.test"]));
    let nothing = portal
        .get(&gateway, "/portal/settings/forecast?factor_totp=on")
        .await;
    assert_page(&nothing, 422);
}

#[actix_web::test]
async fn a_domain_that_the_application_claims_is_none_that_is_proven() {
    let gateway = TestGateway::start().await;
    let acme = organization(&gateway, "acme").await;
    let path = format!("/v1/b2b/organizations/{acme}");
    let claim = json!({ "claimed_email_domains": ["acme.test"] });
    assert_eq!(gateway.put(&path, claim).await.status, 200);
    let portal = Portal::open(&gateway, &acme).await;
    let home = portal.get(&gateway, "/portal").await;
    assert!(
        home.text.contains("<strong>0 of 4</strong>"),
        "{}",
        home.text
    );
}

#[actix_web::test]
async fn a_directory_is_connected_and_its_token_changed_without_a_gap() {
    let gateway = TestGateway::start().await;
    let acme = organization(&gateway, "acme").await;
    let portal = Portal::open(&gateway, &acme).await;
    assert_page(&portal.get(&gateway, "/portal/directory").await, 200);
    let form = [("identity_provider", "okta")];
    let made = portal.post(&gateway, "/portal/directory", &form).await;
    assert_page(&made, 200);
    let token = copied(&made.text, "token");
    let base = copied(&made.text, "base-url");
    assert!(
        made.text.contains("Waiting for the first request"),
        "{}",
        made.text
    );
    let again = portal.get(&gateway, "/portal/directory").await;
    assert!(!again.text.contains(&token), "the token is told once");
    let base = base.strip_prefix(&gateway.base_url).unwrap().to_owned();
    let users = format!("{base}/Users");
    let user = json!({ "userName": "ana@acme.test", "displayName": HOSTILE });
    let pushed = gateway.scim(("POST", &users), &token, Some(user)).await;
    assert_eq!(pushed.status, 201, "{}", pushed.text);
    let bad = json!({ "userName": HOSTILE, "password": "secret-of-ana", "emails": 7 });
    assert_eq!(
        gateway
            .scim(("POST", &users), &token, Some(bad))
            .await
            .status,
        400
    );
    gateway.write_request_log().await;
    let page = portal.get(&gateway, "/portal/directory").await;
    assert_page(&page, 200);
    assert!(
        page.text.contains("Your directory speaks to us"),
        "{}",
        page.text
    );
    assert!(page.text.contains("Last refused request"), "{}", page.text);
    assert!(!page.text.contains("secret-of-ana"), "{}", page.text);
    let path = format!("/v1/b2b/scim/{acme}/connection");
    let connection = gateway.get(&path).await.body["connection"]["connection_id"].clone();
    let form = [("connection_id", connection.as_str().unwrap())];
    let started = portal
        .post(&gateway, "/portal/directory/token/start", &form)
        .await;
    assert_page(&started, 200);
    let next = copied(&started.text, "token");
    for token in [&token, &next] {
        assert_eq!(gateway.scim(("GET", &users), token, None).await.status, 200);
    }
    let ended = portal
        .post(&gateway, "/portal/directory/token/complete", &form)
        .await;
    assert_eq!(ended.status, 303, "{}", ended.text);
    assert_eq!(
        gateway.scim(("GET", &users), &token, None).await.status,
        401
    );
    assert_eq!(gateway.scim(("GET", &users), &next, None).await.status, 200);
}

/// What a copy field holds.
fn copied(page: &str, id: &str) -> String {
    let (_, rest) = page.split_once(&format!("<code id=\"{id}\">")).unwrap();
    rest.split_once('<').unwrap().0.to_owned()
}

#[actix_web::test]
async fn a_rule_is_tried_saved_and_taken_away_in_the_portal() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let ana = directory.user("ana@acme.test").await;
    let group = directory.group(HOSTILE, &[&ana]).await;
    let endless = "g".repeat(512);
    directory.group(&endless, &[]).await;
    let portal = Portal::open(&gateway, &directory.organization_id).await;
    let page = portal.get(&gateway, "/portal/roles").await;
    assert_page(&page, 200);
    assert!(!page.text.contains(&endless), "a name is shortened");
    let rule = |change| {
        [
            ("change", change),
            ("connection_id", directory.connection_id.as_str()),
            ("role_id", "editor"),
            ("group", group.as_str()),
        ]
    };
    for (change, told) in [("add", "Gain it: 1"), ("remove", "Lose it: 1")] {
        let query: Vec<_> = rule(change)
            .iter()
            .map(|it| format!("{}={}", it.0, it.1))
            .collect();
        let asked = format!("/portal/roles/forecast?{}", query.join("&"));
        let tried = portal.get(&gateway, &asked).await;
        assert_page(&tried, 200);
        assert!(tried.text.contains(told), "{}", tried.text);
        assert!(tried.text.contains("ana@acme.test"), "{}", tried.text);
        let saved = portal.post(&gateway, "/portal/roles", &rule(change)).await;
        assert_eq!(saved.status, 303, "{}", saved.text);
        let has = directory
            .roles("ana@acme.test")
            .await
            .contains(&"editor".to_owned());
        assert_eq!(has, change == "add");
    }
    portal.post(&gateway, "/portal/roles", &rule("add")).await;
    directory.delete(&format!("/Groups/{group}")).await;
    let page = portal.get(&gateway, "/portal/roles").await;
    assert_page(&page, 200);
    assert_eq!(page.text.matches("This group is gone").count(), 1);
}
