//! SQL answers filters as the evaluator in memory does, on either database.

use chrono::TimeDelta;
use proptest::prelude::Just;
use proptest::prelude::Strategy;
use proptest::prelude::prop_oneof;
use proptest::sample::select;
use proptest::strategy::BoxedStrategy;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use vestibule::protocol::scim::filter_check;
use vestibule::protocol::scim::filter_match::matches;
use vestibule::protocol::scim::leniency::Leniency;
use vestibule::protocol::scim::schema;
use vestibule::protocol::scim::schema::ResourceType;
use vestibule::protocol::scim::schemas_document;

use crate::scim::directory::Directory;
use crate::scim::directory::encoded;
use crate::scim::directory::ids;
use crate::scim::directory::text;
use crate::scim::resources::devices;
use crate::scim::search::search;
use crate::support::TestGateway;
use crate::support::statements;

/// Texts in which databases, patterns and letters of all lengths might go wrong.
const TEXTS: [&str; 18] = [
    "",
    " ",
    "a",
    "A",
    "ana",
    "Ana",
    "ANA@acme.test",
    "ana@acme.test",
    "100%",
    "100x",
    "a_b",
    "axb",
    "É",
    "é",
    "ß",
    "\"q\" \\ '",
    "\u{10FFFF}",
    "work",
];

fn texts() -> impl Strategy<Value = String> {
    select(&TEXTS[..]).prop_map(str::to_owned)
}

/// An attribute with a value of any of the texts, or without.
fn maybe(name: &'static str) -> impl Strategy<Value = Map<String, Value>> {
    proptest::option::of(texts()).prop_map(move |value| {
        let value = value.map(|value| (name.to_owned(), json!(value)));
        value.into_iter().collect()
    })
}

fn emails() -> impl Strategy<Value = Value> {
    let email = (
        maybe("value"),
        maybe("type"),
        maybe("display"),
        proptest::option::of(proptest::bool::ANY),
    );
    let email = email.prop_map(|(mut email, kind, display, primary)| {
        email.extend(kind);
        email.extend(display);
        if primary == Some(false) {
            email.insert("primary".to_owned(), json!(false));
        }
        Value::Object(email)
    });
    let emails = proptest::collection::vec(email, 0..3);
    (emails, proptest::bool::ANY).prop_map(|(mut emails, primary)| {
        if let Some(first) = emails.first_mut().filter(|_| primary) {
            first["primary"] = json!(true);
        }
        json!(emails)
    })
}

fn user() -> impl Strategy<Value = Value> {
    let parts = (maybe("externalId"), maybe("displayName"), maybe("title"));
    (parts, emails(), proptest::bool::ANY).prop_map(|((mut user, name, title), emails, active)| {
        user.extend(name);
        user.extend(title);
        user.insert("emails".to_owned(), emails);
        user.insert("active".to_owned(), json!(active));
        Value::Object(user)
    })
}

fn operator() -> impl Strategy<Value = &'static str> {
    select(&["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"][..])
}

/// A comparison of an attribute with any of these literals, or with nothing, or `pr`.
fn compared(names: &'static [&'static str], literals: Vec<String>) -> BoxedStrategy<String> {
    let literals: Vec<String> = literals
        .iter()
        .map(|text| json!(text).to_string())
        .collect();
    let equal = (select(names), select(&["eq", "ne"][..]));
    prop_oneof![
        6 => (select(names), operator(), select(literals)).prop_map(|(name, operator, literal)| {
            format!("{name} {operator} {literal}")
        }),
        1 => equal.prop_map(|(name, operator)| format!("{name} {operator} null")),
        1 => select(names).prop_map(|name| format!("{name} pr")),
    ]
    .boxed()
}

fn flags(name: &'static str) -> BoxedStrategy<String> {
    let literals = select(&["true", "false", "null"][..]);
    (select(&["eq", "ne"][..]), literals)
        .prop_map(move |(operator, literal)| format!("{name} {operator} {literal}"))
        .boxed()
}

