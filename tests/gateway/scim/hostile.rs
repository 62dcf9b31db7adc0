//! Requests that were made to hurt: each is refused in the protocol, and leaves nothing behind.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::scim::directory::Directory;
use crate::scim::directory::ENTERPRISE;
use crate::scim::directory::PATCH_OP;
use crate::scim::directory::ids;
use crate::scim::directory::text;
use crate::support::Answer;
use crate::support::TestGateway;

const MEGABYTE: usize = 1_048_576;

/// Everything that a client can see of a connection, and how often it changed.
async fn dump(directory: &Directory<'_>) -> (String, usize) {
    let users = directory.get("/Users?count=200").await;
    let groups = directory.get("/Groups?count=200").await;
    assert_eq!((users.status, groups.status), (200, 200));
    (users.text + &groups.text, directory.journal().await.len())
}

async fn send(
    directory: &Directory<'_>,
    (method, path): (&str, &str),
    headers: &[(&str, &str)],
    body: impl Into<reqwest::Body>,
) -> Answer {
    let gateway = directory.gateway;
    let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
    let url = format!("{}{}{path}", gateway.base_url, directory.base);
    let mut request = gateway.http.request(method, url);
    request = request.bearer_auth(&directory.token).body(body);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    gateway.send(request).await
}

const SCIM: [(&str, &str); 1] = [("content-type", "application/scim+json")];

/// A refusal in the protocol, of one of these kinds.
fn assert_refused(answer: &Answer, statuses: &[u16], what: &str) {
    let begin: String = answer.text.chars().take(300).collect();
    assert!(
        statuses.contains(&answer.status),
        "{what}: {} {begin}",
        answer.status
    );
    assert_eq!(
        answer.headers["content-type"], "application/scim+json",
        "{what}"
    );
    assert_eq!(
        answer.body["status"],
        answer.status.to_string(),
        "{what}: {begin}"
    );
    let detail = answer.body["detail"].as_str().unwrap_or_default();
    assert!(detail.len() > 10 && detail.len() < 2000, "{what}: {begin}");
}

/// Sends bytes as they are and gives the status and the rest of the answer; no status if the
/// server hung up.
async fn raw(directory: &Directory<'_>, head: &str, body: &[u8]) -> (Option<u16>, String) {
    let authority = directory.gateway.base_url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(authority).await.unwrap();
    let head = head
        .replace("{base}", &directory.base)
        .replace("{token}", &directory.token);
    let head = format!("{head}\r\nHost: {authority}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    // A server that has heard enough may have hung up already.
    let _ = stream.write_all(body).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    (status, answer)
}

/// A person, a group with the person in it, and every address that takes a body.
struct Target<'g> {
    directory: Directory<'g>,
    user: String,
    group: String,
}

impl<'g> Target<'g> {
    async fn start(gateway: &'g TestGateway) -> Self {
        let directory = Directory::start(gateway).await;
        let user = directory.user("ana@acme.test").await;
        let group = directory.group("Staff", &[&user]).await;
        Self {
            directory,
            user,
            group,
        }
    }

    fn addresses(&self) -> Vec<(&'static str, String)> {
        vec![
            ("POST", "/Users".to_owned()),
            ("PUT", format!("/Users/{}", self.user)),
            ("PATCH", format!("/Users/{}", self.user)),
            ("POST", "/Groups".to_owned()),
            ("PUT", format!("/Groups/{}", self.group)),
            ("PATCH", format!("/Groups/{}", self.group)),
            ("POST", "/.search".to_owned()),
            ("POST", "/Users/.search".to_owned()),
            ("POST", "/Bulk".to_owned()),
        ]
    }
}

