//! JSON bodies of every call, SCIM's and the management API's: done, or a well-formed refusal; and
//! what is there can still be read. The first line names the call, the rest is the body; a line that
//! names none chooses one, every other time one of SCIM.

#![no_main]

use std::sync::LazyLock;
use std::sync::Mutex;

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use serde_json::json;

mod server;

use server::Server;
use server::text;

/// The calls of SCIM; `tests/fuzz_seeds.rs` reads them too.
const SCIM: &str = include_str!("scim_calls.txt");

/// Calls that would read an address which the body names, from the network.
const OUTWARD: [&str; 2] = [
    "PUT /v1/b2b/sso/saml/{organization_id}/connections/{connection_id}/url",
    "PUT /v1/b2b/sso/oidc/{organization_id}/connections/{connection_id}",
];

struct Call {
    name: String,
    method: String,
    path: String,
    is_scim: bool,
}

impl Call {
    /// A call by its name; `known` are the ids of what is there, each for the paths that it is in.
    fn of(name: &str, is_scim: bool, known: &[(&str, &str, String)]) -> Self {
        let (method, path) = name.split_once(' ').unwrap();
        let path = known
            .iter()
            .fold(path.to_owned(), |path, (part, name, id)| {
                if path.contains(part) {
                    path.replace(name, id)
                } else {
                    path
                }
            });
        assert!(!path.contains('{'), "nothing is known for {path}");
        Self {
            name: name.to_owned(),
            method: method.to_owned(),
            path,
            is_scim,
        }
    }
}

struct World {
    server: Server,
    scim: Vec<Call>,
    management: Vec<Call>,
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
        let (organization, connection) =
            (server.organization_id.clone(), server.connection_id.clone());
        let mut make = |path: String, body: Value, id: &str| {
            let made = server.management("POST", &path, &body.to_string()).1;
            text(made.pointer(id).unwrap_or(&made))
        };
        let members = format!("/v1/b2b/organizations/{organization}/members");
        let member = make(
            members,
            json!({ "email_address": "ben@acme.test" }),
            "/member_id",
        );
        let clients = format!("/v1/b2b/scim/{organization}/connection/{connection}/clients");
        let client = make(clients, json!({}), "/client/client_id");
        let machine = json!({ "client_name": "machine", "scopes": ["read:a"] });
        let machine = make(
            "/v1/m2m/clients".to_owned(),
            machine,
            "/m2m_client/client_id",
        );
        let [saml, oidc] = ["saml", "oidc"].map(|kind| {
            let path = format!("/v1/b2b/sso/{kind}/{organization}");
            make(path, json!({}), "/connection/connection_id")
        });
        let known = [
            ("/m2m/", "{client_id}", machine),
            ("/scim/", "{client_id}", client),
            ("/sso/saml/", "{connection_id}", saml),
            ("/sso/", "{connection_id}", oidc),
            ("", "{connection_id}", connection),
            ("", "{organization_id}", organization),
            ("", "{member_id}", member),
            ("", "{user}", user),
            ("", "{group}", group),
        ];
        let description = server.management("GET", "/openapi.json", "").1;
        let scim = SCIM.lines().map(|name| Call::of(name, true, &known));
        let management = described(&description);
        let management = management.iter().map(|name| Call::of(name, false, &known));
        Self {
            scim: scim.collect(),
            management: management.collect(),
            server,
            done: 0,
        }
    }

    /// The call that a line names; any, if it names none.
    fn chosen(&self, line: &str) -> Option<&Call> {
        let mut all = self.scim.iter().chain(&self.management);
        let sum: usize = line.bytes().map(usize::from).sum();
        let any = if sum.is_multiple_of(2) {
            &self.scim
        } else {
            &self.management
        };
        let named = all.find(|call| call.name == line);
        named.or_else(|| any.get((sum / 2) % any.len()))
    }

    fn run(&mut self, line: &str, body: &str) {
        let Some(call) = self.chosen(line) else {
            return;
        };
        let (method, path, is_scim) = (call.method.clone(), call.path.clone(), call.is_scim);
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

/// The names of the calls with a body that the API's description lists.
fn described(description: &Value) -> Vec<String> {
    let mut calls = Vec::new();
    for (path, methods) in description["paths"].as_object().unwrap() {
        if path.starts_with("/v1/b2b/scim/{connection_id}") {
            continue;
        }
        for (method, call) in methods.as_object().unwrap() {
            let name = format!("{} {path}", method.to_uppercase());
            if call["requestBody"].is_object() && !OUTWARD.contains(&name.as_str()) {
                calls.push(name);
            }
        }
    }
    calls
}

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Some((line, body)) = text.split_once('\n') {
        WORLD.lock().unwrap().run(line, body);
    }
});
