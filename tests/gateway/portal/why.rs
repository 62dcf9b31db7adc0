//! Members, why each has its roles, and the log, as pages of the portal.

use serde_json::Value;
use serde_json::json;

use crate::scim::directory::Directory;
use crate::scim::directory::text;
use crate::support::TestGateway;
use crate::support::portal::Portal;
use crate::support::statements;

const HOSTILE: &str = "<script>alert(1)</script>\"'\u{202e}";

#[actix_web::test]
async fn the_page_of_a_member_draws_and_says_why_it_has_its_roles() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let ana = directory.user("ana@acme.test").await;
    let group = directory.group("Engineering", &[&ana]).await;
    directory.give_role("editor", &group).await;
    let portal = Portal::open(&gateway, &directory.organization_id).await;
    let list = portal.get(&gateway, "/portal/members?q=ANA").await;
    assert_eq!(list.status, 200, "{}", list.text);
    let member = text(&directory.member("ana@acme.test").await["member_id"]);
    let path = format!("/portal/members/{member}");
    assert!(
        list.text.contains(&format!("href=\"{path}\"")),
        "{}",
        list.text
    );
    let page = portal.get(&gateway, &path).await;
    assert_eq!(page.status, 200, "{}", page.text);
    for part in [
        "<svg class=\"picture wide\"",
        "<title id=\"why-title\">",
        "class=\"edge deciding\"",
        "Show as table",
        "ana@acme.test is editor because",
        "into Engineering on ",
        "gives editor to Engineering",
        "scim_group.created",
    ] {
        assert!(page.text.contains(part), "no {part} in {}", page.text);
    }
    assert!(!page.text.contains(" style="));
    let nobody = portal.get(&gateway, "/portal/members?q=nobody").await;
    assert!(nobody.text.contains("No member’s address contains"));
}

#[actix_web::test]
async fn members_of_others_are_not_there() {
    let gateway = TestGateway::start().await;
    let globex = gateway
        .organization(json!({ "organization_name": "Globex" }))
        .await;
    let foreign = gateway
        .member_with_roles(&text(&globex["organization_id"]), &["editor"])
        .await;
    let acme = gateway
        .organization(json!({ "organization_name": "Acme" }))
        .await;
    let portal = Portal::open(&gateway, &text(&acme["organization_id"])).await;
    let missing = "member-test-00000000-0000-4000-8000-000000000000";
    let mut told = Vec::new();
    for id in [foreign.as_str(), missing] {
        let page = portal.get(&gateway, &format!("/portal/members/{id}")).await;
        assert_eq!(page.status, 404, "{}", page.text);
        let (told_of_it, _) = page.text.split_once("<dt>Request</dt>").unwrap();
        told.push(told_of_it.to_owned());
    }
    assert_eq!(told[0], told[1]);
    for path in ["/portal/members", "/portal/log", "/portal/log.jsonl"] {
        let url = format!("{}{path}", gateway.base_url);
        let stranger = gateway.send(gateway.http.get(url)).await;
        assert!(stranger.status >= 400, "{path}: {}", stranger.status);
        let own = portal.get(&gateway, path).await;
        assert_eq!(own.status, 200, "{}", own.text);
        assert!(!own.text.contains("Globex") && !own.text.contains(&foreign));
    }
}

#[actix_web::test]
async fn hostile_names_are_escaped_and_short() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let long = "x".repeat(10_000);
    for name in [HOSTILE, &long] {
        let shown: String = name.chars().take(200).collect();
        let body = json!({ "userName": "ana@acme.test", "displayName": shown });
        let created = directory.post("/Users", body).await;
        assert_eq!(created.status, 201, "{}", created.text);
        let ana = text(&created.body["id"]);
        let long: String = name.chars().take(512).collect();
        let group = directory.group(&long, &[&ana]).await;
        directory.give_role("editor", &group).await;
        let member = text(&directory.member("ana@acme.test").await["member_id"]);
        let portal = Portal::open(&gateway, &directory.organization_id).await;
        for path in [
            "/portal/members",
            "/portal/log",
            &format!("/portal/members/{member}"),
        ] {
            let page = portal.get(&gateway, path).await;
            assert_eq!(page.status, 200, "{}", page.text);
            assert!(!page.text.contains("<script>alert"), "{path}");
            assert!(!page.text.contains('\u{202e}') && !page.text.contains(&"x".repeat(200)));
        }
        directory.delete(&format!("/Users/{ana}")).await;
        directory.delete(&format!("/Groups/{group}")).await;
    }
}

#[actix_web::test]
async fn the_log_shows_what_came_what_changed_and_what_helps() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    directory.user("ana@acme.test").await;
    let twice = directory
        .post("/Users", json!({ "userName": "ana@acme.test" }))
        .await;
    assert_eq!(twice.status, 409);
    gateway.write_request_log().await;
    let portal = Portal::open(&gateway, &directory.organization_id).await;
    let request = twice.headers["x-request-id"].to_str().unwrap();
    let parts = [
        (
            "all",
            ["SCIM user created", "POST /Users", "What to do:"],
            3,
        ),
        (
            "refused",
            [
                "Another record has the value already",
                request,
                "What to do:",
            ],
            3,
        ),
        ("sent", ["POST /Users", "answered 201", "uniqueness"], 3),
        (
            "changed",
            ["Member created", "SCIM user created", "Connection created"],
            3,
        ),
    ];
    for (show, parts, count) in parts {
        let page = portal
            .get(&gateway, &format!("/portal/log?show={show}"))
            .await;
        assert_eq!(page.status, 200, "{}", page.text);
        let there = parts
            .iter()
            .filter(|part| page.text.contains(**part))
            .count();
        assert_eq!(there, count, "{show}: {}", page.text);
    }
    let by_request = portal
        .get(&gateway, &format!("/portal/log?q={request}"))
        .await;
    assert!(by_request.text.contains("What to do:"));
    let by_other = portal.get(&gateway, "/portal/log?q=ben@acme.test").await;
    assert!(by_other.text.contains("Nothing yet."));
    let export = portal.get(&gateway, "/portal/log.jsonl?show=all").await;
    let lines: Vec<Value> = export
        .text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let refused: Vec<&Value> = lines
        .iter()
        .filter_map(|line| line.get("refused"))
        .collect();
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0]["request_id"], request);
    assert!(lines.iter().any(|line| line.get("sent").is_some()));
    assert!(
        lines
            .iter()
            .any(|line| line["changed"]["kind"] == "member.created")
    );
}

#[actix_web::test]
async fn a_search_of_the_log_reads_the_newest_refusals_alone() {
    let gateway = TestGateway::start().await;
    let acme = gateway
        .organization(json!({ "organization_name": "Acme" }))
        .await;
    let portal = Portal::open(&gateway, &text(&acme["organization_id"])).await;
    statements::heard(gateway.storage.database());
    let page = portal.get(&gateway, "/portal/log?q=nobody@acme.test").await;
    assert_eq!(page.status, 200, "{}", page.text);
    let heard = statements::heard(gateway.storage.database());
    let is_search = |it: &&String| it.contains("instr(") || it.contains("strpos(");
    let searches: Vec<_> = heard.iter().filter(is_search).collect();
    assert_eq!(searches.len(), 2, "{heard:?}");
    for search in searches {
        let (inner, _) = search.split_once(") AS newest").unwrap();
        assert!(inner.contains("ORDER BY id DESC LIMIT"), "{search}");
    }
}
