use serde_json::Value;
use serde_json::json;

use crate::scim::directory::Directory;
use crate::scim::directory::encoded;
use crate::scim::directory::ids;
use crate::scim::directory::text;
use crate::support::TestGateway;

async fn with_people(gateway: &TestGateway) -> Directory<'_> {
    let directory = Directory::start(gateway).await;
    for (name, title, second) in [
        ("Ana@acme.test", "Dr", "ana.private@mail.test"),
        ("ben@acme.test", "Mr", "ben.private@mail.test"),
        ("eve@acme.test", "Dr", "ana@acme.test"),
    ] {
        let body = json!({
            "userName": name,
            "externalId": format!("x-{name}"),
            "title": title,
            "emails": [{ "value": name, "primary": true }, { "value": second, "type": "home" }],
        });
        let created = directory.post("/Users", body).await;
        assert_eq!(created.status, 201, "{}", created.text);
    }
    directory
}

#[actix_web::test]
async fn users_are_found_by_filters_that_an_index_answers_and_by_others() {
    let gateway = TestGateway::start().await;
    let directory = with_people(&gateway).await;
    let all = directory.get("/Users").await.body;
    let id = text(&all["Resources"][1]["id"]);
    let group = directory.group("Staff", &[&id]).await;
    for (filter, found) in [
        (
            "userName eq \"ANA@ACME.TEST\"".to_owned(),
            vec!["Ana@acme.test"],
        ),
        ("username Eq \"nobody\"".to_owned(), vec![]),
        (
            "externalId eq \"x-ben@acme.test\"".to_owned(),
            vec!["ben@acme.test"],
        ),
        ("externalId eq \"X-ben@acme.test\"".to_owned(), vec![]),
        (
            "emails.value eq \"BEN@acme.test\"".to_owned(),
            vec!["ben@acme.test"],
        ),
        (
            "emails eq \"ben.private@mail.test\"".to_owned(),
            vec!["ben@acme.test"],
        ),
        (
            "emails[type eq \"home\" and value eq \"ana@acme.test\"]".to_owned(),
            vec!["eve@acme.test"],
        ),
        (format!("id eq \"{id}\""), vec!["ben@acme.test"]),
        (format!("id eq \"{id}\" and active eq false"), vec![]),
        ("id eq \"1\"".to_owned(), vec![]),
        (
            "title eq \"dr\"".to_owned(),
            vec!["Ana@acme.test", "eve@acme.test"],
        ),
        (
            "userName sw \"a\" or userName sw \"b\"".to_owned(),
            vec!["Ana@acme.test", "ben@acme.test"],
        ),
        (
            format!("groups.value eq \"{group}\""),
            vec!["ben@acme.test"],
        ),
        ("not (title eq \"Dr\")".to_owned(), vec!["ben@acme.test"]),
        ("userName eq \"\\u0000\"".to_owned(), vec![]),
        ("userName eq \"100%_\"".to_owned(), vec![]),
    ] {
        let answer = directory
            .get(&format!("/Users?filter={}", encoded(&filter)))
            .await;
        assert_eq!(answer.status, 200, "{filter}: {}", answer.text);
        assert_eq!(
            ids(&answer.body["Resources"], "userName"),
            found,
            "{filter}"
        );
        assert_eq!(answer.body["totalResults"], found.len(), "{filter}");
    }
}

