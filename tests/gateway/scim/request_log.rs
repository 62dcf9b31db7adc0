//! The request log of a connection: what was sent, what came of it, and what is never kept.

use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;
use vestibule::use_cases::scim_requests::Settings;
use vestibule::worker::request_log::shorten;

use crate::isolation::rows::Rows;
use crate::scim::directory::Directory;
use crate::scim::directory::PATCH_OP;
use crate::scim::directory::text;
use crate::support::Answer;
use crate::support::TestGateway;

impl Directory<'_> {
    fn log_path(&self) -> String {
        let (organization, connection) = (&self.organization_id, &self.connection_id);
        format!("/v1/b2b/scim/{organization}/connection/{connection}/requests")
    }

    /// Searches the log once everything is in it.
    async fn search_log(&self, body: Value) -> Answer {
        self.gateway.write_request_log().await;
        let path = format!("{}/search", self.log_path());
        self.gateway.post(&path, body).await
    }

    async fn logged(&self, filters: Value) -> Vec<Value> {
        let body = json!({ "query": { "operator": "AND", "operands": filters } });
        let found = self.search_log(body).await;
        assert_eq!(found.status, 200, "{}", found.text);
        found.body["requests"].as_array().unwrap().clone()
    }

    /// The log as the database has it.
    fn log_rows(&self) -> Vec<String> {
        let mut rows =
            Rows::of(self.gateway.storage.database()).of_organization(&self.organization_id);
        rows.retain(|row| row.starts_with("scim_requests: "));
        rows
    }

    async fn entry(&self, id: &Value) -> Value {
        let path = format!("{}/{}", self.log_path(), text(id));
        let found = self.gateway.get(&path).await;
        assert_eq!(found.status, 200, "{}", found.text);
        found.body["request"].clone()
    }
}

fn body(entry: &Value, name: &str) -> Value {
    serde_json::from_str(entry[name]["text"].as_str().unwrap()).unwrap()
}

#[actix_web::test]
async fn a_request_is_kept_with_its_answer_its_leniencies_and_what_it_changed() {
    let gateway = TestGateway::start().await;
    let organization =
        json!({ "organization_name": "Acme", "email_allowed_domains": ["acme.test"] });
    let directory = Directory::of(&gateway, organization, "microsoft-entra").await;
    let id = directory.user("ana@acme.test").await;
    let operations = json!([{ "op": "Replace", "path": "active", "value": "False" }]);
    let patched = directory.patch(&format!("/Users/{id}"), operations).await;
    assert_eq!(patched.status, 200, "{}", patched.text);
    let requests = directory.logged(json!([])).await;
    assert_eq!(requests.len(), 2);
    assert_eq!(
        (&requests[1]["method"], &requests[1]["status"]),
        (&json!("POST"), &json!(201))
    );
    assert_eq!(requests[1]["resource_id"], json!(id));
    let entry = directory.entry(&requests[0]["scim_request_id"]).await;
    assert_eq!(entry["path"], json!(format!("/Users/{id}")));
    assert_eq!(entry["status"], json!(200));
    let names: Vec<&str> = entry["leniencies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|leniency| leniency["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["boolean_string", "operation_spelling"]);
    assert_eq!(
        body(&entry, "request_body")["Operations"][0]["value"],
        json!("False")
    );
    assert_eq!(body(&entry, "response_body")["active"], json!(false));
    let changes: Vec<(&str, &str)> = entry["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| {
            (
                change["kind"].as_str().unwrap(),
                change["name"].as_str().unwrap(),
            )
        })
        .collect();
    let expected = [
        ("member.deleted", "ana@acme.test"),
        ("scim_user.updated", "ana@acme.test"),
    ];
    assert_eq!(changes, expected);
    assert_eq!(
        entry["request_id"],
        json!(patched.headers["x-request-id"].to_str().unwrap())
    );
}

