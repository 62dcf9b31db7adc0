//! The home page: what it tells of the last weeks, and what the pages of the portal and the hosted
//! ones ask of the database, however large the organization is.

use chrono::TimeDelta;
use serde_json::json;
use vestibule::domain::id_time::first_key_at;

use crate::scim::directory::Directory;
use crate::support::TestGateway;
use crate::support::portal::Portal;
use crate::support::raw_sql::RawSql;
use crate::support::statements;

/// Members, groups with one of them each, connections and claimed domains, so many of each.
async fn grow(directory: &Directory<'_>, numbers: std::ops::Range<usize>) {
    let gateway = directory.gateway;
    let organization = &directory.organization_id;
    for number in numbers {
        let user = directory.user(&format!("ana{number}@acme.test")).await;
        directory.group(&format!("group {number}"), &[&user]).await;
        let path = format!("/v1/b2b/sso/oidc/{organization}");
        let made = gateway.post(&path, json!({ "display_name": "SSO" })).await;
        assert_eq!(made.status, 200, "{}", made.text);
        let claim = json!({ "domain": format!("acme{number}.test") });
        let path = format!("/v1/b2b/organizations/{organization}/domains");
        assert_eq!(gateway.post(&path, claim).await.status, 200);
    }
    gateway.write_request_log().await;
}

#[actix_web::test]
async fn a_page_asks_the_same_of_a_large_organization_as_of_a_small_one() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let portal = Portal::open(&gateway, &directory.organization_id).await;
    let path = format!(
        "/v1/b2b/organizations/{}/members",
        directory.organization_id
    );
    let member = json!({ "email_address": "bo@acme.test" });
    let member = gateway.post(&path, member).await.body["member_id"].clone();
    let own = format!("/portal/members/{}", member.as_str().unwrap());
    let slug = gateway
        .get(&format!(
            "/v1/b2b/organizations/{}",
            directory.organization_id
        ))
        .await;
    let slug = slug.body["organization"]["organization_slug"].clone();
    let sign_in = format!("/o/{}", slug.as_str().unwrap());
    let pages = [
        "/portal",
        "/portal/domains",
        "/portal/sso",
        "/portal/directory",
        "/portal/roles",
        "/portal/members",
        own.as_str(),
        "/portal/log",
        "/portal/settings",
        "/login",
        sign_in.as_str(),
    ];
    let mut seen = Vec::new();
    for numbers in [0..2, 2..25] {
        grow(&directory, numbers).await;
        let mut counts = Vec::new();
        for page in pages {
            statements::heard(gateway.storage.database());
            let answer = portal.get(&gateway, page).await;
            assert_eq!(answer.status, 200, "{page}: {}", answer.text);
            let asked = statements::asked(gateway.storage.database());
            counts.push((page, asked.len()));
        }
        seen.push(counts);
    }
    assert_eq!(seen[0], seen[1]);
    for (page, count) in &seen[0] {
        assert!(*count <= 14, "{page} asks {count} statements");
    }
}

#[actix_web::test]
async fn the_last_four_weeks_are_told_as_a_picture_and_as_a_table() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let portal = Portal::open(&gateway, &directory.organization_id).await;
    let page = portal.get(&gateway, "/portal").await;
    assert!(
        page.text.contains("Nobody has signed in yet"),
        "{}",
        page.text
    );
    directory.user("ana@acme.test").await;
    gateway.write_request_log().await;
    let (scope, now) = (directory.scope().key(), gateway.now());
    let mut sql = RawSql::open(gateway.storage.database());
    let mut written = 0;
    // So many sign-ins each day, the day before the first one shown included.
    for (ago, kind, count) in [
        (0, "session.started", 3),
        (1, "sign_in.refused", 250),
        (27, "session.started", 12),
        (28, "session.started", 77),
        (1, "member.created", 5),
    ] {
        let day = (now - TimeDelta::days(ago)).date_naive();
        let at = day.and_hms_opt(0, 0, 1).unwrap().and_utc();
        let key = first_key_at(at);
        let (time, _) = key.rsplit_once('-').unwrap();
        for _ in 0..count {
            written += 1;
            let id = format!("{time}-{written:012x}");
            sql.execute(&format!(
                "INSERT INTO journal (organization_id, id, occurred_at, kind, object_id, actor, \
                 request_id) VALUES ('{scope}', '{id}', '2026-01-01 00:00:00', '{kind}', 'x', \
                 'sign_in', 'x')"
            ));
        }
    }
    let page = portal.get(&gateway, "/portal").await;
    assert_eq!(page.status, 200, "{}", page.text);
    let (_, table) = page.text.split_once("<tbody>").unwrap();
    let (table, _) = table.split_once("</tbody>").unwrap();
    let numbers: Vec<&str> = table
        .split("<td class=\"number\">")
        .skip(1)
        .map(|cell| cell.split_once('<').unwrap().0)
        .collect();
    assert_eq!(numbers[..4], ["3", "0", "1", "0"], "{table}");
    assert_eq!(numbers[4..8], ["0", "200 or more", "0", "0"], "{table}");
    assert_eq!(numbers[8..], ["12", "0", "0", "0"], "{table}");
    assert_eq!(page.text.matches("class=\"cell\"").count(), 4 * 28);
}
