//! What the client may call, and how it takes the answers.

use super::*;
use crate::outbound::stub_server::Answer;
use crate::outbound::stub_server::StubServer;

fn guarded() -> HttpClient {
    HttpClient::new(Settings::default()).unwrap()
}

fn laboratory() -> HttpClient {
    HttpClient::new(Settings {
        allow_private_network: true,
        ..Settings::default()
    })
    .unwrap()
}

fn verdict(client: &HttpClient, url: &str) -> Result<(), String> {
    let reason = |error| match error {
        FetchError::Refused { reason, .. } => reason,
        other => other.to_string(),
    };
    let url = parse(url).map_err(reason)?;
    client.client_for(&url).map(|_| ()).map_err(reason)
}

#[test]
fn urls_that_may_not_be_called_are_refused_with_the_reason() {
    let scheme = "the URL must begin with https://";
    let userinfo = "a user name or password in the URL is not accepted";
    let literal = "the address is not a public one";
    let table = [
        ("http://idp.example/keys", scheme),
        ("ftp://idp.example/keys", scheme),
        ("file:///etc/passwd", scheme),
        ("data:text/plain,x", scheme),
        ("gopher://idp.example/", scheme),
        ("https://user@idp.example/", userinfo),
        ("https://user:secret@idp.example/", userinfo),
        ("https://:secret@idp.example/", userinfo),
        ("https://127.0.0.1/", literal),
        ("https://127.1/", literal),
        ("https://2130706433/", literal),
        ("https://0x7f000001/", literal),
        ("https://0177.0.0.1/", literal),
        ("https://0x7f.0.0.0x1:8443/", literal),
        ("https://1２7.0.0.1/", literal),
        ("https://0/", literal),
        ("https://10.1.2.3/", literal),
        ("https://169.254.169.254/latest/meta-data", literal),
        ("https://192.168.0.1:443/", literal),
        ("https://[::1]/", literal),
        ("https://[::ffff:127.0.0.1]/", literal),
        ("https://[::ffff:a9fe:a9fe]/", literal),
        ("https://[64:ff9b::7f00:1]/", literal),
        ("https://[2002:7f00:1::]/", literal),
        ("https://[fd00::1]/", literal),
        ("https://[fe80::1]/", literal),
    ];
    for (url, reason) in table {
        assert_eq!(verdict(&guarded(), url), Err(reason.to_owned()), "{url}");
    }
    for url in [
        "",
        "idp.example",
        "https://",
        "https://[::1",
        "https://a b/",
    ] {
        assert!(verdict(&guarded(), url).is_err(), "{url:?} is no URL");
    }
}

#[test]
fn public_https_urls_may_be_called_on_any_port() {
    let urls = [
        "https://idp.example/",
        "https://idp.example:9443/x",
        "https://8.8.8.8/",
    ];
    for url in urls {
        assert_eq!(verdict(&guarded(), url), Ok(()), "{url}");
    }
}

#[test]
fn a_laboratory_may_call_private_addresses_but_no_other_scheme_and_no_userinfo() {
    let client = laboratory();
    assert_eq!(verdict(&client, "http://127.0.0.1:8080/"), Ok(()));
    assert_eq!(verdict(&client, "https://[fd00::1]/"), Ok(()));
    assert!(verdict(&client, "file:///etc/passwd").is_err());
    assert!(verdict(&client, "http://user@127.0.0.1/").is_err());
}

#[test]
fn an_allowed_origin_is_allowed_alone() {
    let settings = Settings {
        allow_private_network: false,
        allowed_origins: vec!["http://127.0.0.1:8080/demo".to_owned()],
    };
    let client = HttpClient::new(settings).unwrap();
    let table = [
        ("http://127.0.0.1:8080/anything", true),
        ("http://127.0.0.1:8081/", false),
        ("https://127.0.0.1:8080/", false),
        ("http://127.0.0.2:8080/", false),
        ("http://localhost:8080/", false),
    ];
    for (url, allowed) in table {
        assert_eq!(verdict(&client, url).is_ok(), allowed, "{url}");
        assert_eq!(client.allows_plain_http(url), allowed, "{url}");
    }
}

