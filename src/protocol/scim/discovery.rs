//! What clients ask a service provider about itself (RFC 7644 §4, RFC 7643 §5 to §7).

use crate::protocol::scim::bulk_request::MAX_OPERATIONS;
use crate::protocol::scim::bulk_request::MAX_PAYLOAD_SIZE;
use crate::protocol::scim::list::DEFAULT_COUNT;
use crate::protocol::scim::list::MAX_COUNT;
use crate::protocol::scim::schema::ResourceType;
use crate::protocol::scim::schema::Schema;
use crate::protocol::scim::schemas::Schemas;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

/// The schema URN of the service provider configuration.
pub const SERVICE_PROVIDER_CONFIG_URN: &str =
    "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
/// The schema URN of a resource type.
pub const RESOURCE_TYPE_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";

/// How long a cursor can be used, in seconds.
pub const CURSOR_SECONDS: i64 = 3600;

/// `/ServiceProviderConfig`, for a service provider at this base address.
///
/// Some clients read `bulk.maxOperations` as the number of operations they may put into one PATCH.
pub fn service_provider_config(base_url: &str) -> Value {
    json!({
        "schemas": [SERVICE_PROVIDER_CONFIG_URN],
        "patch": { "supported": true },
        "bulk": {
            "supported": true,
            "maxOperations": MAX_OPERATIONS,
            "maxPayloadSize": MAX_PAYLOAD_SIZE,
        },
        "filter": { "supported": true, "maxResults": MAX_COUNT },
        "changePassword": { "supported": false },
        "sort": { "supported": true },
        "etag": { "supported": true },
        "pagination": {
            "cursor": true,
            "index": true,
            "defaultPaginationMethod": "index",
            "defaultPageSize": DEFAULT_COUNT,
            "maxPageSize": MAX_COUNT,
            "cursorTimeout": CURSOR_SECONDS,
        },
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "Bearer token",
            "description": "The token of the SCIM connection, in the Authorization header",
            "specUri": "https://www.rfc-editor.org/info/rfc6750",
            "primary": true,
        }, {
            "type": "oauth2",
            "name": "OAuth 2.0 client credentials",
            "description": format!(
                "Access tokens from {base_url}/oauth2/token, by client secret or client assertion"
            ),
            "specUri": "https://www.rfc-editor.org/info/rfc6749",
            "primary": false,
        }],
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": format!("{base_url}/ServiceProviderConfig"),
        },
    })
}

/// `/ResourceTypes`: each resource type.
pub fn resource_types(schemas: &Schemas, base_url: &str) -> Vec<Map<String, Value>> {
    schemas
        .resource_types()
        .filter_map(|kind| describe_resource_type(kind, base_url))
        .collect()
}

/// `/ResourceTypes/{name}`.
pub fn resource_type(schemas: &Schemas, name: &str, base_url: &str) -> Option<Map<String, Value>> {
    describe_resource_type(schemas.resource_type(name)?, base_url)
}

/// `/Schemas`: each schema.
pub fn schemas(schemas: &Schemas, base_url: &str) -> Vec<Map<String, Value>> {
    schemas
        .served()
        .into_iter()
        .filter_map(|schema| describe_schema(schema, base_url))
        .collect()
}

/// `/Schemas/{urn}`.
pub fn schema(schemas: &Schemas, urn: &str, base_url: &str) -> Option<Map<String, Value>> {
    let served = schemas.served().into_iter();
    let mut found = served.filter(|schema| schema.id.eq_ignore_ascii_case(urn));
    describe_schema(found.next()?, base_url)
}

fn describe_resource_type(kind: &ResourceType, base_url: &str) -> Option<Map<String, Value>> {
    let extensions: Vec<Value> = kind
        .extensions
        .iter()
        .map(|extension| json!({ "schema": extension.schema.id, "required": extension.required }))
        .collect();
    let description = json!({
        "schemas": [RESOURCE_TYPE_URN],
        "id": kind.name,
        "name": kind.name,
        "description": kind.description,
        "endpoint": kind.endpoint,
        "schema": kind.schema.id,
        "schemaExtensions": extensions,
        "meta": {
            "resourceType": "ResourceType",
            "location": format!("{base_url}/ResourceTypes/{}", kind.name),
        },
    });
    description.as_object().cloned()
}

