//! Machines of the project, and the tokens that they get, where the SDKs' stories do not tell it.

use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;
use vestibule::http::rate_limit::Rates;

use crate::scim::directory::text;
use crate::support::Answer;
use crate::support::TestGateway;
use crate::support::raw_sql::RawSql;

async fn create(gateway: &TestGateway, body: Value) -> Answer {
    gateway.post("/v1/m2m/clients", body).await
}

async fn search(gateway: &TestGateway, body: Value) -> Value {
    gateway.post("/v1/m2m/clients/search", body).await.body
}

/// Asks for a token with a form, as OAuth libraries do.
async fn ask(gateway: &TestGateway, project: &str, form: &[(&str, &str)]) -> Answer {
    let url = format!("{}/v1/public/{project}/oauth2/token", gateway.base_url);
    let request = gateway.http.post(url);
    gateway.send(with_form(request, form)).await
}

fn with_form(request: reqwest::RequestBuilder, form: &[(&str, &str)]) -> reqwest::RequestBuilder {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(form);
    let kind = "application/x-www-form-urlencoded";
    request.header("content-type", kind).body(body.finish())
}

/// The path's project, the form, and what it is answered.
type Row<'r> = (&'r str, Vec<(&'r str, &'r str)>, u16, &'r str);

fn with_secret(client: &Value) -> [(&'static str, &str); 3] {
    [
        ("grant_type", "client_credentials"),
        ("client_id", client["client_id"].as_str().unwrap()),
        ("client_secret", client["client_secret"].as_str().unwrap()),
    ]
}

#[actix_web::test]
async fn a_client_may_bring_its_id_and_its_secret_and_basic_proves_it_too() {
    let gateway = TestGateway::start().await;
    let body = json!({ "scopes": ["a", "b", "a"], "client_id": "billing.v2",
        "client_secret": "correct horse battery staple" });
    let client = create(&gateway, body).await.body["m2m_client"].clone();
    assert_eq!(client["client_id"], "billing.v2");
    assert_eq!(client["scopes"], json!(["a", "b"]));
    assert_eq!(client["client_secret_last_four"], "aple");
    let url = format!(
        "{}/v1/public/{}/oauth2/token",
        gateway.base_url, gateway.project_id
    );
    let request = gateway.http.post(url);
    let request = request.basic_auth("billing.v2", Some("correct+horse+battery+staple"));
    let form = [("grant_type", "client_credentials"), ("scope", "b a")];
    let answer = gateway.send(with_form(request, &form)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(answer.body["scope"], "b a");
    assert_eq!(answer.body["status_code"], 200);
}

#[actix_web::test]
async fn a_refusal_is_told_in_the_words_of_oauth() {
    let gateway = TestGateway::start().await;
    let client = create(&gateway, json!({ "scopes": ["a"] })).await.body["m2m_client"].clone();
    let project = gateway.project_id.clone();
    let right = with_secret(&client);
    let [grant, id, secret] = right;
    let wrong = ("client_secret", "wrong");
    let table: [Row<'_>; 6] = [
        (&project, vec![id, secret], 400, "invalid_request"),
        (
            &project,
            vec![("grant_type", "password"), id, secret],
            400,
            "unsupported_grant_type",
        ),
        (
            &project,
            vec![grant, id, secret, ("scope", "a b")],
            400,
            "invalid_scope",
        ),
        (&project, vec![grant, id, wrong], 401, "invalid_client"),
        (&project, vec![grant, id], 401, "invalid_client"),
        ("project-test-other", right.to_vec(), 401, "invalid_client"),
    ];
    for (project, form, status, word) in table {
        let answer = ask(&gateway, project, &form).await;
        assert_eq!(answer.status, status, "{}", answer.text);
        assert_eq!(answer.body["error"], word, "{}", answer.text);
        assert_eq!(answer.body["status_code"], status);
        for field in ["error_description", "error_uri", "request_id"] {
            assert!(answer.body[field].is_string(), "{field}");
        }
        let challenge = answer.headers.contains_key("www-authenticate");
        assert_eq!(challenge, status == 401, "{}", answer.text);
    }
    let unknown = ask(
        &gateway,
        &project,
        &[grant, ("client_id", "nobody"), secret],
    )
    .await;
    let known = ask(&gateway, &project, &[grant, id, wrong]).await;
    let told = |answer: &Answer| text(&answer.body["error_description"]);
    assert_eq!(told(&unknown), told(&known));
}

#[actix_web::test]
async fn secrets_and_tokens_are_nowhere_in_the_database() {
    let gateway = TestGateway::start().await;
    let client = create(&gateway, json!({ "scopes": ["a"] })).await.body["m2m_client"].clone();
    let path = format!(
        "/v1/m2m/clients/{}/secrets/rotate/start",
        text(&client["client_id"])
    );
    let next = gateway.post(&path, json!({})).await.body["m2m_client"].clone();
    let answer = ask(&gateway, &gateway.project_id, &with_secret(&client)).await;
    let mut sql = RawSql::open(gateway.storage.database());
    let clients = "SELECT id || secret || next_secret AS value FROM m2m_clients";
    let events = "SELECT kind || object_id || coalesce(before_change, '') || \
                  coalesce(after_change, '') AS value FROM journal";
    let all = [sql.texts(clients), sql.texts(events)].concat().join(" ");
    assert!(all.contains(client["client_id"].as_str().unwrap()));
    for secret in [
        &client["client_secret"],
        &next["next_client_secret"],
        &answer.body["access_token"],
    ] {
        assert!(!all.contains(secret.as_str().unwrap()));
    }
    for kind in [
        "m2m_client.created",
        "m2m_client.updated",
        "m2m_token.issued",
    ] {
        assert!(all.contains(kind), "{kind}");
    }
}

#[actix_web::test]
async fn pages_of_a_search_hold_each_client_once() {
    let gateway = TestGateway::start().await;
    for number in 0..5 {
        let body = json!({ "client_id": format!("machine-{number}"), "scopes": [format!("s{number}")],
            "client_name": "Machine" });
        assert_eq!(create(&gateway, body).await.status, 200);
    }
    let mut found = Vec::new();
    let mut cursor = Value::Null;
    loop {
        let page = search(&gateway, json!({ "limit": 2, "cursor": cursor })).await;
        assert_eq!(page["results_metadata"]["total"], 5);
        let clients = page["m2m_clients"].as_array().unwrap();
        found.extend(clients.iter().map(|client| text(&client["client_id"])));
        cursor = page["results_metadata"]["next_cursor"].clone();
        if cursor.is_null() {
            break;
        }
    }
    assert_eq!(
        found,
        [
            "machine-0",
            "machine-1",
            "machine-2",
            "machine-3",
            "machine-4"
        ]
    );
    let operand = |name: &str, value: Value| json!({ "filter_name": name, "filter_value": value });
    let two = json!({ "operator": "OR", "operands": [
        operand("client_id", json!(["machine-1"])),
        operand("scopes", json!(["s3", "none"])),
    ] });
    let page = search(&gateway, json!({ "query": two })).await;
    assert_eq!(page["results_metadata"]["total"], 2);
    let none = json!({ "operator": "AND", "operands": [
        operand("client_name", json!(["Machine"])),
        operand("scopes", json!(["s"])),
    ] });
    let page = search(&gateway, json!({ "query": none })).await;
    assert_eq!(page["m2m_clients"], json!([]));
}

#[actix_web::test]
async fn another_project_has_clients_of_its_own() {
    let gateway = TestGateway::start().await;
    let (project, _) = gateway.another_project().await;
    let client = create(&gateway, json!({ "scopes": ["a"] })).await.body["m2m_client"].clone();
    let id = text(&client["client_id"]);
    let mut sql = RawSql::open(gateway.storage.database());
    sql.execute(&format!(
        "UPDATE m2m_clients SET project_id = '{project}' WHERE id = '{id}'"
    ));
    let path = format!("/v1/m2m/clients/{id}");
    for (method, path, body) in [
        ("GET", path.clone(), None),
        (
            "PUT",
            path.clone(),
            Some(json!({ "client_name": "taken over" })),
        ),
        ("DELETE", path.clone(), None),
        (
            "POST",
            format!("{path}/secrets/rotate/start"),
            Some(json!({})),
        ),
    ] {
        let answer = gateway.call(method, &path, body).await;
        assert_eq!(
            answer.body["error_type"], "m2m_client_not_found",
            "{method}"
        );
    }
    assert_eq!(search(&gateway, json!({})).await["m2m_clients"], json!([]));
    for project in [&gateway.project_id, &project] {
        let answer = ask(&gateway, project, &with_secret(&client)).await;
        assert_eq!(answer.status, 401, "{}", answer.text);
    }
}

#[actix_web::test]
async fn whoever_guesses_is_told_to_wait_and_the_client_is_not() {
    let gateway = TestGateway::start_held_to(Rates::default()).await;
    let client = create(&gateway, json!({ "scopes": ["a"] })).await.body["m2m_client"].clone();
    let [grant, id, _] = with_secret(&client);
    let mut last = 0;
    for _ in 0..25 {
        let answer = ask(
            &gateway,
            &gateway.project_id,
            &[grant, id, ("client_secret", "x")],
        )
        .await;
        last = answer.status;
        if last == 429 {
            assert_eq!(answer.body["error"], "temporarily_unavailable");
            assert!(answer.headers.contains_key("retry-after"));
        }
    }
    assert_eq!(last, 429);
    let answer = ask(&gateway, &gateway.project_id, &with_secret(&client)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[actix_web::test]
async fn a_session_is_no_machine_and_a_machine_no_session() {
    let gateway = TestGateway::start().await;
    let client = create(&gateway, json!({ "scopes": ["a"] })).await.body["m2m_client"].clone();
    let token = ask(&gateway, &gateway.project_id, &with_secret(&client)).await;
    let body = json!({ "session_jwt": token.body["access_token"] });
    let answer = gateway.post("/v1/b2b/sessions/authenticate", body).await;
    assert_eq!(answer.body["error_type"], "unable_to_parse_session_jwt");
    gateway.wait(TimeDelta::hours(2));
    let acme = gateway
        .organization(json!({ "organization_name": "Acme" }))
        .await;
    let session = gateway
        .member_session(&text(&acme["organization_id"]), &["stytch_admin"])
        .await;
    let url = format!("{}/v1/m2m/clients/search", gateway.base_url);
    let request = gateway.http.post(url).json(&json!({}));
    let request = request.basic_auth(&gateway.project_id, Some(&gateway.secret));
    let request = request.header("X-Stytch-Member-Session", session);
    assert_eq!(gateway.send(request).await.status, 403);
}

#[actix_web::test]
async fn the_project_counts_what_it_has_and_nobody_elses() {
    let gateway = TestGateway::start().await;
    let acme = gateway
        .organization(json!({ "organization_name": "Acme" }))
        .await;
    let organization = text(&acme["organization_id"]);
    let member = gateway.member_with_roles(&organization, &[]).await;
    gateway.member_with_roles(&organization, &[]).await;
    create(&gateway, json!({ "scopes": [] })).await;
    let path = format!("/v1/b2b/organizations/{organization}/members/{member}");
    assert_eq!(gateway.call("DELETE", &path, None).await.status, 200);
    let elsewhere = gateway
        .organization(json!({ "organization_name": "Else" }))
        .await;
    gateway
        .member_with_roles(&text(&elsewhere["organization_id"]), &[])
        .await;
    let (other, _) = gateway.another_project().await;
    let id = text(&elsewhere["organization_id"]);
    let key = id.rsplit_once("-test-").unwrap().1;
    let mut sql = RawSql::open(gateway.storage.database());
    sql.execute(&format!(
        "UPDATE organizations SET project_id = '{other}' WHERE id = '{key}'"
    ));
    let answer = gateway.get("/v1/projects/metrics").await;
    assert_eq!(answer.body["project_id"], *gateway.project_id);
    assert_eq!(
        answer.body["metrics"],
        json!([
            { "metric_type": "ORGANIZATION_COUNT", "count": 1 },
            { "metric_type": "MEMBER_COUNT", "count": 1 },
            { "metric_type": "M2M_CLIENT_COUNT", "count": 1 },
        ])
    );
    let path = format!("/v1/b2b/organizations/{organization}/members");
    let made = gateway
        .post(&path, json!({ "email_address": "ana@acme.test" }))
        .await;
    let path = format!("{path}/{}/oidc_providers", text(&made.body["member_id"]));
    assert_eq!(gateway.get(&path).await.body["registrations"], json!([]));
    let path = format!("/v1/b2b/organizations/{organization}/members/nobody/oidc_providers");
    assert_eq!(
        gateway.get(&path).await.body["error_type"],
        "member_not_found"
    );
}
