//! Metadata addresses of sites that are down, hang, or never stop: what is known keeps working.

use std::io::Write;
use std::net::TcpListener;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use serde_json::json;

use super::Acme;
use crate::support::raw_sql::RawSql;
use crate::support::stub_site::StubSite;

/// How long one address may keep its caller waiting.
pub const PATIENCE: Duration = Duration::from_secs(15);
/// More than any document may have.
const PLENTY: usize = 64 * 1024 * 1024;

pub type Rudeness = fn(std::net::TcpStream);

/// A site that takes each connection and then does something rude; it ends with the process.
pub fn rude(answer: Rudeness) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/metadata", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || answer(stream));
        }
    });
    url
}

fn hangs(stream: std::net::TcpStream) {
    thread::sleep(PATIENCE * 2);
    drop(stream);
}

fn never_stops(mut stream: std::net::TcpStream) {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/samlmetadata+xml\r\n\r\n";
    let chunk = vec![b'x'; 64 * 1024];
    let mut sent = stream.write_all(head.as_bytes());
    for _ in 0..PLENTY / chunk.len() {
        if sent.is_err() {
            return;
        }
        sent = stream.write_all(&chunk);
    }
}

fn lies_about_its_length(mut stream: std::net::TcpStream) {
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 4000000000\r\n\r\n<md:EntityDescriptor";
    let _ = stream.write_all(answer.as_bytes());
    thread::sleep(PATIENCE * 2);
}

fn speaks_no_http(mut stream: std::net::TcpStream) {
    let _ = stream.write_all(b"220 mail.test ESMTP\r\n");
}

/// The address of a site that is not there.
pub fn closed() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}/metadata", listener.local_addr().unwrap())
}

/// What a site can do that takes connections.
pub const RUDENESSES: [(&str, Rudeness); 4] = [
    ("hangs", hangs),
    ("never stops", never_stops),
    ("lies about its length", lies_about_its_length),
    ("speaks no HTTP", speaks_no_http),
];

#[actix_web::test]
async fn addresses_that_hang_do_not_keep_others_from_being_read() {
    const HANGING: usize = 6;
    let acme = Acme::open().await;
    let gateway = &acme.gateway;
    let site = StubSite::start();
    let metadata = site.set("/m", 200, super::saml_metadata::metadata_of_acme());
    let path = format!("/v1/b2b/sso/saml/{}", acme.organization_id);
    let follow = async |connection: &str| {
        let url = format!("{path}/connections/{connection}/url");
        let answer = gateway.put(&url, json!({ "metadata_url": metadata })).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    };
    let mut hanging = Vec::new();
    for _ in 0..HANGING {
        let id = super::saml_connection(gateway, &acme.organization_id, json!({})).await;
        follow(&id).await;
        hanging.push(id);
    }
    follow(&acme.connection_id).await;
    let moved = rude(hangs);
    let mut rows = RawSql::open(gateway.storage.database());
    for id in hanging {
        let id: vestibule::domain::id::ConnectionId = id.parse().unwrap();
        rows.execute(&format!(
            "UPDATE connections SET settings = REPLACE(settings, '{metadata}', '{moved}') \
             WHERE id = '{}'",
            id.key()
        ));
    }
    let before = site.requests().len();
    gateway.wait(chrono::TimeDelta::minutes(71));
    let started = Instant::now();
    gateway.keep_up().await;
    assert_eq!(site.requests().len(), before + 1);
    assert!(started.elapsed() < 2 * PATIENCE, "{:?}", started.elapsed());
}

#[actix_web::test]
async fn sign_ins_go_on_while_a_metadata_address_is_rude() {
    let acme = Acme::open().await;
    let path = format!(
        "/v1/b2b/sso/saml/{}/connections/{}/url",
        acme.organization_id, acme.connection_id
    );
    for (name, answer) in RUDENESSES {
        let read = async {
            let started = Instant::now();
            let body = json!({ "metadata_url": rude(answer) });
            let refused = acme.gateway.put(&path, body).await;
            (refused, started.elapsed())
        };
        let sign_in = async {
            let started = Instant::now();
            let signed_in = acme.sign_in("ana@acme.test").await;
            (signed_in.status, started.elapsed())
        };
        let ((refused, waited), (status, signed_in_after)) = tokio::join!(read, sign_in);
        assert_eq!(
            refused.body["error_type"], "invalid_saml_metadata_url",
            "{name}"
        );
        assert!(waited < PATIENCE, "{name}: {waited:?}");
        assert_eq!(status, 200, "{name}");
        assert!(
            signed_in_after < Duration::from_secs(5),
            "{name}: {signed_in_after:?}"
        );
    }
    assert_eq!(
        acme.sign_in("ana@acme.test").await.status,
        200,
        "nothing was changed"
    );
}
