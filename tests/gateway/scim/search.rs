use serde_json::Value;
use serde_json::json;

use crate::scim::directory::Directory;
use crate::scim::directory::encoded;
use crate::scim::directory::ids;
use crate::scim::directory::text;
use crate::support::Answer;
use crate::support::TestGateway;
use crate::support::statements;

pub const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

pub async fn search(directory: &Directory<'_>, path: &str, mut body: Value) -> Answer {
    body["schemas"] = json!([SEARCH]);
    directory.post(&format!("{path}/.search"), body).await
}

async fn with_staff(gateway: &TestGateway) -> Directory<'_> {
    let directory = Directory::start(gateway).await;
    let ana = directory.user("ana@acme.test").await;
    let ben = directory.user("ben@acme.test").await;
    directory.user("eve@acme.test").await;
    directory.group("Staff", &[&ana, &ben]).await;
    directory.group("Crew", &[&ben]).await;
    directory
}

#[actix_web::test]
async fn a_search_by_post_finds_what_a_get_finds() {
    let gateway = TestGateway::start().await;
    let directory = with_staff(&gateway).await;
    for (path, body, query) in [
        ("/Users", json!({}), String::new()),
        (
            "/Users",
            json!({ "filter": "userName sw \"b\"", "attributes": ["userName"] }),
            format!(
                "filter={}&attributes=userName",
                encoded("userName sw \"b\"")
            ),
        ),
        (
            "/Users",
            json!({ "startIndex": 2, "count": 1, "sortBy": "userName", "sortOrder": "descending" }),
            "startIndex=2&count=1&sortBy=userName&sortOrder=descending".to_owned(),
        ),
        (
            "/Groups",
            json!({ "excludedAttributes": ["members", "meta"], "filter": "displayName pr" }),
            format!(
                "excludedAttributes=members,meta&filter={}",
                encoded("displayName pr")
            ),
        ),
        (
            "",
            json!({ "filter": "id pr", "count": 4 }),
            format!("filter={}&count=4", encoded("id pr")),
        ),
    ] {
        let posted = search(&directory, path, body.clone()).await;
        let got = directory.get(&format!("{path}/?{query}")).await;
        assert_eq!(posted.status, 200, "{body}: {}", posted.text);
        assert_eq!(posted.headers["content-type"], "application/scim+json");
        assert_eq!(posted.body, got.body, "{body}");
        assert!(!posted.body["Resources"].as_array().unwrap().is_empty());
    }
}