#[actix_web::test]
async fn the_log_is_searched_by_what_people_ask_and_page_by_page() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let id = directory.user("ana@acme.test").await;
    directory.get(&format!("/Users/{id}")).await;
    directory.get("/Users?filter=shoeSize+eq+1").await;
    directory
        .post("/Users", json!({ "userName": "ana@acme.test" }))
        .await;
    let operand = |name: &str, value: Value| json!({ "filter_name": name, "filter_value": value });
    let cases = [
        (json!([]), 4),
        (json!([operand("only_errors", json!(true))]), 2),
        (json!([operand("only_errors", json!(false))]), 4),
        (json!([operand("status_classes", json!(["2xx"]))]), 2),
        (json!([operand("status_classes", json!(["2xx", "4xx"]))]), 4),
        (json!([operand("status_classes", json!(["5xx"]))]), 0),
        (json!([operand("methods", json!(["get"]))]), 2),
        (
            json!([
                operand("methods", json!(["GET"])),
                operand("only_errors", json!(true))
            ]),
            1,
        ),
        (json!([operand("resource_ids", json!([id]))]), 2),
        (json!([operand("since", json!("2020-01-01T00:00:00Z"))]), 4),
        (json!([operand("until", json!("2020-01-01T00:00:00Z"))]), 0),
    ];
    for (filters, expected) in cases {
        assert_eq!(
            directory.logged(filters.clone()).await.len(),
            expected,
            "{filters}"
        );
    }
    let refused = directory
        .logged(json!([operand("only_errors", json!(true))]))
        .await;
    assert_eq!(refused[0]["scim_type"], json!("uniqueness"));
    assert!(
        refused[1]["detail"].as_str().unwrap().contains("shoeSize"),
        "{refused:?}"
    );
    let first = directory.search_log(json!({ "limit": 3 })).await.body;
    assert_eq!(first["results_metadata"]["total"], json!(4));
    let cursor = &first["results_metadata"]["next_cursor"];
    let second = directory
        .search_log(json!({ "limit": 3, "cursor": cursor }))
        .await
        .body;
    assert_eq!(second["requests"].as_array().unwrap().len(), 1);
    assert_eq!(second["requests"][0]["method"], json!("POST"));
    assert_eq!(second["results_metadata"]["next_cursor"], Value::Null);
}

#[actix_web::test]
async fn what_cannot_be_asked_of_the_log_is_named() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let cases = [
        (
            "status_classes",
            json!(["9xx"]),
            "scim_request_search_expected_status_classes",
        ),
        (
            "since",
            json!("yesterday"),
            "scim_request_search_expected_date_and_time",
        ),
        (
            "shoe_size",
            json!(1),
            "scim_request_search_filter_name_not_recognized",
        ),
    ];
    for (name, value, error_type) in cases {
        let operands = json!([{ "filter_name": name, "filter_value": value }]);
        let refused = directory
            .search_log(json!({ "query": { "operands": operands } }))
            .await;
        assert_eq!(
            (refused.status, &refused.body["error_type"]),
            (400, &json!(error_type))
        );
    }
    for id in [
        "1",
        "scim-request-test-00000000-0000-7000-8000-000000000000",
    ] {
        let missing = gateway.get(&format!("{}/{id}", directory.log_path())).await;
        assert_eq!(
            (missing.status, &missing.body["error_type"]),
            (404, &json!("scim_request_not_found"))
        );
    }
}

#[actix_web::test]
async fn secrets_never_reach_the_log() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let canary = "canary-7f3a";
    let id = text(&directory.post("/Users", json!({
        "userName": "ana@acme.test", "password": canary, "clientSecret": { "deep": canary },
        "displayName": format!("the password is {canary}"),
    })).await.body["id"]);
    let user = format!("/Users/{id}");
    let requests = [
        (
            "PUT",
            user.as_str(),
            json!({ "userName": "ana@acme.test", "PASSWORD": canary }),
        ),
        (
            "PATCH",
            &user,
            json!({ "schemas": [PATCH_OP], "Operations": [
            { "op": "replace", "path": "password", "value": canary },
            { "op": "replace", "path": "urn:ietf:params:scim:schemas:core:2.0:User:password", "value": canary },
            { "op": "replace", "value": { "password": canary } } ] }),
        ),
        (
            "PATCH",
            &user,
            json!({ "schemas": [PATCH_OP], "Operations": [
            { "op": "add", "path": format!("password[value eq \"{canary}\"]"), "value": 1 }] }),
        ),
        (
            "POST",
            "/Users",
            json!({ "userName": canary, "password": canary }),
        ),
        ("POST", "/Users", json!([{ "password": canary }])),
    ];
    for (method, path, body) in requests {
        directory.call(method, path, Some(body)).await;
    }
    directory
        .get(&format!("/Users?filter=password+eq+%22{canary}%22"))
        .await;
    directory
        .get(&format!("/Users?access_token={canary}"))
        .await;
    let url = format!("{}{}/Users", gateway.base_url, directory.base);
    let form = gateway.http.post(&url).bearer_auth(&directory.token);
    gateway
        .send(
            form.header("content-type", "application/json")
                .body(format!("password={canary}")),
        )
        .await;
    let longer = format!("{}x", directory.token);
    for token in [canary, "", &longer] {
        gateway
            .scim(
                (
                    "GET",
                    &format!("{}/Users?password={canary}", directory.base),
                ),
                token,
                None,
            )
            .await;
    }
    let entries = directory.logged(json!([])).await;
    assert_eq!(entries.len(), 10, "{entries:#?}");
    let rows = directory.log_rows().join("\n");
    assert!(
        rows.contains("ana@acme.test") && rows.contains("[redacted]"),
        "{rows}"
    );
    for secret in [canary, &directory.token, "7f3a"] {
        assert!(!rows.contains(secret), "{secret} is in {rows}");
    }
}

