//! A SCIM User as the contract spells it: snake case, every text present (contract 7).

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::use_cases::standing::ScimRegistration;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

const TEXTS: [(&str, &str); 10] = [
    ("user_name", "userName"),
    ("external_id", "externalId"),
    ("display_name", "displayName"),
    ("nick_name", "nickName"),
    ("profile_url", "profileUrl"),
    ("user_type", "userType"),
    ("title", "title"),
    ("preferred_language", "preferredLanguage"),
    ("locale", "locale"),
    ("timezone", "timezone"),
];

const LISTS: [(&str, &str); 7] = [
    ("emails", "emails"),
    ("phone_numbers", "phoneNumbers"),
    ("ims", "ims"),
    ("photos", "photos"),
    ("entitlements", "entitlements"),
    ("roles", "roles"),
    ("x509certificates", "x509Certificates"),
];

const NAME: [(&str, &str); 6] = [
    ("formatted", "formatted"),
    ("family_name", "familyName"),
    ("given_name", "givenName"),
    ("middle_name", "middleName"),
    ("honorific_prefix", "honorificPrefix"),
    ("honorific_suffix", "honorificSuffix"),
];

const ADDRESS: [(&str, &str); 7] = [
    ("formatted", "formatted"),
    ("street_address", "streetAddress"),
    ("locality", "locality"),
    ("region", "region"),
    ("postal_code", "postalCode"),
    ("country", "country"),
    ("type", "type"),
];

const ENTERPRISE_TEXTS: [(&str, &str); 5] = [
    ("employee_number", "employeeNumber"),
    ("cost_center", "costCenter"),
    ("division", "division"),
    ("department", "department"),
    ("organization", "organization"),
];

/// The `SCIMAttributes` object.
pub(crate) fn scim_attributes(registration: &ScimRegistration) -> Value {
    let resource = &registration.user.resource;
    let mut object = texts(Some(resource), &TEXTS);
    object.insert("id".to_owned(), json!(registration.user.id));
    object.insert("active".to_owned(), json!(registration.user.active));
    let groups = registration.groups.iter();
    let groups = groups.map(|(id, name)| json!({ "value": id, "display": name }));
    object.insert("groups".to_owned(), groups.collect());
    for (ours, theirs) in LISTS {
        object.insert(
            ours.to_owned(),
            elements(resource, theirs).map(plain).collect(),
        );
    }
    let addresses = elements(resource, "addresses").map(|address| with_primary(address, &ADDRESS));
    object.insert("addresses".to_owned(), addresses.collect());
    if let Some(name) = resource.get("name").and_then(Value::as_object) {
        object.insert("name".to_owned(), Value::Object(texts(Some(name), &NAME)));
    }
    if let Some(enterprise) = resource.get(ENTERPRISE).and_then(Value::as_object) {
        object.insert(
            "enterprise_extension".to_owned(),
            enterprise_extension(enterprise),
        );
    }
    Value::Object(object)
}

fn texts(source: Option<&Map<String, Value>>, names: &[(&str, &str)]) -> Map<String, Value> {
    let text = |name: &str| source?.get(name)?.as_str();
    names
        .iter()
        .map(|(ours, theirs)| ((*ours).to_owned(), json!(text(theirs).unwrap_or_default())))
        .collect()
}

fn elements<'a>(
    resource: &'a Map<String, Value>,
    name: &str,
) -> impl Iterator<Item = &'a Map<String, Value>> {
    resource
        .get(name)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
}

fn plain(element: &Map<String, Value>) -> Value {
    with_primary(element, &[("value", "value"), ("type", "type")])
}

fn with_primary(element: &Map<String, Value>, names: &[(&str, &str)]) -> Value {
    let mut object = texts(Some(element), names);
    let primary = element
        .get("primary")
        .and_then(Value::as_bool)
        .unwrap_or_default();
    object.insert("primary".to_owned(), json!(primary));
    Value::Object(object)
}

fn enterprise_extension(source: &Map<String, Value>) -> Value {
    let mut object = texts(Some(source), &ENTERPRISE_TEXTS);
    if let Some(manager) = source.get("manager").and_then(Value::as_object) {
        let names = [
            ("value", "value"),
            ("ref", "$ref"),
            ("display_name", "displayName"),
        ];
        object.insert(
            "manager".to_owned(),
            Value::Object(texts(Some(manager), &names)),
        );
    }
    Value::Object(object)
}