#[actix_web::test]
async fn a_query_of_the_root_goes_over_users_and_groups() {
    let gateway = TestGateway::start().await;
    let directory = with_staff(&gateway).await;
    let all = directory.get("").await.body;
    assert_eq!(all["totalResults"], 5);
    let types: Vec<&Value> = all["Resources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|resource| &resource["meta"]["resourceType"])
        .collect();
    assert_eq!(types, ["User", "User", "User", "Group", "Group"]);
    let everything: Vec<String> = ids(&all["Resources"], "id")
        .into_iter()
        .map(str::to_owned)
        .collect();
    for (filter, expected) in [
        ("userName eq \"eve@acme.test\"", &everything[2..3]),
        (
            "displayName sw \"st\" or userName sw \"a\"",
            &[everything[0].clone(), everything[3].clone()][..],
        ),
        ("meta.resourceType eq \"Group\"", &everything[3..]),
        ("not (displayName pr)", &everything[..3]),
        ("emails[type eq \"work\"]", &[]),
        ("userName ne \"ana@acme.test\"", &everything[1..]),
        (
            "meta.location co \"/Groups/\" and title eq null",
            &everything[3..],
        ),
    ] {
        let found = directory.get(&format!("?filter={}", encoded(filter))).await;
        assert_eq!(found.status, 200, "{filter}: {}", found.text);
        assert_eq!(ids(&found.body["Resources"], "id"), expected, "{filter}");
        assert_eq!(found.body["totalResults"], expected.len(), "{filter}");
    }
    for filter in ["", &format!("&filter={}", encoded("meta.location pr"))] {
        let page = directory
            .get(&format!("?startIndex=3&count=2{filter}"))
            .await
            .body;
        assert_eq!(ids(&page["Resources"], "id"), everything[2..4]);
        assert_eq!(page["totalResults"], 5);
    }
    let refused = directory
        .get(&format!("?filter={}", encoded("nothing pr")))
        .await;
    assert_eq!(
        (refused.status, &refused.body["scimType"]),
        (400, &json!("invalidFilter"))
    );
}

#[actix_web::test]
async fn what_is_wrong_with_a_search_is_told_to_those_who_may_ask() {
    let gateway = TestGateway::start().await;
    let directory = with_staff(&gateway).await;
    let long = format!("userName eq \"{}\"", "x".repeat(8192));
    let terms = vec!["title pr"; 101].join(" or ");
    let deep = format!("{}title pr{}", "(".repeat(21), ")".repeat(21));
    for (body, scim_type) in [
        (json!({ "schemas": ["urn:x"] }), "invalidSyntax"),
        (
            json!({ "schemas": [SEARCH], "count": "many" }),
            "invalidValue",
        ),
        (json!({ "schemas": [SEARCH], "filter": 7 }), "invalidValue"),
        (
            json!({ "schemas": [SEARCH], "filter": "userName zz \"x\"" }),
            "invalidFilter",
        ),
        (
            json!({ "schemas": [SEARCH], "filter": "" }),
            "invalidFilter",
        ),
        (
            json!({ "schemas": [SEARCH], "filter": "password eq \"x\"" }),
            "invalidFilter",
        ),
        (
            json!({ "schemas": [SEARCH], "filter": long }),
            "invalidFilter",
        ),
        (
            json!({ "schemas": [SEARCH], "filter": terms }),
            "invalidFilter",
        ),
        (
            json!({ "schemas": [SEARCH], "filter": deep }),
            "invalidFilter",
        ),
        (
            json!({ "schemas": [SEARCH], "cursor": "x" }),
            "invalidCursor",
        ),
    ] {
        for path in ["/Users/.search", "/.search"] {
            let refused = directory.post(path, body.clone()).await;
            assert_eq!(refused.status, 400, "{}", refused.text);
            assert_eq!(refused.body["scimType"], scim_type, "{}", refused.text);
        }
    }
    for parameter in [
        "count=many",
        "startIndex=1.5",
        "sortBy=userName&sortOrder=up",
    ] {
        let refused = directory.get(&format!("/Users?{parameter}")).await;
        assert_eq!(
            (refused.status, &refused.body["scimType"]),
            (400, &json!("invalidValue"))
        );
    }
    for path in ["/.search", "/Users/.search", "/Groups/.search/"] {
        let got = directory.get(path).await;
        assert_eq!(
            (got.status, &got.headers["allow"]),
            (405, &"POST".parse().unwrap())
        );
        let path = format!("{}{path}", directory.base);
        let body = Some(json!({ "schemas": ["urn:x"] }));
        let stranger = gateway.scim(("POST", &path), "wrong", body).await;
        assert_eq!(stranger.status, 401);
    }
    let stranger = gateway.scim(("GET", &directory.base), "wrong", None).await;
    assert_eq!(stranger.status, 401);
}

#[actix_web::test]
async fn members_that_are_not_shown_are_not_read() {
    let gateway = TestGateway::start().await;
    let directory = with_staff(&gateway).await;
    let group = text(&directory.get("/Groups").await.body["Resources"][0]["id"]);
    let named = encoded("displayName eq \"staff\"");
    let patch = json!([{ "op": "replace", "path": "displayName", "value": "Staff!" }]);
    statements::heard(gateway.storage.database());
    for path in [
        "/Groups?excludedAttributes=members".to_owned(),
        "/Groups?attributes=displayName".to_owned(),
        format!("/Groups?excludedAttributes=members&filter={named}"),
        format!("/Groups/{group}?excludedAttributes=members"),
        "?attributes=displayName".to_owned(),
    ] {
        assert_eq!(directory.get(&path).await.status, 200);
    }
    let body = json!({ "excludedAttributes": ["members"], "sortBy": "displayName" });
    assert_eq!(search(&directory, "/Groups", body).await.status, 200);
    let path = format!("/Groups/{group}?excludedAttributes=members");
    assert_eq!(directory.patch(&path, patch).await.status, 200);
    let heard = statements::heard(gateway.storage.database());
    let of_members = |statement: &&String| {
        statement.contains("scim_group_members") || statement.contains("scim_group_nesting")
    };
    assert!(
        heard
            .iter()
            .any(|statement| statement.contains("scim_groups"))
    );
    assert_eq!(heard.iter().filter(of_members).count(), 0, "{heard:#?}");

    directory.get("/Groups").await;
    let heard = statements::heard(gateway.storage.database());
    assert_eq!(
        heard.iter().filter(of_members).count(),
        2,
        "however many Groups: {heard:#?}"
    );
}

#[actix_web::test]
async fn users_are_sorted_by_any_attribute() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let urn = crate::scim::directory::ENTERPRISE;
    for user in [
        json!({ "userName": "b", "displayName": "Zoë", "externalId": "B", "title": "2",
            "emails": [{ "value": "z@x.test" }, { "value": "a@x.test", "primary": true }],
            urn: { "department": "x" } }),
        json!({ "userName": "C", "externalId": "a", "name": { "familyName": "Brkic" },
            "emails": [{ "value": "m@x.test" }] }),
        json!({ "userName": "a", "displayName": "anna", "externalId": "c", "title": "1",
            "name": { "familyName": "adler" }, urn: { "department": "W" } }),
        json!({ "userName": "d", "displayName": "Anna", "title": "1" }),
    ] {
        let created = directory.post("/Users", user).await;
        assert_eq!(created.status, 201, "{}", created.text);
        gateway.wait(chrono::TimeDelta::seconds(1));
    }
    let department = format!("{urn}:department");
    for (by, ascending, descending) in [
        ("userName", "abCd", "dCba"),
        ("USERNAME", "abCd", "dCba"),
        ("displayName", "adbC", "Cbad"),
        ("externalId", "bCad", "daCb"),
        ("meta.created", "bCad", "daCb"),
        ("meta.lastModified", "bCad", "daCb"),
        ("id", "bCad", "daCb"),
        ("title", "adbC", "Cbad"),
        ("name.familyName", "aCbd", "bdCa"),
        ("emails", "bCad", "adCb"),
        ("emails.value", "bCad", "adCb"),
        (&department, "abCd", "Cdba"),
    ] {
        for filter in ["", "&filter=id+pr", "&filter=meta.location+pr"] {
            for (order, expected) in [
                ("", ascending),
                ("&sortOrder=ascending", ascending),
                ("&sortOrder=Descending", descending),
            ] {
                let mut seen = String::new();
                for start in [1, 3] {
                    let path =
                        format!("/Users?sortBy={by}{order}{filter}&startIndex={start}&count=2");
                    let page = directory.get(&path).await;
                    assert_eq!(page.status, 200, "{path}: {}", page.text);
                    assert_eq!(page.body["totalResults"], 4);
                    seen.extend(ids(&page.body["Resources"], "userName"));
                }
                assert_eq!(seen, expected, "{by}{order}{filter}");
            }
        }
    }
    let whole = directory.get("/Users").await.body;
    for by in ["nothing", "name", "password", "members"] {
        let found = directory
            .get(&format!("/Users?sortBy={by}&sortOrder=descending"))
            .await;
        assert_eq!(found.body, whole, "{by}");
    }
    let config = directory.get("/ServiceProviderConfig").await.body;
    assert_eq!(config["sort"], json!({ "supported": true }));
}

#[actix_web::test]
async fn users_and_groups_are_sorted_among_each_other() {
    let gateway = TestGateway::start().await;
    let directory = with_staff(&gateway).await;
    let sorted = directory
        .get("?sortBy=displayName&attributes=userName,displayName")
        .await
        .body;
    let names: Vec<&Value> = sorted["Resources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|resource| match &resource["displayName"] {
            Value::Null => &resource["userName"],
            name => name,
        })
        .collect();
    let expected = [
        "Crew",
        "Staff",
        "ana@acme.test",
        "ben@acme.test",
        "eve@acme.test",
    ];
    assert_eq!(names, expected);
}