/// Instants are compared by eq, ne and order.
fn instants(literals: Vec<String>) -> BoxedStrategy<String> {
    let names = select(&["meta.created", "meta.lastModified"][..]);
    (
        names,
        select(&["eq", "ne", "gt", "ge", "lt", "le"][..]),
        select(literals),
    )
        .prop_map(|(name, operator, literal)| format!("{name} {operator} \"{literal}\""))
        .boxed()
}

fn nested(leaf: BoxedStrategy<String>) -> BoxedStrategy<String> {
    leaf.prop_recursive(3, 12, 3, |inner| {
        let several = proptest::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            several
                .clone()
                .prop_map(|parts| format!("({})", parts.join(" and "))),
            several.prop_map(|parts| format!("({})", parts.join(" or "))),
            inner.prop_map(|part| format!("not ({part})")),
        ]
    })
    .boxed()
}

fn any_text() -> Vec<String> {
    let more = ["n", "x", "@", "%", "_", "\u{0}"];
    TEXTS
        .iter()
        .chain(&more)
        .map(|text| (*text).to_owned())
        .collect()
}

fn email_filters() -> BoxedStrategy<String> {
    let parts = prop_oneof![
        3 => compared(&["value", "type"], any_text()),
        1 => compared(&["display"], any_text()),
        1 => flags("primary"),
    ];
    prop_oneof![
        nested(parts.boxed()).prop_map(|filter| format!("emails[{filter}]")),
        compared(&["emails", "emails.value", "emails.type"], any_text()),
        flags("emails.primary"),
    ]
    .boxed()
}

/// Ids, whole and in pieces, and what is none.
fn some_ids(resources: &[Value]) -> Vec<String> {
    let whole = resources
        .iter()
        .take(3)
        .map(|resource| text(&resource["id"]));
    let mut some: Vec<String> = whole.collect();
    let first = some.first().cloned().unwrap_or_default();
    some.push(first.to_uppercase());
    some.push(first.chars().take(12).collect());
    some.push(first.chars().skip(30).collect());
    some.push("1".to_owned());
    some
}

/// The instants of resources, a little earlier and later, in several spellings.
fn some_instants(resources: &[Value]) -> Vec<String> {
    let shown = resources
        .iter()
        .take(4)
        .map(|resource| text(&resource["meta"]["created"]));
    let near = shown.flat_map(|shown| {
        let instant = chrono::DateTime::parse_from_rfc3339(&shown).unwrap();
        [0, 1, 500, 999, 1000, -1, -1000].map(|micros| {
            let instant = instant + TimeDelta::microseconds(micros);
            let zone = chrono::FixedOffset::east_opt(7200).unwrap();
            instant.with_timezone(&zone).to_rfc3339()
        })
    });
    near.chain(["1990-01-01T00:00:00Z".to_owned()]).collect()
}

