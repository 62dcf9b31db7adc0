//! What may be kept of requests and answers: everything but secrets.
//!
//! Secret is what a schema lets clients write and nobody read, what is called like a secret, and
//! whatever else repeats such a value.

use crate::protocol::scim::schema;
use crate::protocol::scim::schema::Attribute;
use crate::protocol::scim::schema::Mutability;
use crate::protocol::scim::schema::Returned;
use crate::protocol::scim::schemas::Schemas;
use serde_json::Map;
use serde_json::Value;
use std::collections::BTreeSet;

/// What stands in the place of a secret.
pub const REDACTED: &str = "[redacted]";

/// A shorter text is not looked for elsewhere: it would be found in what is no secret.
const LEAST_TELLING: usize = 6;

/// Ends of names that tell secrets, whatever a schema says.
const WORDS: [&str; 9] = [
    "password",
    "secret",
    "token",
    "authorization",
    "credential",
    "credentials",
    "apikey",
    "api_key",
    "private_key",
];

/// Which attributes are secret, and the secrets that have been met.
#[derive(Debug, Clone, Default)]
pub struct Redaction {
    names: BTreeSet<String>,
    met: Vec<String>,
    /// Whether there is nothing but what this gateway has by itself, none of whose answers tells a secret.
    is_built_in: bool,
}

impl Redaction {
    /// For requests to a service provider with these schemas.
    pub fn new(schemas: &Schemas) -> Self {
        let mut names = BTreeSet::new();
        for kind in schemas.resource_types() {
            gather(kind.attributes(), &mut names);
            for extension in kind.extension_schemas() {
                gather(extension.attributes.iter(), &mut names);
            }
        }
        Self {
            names,
            met: Vec::new(),
            is_built_in: std::ptr::eq(schemas.user(), schema::user())
                && std::ptr::eq(schemas.group(), schema::group())
                && schemas.custom().is_empty(),
        }
    }

    /// Whether nothing that a client declared can be in an answer.
    pub(crate) fn is_built_in(&self) -> bool {
        self.is_built_in
    }

    /// Takes the secrets out of a body, and remembers them.
    pub fn redact(&mut self, value: &mut Value) {
        self.walk(value);
        // What is told before its secret is met.
        self.walk(value);
    }

    fn walk(&mut self, value: &mut Value) {
        match value {
            Value::Object(parts) => self.redact_parts(parts),
            Value::Array(values) => values.iter_mut().for_each(|value| self.walk(value)),
            Value::String(text) => *text = self.without_met(text),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn redact_parts(&mut self, parts: &mut Map<String, Value>) {
        let named = |name: &'static str| {
            move |(key, value): (&String, &Value)| {
                let text = value.as_str().filter(|_| key.eq_ignore_ascii_case(name));
                text.map(str::to_owned)
            }
        };
        // A PATCH operation names in `path` what its `value` is.
        let path = parts.iter().find_map(named("path"));
        let of_secret = path.is_some_and(|path| self.mentions_secret(&path));
        for (key, value) in parts.iter_mut() {
            let is = |name: &str| key.eq_ignore_ascii_case(name);
            let text = value.as_str();
            let asks = (is("path") || is("filter"))
                && text.is_some_and(|text| {
                    let compares = is("filter") || text.contains(['"', '[']);
                    compares && self.mentions_secret(text)
                });
            // The key of a PATCH without a path may be a path itself.
            if asks || self.mentions_secret(key) || (of_secret && is("value")) {
                self.hide(value);
            } else {
                self.walk(value);
            }
        }
    }

    fn hide(&mut self, value: &mut Value) {
        self.meet(value);
        if !value.is_null() {
            *value = Value::from(REDACTED);
        }
    }

    fn meet(&mut self, value: &Value) {
        match value {
            Value::String(text) if text.len() >= LEAST_TELLING && text != REDACTED => {
                self.met.push(text.clone());
            }
            Value::Array(values) => values.iter().for_each(|value| self.meet(value)),
            Value::Object(parts) => parts.values().for_each(|value| self.meet(value)),
            _ => {}
        }
    }

    /// Whether any secret has been met.
    pub(crate) fn has_met(&self) -> bool {
        !self.met.is_empty()
    }

    /// A text without the secrets that have been met.
    pub fn without_met(&self, text: &str) -> String {
        let met = self.met.iter();
        met.fold(text.to_owned(), |text, secret| {
            text.replace(secret.as_str(), REDACTED)
        })
    }

    /// The query of an address without secrets.
    pub fn query(&mut self, query: &str) -> String {
        let pairs = query.split('&').map(|pair| {
            let mut decoded = url::form_urlencoded::parse(pair.as_bytes());
            let Some((name, value)) = decoded.next() else {
                return pair.to_owned();
            };
            let asks = name.eq_ignore_ascii_case("filter") && self.mentions_secret(&value);
            if !asks && !self.is_secret(&name) {
                return pair.to_owned();
            }
            self.meet(&Value::from(&*value));
            format!("{name}={REDACTED}")
        });
        pairs.collect::<Vec<_>>().join("&")
    }

    fn is_secret(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        self.names.contains(&name) || WORDS.iter().any(|word| name.ends_with(word))
    }

    /// Whether a path or filter names one, if only in a value: what tells the two apart can be
    /// escaped, and hiding too much harms nobody.
    pub(crate) fn mentions_secret(&self, text: &str) -> bool {
        let mut words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        words.any(|word| self.is_secret(word))
    }
}

fn gather<'a>(attributes: impl Iterator<Item = &'a Attribute>, names: &mut BTreeSet<String>) {
    for attribute in attributes {
        let secret =
            attribute.mutability == Mutability::WriteOnly || attribute.returned == Returned::Never;
        if secret {
            names.insert(attribute.name.to_ascii_lowercase());
        }
        gather(attribute.sub_attributes.iter(), names);
    }
}

