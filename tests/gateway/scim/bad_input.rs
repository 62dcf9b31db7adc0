use serde_json::json;

use crate::scim::directory::Directory;
use crate::scim::directory::PATCH_OP;
use crate::scim::directory::text;
use crate::support::Answer;
use crate::support::TestGateway;

async fn raw(
    directory: &Directory<'_>,
    (method, path): (&str, &str),
    (media_type, body): (Option<&str>, &str),
) -> Answer {
    let gateway = directory.gateway;
    let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
    let url = format!("{}{}{path}", gateway.base_url, directory.base);
    let request = gateway
        .http
        .request(method, url)
        .bearer_auth(&directory.token);
    let request = request.body(body.to_owned());
    let request = match media_type {
        Some(media_type) => request.header("content-type", media_type),
        None => request,
    };
    gateway.send(request).await
}

fn assert_is(answer: &Answer, status: u16, scim_type: Option<&str>, what: &str) {
    assert_eq!(answer.status, status, "{what}: {}", answer.text);
    assert_eq!(
        answer.headers["content-type"], "application/scim+json",
        "{what}"
    );
    let body = &answer.body;
    assert_eq!(
        body["schemas"],
        json!(["urn:ietf:params:scim:api:messages:2.0:Error"])
    );
    assert_eq!(body["status"], status.to_string(), "{what}");
    assert_eq!(
        body["scimType"].as_str(),
        scim_type,
        "{what}: {}",
        answer.text
    );
    assert!(text(&body["detail"]).len() > 10, "{what}");
}

#[actix_web::test]
async fn bodies_that_cannot_be_read_are_refused_and_leave_nothing() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let known = directory.journal().await.len();
    let deep = format!("{{\"userName\":{}1{}}}", "[".repeat(200), "]".repeat(200));
    let large = format!(
        "{{\"userName\":\"ana\",\"title\":\"{}\"}}",
        "x".repeat(1_048_576)
    );
    let long = format!("{{\"userName\":\"{}\"}}", "x".repeat(600));
    let scim = Some("application/scim+json");
    let syntax = Some("invalidSyntax");
    let value = Some("invalidValue");
    for (media_type, body, status, scim_type) in [
        (scim, "", 400, syntax),
        (scim, "no json", 400, syntax),
        (scim, "[]", 400, syntax),
        (scim, "\"ana\"", 400, syntax),
        (scim, "{\"userName\":\"ana\"", 400, syntax),
        (scim, deep.as_str(), 400, syntax),
        (scim, large.as_str(), 413, None),
        (Some("text/plain"), "{\"userName\":\"ana\"}", 415, None),
        (
            Some("application/x-www-form-urlencoded"),
            "userName=ana",
            415,
            None,
        ),
        (scim, "{}", 400, value),
        (scim, "{\"userName\":\" \"}", 400, value),
        (scim, "{\"userName\":7}", 400, value),
        (scim, "{\"userName\":null}", 400, value),
        (scim, "{\"userName\":\"a\\u0000b\"}", 400, value),
        (
            scim,
            "{\"userName\":\"a\",\"active\":\"maybe\"}",
            400,
            value,
        ),
        (
            scim,
            "{\"userName\":\"a\",\"emails\":[{\"value\":\"a\",\"primary\":true},{\"value\":\"b\",\"primary\":true}]}",
            400,
            value,
        ),
        (scim, long.as_str(), 400, value),
    ] {
        let answer = raw(&directory, ("POST", "/Users"), (media_type, body)).await;
        let what: String = body.chars().take(60).collect();
        assert_is(&answer, status, scim_type, &what);
    }
    assert_eq!(directory.get("/Users").await.body["totalResults"], 0);
    assert_eq!(directory.events_since(known).await, Vec::<String>::new());
}

#[actix_web::test]
async fn both_media_types_are_read_with_any_parameter_or_none_at_all() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let types = [
        None,
        Some("application/json"),
        Some("application/scim+json; charset=utf-8"),
        Some("Application/JSON;charset=UTF-8"),
    ];
    for (number, media_type) in types.into_iter().enumerate() {
        let body = format!("{{\"userName\":\"user{number}\"}}");
        let answer = raw(&directory, ("POST", "/Users"), (media_type, &body)).await;
        assert_eq!(answer.status, 201, "{media_type:?}: {}", answer.text);
    }
}

