//! What the RFCs lay down and no client makes a scene of.

use std::io::Write;

use chrono::DateTime;
use chrono::TimeDelta;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use serde_json::json;

use crate::scim::directory::Directory;
use crate::scim::directory::text;
use crate::support::TestGateway;
use crate::support::raw_sql::RawSql;

fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(parts) => parts.iter().any(has_null),
        Value::Object(parts) => parts.values().any(has_null),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

fn attribute<'v>(attributes: &'v Value, name: &str) -> &'v Value {
    let mut attributes = attributes.as_array().unwrap().iter();
    attributes.find(|one| one["name"] == name).unwrap()
}

#[actix_web::test]
async fn the_schemas_say_what_the_rfc_says_of_names_groups_and_members() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let listed = directory.get("/Schemas").await.body;
    assert!(!has_null(&listed));
    for schema in listed["Resources"].as_array().unwrap() {
        assert!(!text(&schema["id"]).contains(":api:messages:"));
    }
    let get = async |name: &str| {
        let path = format!("/Schemas/urn:ietf:params:scim:schemas:core:2.0:{name}");
        directory.get(&path).await.body["attributes"].clone()
    };
    let (user, group) = (get("User").await, get("Group").await);
    let user_name = attribute(&user, "userName");
    for (field, expected) in [
        ("required", json!(true)),
        ("caseExact", json!(false)),
        ("uniqueness", json!("server")),
    ] {
        assert_eq!(user_name[field], expected, "{field}");
    }
    assert_eq!(attribute(&user, "groups")["mutability"], "readOnly");
    let members = &attribute(&group, "members")["subAttributes"];
    assert_eq!(attribute(members, "value")["mutability"], "immutable");
}

#[actix_web::test]
async fn the_configuration_tells_of_each_feature_whether_it_is_there() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let config = directory.get("/ServiceProviderConfig").await.body;
    for feature in ["patch", "bulk", "filter", "changePassword", "sort", "etag"] {
        assert!(config[feature]["supported"].is_boolean(), "{feature}");
    }
    for (feature, limit) in [
        ("bulk", "maxOperations"),
        ("bulk", "maxPayloadSize"),
        ("filter", "maxResults"),
    ] {
        assert!(config[feature][limit].is_u64(), "{feature}.{limit}");
    }
    let schemes = config["authenticationSchemes"].as_array().unwrap();
    assert!(!schemes.is_empty());
    for scheme in schemes {
        for field in ["type", "name", "description"] {
            assert!(scheme[field].is_string(), "{field}");
        }
    }
}

#[actix_web::test]
async fn times_have_a_zone_and_only_a_change_moves_the_last() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let path = format!("/Users/{}", directory.user("ana").await);
    let meta = async || directory.get(&path).await.body["meta"].clone();
    let before = meta().await;
    gateway.wait(TimeDelta::minutes(5));
    let put = json!({ "userName": "ana", "title": "Dr" });
    assert_eq!(directory.put(&path, put.clone()).await.status, 200);
    let after = meta().await;
    let time = |meta: &Value, name: &str| DateTime::parse_from_rfc3339(&text(&meta[name])).unwrap();
    assert_eq!(time(&before, "created"), time(&after, "created"));
    assert!(time(&before, "lastModified") < time(&after, "lastModified"));
    gateway.wait(TimeDelta::minutes(5));
    assert_eq!(directory.put(&path, put).await.status, 200);
    assert_eq!(meta().await, after);
}

#[actix_web::test]
async fn values_come_back_as_they_were_sent() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let sent = json!({
        "userName": "ANA@Acme.Test",
        "displayName": "Åsa 日本 \u{1F600} e\u{301}",
        "locale": "not-a-locale",
        "timezone": "Mars/Olympus",
        "addresses": [{ "type": "work", "country": "USA" }],
        "emails": [{ "value": "ANA@Acme.Test", "type": "Work" }],
        "phoneNumbers": [{ "value": "(0) 1 / 2-3" }],
    });
    let created = directory.post("/Users", sent.clone()).await.body;
    let read = directory
        .get(&format!("/Users/{}", text(&created["id"])))
        .await
        .body;
    for (name, value) in sent.as_object().unwrap() {
        assert_eq!(&created[name], value, "{name}");
        assert_eq!(&read[name], value, "{name}");
    }
    let found = directory
        .get("/Users?filter=emails.value+eq+%22ana@acme.test%22")
        .await;
    assert_eq!(found.body["totalResults"], 1);
}

#[actix_web::test]
async fn a_deleted_group_is_gone_from_its_users() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let ana = directory.user("ana").await;
    let group = directory.group("Staff", &[&ana]).await;
    let path = format!("/Users/{ana}");
    assert_eq!(directory.get(&path).await.body["groups"][0]["value"], group);
    directory.delete(&format!("/Groups/{group}")).await;
    assert_eq!(directory.get(&path).await.body.get("groups"), None);
}

