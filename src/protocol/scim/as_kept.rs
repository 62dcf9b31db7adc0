//! The default representation of a User as text, around the text that is kept of it: most are shown
//! as they are kept, and a list of many need not read each to write it again.

use std::collections::HashSet;
use std::fmt;
use std::sync::LazyLock;

use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::de::IgnoredAny;
use serde::de::MapAccess;
use serde::de::Visitor;

use crate::protocol::scim::projection::Projection;
use crate::protocol::scim::representation::Metadata;
use crate::protocol::scim::representation::meta;
use crate::protocol::scim::schema;
use crate::protocol::scim::schema::Attribute;
use crate::protocol::scim::schema::ResourceType;
use crate::protocol::scim::schema::Returned;

/// What of a User is shown by default just as it is kept: attributes and URNs of extensions.
static SHOWN: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let kind = schema::user();
    let attributes = kind.schema.attributes.iter().filter(|it| is_shown(it));
    let mut shown: HashSet<&str> = attributes.map(|it| it.name.as_str()).collect();
    let whole = |urn: &&schema::Schema| urn.attributes.iter().all(is_shown);
    shown.extend(
        kind.extension_schemas()
            .filter(whole)
            .map(|it| it.id.as_str()),
    );
    shown.insert("externalId");
    shown.remove(GROUPS);
    shown
});

const GROUPS: &str = "groups";
/// About as long is what is said of one group.
const GROUP: usize = 320;

fn is_shown(attribute: &Attribute) -> bool {
    matches!(attribute.returned, Returned::Always | Returned::Default)
        && attribute.sub_attributes.iter().all(is_shown)
}

/// Whether Users of this kind may be shown as they are kept: all that may be kept of a built-in one is
/// known, which a connection may change for its own.
pub fn may_be_as_kept(kind: &ResourceType, projection: &Projection) -> bool {
    std::ptr::eq(kind, schema::user()) && *projection == Projection::Default
}

/// What is shown of a built-in User, as [`represent`] and the default projection have it; `None` if
/// they must be asked, because something is kept that may not be shown so.
///
/// [`represent`]: crate::protocol::scim::representation::represent
pub fn represent_as_kept(
    kept: &str,
    metadata: &Metadata,
    groups: &[impl Serialize],
) -> Option<String> {
    let Names(names) = serde_json::from_str(kept).ok()?;
    // Nobody is shown what is empty.
    let is_shown = !kept.contains("{}") || kept == "{}";
    if !is_shown || !names.iter().all(|name| SHOWN.contains(name)) {
        return None;
    }
    let kind = schema::user();
    let inside = kept.strip_prefix('{')?.strip_suffix('}')?;
    let mut text = Vec::with_capacity(kept.len() + 512 + GROUP * groups.len());
    text.extend_from_slice(b"{\"schemas\":[\"");
    text.extend_from_slice(kind.schema.id.as_bytes());
    for extension in kind.extension_schemas() {
        if names.contains(&extension.id.as_str()) {
            text.extend_from_slice(b"\",\"");
            text.extend_from_slice(extension.id.as_bytes());
        }
    }
    text.extend_from_slice(b"\"],\"id\":");
    serde_json::to_writer(&mut text, &metadata.id).ok()?;
    if !inside.is_empty() {
        text.push(b',');
        text.extend_from_slice(inside.as_bytes());
    }
    if !groups.is_empty() {
        text.extend_from_slice(b",\"groups\":");
        serde_json::to_writer(&mut text, groups).ok()?;
    }
    text.extend_from_slice(b",\"meta\":");
    serde_json::to_writer(&mut text, &meta(metadata, kind)).ok()?;
    text.push(b'}');
    String::from_utf8(text).ok()
}

/// The names in an object, none of which needs an escape.
struct Names<'t>(Vec<&'t str>);

impl<'de: 't, 't> Deserialize<'de> for Names<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(NamesVisitor).map(Names)
    }
}

struct NamesVisitor;

impl<'de> Visitor<'de> for NamesVisitor {
    type Value = Vec<&'de str>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut names = Vec::with_capacity(24);
        while let Some(name) = map.next_key::<&'de str>()? {
            map.next_value::<IgnoredAny>()?;
            names.push(name);
        }
        Ok(names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::scim::representation::represent;
    use chrono::DateTime;
    use serde_json::Value;
    use serde_json::json;

    const NOBODY: &[Value] = &[];

    fn metadata() -> Metadata {
        Metadata {
            id: "scim-user-1".to_owned(),
            created: DateTime::UNIX_EPOCH,
            last_modified: DateTime::UNIX_EPOCH,
            location: "https://a.example/\"Users\"/1".to_owned(),
            version: 3,
        }
    }

    /// What the way through values shows.
    fn shown(mut kept: Value, groups: &[Value]) -> String {
        let kept = kept.as_object_mut().unwrap();
        if !groups.is_empty() {
            kept.insert(GROUPS.to_owned(), json!(groups));
        }
        let full = represent(kept, &metadata(), schema::user());
        let shown = Projection::Default.apply(&full, schema::user());
        Value::Object(shown).to_string()
    }

    #[test]
    fn it_is_what_the_long_way_shows() {
        let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        let cases = [
            json!({}),
            json!({ "userName": "ana \"the\" {first}, }", "active": true }),
            json!({ "userName": "ana", "name": { "givenName": "Ána" }, "externalId": "7",
                "emails": [{ "value": "ana@acme.test", "primary": true }], "x509Certificates": [] }),
            json!({ "userName": "ana", enterprise: { "department": "R&D", "manager": { "value": "1" } } }),
        ];
        let groups = [json!({ "value": "1", "display": "a \"b\"" })];
        for kept in cases {
            for groups in [&[], groups.as_slice()] {
                let text = represent_as_kept(&kept.to_string(), &metadata(), groups);
                assert_eq!(
                    text.as_deref(),
                    Some(shown(kept.clone(), groups).as_str()),
                    "{kept}"
                );
            }
        }
    }

    #[test]
    fn what_may_not_be_shown_goes_the_long_way() {
        for kept in [
            json!({ "password": "canary-1" }),
            json!({ "userName": "ana", "urn:acme:gone:2.0:User": { "secret": "canary-1" } }),
            json!({ "USERNAME": "ana" }),
            json!({ "groups": [] }),
            json!({ "userName": "ana", "name": {} }),
            json!({ "userName": "ana", "emails": [{}] }),
            json!({ "id": "2" }),
            json!({ "user\nName": "ana" }),
        ] {
            assert_eq!(
                represent_as_kept(&kept.to_string(), &metadata(), NOBODY),
                None,
                "{kept}"
            );
        }
        assert_eq!(
            represent_as_kept("{\"userName\":", &metadata(), NOBODY),
            None
        );
    }
}