/// The first filter that SQL answers otherwise than the evaluator.
async fn compare(
    (directory, path): (&Directory<'_>, &str),
    (kind, resources): (&ResourceType, &[Value]),
    filters: &BoxedStrategy<String>,
) {
    let mut runner = TestRunner::deterministic();
    for _ in 0..400 {
        let filter = filters.new_tree(&mut runner).unwrap().current();
        let checked = filter_check::read(&filter, kind, Leniency::STRICT).unwrap();
        let expected = resources.iter().filter(|resource| {
            let mut seen = resource.as_object().unwrap().clone();
            if seen["meta"]["resourceType"] == "User" {
                // Who does not say so is active.
                seen.entry("active").or_insert(json!(true));
            }
            matches(&checked, &seen, kind)
        });
        let expected: Vec<&str> = expected.map(|it| it["id"].as_str().unwrap()).collect();
        let body = json!({ "filter": filter, "count": 200, "attributes": ["id"] });
        let found = search(directory, path, body).await;
        assert_eq!(found.status, 200, "{filter}: {}", found.text);
        assert_eq!(ids(&found.body["Resources"], "id"), expected, "{filter}");
        assert_eq!(found.body["totalResults"], expected.len(), "{filter}");
    }
}

async fn with_anybody(gateway: &TestGateway) -> (Directory<'_>, Vec<Value>, Vec<Value>) {
    let directory = Directory::start(gateway).await;
    let mut runner = TestRunner::deterministic();
    for number in 0..36 {
        let mut body = user().new_tree(&mut runner).unwrap().current();
        let name = TEXTS
            .get(number + 2)
            .map_or_else(|| format!("{number}_%É"), |t| (*t).to_owned());
        body["userName"] = json!(format!("{name}{}", number % 7));
        let created = directory.post("/Users", body.clone()).await;
        assert_eq!(created.status, 201, "{body}: {}", created.text);
        gateway.wait(TimeDelta::microseconds(700));
        if number % 5 == 0 {
            let path = format!("/Users/{}", text(&created.body["id"]));
            directory
                .patch(&path, json!([{ "op": "remove", "path": "active" }]))
                .await;
            let emails = emails().new_tree(&mut runner).unwrap().current();
            let change = json!([{ "op": "replace", "path": "emails", "value": emails }]);
            assert_eq!(directory.patch(&path, change).await.status, 200);
        }
    }
    let users = directory.get("/Users?count=200").await.body;
    let someone = ids(&users["Resources"], "id");
    for number in 0..9_usize {
        let mut body = maybe("externalId").new_tree(&mut runner).unwrap().current();
        let name = TEXTS.get(number + 7).copied().unwrap_or("x");
        body.insert("displayName".to_owned(), json!(format!("{name}{number}")));
        let members = someone
            .iter()
            .take(number % 4)
            .map(|id| json!({ "value": id }));
        body.insert("members".to_owned(), members.collect());
        let created = directory.post("/Groups", Value::Object(body)).await;
        assert_eq!(created.status, 201, "{}", created.text);
        gateway.wait(TimeDelta::microseconds(700));
    }
    let groups = directory.get("/Groups").await.body;
    let (outer, inner) = (&groups["Resources"][0]["id"], &groups["Resources"][1]["id"]);
    let nest =
        json!([{ "op": "add", "path": "members", "value": [{ "value": inner, "type": "Group" }] }]);
    directory
        .patch(&format!("/Groups/{}", text(outer)), nest)
        .await;
    let all = async |path: &str| {
        let listed = directory.get(path).await.body;
        listed["Resources"].as_array().unwrap().clone()
    };
    let (users, groups) = (
        all("/Users?count=200").await,
        all("/Groups?count=200").await,
    );
    (directory, users, groups)
}

#[actix_web::test]
async fn filters_of_users_find_by_sql_what_matches_in_memory() {
    let gateway = TestGateway::start().await;
    let (directory, users, groups) = with_anybody(&gateway).await;
    let leaf = prop_oneof![
        4 => compared(&["userName", "externalId", "displayName"], any_text()),
        3 => email_filters(),
        1 => compared(&["title", "name.familyName", "schemas"], any_text()),
        1 => compared(&["id"], some_ids(&users)),
        1 => compared(&["groups", "groups.value"], some_ids(&groups)),
        1 => compared(&["meta.resourceType"], vec!["user".to_owned(), "User".to_owned(), "Group".to_owned()]),
        1 => flags("active"),
        2 => instants(some_instants(&users)),
        1 => Just("meta.created pr".to_owned()),
    ];
    compare(
        (&directory, "/Users"),
        (schema::user(), &users),
        &nested(leaf.boxed()),
    )
    .await;
}

#[actix_web::test]
async fn filters_of_groups_find_by_sql_what_matches_in_memory() {
    let gateway = TestGateway::start().await;
    let (directory, users, groups) = with_anybody(&gateway).await;
    let (mut anyone, kinds) = (
        some_ids(&users),
        vec!["user".to_owned(), "User".to_owned(), "Group".to_owned()],
    );
    anyone.extend(some_ids(&groups));
    let member = prop_oneof![
        compared(&["value"], anyone.clone()),
        compared(&["type"], kinds),
    ];
    let leaf = prop_oneof![
        3 => compared(&["displayName", "externalId"], any_text()),
        2 => compared(&["members", "members.value"], anyone),
        2 => nested(member.boxed()).prop_map(|filter| format!("members[{filter}]")),
        1 => compared(&["id"], some_ids(&groups)),
        2 => instants(some_instants(&groups)),
        1 => Just("members pr".to_owned()),
    ];
    compare(
        (&directory, "/Groups"),
        (schema::group(), &groups),
        &nested(leaf.boxed()),
    )
    .await;
}

#[actix_web::test]
async fn filters_of_other_resources_find_by_sql_what_matches_in_memory() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let declared = schemas_document::read(&devices()).unwrap();
    assert_eq!(directory.declare(devices()).await.status, 200);
    let mut runner = TestRunner::deterministic();
    for number in 0..24 {
        let parts = (maybe("externalId"), maybe("model"));
        let (mut body, model) = parts.new_tree(&mut runner).unwrap().current();
        body.extend(model);
        body.insert("serial".to_owned(), json!(number.to_string()));
        let created = directory.post("/Devices", Value::Object(body)).await;
        assert_eq!(created.status, 201, "{}", created.text);
        gateway.wait(TimeDelta::microseconds(700));
    }
    let lent = directory.get("/Devices?count=200").await.body;
    let lent = lent["Resources"].as_array().unwrap();
    let kinds = ["Device", "device", "User"].map(str::to_owned).to_vec();
    let leaf = prop_oneof![
        3 => compared(&["externalId"], any_text()),
        1 => compared(&["model", "serial"], any_text()),
        1 => compared(&["id"], some_ids(lent)),
        1 => compared(&["meta.resourceType"], kinds),
        2 => instants(some_instants(lent)),
        1 => Just("meta.created pr".to_owned()),
    ];
    compare(
        (&directory, "/Devices"),
        (declared.custom().first().unwrap(), lent),
        &nested(leaf.boxed()),
    )
    .await;
}