#[actix_web::test]
async fn any_client_is_answered_in_the_media_type_of_the_protocol() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let url = format!("{}{}/Users", gateway.base_url, directory.base);
    for accept in [
        "application/json",
        "*/*",
        "application/scim+json",
        "text/html",
    ] {
        let request = gateway.http.get(&url).bearer_auth(&directory.token);
        let answer = gateway.send(request.header("accept", accept)).await;
        assert_eq!(answer.status, 200, "{accept}: {}", answer.text);
        assert_eq!(answer.headers["content-type"], "application/scim+json");
    }
}

#[actix_web::test]
async fn compressed_and_announced_bodies_are_read_or_refused_in_the_protocol() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let url = format!("{}{}/Users", gateway.base_url, directory.base);
    let body = br#"{"userName":"ana"}"#;
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(body).unwrap();
    let packed = packed.finish().unwrap();
    for (header, value, body) in [
        ("content-encoding", "gzip", packed.clone()),
        ("content-encoding", "gzip", body.to_vec()),
        ("content-encoding", "unheard-of", body.to_vec()),
        ("expect", "100-continue", br#"{"userName":"ben"}"#.to_vec()),
    ] {
        let request = gateway.http.post(&url).bearer_auth(&directory.token);
        let request = request.header("content-type", "application/scim+json");
        let answer = gateway.send(request.header(header, value).body(body)).await;
        assert!(
            [201, 400, 409, 415].contains(&answer.status),
            "{header}: {value}: {} {}",
            answer.status,
            answer.text
        );
        assert_eq!(answer.headers["content-type"], "application/scim+json");
    }
}

#[actix_web::test]
async fn the_scheme_of_a_token_may_be_in_any_case() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let url = format!("{}{}/Users", gateway.base_url, directory.base);
    let token = &directory.token;
    for (value, status) in [
        (format!("bearer {token}"), 200),
        (format!("BEARER {token}"), 200),
        (format!("Basic {token}"), 401),
        (token.clone(), 401),
        ("Bearer".to_owned(), 401),
        ("Bearer ".to_owned(), 401),
    ] {
        let request = gateway.http.get(&url).header("authorization", &value);
        let answer = gateway.send(request).await;
        assert_eq!(answer.status, status, "{value}: {}", answer.text);
    }
}

#[actix_web::test]
async fn what_is_taken_in_one_connection_is_free_in_every_other() {
    let gateway = TestGateway::start().await;
    let mut members = Vec::new();
    for _ in 0..2 {
        let directory = Directory::start(&gateway).await;
        let user = json!({
            "userName": "ana@acme.test",
            "externalId": "1",
            "emails": [{ "value": "ana@acme.test" }],
        });
        let created = directory.post("/Users", user).await;
        assert_eq!(created.status, 201, "{}", created.text);
        let group = json!({ "displayName": "Staff", "externalId": "1" });
        let created = directory.post("/Groups", group).await;
        assert_eq!(created.status, 201, "{}", created.text);
        for path in ["/Users", "/Groups"] {
            assert_eq!(directory.get(path).await.body["totalResults"], 1, "{path}");
        }
        members.push(text(&directory.member("ana@acme.test").await["member_id"]));
    }
    members.dedup();
    assert_eq!(members.len(), 2, "two organizations, two members");
}

/// A table that is missing is a failure that nobody foresaw.
#[actix_web::test]
async fn a_failure_of_our_own_is_told_in_the_protocol_and_says_nothing_of_itself() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let mut sql = RawSql::open(gateway.storage.database());
    sql.execute("ALTER TABLE scim_groups RENAME TO scim_groups_elsewhere");
    for (method, path, body) in [
        ("GET", "/Groups", None),
        ("POST", "/Groups", Some(json!({ "displayName": "Staff" }))),
    ] {
        let failed = directory.call(method, path, body).await;
        assert_eq!(failed.status, 500, "{}", failed.text);
        assert_eq!(failed.headers["content-type"], "application/scim+json");
        let schema = "urn:ietf:params:scim:api:messages:2.0:Error";
        assert_eq!(failed.body["schemas"], json!([schema]));
        assert_eq!(failed.body["status"], "500");
        assert!(failed.body["detail"].is_string(), "{}", failed.text);
        assert!(!failed.text.contains("scim_groups"), "{}", failed.text);
    }
    sql.execute("ALTER TABLE scim_groups_elsewhere RENAME TO scim_groups");
    assert_eq!(directory.get("/Groups").await.status, 200);
}
