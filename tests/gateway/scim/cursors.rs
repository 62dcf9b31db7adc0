use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;

use crate::scim::directory::Directory;
use crate::scim::directory::encoded;
use crate::scim::directory::ids;
use crate::scim::directory::text;
use crate::scim::search::search;
use crate::support::TestGateway;

fn next(page: &Value) -> Option<String> {
    let next = page.get("nextCursor").map(text);
    let is_unreserved = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
    assert!(next.iter().flat_map(|next| next.chars()).all(is_unreserved));
    assert!(page.get("previousCursor").is_none());
    next
}

async fn with_people(gateway: &TestGateway, many: usize) -> Directory<'_> {
    let directory = Directory::start(gateway).await;
    for number in 0..many {
        directory.user(&format!("user{number:02}")).await;
    }
    directory
}

/// The names on all pages, beginning with an empty cursor.
async fn walk(directory: &Directory<'_>, query: &str) -> Vec<String> {
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = directory.get(&format!("{query}&cursor={cursor}")).await;
        assert_eq!(page.status, 200, "{query}: {}", page.text);
        let found = ids(&page.body["Resources"], "id");
        assert_eq!(page.body["itemsPerPage"], found.len());
        seen.extend(found.into_iter().map(str::to_owned));
        match next(&page.body) {
            Some(next) => cursor = next,
            None => return seen,
        }
        assert_eq!(found_all(&page.body), 3, "{query}");
    }
}

fn found_all(page: &Value) -> usize {
    page["Resources"].as_array().unwrap().len()
}

#[actix_web::test]
async fn cursors_lead_from_page_to_page_to_the_last_one() {
    let gateway = TestGateway::start().await;
    let directory = with_people(&gateway, 7).await;
    directory.group("Staff", &[]).await;
    directory.group("Crew", &[]).await;
    let rest = encoded("meta.location pr");
    for (path, query) in [
        ("/Users", "count=3".to_owned()),
        ("/Users", format!("count=3&filter={rest}")),
        (
            "/Users",
            format!("count=3&filter={}", encoded("userName sw \"user\"")),
        ),
        (
            "/Users",
            "count=3&sortBy=userName&sortOrder=descending".to_owned(),
        ),
        ("/Users", format!("count=3&sortBy=userName&filter={rest}")),
        ("", "count=3".to_owned()),
        ("", format!("count=3&filter={rest}")),
        ("", "count=3&sortBy=displayName".to_owned()),
    ] {
        let whole = directory
            .get(&format!("{path}?{query}&count=200"))
            .await
            .body;
        let all = directory
            .get(&format!("{path}?{}", query.replace("count=3", "count=200")))
            .await
            .body;
        let seen = walk(&directory, &format!("{path}?{query}")).await;
        assert_eq!(seen, ids(&all["Resources"], "id"), "{path} {query}");
        assert_eq!(whole["totalResults"], all["totalResults"]);
        assert_eq!(
            whole.get("nextCursor"),
            None,
            "pages by position are the default"
        );
    }
    let full = directory.get("/Users?cursor=&count=7").await.body;
    assert_eq!((found_all(&full), next(&full)), (7, None));
    assert_eq!(full["totalResults"], 7);
    let config = directory.get("/ServiceProviderConfig").await.body;
    assert_eq!(
        config["pagination"],
        json!({
            "cursor": true, "index": true, "defaultPaginationMethod": "index",
            "defaultPageSize": 100, "maxPageSize": 200, "cursorTimeout": 3600,
        })
    );
}

#[actix_web::test]
async fn whoever_comes_or_goes_moves_nobody_across_pages() {
    let gateway = TestGateway::start().await;
    let directory = with_people(&gateway, 6).await;
    let first = directory.get("/Users?cursor=&count=3").await.body;
    let cursor = next(&first).unwrap();
    let gone = text(&first["Resources"][0]["id"]);
    directory.delete(&format!("/Users/{gone}")).await;
    directory.user("user99").await;
    let second = directory
        .get(&format!("/Users?cursor={cursor}&count=3"))
        .await
        .body;
    assert_eq!(
        ids(&second["Resources"], "userName"),
        ["user03", "user04", "user05"]
    );
    assert_eq!(second["totalResults"], 6);
    let cursor = next(&second).unwrap();
    let third = directory.get(&format!("/Users?cursor={cursor}")).await.body;
    assert_eq!(ids(&third["Resources"], "userName"), ["user99"]);
    assert_eq!(next(&third), None);
}

#[actix_web::test]
async fn a_cursor_serves_its_own_query_and_connection_for_an_hour() {
    let gateway = TestGateway::start().await;
    let directory = with_people(&gateway, 3).await;
    let other = with_people(&gateway, 3).await;
    let body = json!({ "cursor": "", "count": 1, "filter": "userName sw \"user\"" });
    let page = search(&directory, "/Users", body.clone()).await.body;
    let cursor = next(&page).unwrap();
    let continued = |changes: Value| {
        let mut body = body.clone();
        body["cursor"] = json!(cursor);
        for (name, value) in changes.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    };
    for (path, changes, scim_type) in [
        ("/Users", json!({ "count": 2 }), "invalidCount"),
        ("/Users", json!({ "count": 0 }), "invalidCount"),
        ("/Users", json!({ "count": "x" }), "invalidCount"),
        (
            "/Users",
            json!({ "filter": "userName sw \"u\"" }),
            "invalidCursor",
        ),
        ("/Users", json!({ "filter": null }), "invalidCursor"),
        ("/Users", json!({ "sortBy": "userName" }), "invalidCursor"),
        ("", json!({}), "invalidCursor"),
        (
            "/Users",
            json!({ "cursor": format!("{cursor}x") }),
            "invalidCursor",
        ),
        ("/Users", json!({ "cursor": "made.up" }), "invalidCursor"),
    ] {
        let refused = search(&directory, path, continued(changes.clone())).await;
        assert_eq!(refused.status, 400, "{changes}: {}", refused.text);
        assert_eq!(
            refused.body["scimType"], scim_type,
            "{changes}: {}",
            refused.text
        );
    }
    let elsewhere = search(&other, "/Users", continued(json!({}))).await;
    assert_eq!(elsewhere.body["scimType"], "invalidCursor");
    for changes in [
        json!({}),
        json!({ "count": null, "attributes": ["userName"] }),
    ] {
        let second = search(&directory, "/Users", continued(changes)).await;
        assert_eq!(second.status, 200, "{}", second.text);
        assert_eq!(ids(&second.body["Resources"], "userName"), ["user01"]);
    }
    gateway.wait(TimeDelta::seconds(3601));
    let late = search(&directory, "/Users", continued(json!({}))).await;
    assert_eq!(
        (late.status, &late.body["scimType"]),
        (400, &json!("expiredCursor"))
    );
}