fn describe_schema(schema: &Schema, base_url: &str) -> Option<Map<String, Value>> {
    let mut document = schema.document.as_object()?.clone();
    let location = format!("{base_url}/Schemas/{}", schema.id);
    document.insert(
        "meta".to_owned(),
        json!({ "resourceType": "Schema", "location": location }),
    );
    Some(document)
}

#[cfg(test)]
mod tests {
    use crate::protocol::scim::discovery;
    use crate::protocol::scim::schema;
    use crate::protocol::scim::schema::Attribute;
    use crate::protocol::scim::schema::AttributeType;
    use crate::protocol::scim::schemas::Schemas;
    use serde_json::Map;
    use serde_json::Value;
    use serde_json::json;

    const BASE: &str = "https://id.example/scim";

    /// Each key is a known attribute of the right type, and nothing required is missing.
    fn conforms(attributes: &[Attribute], value: &Map<String, Value>) {
        for attribute in attributes {
            assert!(
                !attribute.required || value.contains_key(&attribute.name),
                "{}",
                attribute.name
            );
        }
        for (name, value) in value {
            if ["schemas", "meta", "id"].contains(&name.as_str()) {
                continue;
            }
            let attribute = attributes.iter().find(|attribute| attribute.name == *name);
            let attribute = attribute.unwrap_or_else(|| panic!("{name} is not in the schema"));
            let single = [value.clone()];
            let values = if attribute.multi_valued {
                value.as_array().unwrap()
            } else {
                &single[..]
            };
            for value in values {
                match attribute.kind {
                    AttributeType::Boolean => assert!(value.is_boolean(), "{name}"),
                    AttributeType::Integer => assert!(value.is_i64(), "{name}"),
                    AttributeType::Complex if attribute.name != "subAttributes" => {
                        conforms(&attribute.sub_attributes, value.as_object().unwrap());
                    }
                    AttributeType::Complex => assert!(value.is_object(), "{name}"),
                    _ => assert!(value.is_string(), "{name}"),
                }
            }
        }
    }

    #[test]
    fn what_is_served_conforms_to_the_schemas_that_are_served() {
        let [schemas, types, config] = schema::discovery_schemas() else {
            panic!("three schemas")
        };
        let served = discovery::service_provider_config(BASE);
        conforms(&config.attributes, served.as_object().unwrap());
        for kind in discovery::resource_types(&Schemas::built_in(), BASE) {
            conforms(&types.attributes, &kind);
            assert!(
                discovery::schema(&Schemas::built_in(), kind["schema"].as_str().unwrap(), BASE)
                    .is_some()
            );
        }
        for document in discovery::schemas(&Schemas::built_in(), BASE) {
            conforms(&schemas.attributes, &document);
        }
    }

    #[test]
    fn each_is_found_at_its_location() {
        assert_eq!(discovery::schemas(&Schemas::built_in(), BASE).len(), 6);
        let user = discovery::resource_type(&Schemas::built_in(), "User", BASE).unwrap();
        assert_eq!(
            user["meta"]["location"],
            json!("https://id.example/scim/ResourceTypes/User")
        );
        assert_eq!(
            user["schemaExtensions"][0]["schema"],
            json!(schema::ENTERPRISE_USER_URN)
        );
        let group = discovery::schema(&Schemas::built_in(), schema::GROUP_URN, BASE).unwrap();
        let location = format!("{BASE}/Schemas/{}", schema::GROUP_URN);
        assert_eq!(group["meta"]["location"], json!(location));
        assert_eq!(discovery::schema(&Schemas::built_in(), "urn:x", BASE), None);
        assert_eq!(
            discovery::resource_type(&Schemas::built_in(), "Device", BASE),
            None
        );
    }
}