#[actix_web::test]
async fn bodies_that_are_deep_or_large_or_no_json_at_all() {
    let gateway = TestGateway::start().await;
    let target = Target::start(&gateway).await;
    let before = dump(&target.directory).await;
    let deep = |open: &str, close: &str| open.repeat(100_000) + &close.repeat(100_000);
    let large = |size: usize| format!("{{\"userName\":\"{}\"}}", "x".repeat(size)).into_bytes();
    for (what, body) in [
        ("deep arrays", deep("[", "]").into_bytes()),
        ("deep objects", deep("{\"a\":", "}").into_bytes()),
        ("deep and never closed", "[".repeat(100_000).into_bytes()),
        (
            "deep in a value",
            format!("{{\"schemas\":{}}}", deep("[", "]")).into_bytes(),
        ),
        ("over a megabyte", large(5 * MEGABYTE)),
        ("no text", vec![0xff; 4096]),
        ("a byte order mark", b"\xef\xbb\xbf{}".to_vec()),
        ("UTF-16", b"{\0}\0".to_vec()),
        ("zeros", vec![0; 4096]),
        ("a lone surrogate", br#"{"userName":"\ud800"}"#.to_vec()),
        (
            "a name that comes twice",
            br#"{"userName":"ben","userName":"eve"}"#.to_vec(),
        ),
        ("an open string", br#"{"userName":"ana"#.to_vec()),
        ("two documents", b"{}{}".to_vec()),
        ("a comment", b"{/* */}".to_vec()),
        ("not a number", br#"{"a":NaN}"#.to_vec()),
        (
            "a number without end",
            format!("{{\"a\":1{}", "0".repeat(100_000)).into_bytes(),
        ),
        ("nothing", Vec::new()),
    ] {
        for (method, path) in target.addresses() {
            let answer = send(&target.directory, (method, &path), &SCIM, body.clone()).await;
            assert_refused(
                &answer,
                &[400, 413, 501],
                &format!("{method} {path}: {what}"),
            );
        }
    }
    assert_eq!(dump(&target.directory).await, before);
}

#[actix_web::test]
async fn values_that_are_long_or_carry_what_no_value_may() {
    let gateway = TestGateway::start().await;
    let target = Target::start(&gateway).await;
    let (user, group) = (
        format!("/Users/{}", target.user),
        format!("/Groups/{}", target.group),
    );
    let before = dump(&target.directory).await;
    let long = "x".repeat(800_000);
    let wide = "é".repeat(300_000);
    let many = |count: usize| -> Vec<Value> {
        (0..count)
            .map(|n| json!({ "value": format!("{n}@acme.test") }))
            .collect()
    };
    let strangers: Vec<Value> = (0..12_000)
        .map(|n| json!({ "value": format!("scim-user-test-00000000-0000-4000-8000-{n:012}") }))
        .collect();
    let replace = |path: &str, value: Value| json!({ "schemas": [PATCH_OP], "Operations": [{ "op": "replace", "path": path, "value": value }] });
    let emails = format!("emails[value eq \"{long}\"].type");
    for (what, method, path, body) in [
        ("letters", "POST", "/Users", json!({ "userName": long })),
        (
            "wide letters",
            "POST",
            "/Users",
            json!({ "userName": wide }),
        ),
        (
            "a long title",
            "POST",
            "/Users",
            json!({ "userName": "ben", "title": long }),
        ),
        (
            "a long name",
            "POST",
            "/Groups",
            json!({ "displayName": long }),
        ),
        (
            "a long external id",
            "POST",
            "/Users",
            json!({ "userName": "ben", "externalId": long }),
        ),
        (
            "addresses",
            "POST",
            "/Users",
            json!({ "userName": "ben", "emails": many(20_000) }),
        ),
        (
            "strangers",
            "POST",
            "/Groups",
            json!({ "displayName": "Crew", "members": strangers }),
        ),
        (
            "strangers put",
            "PUT",
            &group,
            json!({ "displayName": "Staff", "members": strangers }),
        ),
        (
            "strangers added",
            "PATCH",
            &group,
            replace("members", json!(strangers)),
        ),
        ("a long path", "PATCH", &user, replace(&long, json!("x"))),
        (
            "a long filter",
            "PATCH",
            &user,
            replace(&emails, json!("x")),
        ),
        (
            "a long value",
            "PATCH",
            &user,
            replace("title", json!(long)),
        ),
        (
            "a deep filter",
            "PATCH",
            &user,
            replace(&format!("emails[{}", "(".repeat(9000)), json!("x")),
        ),
        ("a NUL", "POST", "/Users", json!({ "userName": "a\0b" })),
        (
            "a NUL in a title",
            "PATCH",
            &user,
            replace("title", json!("a\0b")),
        ),
        (
            "a NUL in a name",
            "PATCH",
            &group,
            replace("displayName", json!("a\0b")),
        ),
        (
            "a NUL in an extension",
            "POST",
            "/Users",
            json!({ "userName": "ben", ENTERPRISE: { "department": "\0" } }),
        ),
        (
            "a NUL in a member",
            "PATCH",
            &group,
            replace("members", json!([{ "value": "\0", "type": "User" }])),
        ),
    ] {
        let answer = target.directory.call(method, path, Some(body)).await;
        assert_refused(&answer, &[400, 413], what);
    }
    assert_eq!(dump(&target.directory).await, before);
}

/// Every attribute that a client may write, and the URN of its extension.
async fn writable(directory: &Directory<'_>) -> Vec<(Option<String>, Value)> {
    let schemas = directory.get("/Schemas").await.body;
    let mut found = Vec::new();
    for schema in schemas["Resources"].as_array().unwrap() {
        let id = text(&schema["id"]);
        let extension = match id.as_str() {
            "urn:ietf:params:scim:schemas:core:2.0:User" => None,
            ENTERPRISE => Some(id),
            _ => continue,
        };
        let attributes = schema["attributes"].as_array().unwrap().iter();
        let writable = attributes.filter(|attribute| attribute["mutability"] == "readWrite");
        found.extend(writable.map(|attribute| (extension.clone(), attribute.clone())));
    }
    found
}

#[actix_web::test]
async fn values_of_another_type_than_the_schema_says() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let attributes = writable(&directory).await;
    assert!(attributes.len() > 20, "{}", attributes.len());
    let before = dump(&directory).await;
    let odd = [
        json!(7),
        json!(true),
        json!("\u{1F980}"),
        json!([[]]),
        json!([7]),
        json!({ "value": {} }),
    ];
    for (extension, attribute) in attributes {
        let name = text(&attribute["name"]);
        for value in &odd {
            let is_string = ["string", "reference"].contains(&attribute["type"].as_str().unwrap());
            let is_complex = attribute["type"] == "complex";
            let fits = (value.is_string() && is_string)
                || (value.is_boolean() && attribute["type"] == "boolean")
                // An object of which no part is known is as good as none.
                || (value.is_object() && is_complex && !attribute["subAttributes"].as_array().unwrap().iter().any(|part| part["name"] == "value"));
            if fits {
                continue;
            }
            let mut body = json!({ "userName": "ben" });
            match &extension {
                Some(urn) => body[urn.as_str()] = json!({ (name.as_str()): value }),
                None => body[name.as_str()] = value.clone(),
            }
            let what = format!("{name} = {value}");
            let answer = directory.post("/Users", body).await;
            assert_refused(&answer, &[400], &what);
            assert_eq!(answer.body["scimType"], "invalidValue", "{what}");
            assert!(
                text(&answer.body["detail"]).contains(&name),
                "{what}: {}",
                answer.text
            );
        }
    }
    assert_eq!(dump(&directory).await, before);
}

#[actix_web::test]
async fn queries_that_are_endless_or_out_of_all_bounds() {
    let gateway = TestGateway::start().await;
    let target = Target::start(&gateway).await;
    let before = dump(&target.directory).await;
    let terms = |count: usize| vec!["id eq \"1\""; count].join(" or ");
    let encoded =
        |text: &str| -> String { url::form_urlencoded::byte_serialize(text.as_bytes()).collect() };
    for (what, filter) in [
        ("terms", terms(2000)),
        ("parentheses", "(".repeat(20_000)),
        ("nots", "not (".repeat(5000)),
        ("brackets", "emails[".repeat(5000)),
        (
            "a long value",
            format!("userName eq \"{}\"", "x".repeat(30_000)),
        ),
        ("a long name", "x".repeat(30_000)),
        ("quotes", "\"".repeat(20_000)),
        (
            "backslashes",
            format!("userName eq \"{}", "\\".repeat(20_000)),
        ),
        ("spaces", " ".repeat(30_000)),
    ] {
        for list in ["/Users", "/Groups"] {
            let answer = target
                .directory
                .get(&format!("{list}?filter={}", encoded(&filter)))
                .await;
            assert_refused(&answer, &[400], what);
            assert_eq!(answer.body["scimType"], "invalidFilter", "{what}");
        }
    }
    let endless = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "filter": terms(60_000),
    });
    for path in ["/.search", "/Users/.search", "/Groups/.search"] {
        let answer = target.directory.post(path, endless.clone()).await;
        assert_refused(&answer, &[400, 501], path);
    }
    for (query, shown) in [
        ("startIndex=2147483648", 0),
        (
            "startIndex=9223372036854775807&count=9223372036854775807",
            0,
        ),
        ("startIndex=99999999999999999999999999", 0),
        ("startIndex=-9223372036854775808", 1),
        ("startIndex=-99999999999999999999999999", 1),
        ("count=2147483648", 1),
        ("count=-1", 0),
        ("count=-99999999999999999999999999", 0),
        ("count=99999999999999999999999999", 1),
    ] {
        for list in ["/Users", "/Groups"] {
            let page = target.directory.get(&format!("{list}?{query}")).await;
            assert_eq!(
                (page.status, &page.body["totalResults"]),
                (200, &json!(1)),
                "{query}: {}",
                page.text
            );
            assert_eq!(page.body["itemsPerPage"], shown, "{query}");
        }
    }
    let names = encoded(&vec!["emails.value"; 2000].join(","));
    for query in [
        format!("attributes={names}"),
        format!("excludedAttributes={names}"),
    ] {
        let answer = target.directory.get(&format!("/Users?{query}")).await;
        assert!(answer.status < 500, "{}", answer.text);
    }
    assert_eq!(dump(&target.directory).await, before);
}

