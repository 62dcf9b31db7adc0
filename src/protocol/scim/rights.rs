//! Roles and entitlements as resources that are only read. Their schemas are those that Okta's
//! identity governance looks for; no RFC has any.

use crate::protocol::scim::schema;
use crate::protocol::scim::schema::ResourceType;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use std::sync::Arc;
use std::sync::LazyLock;

/// A role, or something that roles allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Right {
    /// The identifier.
    pub id: String,
    /// The name for people.
    pub display_name: String,
    /// The `type`, which sorts rights into groups.
    pub kind: String,
    /// What it is for; may be empty.
    pub description: String,
}

/// The resource type of roles.
pub fn role() -> &'static ResourceType {
    &TYPES.0
}

/// The resource type of entitlements.
pub fn entitlement() -> &'static ResourceType {
    &TYPES.1
}

static TYPES: LazyLock<(ResourceType, ResourceType)> = LazyLock::new(|| {
    let kind = |name: &str, endpoint: &str, document| {
        let schema = schema::embedded(document);
        ResourceType {
            name: name.to_owned(),
            description: schema.description.clone(),
            endpoint: endpoint.to_owned(),
            schema,
            extensions: Vec::new(),
            common: Arc::clone(&schema::group().common),
        }
    };
    (
        kind("Role", "/Roles", include_str!("schemas/role.json")),
        kind(
            "Entitlement",
            "/Entitlements",
            include_str!("schemas/entitlement.json"),
        ),
    )
});

impl Right {
    /// The full representation. Nobody knows when a policy came to say so, so that `meta` has no
    /// dates.
    pub fn represent(&self, kind: &ResourceType, base_url: &str) -> Map<String, Value> {
        let mut shown = Map::new();
        shown.insert("schemas".to_owned(), json!([kind.schema.id]));
        for (name, text) in [
            ("id", &self.id),
            ("displayName", &self.display_name),
            ("type", &self.kind),
            ("description", &self.description),
        ] {
            if !text.is_empty() {
                shown.insert(name.to_owned(), Value::from(text.as_str()));
            }
        }
        let location = format!("{base_url}{}/{}", kind.endpoint, self.id);
        let meta = json!({ "resourceType": kind.name, "location": location });
        shown.insert("meta".to_owned(), meta);
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::Right;
    use super::entitlement;
    use super::role;
    use crate::protocol::scim::schema::Mutability;
    use serde_json::Value;
    use serde_json::json;

    #[test]
    fn nothing_of_them_can_be_written() {
        for kind in [role(), entitlement()] {
            assert_eq!(kind.schema.attributes.len(), 3, "{}", kind.name);
            for attribute in &kind.schema.attributes {
                assert_eq!(attribute.mutability, Mutability::ReadOnly);
                assert!(!attribute.required, "no client sends one");
            }
        }
    }

    #[test]
    fn they_look_as_okta_expects() {
        let editor = Right {
            id: "editor".to_owned(),
            display_name: "editor".to_owned(),
            kind: "project".to_owned(),
            description: String::new(),
        };
        let expected = json!({
            "schemas": ["urn:okta:scim:schemas:core:1.0:Role"],
            "id": "editor",
            "displayName": "editor",
            "type": "project",
            "meta": { "resourceType": "Role", "location": "https://id.example/Roles/editor" },
        });
        let shown = editor.represent(role(), "https://id.example");
        assert_eq!(Value::Object(shown), expected);
        assert_eq!(
            entitlement().schema.id,
            "urn:okta:scim:schemas:core:1.0:Entitlement"
        );
    }
}