#[cfg(test)]
mod tests {
    use super::Redaction;
    use crate::protocol::scim::schemas::Schemas;
    use serde_json::json;

    #[test]
    fn a_secret_is_taken_out_wherever_it_is_named() {
        let cases = [
            json!({ "userName": "ana", "password": "canary-1" }),
            json!({ "PassWord": ["canary-1", { "x": "canary-1" }] }),
            json!({ "Operations": [{ "op": "add", "path": "password", "value": "canary-1" }] }),
            json!({ "Operations": [{ "op": "add", "Path": "urn:x:2.0:User:password", "Value": "canary-1" }] }),
            json!({ "Operations": [{ "op": "add", "path": "password[value eq \"canary-1\"]" }] }),
            json!({ "Operations": [{ "op": "add", "value": { "password": "canary-1" } }] }),
            json!({ "Operations": [{ "method": "POST", "path": "/Users", "data": { "password": "canary-1" } }] }),
            json!({ "filter": "password eq \"canary-1\"" }),
            json!({ "filter": "password eq canary-1" }),
            json!({ "filter": "userName eq \"a\\\"b\" and password eq \"canary-1\"" }),
            json!({ "Operations": [{ "op": "add", "value": { "urn:x:2.0:User:password.x": "canary-1" } }] }),
            json!({ "client_secret": "canary-1", "accessToken": "canary-1" }),
            json!({ "displayName": "I am canary-1", "password": "canary-1" }),
        ];
        for mut body in cases {
            let mut redaction = Redaction::new(&Schemas::built_in());
            redaction.redact(&mut body);
            assert!(!body.to_string().contains("canary"), "{body}");
            let mut answer = json!({ "detail": "the value \"canary-1\" is no good" });
            redaction.redact(&mut answer);
            assert!(!answer.to_string().contains("canary-1\""), "{answer}");
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        let body = json!({ "schemas": ["urn:x"], "emails": [{ "value": "ana@acme.test" }],
            "active": true, "Operations": [{ "op": "remove", "path": "members[value eq \"7\"]" }] });
        let mut kept = body.clone();
        let mut redaction = Redaction::new(&Schemas::built_in());
        redaction.redact(&mut kept);
        assert_eq!(kept, body);
        let query = "filter=userName+eq+%22ana%22&count=5&attributes=id";
        assert_eq!(redaction.query(query), query);
    }

    #[test]
    fn a_query_loses_its_secrets() {
        let mut redaction = Redaction::new(&Schemas::built_in());
        assert_eq!(
            redaction.query("access_token=canary-2&count=1&filter=password+eq+%22canary-1%22"),
            "access_token=[redacted]&count=1&filter=[redacted]"
        );
        assert_eq!(redaction.without_met("at canary-2"), "at [redacted]");
    }
}