#[actix_web::test]
async fn a_million_operations() {
    let gateway = TestGateway::start().await;
    let target = Target::start(&gateway).await;
    let before = dump(&target.directory).await;
    let bulk = |operation: &str, count: usize| {
        let schema = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
        let operations = vec![operation; count].join(",");
        format!("{{\"schemas\":[\"{schema}\"],\"Operations\":[{operations}]}}")
    };
    let post = r#"{"method":"POST","path":"/Users","bulkId":"1","data":{"userName":"ben"}}"#;
    for body in [
        bulk("{}", 1_000_000),
        bulk("0", 500_000),
        bulk(post, 40_000),
    ] {
        let answer = send(&target.directory, ("POST", "/Bulk"), &SCIM, body).await;
        assert_refused(&answer, &[400, 413, 501], "Bulk");
    }
    let patch = format!(
        "{{\"schemas\":[\"{PATCH_OP}\"],\"Operations\":[{}]}}",
        vec![r#"{"op":"add","path":"title","value":"x"}"#; 20_000].join(",")
    );
    let path = format!("/Users/{}", target.user);
    let answer = send(&target.directory, ("PATCH", &path), &SCIM, patch).await;
    assert_refused(&answer, &[400], "PATCH");
    assert_eq!(dump(&target.directory).await, before);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[actix_web::test]
async fn bodies_in_other_clothes() {
    let gateway = TestGateway::start().await;
    let target = Target::start(&gateway).await;
    let before = dump(&target.directory).await;
    let spaces = " ".repeat(64 * MEGABYTE);
    let plain = br#"{"userName":"ben"}"#.to_vec();
    let coded = |coding| [SCIM[0], ("content-encoding", coding)];
    for (what, headers, body) in [
        ("a gzip bomb", coded("gzip"), gzip(spaces.as_bytes())),
        ("a deflate bomb", coded("deflate"), gzip(spaces.as_bytes())),
        ("no gzip", coded("gzip"), plain.clone()),
        ("half a gzip", coded("gzip"), gzip(&plain)[..20].to_vec()),
        ("gzip twice", coded("gzip"), gzip(&gzip(&plain))),
        ("gzip without saying so", coded("identity"), gzip(&plain)),
    ] {
        let answer = send(&target.directory, ("POST", "/Users"), &headers, body).await;
        assert_refused(&answer, &[400, 413, 415], what);
    }
    for media_type in [
        "text/plain",
        "text/xml",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
        "application/json-patch+json",
        "*/*",
        "scim",
        "application/scim+json, text/plain",
    ] {
        let headers = [("content-type", media_type)];
        for (method, path) in target.addresses() {
            let answer = send(&target.directory, (method, &path), &headers, plain.clone()).await;
            assert_refused(&answer, &[415, 501], media_type);
        }
    }
    assert_eq!(dump(&target.directory).await, before);
    let answer = send(
        &target.directory,
        ("POST", "/Users"),
        &coded("gzip"),
        gzip(&plain),
    )
    .await;
    assert_eq!(
        (answer.status, &answer.body["userName"]),
        (201, &json!("ben")),
        "{}",
        answer.text
    );
}

#[actix_web::test]
async fn bodies_in_chunks_and_heads_that_contradict_themselves() {
    let gateway = TestGateway::start().await;
    let target = Target::start(&gateway).await;
    let before = dump(&target.directory).await;
    let post = "POST {base}/Users HTTP/1.1\r\nAuthorization: Bearer {token}\r\nContent-Type: application/scim+json";
    let chunked = format!("{post}\r\nTransfer-Encoding: chunked");
    let endless = vec![b'x'; 2 * MEGABYTE];
    let mut large = b"200000\r\n".to_vec();
    large.extend(&endless);
    large.extend(b"\r\n0\r\n\r\n");
    for (what, head, body) in [
        ("no number", chunked.clone(), &b"zz\r\n{}\r\n0\r\n\r\n"[..]),
        (
            "a negative number",
            chunked.clone(),
            b"-1\r\n{}\r\n0\r\n\r\n",
        ),
        (
            "a number beyond all",
            chunked.clone(),
            b"ffffffffffffffffff\r\n{}\r\n0\r\n\r\n",
        ),
        ("a large chunk", chunked.clone(), &large),
        (
            "both lengths",
            format!("{chunked}\r\nContent-Length: 2"),
            b"2\r\n{}\r\n0\r\n\r\n",
        ),
        (
            "two lengths",
            format!("{post}\r\nContent-Length: 2\r\nContent-Length: 3"),
            b"{} ",
        ),
        (
            "a negative length",
            format!("{post}\r\nContent-Length: -1"),
            b"{}",
        ),
        (
            "a length beyond all",
            format!("{post}\r\nContent-Length: 99999999999999999999"),
            b"{}",
        ),
        (
            "a large length",
            format!("{post}\r\nContent-Length: 2097152"),
            &endless,
        ),
        (
            "a long head",
            format!("{post}\r\nX-A: {}", "x".repeat(600_000)),
            b"",
        ),
        (
            "many heads",
            format!("{post}{}", "\r\nX-A: 1".repeat(5000)),
            b"",
        ),
        ("a line in a name", format!("{post}\r\nX A: 1"), b""),
    ] {
        let (status, answer) = raw(&target.directory, &head, body).await;
        let begin: String = answer.chars().take(200).collect();
        assert!(
            status.is_none_or(|status| (400..500).contains(&status)),
            "{what}: {begin}"
        );
    }
    assert_eq!(dump(&target.directory).await, before);
    let (status, answer) = raw(
        &target.directory,
        &chunked,
        b"9\r\n{\"userNam\r\n9\r\ne\":\"ben\"}\r\n0\r\n\r\n",
    )
    .await;
    assert_eq!(status, Some(201), "{answer}");
}

#[actix_web::test]
async fn addresses_that_are_encoded_oddly() {
    let gateway = TestGateway::start().await;
    let target = Target::start(&gateway).await;
    let before = dump(&target.directory).await;
    let user = &target.user;
    for path in [
        "/Users/%2e%2e/Users",
        "/Users/..%2fGroups",
        "/Users/../../../organizations",
        "/Users/%00",
        "/Users/%ff%fe",
        "/Users/%",
        "/Users/%zz",
        "/Users/%252e",
        "/%55sers/%20",
        "//Users",
        "/Users//",
        "/Users/;x=1",
        "/Users/1?%00=%ff",
        "/Users/%F0%9F%A6%80",
        "/Users/'%20or%20'1'='1",
        &format!("/Users/{user}%20"),
        &format!("/Users/{user}%00"),
        &format!("/Users/{user}/.."),
        &format!("/Groups/{user}"),
        &format!("/Users/{}", "x".repeat(8000)),
    ] {
        for method in ["GET", "DELETE"] {
            let head =
                format!("{method} {{base}}{path} HTTP/1.1\r\nAuthorization: Bearer {{token}}");
            let (status, answer) = raw(&target.directory, &head, b"").await;
            let begin: String = answer.chars().take(300).collect();
            let refused = status.is_none_or(|status| (400..500).contains(&status));
            assert!(refused, "{method} {path}: {begin}");
        }
    }
    // An id may be written with escapes; it is the same id.
    let first = user.chars().next().unwrap();
    let escaped = user.replacen(first, &format!("%{:02x}", u32::from(first)), 1);
    let base = target.directory.base.replace("/scim/", "/%73cim/");
    for base in [&target.directory.base, &base] {
        let head =
            format!("GET {base}/%55sers/{escaped} HTTP/1.1\r\nAuthorization: Bearer {{token}}");
        let (status, answer) = raw(&target.directory, &head, b"").await;
        assert_eq!(status, Some(200), "{answer}");
    }
    assert_eq!(dump(&target.directory).await, before);
}

#[actix_web::test]
async fn names_that_look_like_another_are_another() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let ana = directory.user("ana@acme.test").await;
    let member = directory.member("ana@acme.test").await;
    let mut known = vec![ana];
    for name in [
        "\u{430}na@acme.test",
        "ana\u{301}@acme.test",
        "an\u{e1}@acme.test",
        "\u{ff41}na@acme.test",
        "a\u{200b}na@acme.test",
        "ana@acme.test\u{200b}",
        "\u{202e}ana@acme.test",
        "ana@acme\u{2024}test",
        "ana@\u{430}cme.test",
        " ana@acme.test",
    ] {
        let answer = directory.post("/Users", json!({ "userName": name })).await;
        assert!(
            (200..500).contains(&answer.status),
            "{name:?}: {}",
            answer.text
        );
        if answer.status == 201 {
            assert_eq!(answer.body["userName"], name);
            let id = text(&answer.body["id"]);
            assert!(!known.contains(&id), "{name:?}");
            known.push(id);
        }
        let filter: String =
            url::form_urlencoded::byte_serialize(b"userName eq \"ana@acme.test\"").collect();
        let found = directory.get(&format!("/Users?filter={filter}")).await.body;
        assert_eq!(ids(&found["Resources"], "id"), [&known[0]], "{name:?}");
    }
    assert_eq!(directory.member("ana@acme.test").await, member);
    let same = directory
        .post("/Users", json!({ "userName": "ANA@ACME.TEST" }))
        .await;
    assert_refused(&same, &[409], "capitals");
}

#[actix_web::test]
async fn a_refused_operation_takes_back_the_ones_before_it() {
    let gateway = TestGateway::start().await;
    let target = Target::start(&gateway).await;
    let ben = target.directory.user("ben@acme.test").await;
    let (user, group) = (
        format!("/Users/{}", target.user),
        format!("/Groups/{}", target.group),
    );
    let before = dump(&target.directory).await;
    let good = |path: &str, value: Value| json!({ "op": "replace", "path": path, "value": value });
    for (path, operations) in [
        (
            &user,
            json!([good("title", json!("x")), good("shoeSize", json!(42))]),
        ),
        (
            &user,
            json!([good("active", json!(false)), good("userName", json!(" "))]),
        ),
        (
            &user,
            json!([
                good("emails", json!([{ "value": "x@acme.test" }])),
                good("userName", json!("BEN@acme.test"))
            ]),
        ),
        (
            &group,
            json!([good("members", json!([])), good("displayName", json!(7))]),
        ),
        (
            &group,
            json!([good("displayName", json!("Crew")), { "op": "remove" }]),
        ),
        (
            &group,
            json!([
                { "op": "remove", "path": "members" },
                { "op": "add", "path": "members", "value": [{ "value": ben }] },
                { "op": "add", "path": "members", "value": [{ "value": "scim-user-test-00000000-0000-4000-8000-000000000000" }] },
            ]),
        ),
    ] {
        let answer = target.directory.patch(path, operations.clone()).await;
        assert_refused(&answer, &[400, 409], &operations.to_string());
    }
    assert_eq!(dump(&target.directory).await, before);
}