#[actix_web::test]
async fn refused_credentials_are_noted_without_what_came_with_them() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    for _ in 0..3 {
        gateway
            .scim(
                ("GET", &format!("{}/Users?x=1", directory.base)),
                "wrong",
                None,
            )
            .await;
    }
    let unknown = "/v1/b2b/scim/scim-connection-test-00000000-0000-4000-8000-000000000000/Users";
    gateway.scim(("GET", unknown), "wrong", None).await;
    let entries = directory.logged(json!([])).await;
    assert_eq!(entries.len(), 1);
    assert_eq!(
        (&entries[0]["status"], &entries[0]["query"]),
        (&json!(401), &json!(""))
    );
    let detail = entries[0]["detail"].as_str().unwrap();
    assert!(
        detail.starts_with("The bearer token was missing"),
        "{detail}"
    );
    assert_eq!(gateway.request_log.refused(), 4);
    gateway.wait(TimeDelta::seconds(61));
    gateway
        .scim(("GET", &format!("{}/Users", directory.base)), "wrong", None)
        .await;
    assert_eq!(directory.logged(json!([])).await.len(), 2);
}

/// Whoever makes addresses up takes no room from the connections that there are.
#[actix_web::test]
async fn refused_credentials_of_connections_that_never_were_wait_nowhere() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    for number in 0..20 {
        let base =
            format!("/v1/b2b/scim/scim-connection-test-00000000-0000-4000-8000-{number:012}");
        for token in ["wrong", ""] {
            let answer = gateway
                .scim(("GET", &format!("{base}/Users")), token, None)
                .await;
            assert_eq!(answer.status, 401);
        }
    }
    let path = format!("{}/Users", directory.base);
    gateway.scim(("GET", &path), "", None).await;
    let waiting = gateway.request_log.take(usize::MAX);
    let waiting: Vec<String> = waiting
        .iter()
        .map(|it| it.connection_id.to_string())
        .collect();
    assert_eq!(waiting.join(" "), directory.connection_id);
    assert_eq!(gateway.request_log.refused(), 41);
}

#[actix_web::test]
async fn the_log_is_shortened_by_age_and_by_number_in_every_connection() {
    let gateway = TestGateway::start().await;
    let busy = Directory::start(&gateway).await;
    let quiet = Directory::start(&gateway).await;
    for _ in 0..7 {
        busy.get("/Users").await;
    }
    quiet.get("/Users").await;
    gateway.write_request_log().await;
    let newest = busy.logged(json!([])).await;
    let settings = Settings {
        days: 14,
        entries: 5,
    };
    assert_eq!(shorten(&gateway.storage, None, settings).await, None);
    let kept = busy.logged(json!([])).await;
    assert_eq!(kept, newest[..5]);
    assert_eq!(quiet.logged(json!([])).await.len(), 1);
    gateway.wait(TimeDelta::days(15));
    assert_eq!(shorten(&gateway.storage, None, settings).await, None);
    assert!(busy.logged(json!([])).await.is_empty() && quiet.logged(json!([])).await.is_empty());
}

#[actix_web::test]
async fn a_connection_takes_its_log_with_it() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    directory.get("/Users").await;
    gateway.write_request_log().await;
    directory.get("/Users").await;
    let (organization, connection) = (&directory.organization_id, &directory.connection_id);
    let path = format!("/v1/b2b/scim/{organization}/connection/{connection}");
    assert_eq!(directory.log_rows().len(), 1);
    assert_eq!(gateway.call("DELETE", &path, None).await.status, 200);
    gateway.write_request_log().await;
    assert_eq!(directory.log_rows(), [""; 0]);
    assert_eq!(gateway.request_log.dropped(), 0);
}