#[actix_web::test]
async fn a_lookup_is_one_statement_and_a_secondary_address_is_found_by_it() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let emails = json!([{ "value": "ana@acme.test", "primary": true, "type": "work" },
        { "value": "Ana.Private@mail.test", "type": "home" }]);
    let user = json!({ "userName": "ana", "emails": emails });
    let id = text(&directory.post("/Users", user).await.body["id"]);
    for filter in [
        "userName eq \"ANA\"",
        "emails.value eq \"ana.private@MAIL.test\"",
        "emails[value eq \"ana.private@mail.test\"]",
        "emails[type eq \"home\"].value eq \"ana.private@mail.test\"",
        "userName sw \"an\" and active eq true",
    ] {
        statements::heard(gateway.storage.database());
        let path = format!(
            "/Users?excludedAttributes=groups&filter={}",
            encoded(filter)
        );
        let found = directory.get(&path).await.body;
        assert_eq!(ids(&found["Resources"], "id"), [&id], "{filter}");
        let heard = statements::heard(gateway.storage.database());
        let asked = heard
            .iter()
            .filter(|statement| statement.contains("scim_users"));
        assert_eq!(asked.count(), 1, "{filter}: {heard:#?}");
    }
    let path = format!("/Users/{id}");
    let moved =
        json!([{ "op": "replace", "path": "emails", "value": [{ "value": "new@acme.test" }] }]);
    directory.patch(&path, moved).await;
    for (address, many) in [("ana.private@mail.test", 0), ("new@acme.test", 1)] {
        let filter = encoded(&format!("emails.value eq \"{address}\""));
        let found = directory.get(&format!("/Users?filter={filter}")).await.body;
        assert_eq!(found["totalResults"], many, "{address}");
    }
    assert_eq!(directory.delete(&path).await.status, 204);
    let found = directory
        .get("/Users?filter=emails+eq+%22new@acme.test%22")
        .await
        .body;
    assert_eq!(found["totalResults"], 0);
}