#[actix_web::test]
async fn groups_are_found_by_name_external_id_and_member() {
    let gateway = TestGateway::start().await;
    let directory = with_people(&gateway).await;
    let users = directory.get("/Users").await.body;
    let (ana, ben) = (
        text(&users["Resources"][0]["id"]),
        text(&users["Resources"][1]["id"]),
    );
    directory.group("Staff", &[&ana, &ben]).await;
    directory.group("Crew", &[&ben]).await;
    for (filter, found) in [
        ("displayName eq \"STAFF\"".to_owned(), vec!["Staff"]),
        ("displayName co \"r\"".to_owned(), vec!["Crew"]),
        ("externalId eq \"x\"".to_owned(), vec![]),
        (format!("members eq \"{ben}\""), vec!["Staff", "Crew"]),
        (format!("members.value eq \"{ana}\""), vec!["Staff"]),
        (
            format!("members eq \"{ana}\" and members eq \"{ben}\""),
            vec!["Staff"],
        ),
        (format!("not (members eq \"{ana}\")"), vec!["Crew"]),
        (
            format!("members[value eq \"{ana}\" and type eq \"User\"]"),
            vec!["Staff"],
        ),
        (
            format!("members[value eq \"{ana}\" and type eq \"Group\"]"),
            vec![],
        ),
    ] {
        let answer = directory
            .get(&format!("/Groups?filter={}", encoded(&filter)))
            .await;
        assert_eq!(answer.status, 200, "{filter}: {}", answer.text);
        assert_eq!(
            ids(&answer.body["Resources"], "displayName"),
            found,
            "{filter}"
        );
    }
    let filter = encoded(&format!("members eq \"{ana}\""));
    let listed = directory
        .get(&format!("/Groups?filter={filter}"))
        .await
        .body;
    assert_eq!(
        ids(&listed["Resources"][0]["members"], "value"),
        [&ana, &ben]
    );
}

#[actix_web::test]
async fn pages_follow_each_other_in_a_stable_order() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    for number in 0..11 {
        directory.user(&format!("user{number:02}")).await;
    }
    let all = directory.get("/Users").await.body;
    let expected = ids(&all["Resources"], "id");
    for filter in ["", "&filter=userName+sw+%22USER%22"] {
        let mut seen: Vec<String> = Vec::new();
        while seen.len() < 11 {
            let start = seen.len() + 1;
            let path = format!("/Users?startIndex={start}&count=5{filter}");
            let page = directory.get(&path).await.body;
            assert_eq!(page["startIndex"], start);
            assert_eq!(page["totalResults"], 11);
            let found = ids(&page["Resources"], "id");
            assert_eq!(page["itemsPerPage"], found.len());
            seen.extend(found.into_iter().map(str::to_owned));
        }
        assert_eq!(seen, expected);
        for (query, shown) in [
            ("count=0", 0),
            ("count=-1", 0),
            ("startIndex=12", 0),
            ("startIndex=2147483648&count=99999999999", 0),
            ("startIndex=-3&count=2", 2),
        ] {
            let page = directory.get(&format!("/Users?{query}{filter}")).await.body;
            assert_eq!(page["totalResults"], 11, "{query}");
            assert_eq!(
                page["Resources"].as_array().unwrap().len(),
                shown,
                "{query}"
            );
        }
    }
}

#[actix_web::test]
async fn answers_show_the_attributes_that_were_asked_for() {
    let gateway = TestGateway::start().await;
    let directory = with_people(&gateway).await;
    let keys = |value: &Value| {
        let object = value.as_object().unwrap();
        let mut keys: Vec<String> = object.keys().cloned().collect();
        keys.sort();
        keys
    };
    let listed = directory
        .get("/Users?attributes=userName,title&count=1")
        .await
        .body;
    let user = &listed["Resources"][0];
    assert_eq!(keys(user), ["id", "schemas", "title", "userName"]);
    let path = format!("/Users/{}", text(&user["id"]));
    let operation = json!([{ "op": "replace", "path": "title", "value": "Prof" }]);
    let patched = directory
        .patch(&format!("{path}?attributes=title"), operation)
        .await;
    assert_eq!(
        (patched.status, &patched.body["title"]),
        (200, &json!("Prof"))
    );
    assert_eq!(keys(&patched.body), ["id", "schemas", "title"]);
    assert_eq!(patched.headers["etag"], "W/\"2\"");
    let less = directory
        .get(&format!("{path}?excludedAttributes=emails,meta,id"))
        .await
        .body;
    assert_eq!(
        keys(&less),
        ["active", "externalId", "id", "schemas", "title", "userName"]
    );
}