#[actix_web::test]
async fn patches_that_cannot_be_applied_say_why() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let path = format!("/Users/{}", directory.user("ana").await);
    for (operations, scim_type) in [
        (json!([]), "invalidSyntax"),
        (json!([{ "op": "move", "path": "title" }]), "invalidSyntax"),
        (
            json!([{ "op": "replace", "path": "shoeSize", "value": 1 }]),
            "invalidPath",
        ),
        (json!([{ "op": "remove" }]), "noTarget"),
        (
            json!([{ "op": "replace", "path": "emails[type eq \"x\"].value", "value": "a" }]),
            "noTarget",
        ),
        (
            json!([{ "op": "replace", "path": "id", "value": "x" }]),
            "mutability",
        ),
        (
            json!([{ "op": "add", "path": "groups", "value": [] }]),
            "mutability",
        ),
        (
            json!([{ "op": "remove", "path": "userName" }]),
            "mutability",
        ),
        (
            json!([{ "op": "replace", "path": "active", "value": 1 }]),
            "invalidValue",
        ),
    ] {
        let answer = directory.patch(&path, operations.clone()).await;
        assert_is(&answer, 400, Some(scim_type), &operations.to_string());
    }
    let bare = directory
        .call("PATCH", &path, Some(json!({ "Operations": [] })))
        .await;
    assert_is(&bare, 400, Some("invalidSyntax"), PATCH_OP);
}

#[actix_web::test]
async fn queries_that_are_not_understood_are_refused() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let endless = format!("filter={}", "not+(".repeat(200));
    for (query, scim_type) in [
        ("filter=", "invalidFilter"),
        ("filter=userName", "invalidFilter"),
        ("filter=userName+is+%22x%22", "invalidFilter"),
        ("filter=userName+eq+x", "invalidFilter"),
        ("filter=shoeSize+eq+1", "invalidFilter"),
        ("filter=password+pr", "invalidFilter"),
        ("filter=active+gt+true", "invalidFilter"),
        ("filter=%FF%00", "invalidFilter"),
        (endless.as_str(), "invalidFilter"),
        ("count=many", "invalidValue"),
        ("startIndex=1.5", "invalidValue"),
    ] {
        let answer = directory.get(&format!("/Users?{query}")).await;
        assert_is(&answer, 400, Some(scim_type), query);
    }
    for query in [
        "attributes=shoeSize",
        "sortBy=x",
        "a&b==&&count=1&count=x",
        "%",
    ] {
        let answer = directory.get(&format!("/Users?{query}")).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.text);
    }
}

#[actix_web::test]
async fn unknown_addresses_methods_and_features_are_answered_in_the_protocol() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let ana = directory.user("ana").await;
    let user = format!("/Users/{ana}");
    for (method, path, status) in [
        ("GET", "//", 404),
        ("GET", "/Devices", 404),
        ("GET", "/users", 404),
        ("POST", "/Users/1/2", 404),
        ("GET", "/Users/1", 404),
        ("GET", "/Users/%00", 404),
        ("GET", "/Groups/1", 404),
        ("PUT", "/Users", 405),
        ("DELETE", "/Groups", 405),
        ("POST", user.as_str(), 405),
        ("POST", "/Schemas", 405),
        ("DELETE", "/ServiceProviderConfig", 405),
        ("GET", "/Bulk", 405),
        ("PUT", "/Bulk", 405),
        ("GET", "/Me", 501),
        ("POST", "/Me", 501),
        ("PUT", "/Me", 501),
        ("PATCH", "/Me", 501),
        ("DELETE", "/Me/", 501),
        ("POST", "/Roles", 405),
        ("DELETE", "/Roles/stytch_admin", 405),
        ("GET", "/Roles/nobody", 404),
        ("PUT", "/Entitlements/stytch.sso:get", 405),
        ("GET", "/Entitlements/1", 404),
        ("DELETE", "", 405),
        ("GET", "/.search", 405),
        ("GET", "/Users/.search", 405),
    ] {
        let body = (method != "GET").then(|| json!({ "userName": "x" }));
        let answer = directory.call(method, path, body).await;
        assert_is(&answer, status, None, &format!("{method} {path}"));
        assert_eq!(
            answer.headers.contains_key("allow"),
            status == 405,
            "{path}"
        );
    }
    let slash = directory.get("/Users/").await;
    assert_eq!(
        (slash.status, &slash.body["totalResults"]),
        (200, &json!(1))
    );
}

