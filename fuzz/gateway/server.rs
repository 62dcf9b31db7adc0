//! A server inside the fuzzed process, so that its code guides the fuzzer, and a client of it.

use std::fs;
use std::io;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::net::SocketAddr;
use std::net::TcpStream;
use std::sync::mpsc;
use std::thread;

use serde_json::Value;
use serde_json::json;
use vestibule::config::Config;
use vestibule::server;

const PROJECT_ID: &str = "project-test-11111111-1111-4111-8111-111111111111";
const SECRET: &str = "secret-test-11111111-1111-4111-8111-111111111111";

/// A server on an SQLite database of its own, and one connection to it.
pub(crate) struct Server {
    address: SocketAddr,
    stream: Option<BufReader<TcpStream>>,
    /// What stands in `Authorization` of SCIM calls.
    pub(crate) token: String,
    /// The path of the SCIM connection.
    pub(crate) scim: String,
    pub(crate) organization_id: String,
    pub(crate) connection_id: String,
}

impl Server {
    pub(crate) fn start() -> Self {
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let running = server::start(config()).await.unwrap();
                sender.send(running.public_addr).unwrap();
                running.wait().await.unwrap();
            });
        });
        let mut server = Self {
            address: receiver.recv().unwrap(),
            stream: None,
            token: String::new(),
            scim: String::new(),
            organization_id: String::new(),
            connection_id: String::new(),
        };
        server.furnish();
        server
    }

    fn furnish(&mut self) {
        let organization = json!({ "organization_name": "Acme" });
        let made = self.management("POST", "/v1/b2b/organizations", &organization.to_string());
        self.organization_id = text(&made.1["organization"]["organization_id"]);
        let path = format!("/v1/b2b/scim/{}/connection", self.organization_id);
        let made = self.management("POST", &path, r#"{"identity_provider":"generic"}"#);
        let connection = &made.1["connection"];
        self.connection_id = text(&connection["connection_id"]);
        self.token = format!("Bearer {}", text(&connection["bearer_token"]));
        self.scim = format!("/v1/b2b/scim/{}", self.connection_id);
    }

    /// A call below the SCIM connection: status and body; null if there is none.
    pub(crate) fn scim(&mut self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let (path, token) = (format!("{}{path}", self.scim), self.token.clone());
        self.call((method, &path), (&token, "application/scim+json"), body)
    }

    /// A call of the management API.
    pub(crate) fn management(&mut self, method: &str, path: &str, body: &str) -> (u16, Value) {
        use base64::Engine;
        let credentials = format!("{PROJECT_ID}:{SECRET}");
        let encoded = base64::engine::general_purpose::STANDARD.encode(credentials);
        let basic = format!("Basic {encoded}");
        self.call((method, path), (&basic, "application/json"), body)
    }

    fn call(&mut self, call: (&str, &str), headers: (&str, &str), body: &str) -> (u16, Value) {
        // A server may close a connection between two requests.
        self.exchange(call, headers, body).unwrap_or_else(|_| {
            self.stream = None;
            self.exchange(call, headers, body).unwrap()
        })
    }

    fn exchange(
        &mut self,
        (method, path): (&str, &str),
        (authorization, media_type): (&str, &str),
        body: &str,
    ) -> io::Result<(u16, Value)> {
        if self.stream.is_none() {
            self.stream = Some(BufReader::new(TcpStream::connect(self.address)?));
        }
        let stream = self.stream.as_mut().unwrap();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nauthorization: {authorization}\r\n\
             content-type: {media_type}\r\ncontent-length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        stream.get_mut().write_all(request.as_bytes())?;
        let status_line = line(stream)?;
        let status = status_line
            .get(9..12)
            .and_then(|digits| digits.parse().ok());
        let status = status.ok_or(io::ErrorKind::InvalidData)?;
        let (mut length, mut closes) = (0, false);
        loop {
            let header = line(stream)?.to_ascii_lowercase();
            if header.is_empty() {
                break;
            }
            if let Some(value) = header.strip_prefix("content-length: ") {
                length = value.parse().map_err(|_| io::ErrorKind::InvalidData)?;
            }
            closes |= header == "connection: close";
        }
        let mut text = vec![0; length];
        stream.read_exact(&mut text)?;
        if closes {
            self.stream = None;
        }
        let body = serde_json::from_slice(&text).unwrap_or(Value::Null);
        Ok((status, body))
    }
}

fn line(stream: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut line = String::new();
    if stream.read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end().to_owned())
}

pub(crate) fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
        .to_owned()
}

fn config() -> Config {
    let folder = std::env::temp_dir().join(format!("vestibule-fuzz-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    let settings = [
        ("LISTEN", "127.0.0.1:0"),
        ("OPS_LISTEN", "127.0.0.1:0"),
        ("DATA_DIR", folder.to_str().unwrap()),
        ("PROJECT_ID", PROJECT_ID),
        ("SECRET", SECRET),
        ("RATE_LIMITS", "off"),
        ("LOG", "off"),
    ];
    let settings = settings.map(|(name, value)| (format!("VESTIBULE_{name}"), value.to_owned()));
    Config::load(None, settings, |path| fs::read_to_string(path)).unwrap()
}