#[test]
fn an_allowed_origin_that_is_none_is_an_error() {
    let settings = Settings {
        allow_private_network: false,
        allowed_origins: vec!["127.0.0.1".to_owned()],
    };
    let error = HttpClient::new(settings).unwrap_err();
    assert_eq!(
        error.to_string(),
        "127.0.0.1 is no origin like http://127.0.0.1:8080"
    );
}

#[tokio::test]
async fn a_name_that_resolves_to_loopback_is_refused() {
    let refused = guarded().get_text("https://localhost:1/", BODY_LIMIT).await;
    let expected = FetchError::Refused {
        url: "https://localhost:1".to_owned(),
        reason: "the name has no public address".to_owned(),
    };
    assert_eq!(refused, Err(expected));
}

#[tokio::test]
async fn json_and_text_are_fetched() {
    let server = StubServer::start().await;
    server.answer("/json", Answer::json(&serde_json::json!({"a": 1})));
    server.answer("/bytes", Answer::new("200 OK", "", vec![0xff, 0xfe]));
    let client = laboratory();
    let json: serde_json::Value = client.get_json(&server.url("/json"), 100).await.unwrap();
    assert_eq!(json["a"], 1);
    assert_eq!(
        client.get_text(&server.url("/json"), 100).await.unwrap(),
        "{\"a\":1}"
    );
    let not_text = client.get_text(&server.url("/bytes"), 100).await;
    assert_eq!(not_text, Err(FetchError::NotText));
    let not_json = client
        .get_json::<serde_json::Value>(&server.url("/bytes"), 100)
        .await;
    assert!(matches!(not_json, Err(FetchError::NotJson { .. })));
    let absent = client.get_text(&server.url("/absent"), 100).await;
    assert_eq!(absent, Err(FetchError::Status(404)));
}

#[tokio::test]
async fn a_redirect_is_reported_and_not_followed() {
    let server = StubServer::start().await;
    let target = server.url("/target");
    let location = format!("location: {target}\r\n");
    server.answer("/moved", Answer::new("302 Found", &location, ""));
    let moved = laboratory().get_text(&server.url("/moved"), 100).await;
    let expected = FetchError::Redirected {
        url: server.url(""),
        location: target,
    };
    assert_eq!(moved, Err(expected));
    assert!(server.requests("/target").is_empty());
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_with_and_without_a_length() {
    let server = StubServer::start().await;
    server.answer("/long", Answer::new("200 OK", "", vec![b'x'; 101]));
    let mut chunked = b"65\r\n".to_vec();
    chunked.extend_from_slice(&[b'x'; 101]);
    chunked.extend_from_slice(b"\r\n0\r\n\r\n");
    let chunked = Answer::new("200 OK", "transfer-encoding: chunked\r\nx-", chunked);
    server.answer("/chunked", chunked);
    let client = laboratory();
    for path in ["/long", "/chunked"] {
        let too_large = client.get_text(&server.url(path), 100).await;
        assert_eq!(
            too_large,
            Err(FetchError::TooLarge { limit: 100 }),
            "{path}"
        );
        assert_eq!(
            client
                .get_text(&server.url(path), 101)
                .await
                .map(|body| body.len()),
            Ok(101)
        );
    }
}

#[tokio::test]
async fn a_form_is_posted_and_the_answer_comes_back_whatever_its_status() {
    let server = StubServer::start().await;
    server.answer(
        "/token",
        Answer::new("400 Bad Request", "x-reason: why\r\n", "no"),
    );
    let fields = [("grant type", "a&b"), ("code", "ü")];
    let url = server.url("/token");
    let answer = laboratory().post_form(&url, &fields, 100).await.unwrap();
    assert_eq!(answer.status().as_u16(), 400);
    assert_eq!(answer.headers()["x-reason"], "why");
    assert_eq!(answer.body(), b"no");
    let sent = server.requests("/token").remove(0);
    assert!(
        sent.contains("content-type: application/x-www-form-urlencoded"),
        "{sent}"
    );
    assert!(sent.ends_with("grant+type=a%26b&code=%C3%BC"), "{sent}");
}

#[tokio::test]
async fn a_closed_port_is_unreachable() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let closed = laboratory().get_text(&url, 100).await;
    assert!(
        matches!(closed, Err(FetchError::Unreachable { .. })),
        "{closed:?}"
    );
}