#[actix_web::test]
async fn a_token_opens_its_own_connection_and_nothing_else() {
    let gateway = TestGateway::start().await;
    let acme = Directory::start(&gateway).await;
    let rival = Directory::start(&gateway).await;
    let ana = acme.user("ana@acme.test").await;
    let group = acme.group("Staff", &[&ana]).await;
    let unknown = "/v1/b2b/scim/scim-connection-test-00000000-0000-4000-8000-000000000000";
    let mut bodies = Vec::new();
    for (base, token) in [
        (acme.base.as_str(), rival.token.as_str()),
        (acme.base.as_str(), "wrong"),
        (unknown, acme.token.as_str()),
        ("/v1/b2b/scim/acme", acme.token.as_str()),
        (
            &acme.base.replace("scim-connection", "saml-connection"),
            acme.token.as_str(),
        ),
    ] {
        for (method, path) in [
            ("GET", "/Users".to_owned()),
            ("POST", "/Users".to_owned()),
            ("DELETE", format!("/Users/{ana}")),
            ("PATCH", format!("/Groups/{group}")),
            ("GET", "/Groups?filter=nonsense".to_owned()),
        ] {
            let body = (method != "GET").then(|| json!({ "userName": "eve" }));
            let answer = gateway
                .scim((method, &format!("{base}{path}")), token, body)
                .await;
            assert_is(&answer, 401, None, &format!("{method} {base}{path}"));
            assert!(answer.headers.contains_key("www-authenticate"));
            bodies.push(answer.text);
        }
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    // Nor does a token of its own help with another organization's ids.
    let title = json!([{ "op": "add", "path": "title", "value": "x" }]);
    for answer in [
        rival.get(&format!("/Users/{ana}")).await,
        rival
            .put(&format!("/Users/{ana}"), json!({ "userName": "eve" }))
            .await,
        rival.patch(&format!("/Users/{ana}"), title).await,
        rival.delete(&format!("/Users/{ana}")).await,
        rival.get(&format!("/Groups/{group}")).await,
        rival.delete(&format!("/Groups/{group}")).await,
    ] {
        assert_is(&answer, 404, None, "another organization's id");
    }
    assert_eq!(rival.get("/Users").await.body["totalResults"], 0);
    assert_eq!(acme.get(&format!("/Users/{ana}")).await.status, 200);
}

#[actix_web::test]
async fn requests_that_would_cost_everybody_are_refused() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let user = directory.user("ana").await;
    let group = directory.group("Engineering", &[&user]).await;
    let rename = json!({ "op": "replace", "path": "displayName", "value": "x" });
    let many = vec![rename; 1001];
    let scan = json!({ "op": "remove", "path": "members[display eq \"zz\"]" });
    let add = json!({ "op": "add", "path": "members", "value": [{ "value": user }] });
    let alternating: Vec<_> = (0..22)
        .map(|n| if n % 2 == 0 { &scan } else { &add })
        .collect();
    let photos: Vec<_> = (0..400)
        .map(|n| json!({ "value": format!("https://photos.test/{n}/{}", "x".repeat(200)) }))
        .collect();
    let large = json!([{ "op": "add", "path": "photos", "value": photos }]);
    let known = directory.journal().await.len();
    for (what, path, operations, scim_type) in [
        (
            "too many",
            format!("/Groups/{group}"),
            json!(many),
            "invalidSyntax",
        ),
        (
            "too many scans",
            format!("/Groups/{group}"),
            json!(alternating),
            "invalidValue",
        ),
        ("too large", format!("/Users/{user}"), large, "invalidValue"),
    ] {
        let answer = directory.patch(&path, operations).await;
        assert_is(&answer, 400, Some(scim_type), what);
    }
    assert_eq!(directory.journal().await.len(), known);
}
