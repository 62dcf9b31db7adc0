//! JSON bodies of every call, SCIM's and the management API's: done, or a well-formed refusal; and
//! what is there can still be read. The first byte chooses the call, the rest is the body.

#![no_main]

use std::sync::LazyLock;
use std::sync::Mutex;

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use serde_json::json;

mod server;

use server::Server;
use server::text;

/// Calls that would read an address which the body names, from the network.
const OUTWARD: [&str; 2] = ["/sso/saml/", "/sso/oidc/"];

struct World {
    server: Server,
    /// Method, path, and whether it is one of SCIM.
    calls: Vec<(String, String, bool)>,
    done: u64,
}

static WORLD: LazyLock<Mutex<World>> = LazyLock::new(|| Mutex::new(World::new()));

impl World {
    fn new() -> Self {
        let mut server = Server::start();
        let user = server.scim("POST", "/Users", r#"{"userName":"ana@acme.test"}"#);
        let user = text(&user.1["id"]);
        let group = json!({ "displayName": "Staff", "members": [{ "value": user }] });
        let group = text(&server.scim("POST", "/Groups", &group.to_string()).1["id"]);
        let path = format!("/v1/b2b/organizations/{}/members", server.organization_id);
        let member = server.management("POST", &path, r#"{"email_address":"ben@acme.test"}"#);
        let known = [
            ("{organization_id}", server.organization_id.clone()),
            ("{member_id}", text(&member.1["member_id"])),
            ("{connection_id}", server.connection_id.clone()),
        ];
        let description = server.management("GET", "/openapi.json", "").1;
        let mut calls = described(&description, &known);
        for (method, path) in [
            ("POST", "/Users".to_owned()),
            ("PUT", format!("/Users/{user}")),
            ("PATCH", format!("/Users/{user}")),
            ("POST", "/Groups".to_owned()),
            ("PUT", format!("/Groups/{group}")),
            ("PATCH", format!("/Groups/{group}")),
            ("POST", "/Bulk".to_owned()),
            ("POST", "/.search".to_owned()),
            ("POST", "/Users/.search".to_owned()),
        ] {
            // SCIM is as likely as all the rest.
            for _ in 0..8 {
                calls.push((method.to_owned(), path.clone(), true));
            }
        }
        Self {
            server,
            calls,
            done: 0,
        }
    }

    fn run(&mut self, choice: u8, body: &str) {
        let position = usize::from(choice) % self.calls.len();
        let Some((method, path, is_scim)) = self.calls.get(position).cloned() else {
            return;
        };
        let (status, answer) = if is_scim {
            self.server.scim(&method, &path, body)
        } else {
            self.server.management(&method, &path, body)
        };
        let told = format!("{method} {path} answered {status}: {answer}");
        assert!(status < 500 || status == 501, "{told}");
        if status >= 400 {
            let is_well_formed = if is_scim {
                answer["status"] == status.to_string() && answer["detail"].is_string()
            } else {
                answer["status_code"] == status
                    && answer["error_type"].is_string()
                    && answer["error_message"].is_string()
            };
            assert!(is_well_formed, "{told}");
        }
        self.done += 1;
        if self.done.is_multiple_of(64) {
            for path in ["/Users?count=5", "/Groups?count=5"] {
                let (status, list) = self.server.scim("GET", path, "");
                assert_eq!(status, 200, "{list}");
                assert!(list["totalResults"].is_u64(), "{list}");
            }
            let path = format!("/v1/b2b/organizations/{}", self.server.organization_id);
            assert_eq!(self.server.management("GET", &path, "").0, 200);
        }
    }
}

/// The calls with a body that the API's description lists, about what is there.
fn described(description: &Value, known: &[(&str, String)]) -> Vec<(String, String, bool)> {
    let mut calls = Vec::new();
    for (path, methods) in description["paths"].as_object().unwrap() {
        if OUTWARD.iter().any(|part| path.contains(part))
            || path.starts_with("/v1/b2b/scim/{connection_id}")
        {
            continue;
        }
        let path = known
            .iter()
            .fold(path.clone(), |path, (name, id)| path.replace(name, id));
        for (method, call) in methods.as_object().unwrap() {
            if call["requestBody"].is_object() {
                calls.push((method.to_uppercase(), path.clone(), false));
            }
        }
    }
    calls
}

fuzz_target!(|data: &[u8]| {
    let Some((choice, body)) = data.split_first() else {
        return;
    };
    if let Ok(body) = std::str::from_utf8(body) {
        WORLD.lock().unwrap().run(*choice, body);
    }
});