#[actix_web::test]
async fn discovery_is_the_same_for_everyone_and_needs_no_token() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let url = |path: &str| format!("{}{}{path}", gateway.base_url, directory.base);
    let get = async |path: &str| gateway.send(gateway.http.get(url(path))).await;
    for (path, field, expected) in [
        ("/ServiceProviderConfig", "/patch/supported", json!(true)),
        (
            "/ServiceProviderConfig?filter=a",
            "/bulk/supported",
            json!(true),
        ),
        ("/ResourceTypes", "/totalResults", json!(2)),
        ("/ResourceTypes/User", "/endpoint", json!("/Users")),
        ("/Schemas", "/totalResults", json!(6)),
        ("/Schemas/", "/itemsPerPage", json!(6)),
        (
            "/Schemas/urn:ietf:params:scim:schemas:core:2.0:Group",
            "/name",
            json!("Group"),
        ),
    ] {
        let answer = get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        assert_eq!(answer.body.pointer(field), Some(&expected), "{path}");
        assert_eq!(answer.headers["content-type"], "application/scim+json");
        assert!(!answer.text.contains("Acme"), "{path}");
    }
    let location = get("/ResourceTypes/Group").await.body["meta"]["location"].clone();
    assert_eq!(location, url("/ResourceTypes/Group"));
    for (path, status) in [
        ("/Schemas?filter=id+eq+%22x%22", 403),
        ("/ResourceTypes?FILTER=x", 403),
        ("/Schemas/urn:x", 404),
        ("/ResourceTypes/Device", 404),
    ] {
        let answer = get(path).await;
        assert_eq!(
            (answer.status, &answer.body["status"]),
            (status, &json!(status.to_string()))
        );
    }
}

#[actix_web::test]
async fn filters_totals_and_versions_end_at_the_connection() {
    let gateway = TestGateway::start().await;
    let (acme, globex) = (
        Directory::start(&gateway).await,
        Directory::start(&gateway).await,
    );
    let (mut users, mut groups) = (Vec::new(), Vec::new());
    for directory in [&acme, &globex] {
        let ana = json!({ "userName": "ana@acme.test", "externalId": "1", "displayName": "Ana" });
        let ana = text(&directory.post("/Users", ana).await.body["id"]);
        groups.push(directory.group("Staff", &[&ana]).await);
        users.push(ana);
    }
    // What only the other one has moves no total.
    for number in 0..3 {
        globex.user(&format!("more-{number}@acme.test")).await;
    }
    for (list, filter, found) in [
        ("/Users", String::new(), &users[0]),
        (
            "/Users",
            "userName eq \"ana@acme.test\"".to_owned(),
            &users[0],
        ),
        ("/Users", "externalId eq \"1\"".to_owned(), &users[0]),
        ("/Users", "displayName eq \"ana\"".to_owned(), &users[0]),
        ("/Users", "not (title pr)".to_owned(), &users[0]),
        (
            "/Users",
            format!("groups.value eq \"{}\"", groups[0]),
            &users[0],
        ),
        ("/Groups", String::new(), &groups[0]),
        ("/Groups", "displayName eq \"staff\"".to_owned(), &groups[0]),
        (
            "/Groups",
            format!("members.value eq \"{}\"", users[0]),
            &groups[0],
        ),
    ] {
        let ours = if filter.is_empty() {
            format!("{list}?sortBy=meta.created")
        } else {
            format!("{list}?filter={}", encoded(&filter))
        };
        let page = acme.get(&ours).await.body;
        assert_eq!(ids(&page["Resources"], "id"), [found], "{filter}");
        assert_eq!(page["totalResults"], 1, "{filter}");
    }
    for (list, filter) in [
        ("/Users", format!("id eq \"{}\"", users[1])),
        ("/Users", format!("groups.value eq \"{}\"", groups[1])),
        ("/Groups", format!("id eq \"{}\"", groups[1])),
        ("/Groups", format!("members.value eq \"{}\"", users[1])),
    ] {
        let page = acme
            .get(&format!("{list}?filter={}", encoded(&filter)))
            .await
            .body;
        assert_eq!(page["totalResults"], 0, "{filter}");
    }
    // A version of a resource that is not there is not asked about.
    for path in [
        format!("/Users/{}", users[1]),
        format!("/Groups/{}", groups[1]),
    ] {
        let version = text(&globex.get(&path).await.body["meta"]["version"]);
        for (method, condition) in [("GET", "If-None-Match"), ("DELETE", "If-Match")] {
            for version in [version.as_str(), "*", "W/\"77\""] {
                let answer = acme
                    .call_with((method, &path), (condition, version), None)
                    .await;
                assert_eq!(
                    answer.status, 404,
                    "{method} {path} {version}: {}",
                    answer.text
                );
            }
        }
        assert_eq!(globex.get(&path).await.status, 200);
    }
}
