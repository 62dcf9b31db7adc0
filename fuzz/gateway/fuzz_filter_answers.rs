//! Filters through the front door: the database selects what the evaluator in memory selects, and
//! what the evaluator does not understand is refused as a filter.

#![no_main]

use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::sync::Mutex;

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use serde_json::json;
use vestibule::protocol::scim::filter_check;
use vestibule::protocol::scim::filter_match::matches;
use vestibule::protocol::scim::leniency::Leniency;
use vestibule::protocol::scim::schema;

mod server;

use server::Server;
use server::text;

static WORLD: LazyLock<Mutex<(Server, Vec<Value>)>> = LazyLock::new(|| Mutex::new(world()));

fn world() -> (Server, Vec<Value>) {
    let mut server = Server::start();
    let mut ids = Vec::new();
    for (number, name) in ["ana", "Ben", "a%b_", "é\u{301}", "x\"y\\"]
        .iter()
        .enumerate()
    {
        let user = json!({
            "userName": format!("{name}{number}"),
            "externalId": name,
            "active": number % 2 == 0,
            "displayName": name,
            "name": { "givenName": name.to_uppercase() },
            "emails": [
                { "value": format!("{number}@work.test"), "type": "work", "primary": true },
                { "value": format!("a{number}@HOME.test"), "type": "home" },
            ],
            "roles": [{ "value": "reader" }],
            schema::ENTERPRISE_USER_URN: { "department": name },
        });
        let made = server.scim("POST", "/Users", &user.to_string());
        assert_eq!(made.0, 201, "{}", made.1);
        ids.push(made.1["id"].clone());
    }
    let bare = server.scim("POST", "/Users", r#"{"userName":"bare"}"#);
    assert_eq!(bare.0, 201, "{}", bare.1);
    let members: Vec<Value> = ids
        .iter()
        .take(2)
        .map(|id| json!({ "value": id }))
        .collect();
    let group = json!({ "displayName": "ana", "members": members });
    assert_eq!(server.scim("POST", "/Groups", &group.to_string()).0, 201);
    let users = server.scim("GET", "/Users", "").1["Resources"].clone();
    (server, users.as_array().unwrap().clone())
}

fuzz_target!(|filter: &str| {
    let mut world = WORLD.lock().unwrap();
    let (server, users) = &mut *world;
    let encoded: String = url::form_urlencoded::byte_serialize(filter.as_bytes()).collect();
    let (status, body) = server.scim("GET", &format!("/Users?filter={encoded}"), "");
    match filter_check::read(filter, schema::user(), Leniency::GENERIC) {
        Err(_) => {
            assert_eq!(
                (status, &body["scimType"]),
                (400, &json!("invalidFilter")),
                "{body}"
            );
        }
        Ok(checked) => {
            assert_eq!(status, 200, "{body}");
            let chosen = users
                .iter()
                .filter(|user| matches(&checked, user.as_object().unwrap(), schema::user()));
            let expected: BTreeSet<String> = chosen.map(|user| text(&user["id"])).collect();
            let found = body["Resources"].as_array().unwrap().iter();
            let found: BTreeSet<String> = found.map(|user| text(&user["id"])).collect();
            assert_eq!(found, expected, "{checked}");
            assert_eq!(body["totalResults"], expected.len());
        }
    }
});
