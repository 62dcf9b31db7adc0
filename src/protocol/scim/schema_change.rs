//! What resources would lose if a connection declared other schemas: while it is in use, a schema
//! can only grow.

use crate::protocol::scim::schema::Attribute;
use crate::protocol::scim::schema::Mutability;
use crate::protocol::scim::schema::ResourceType;
use crate::protocol::scim::schema::Schema;
use crate::protocol::scim::schemas::Schemas;

/// What some resources would lose, if there are any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// The name of their resource type.
    pub resource_type: String,
    /// The extension whose data is meant; `None` for resources as such.
    pub extension: Option<String>,
    /// What would change.
    pub reason: String,
}

/// What would be lost by a change, resource type by resource type.
pub fn losses(before: &Schemas, after: &Schemas) -> Vec<Loss> {
    let mut found = Vec::new();
    for kind in before.resource_types() {
        let loss = |extension: Option<&Schema>, reason: String| Loss {
            resource_type: kind.name.clone(),
            extension: extension.map(|schema| schema.id.clone()),
            reason,
        };
        let Some(later) = after.resource_type(&kind.name) else {
            let reason = format!("the resource type {} would be gone", kind.name);
            found.push(loss(None, reason));
            continue;
        };
        found.extend(misfit(kind, later).map(|reason| loss(None, reason)));
        for schema in kind.extension_schemas() {
            let reason = match later.extension(&schema.id) {
                None => Some(format!("{} would no longer have {}", kind.name, schema.id)),
                Some(later) => schema_misfit(schema, later),
            };
            found.extend(reason.map(|reason| loss(Some(schema), reason)));
        }
    }
    found
}

fn misfit(before: &ResourceType, after: &ResourceType) -> Option<String> {
    if before.endpoint != after.endpoint {
        return Some(format!("{} would move to {}", before.name, after.endpoint));
    }
    if before.schema.id != after.schema.id {
        return Some(format!("{} would get another schema", before.name));
    }
    schema_misfit(&before.schema, &after.schema)
}

fn schema_misfit(before: &Schema, after: &Schema) -> Option<String> {
    if before == after {
        return None;
    }
    if before.id != after.id {
        return Some(format!("{} would be written {}", before.id, after.id));
    }
    let reason = attributes_misfit(&before.attributes, &after.attributes)?;
    Some(format!("of {} {reason}", before.id))
}

fn attributes_misfit(before: &[Attribute], after: &[Attribute]) -> Option<String> {
    for attribute in before {
        let same = |later: &&Attribute| later.name == attribute.name;
        let Some(later) = after.iter().find(same) else {
            return Some(format!("`{}` would be gone", attribute.name));
        };
        if let Some(reason) = attribute_misfit(attribute, later) {
            return Some(format!("`{}` {reason}", attribute.name));
        }
    }
    let known = |later: &&Attribute| before.iter().any(|known| known.name == later.name);
    let demanded = after
        .iter()
        .filter(|later| !known(later))
        .find(|it| it.required);
    demanded.map(|new| format!("`{}` would be required, and it is new", new.name))
}

fn attribute_misfit(before: &Attribute, after: &Attribute) -> Option<String> {
    let is_kept = |attribute: &Attribute| attribute.mutability != Mutability::WriteOnly;
    let changes = [
        (before.kind != after.kind, "type"),
        (before.multi_valued != after.multi_valued, "multiValued"),
        (before.case_exact != after.case_exact, "caseExact"),
        (before.uniqueness != after.uniqueness, "uniqueness"),
        (is_kept(before) != is_kept(after), "mutability"),
        (after.required && !before.required, "required"),
    ];
    if let Some((_, name)) = changes.iter().find(|(changes, _)| *changes) {
        return Some(format!("would have another `{name}`"));
    }
    let parts = attributes_misfit(&before.sub_attributes, &after.sub_attributes)?;
    Some(format!("would change: {parts}"))
}

#[cfg(test)]
mod tests {
    use super::losses;
    use crate::protocol::scim::schemas::Schemas;
    use crate::protocol::scim::schemas_document::read;
    use serde_json::Value;
    use serde_json::json;

    const URN: &str = "urn:example:2.0:Badge";

    fn badge(attributes: Value) -> Schemas {
        let documents = json!({
            "schemas": [{ "id": URN, "attributes": attributes }],
            "resource_types": [{ "name": "User", "schemaExtensions": [{ "schema": URN }] }],
        });
        read(&documents).unwrap()
    }

    #[test]
    fn a_schema_may_grow_and_say_more() {
        let before = badge(json!([{ "name": "number" }]));
        let after = badge(json!([
            { "name": "number", "description": "On the back.", "returned": "request",
              "canonicalValues": ["1"], "mutability": "immutable" },
            { "name": "color", "uniqueness": "server" },
        ]));
        assert_eq!(losses(&before, &after), []);
        assert_eq!(losses(&Schemas::default(), &after), []);
    }

    #[test]
    fn whatever_resources_would_lose_is_named() {
        let before = badge(json!([{ "name": "number" }]));
        let cases = [
            (json!([{ "name": "Number" }]), "`number` would be gone"),
            (
                json!([{ "name": "number", "type": "integer" }]),
                "another `type`",
            ),
            (
                json!([{ "name": "number", "multiValued": true }]),
                "another `multiValued`",
            ),
            (
                json!([{ "name": "number", "caseExact": true }]),
                "another `caseExact`",
            ),
            (
                json!([{ "name": "number", "uniqueness": "server" }]),
                "another `uniqueness`",
            ),
            (
                json!([{ "name": "number", "mutability": "writeOnly" }]),
                "another `mutability`",
            ),
            (
                json!([{ "name": "number", "required": true }]),
                "another `required`",
            ),
            (
                json!([{ "name": "number" }, { "name": "color", "required": true }]),
                "`color` would be required",
            ),
        ];
        for (attributes, reason) in cases {
            let found = losses(&before, &badge(attributes)).pop().unwrap();
            assert!(found.reason.contains(reason), "{}", found.reason);
            assert_eq!(found.extension.as_deref(), Some(URN));
            assert_eq!(found.resource_type, "User");
        }
        let found = losses(&before, &Schemas::default()).pop().unwrap();
        assert_eq!(found.reason, format!("User would no longer have {URN}"));
    }

    #[test]
    fn a_resource_type_that_goes_or_moves_is_a_loss_of_its_resources() {
        let device = |endpoint: &str| {
            let documents = json!({
                "schemas": [{ "id": URN, "attributes": [{ "name": "number" }] }],
                "resource_types": [{ "name": "Device", "endpoint": endpoint, "schema": URN }],
            });
            read(&documents).unwrap()
        };
        for (after, reason) in [
            (Schemas::default(), "the resource type Device would be gone"),
            (device("/Things"), "Device would move to /Things"),
        ] {
            let found = losses(&device("/Devices"), &after).pop().unwrap();
            assert_eq!((found.reason.as_str(), found.extension), (reason, None));
        }
    }
}
