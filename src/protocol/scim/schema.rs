//! Attributes and their characteristics (RFC 7643 §2, §7), read from the schema documents that
//! are served: what a client is told is what is enforced.

use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;
use std::sync::LazyLock;

/// The URN of the enterprise extension of User (RFC 7643 §4.3).
pub const ENTERPRISE_USER_URN: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// The URN of the User schema.
pub const USER_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// The URN of the Group schema.
pub const GROUP_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

/// The data type of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AttributeType {
    /// Unicode text.
    String,
    /// True or false.
    Boolean,
    /// A number with a fraction.
    Decimal,
    /// A whole number.
    Integer,
    /// An instant with its time zone.
    DateTime,
    /// Bytes in base64.
    Binary,
    /// A URI.
    Reference,
    /// An object of sub-attributes.
    Complex,
}

/// Who may change an attribute, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Mutability {
    /// Only the server.
    ReadOnly,
    /// The client, at any time.
    ReadWrite,
    /// The client, once.
    Immutable,
    /// The client; it is never read back.
    WriteOnly,
}

/// When an attribute is part of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Returned {
    /// In each response.
    Always,
    /// In no response.
    Never,
    /// Unless the client excludes it.
    Default,
    /// Only when the client asks for it.
    Request,
}

/// Whether two resources may have the same value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Uniqueness {
    /// They may.
    #[default]
    None,
    /// Not two of the same connection and resource type.
    Server,
    /// Not two anywhere.
    Global,
}

/// The definition of one attribute.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attribute {
    /// The canonical spelling.
    pub name: String,
    /// The data type.
    #[serde(rename = "type")]
    pub kind: AttributeType,
    /// Whether the value is an array.
    pub multi_valued: bool,
    /// Whether a resource must have a value.
    pub required: bool,
    /// Whether upper and lower case are told apart in comparisons.
    pub case_exact: bool,
    /// Who may change it.
    pub mutability: Mutability,
    /// When it is returned.
    pub returned: Returned,
    /// Whether two resources may have the same value.
    #[serde(default)]
    pub uniqueness: Uniqueness,
    /// The parts of a complex attribute.
    #[serde(default)]
    pub sub_attributes: Vec<Attribute>,
}

impl Attribute {
    /// The sub-attribute of this name, in any case.
    pub fn sub_attribute(&self, name: &str) -> Option<&Self> {
        find(&self.sub_attributes, name)
    }
}

/// One schema: its attributes, and the document they were read from.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Schema {
    /// The URN.
    pub id: String,
    /// The name for people.
    pub name: String,
    /// What the schema describes.
    pub description: String,
    /// The attributes at the top level.
    pub attributes: Vec<Attribute>,
    /// The document as it is served, without `meta`.
    #[serde(skip)]
    pub document: Value,
}

impl Schema {
    /// Reads a schema document.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        Self::of(serde_json::from_str(text)?)
    }

    /// Reads a schema document that is JSON already.
    pub fn of(document: Value) -> Result<Self, serde_json::Error> {
        let schema = Self::deserialize(&document)?;
        Ok(Self { document, ..schema })
    }

    /// The attribute of this name, in any case.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        find(&self.attributes, name)
    }
}

/// A kind of resource: where it lives, its schema and its extensions (RFC 7643 §6).
#[derive(Debug, Clone, PartialEq)]
pub struct ResourceType {
    /// The name, also the `meta.resourceType` of its resources.
    pub name: String,
    /// What the resources are.
    pub description: String,
    /// The path below the base address.
    pub endpoint: String,
    /// The main schema.
    pub schema: Arc<Schema>,
    /// The extensions.
    pub extensions: Vec<Extension>,
    /// The attributes that every resource has (RFC 7643 §3.1).
    pub common: Arc<[Attribute]>,
}

/// A schema that adds attributes to a resource type, under its URN.
#[derive(Debug, Clone, PartialEq)]
pub struct Extension {
    /// The schema.
    pub schema: Arc<Schema>,
    /// Whether each resource must have it.
    pub required: bool,
}

impl ResourceType {
    /// The attribute of this name outside the extensions, in any case.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        find(&self.common, name).or_else(|| self.schema.attribute(name))
    }

    /// The extension with this URN, in any case.
    pub fn extension(&self, urn: &str) -> Option<&Schema> {
        self.extension_schemas()
            .find(|extension| extension.id.eq_ignore_ascii_case(urn))
    }

    /// The schemas of the extensions.
    pub fn extension_schemas(&self) -> impl Iterator<Item = &Schema> {
        self.extensions
            .iter()
            .map(|extension| extension.schema.as_ref())
    }

    /// All attributes outside the extensions.
    pub fn attributes(&self) -> impl Iterator<Item = &Attribute> {
        self.common.iter().chain(self.schema.attributes.iter())
    }
}

fn find<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a Attribute> {
    attributes
        .iter()
        .find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}

/// The resource type User with the enterprise extension.
pub fn user() -> &'static ResourceType {
    &BUILT_IN.user
}

/// The resource type Group.
pub fn group() -> &'static ResourceType {
    &BUILT_IN.group
}

/// The schemas of the discovery endpoints themselves (RFC 7643 §8.7.2).
pub fn discovery_schemas() -> &'static [Arc<Schema>] {
    &BUILT_IN.discovery
}

struct BuiltIn {
    user: ResourceType,
    group: ResourceType,
    discovery: Vec<Arc<Schema>>,
}

static BUILT_IN: LazyLock<BuiltIn> = LazyLock::new(built_in);

fn built_in() -> BuiltIn {
    let common = embedded(include_str!("schemas/common.json"));
    let common: Arc<[Attribute]> = common.attributes.clone().into();
    BuiltIn {
        user: ResourceType {
            name: "User".to_owned(),
            description: "A person known to the identity provider.".to_owned(),
            endpoint: "/Users".to_owned(),
            schema: embedded(include_str!("schemas/user.json")),
            extensions: vec![Extension {
                schema: embedded(include_str!("schemas/enterprise_user.json")),
                required: false,
            }],
            common: Arc::clone(&common),
        },
        group: ResourceType {
            name: "Group".to_owned(),
            description: "A group of users and groups.".to_owned(),
            endpoint: "/Groups".to_owned(),
            schema: embedded(include_str!("schemas/group.json")),
            extensions: Vec::new(),
            common,
        },
        discovery: vec![
            embedded(include_str!("schemas/schema.json")),
            embedded(include_str!("schemas/resource_type.json")),
            embedded(include_str!("schemas/service_provider_config.json")),
        ],
    }
}

/// The documents are part of the program, so a test proves that each one is read; an unreadable
/// one would describe a schema without attributes, which refuses every resource.
pub(crate) fn embedded(document: &str) -> Arc<Schema> {
    let read = Schema::parse(document).unwrap_or_else(|_| Schema {
        id: String::new(),
        name: String::new(),
        description: String::new(),
        attributes: Vec::new(),
        document: Value::Null,
    });
    Arc::new(read)
}

#[cfg(test)]
mod tests {
    use super::AttributeType;
    use super::Mutability;
    use super::Returned;
    use super::Schema;
    use super::discovery_schemas;
    use super::group;
    use super::user;

    fn served() -> Vec<&'static Schema> {
        let types = [user(), group()];
        let mut schemas: Vec<&Schema> = types.iter().map(|kind| kind.schema.as_ref()).collect();
        schemas.extend(types.iter().flat_map(|kind| kind.extension_schemas()));
        schemas.extend(discovery_schemas().iter().map(AsRef::as_ref));
        schemas
    }

    #[test]
    fn every_embedded_document_is_read() {
        assert_eq!(served().len(), 6);
        for schema in served() {
            assert!(
                schema.id.starts_with("urn:ietf:params:scim:schemas:"),
                "{}",
                schema.name
            );
            assert!(!schema.attributes.is_empty(), "{}", schema.id);
            assert_eq!(schema.document.get("id"), Some(&schema.id.clone().into()));
        }
        assert_eq!(user().common.len(), 4);
    }

    #[test]
    fn every_served_attribute_states_all_characteristics() {
        let stated = [
            "name",
            "type",
            "multiValued",
            "description",
            "required",
            "caseExact",
            "mutability",
            "returned",
            "uniqueness",
        ];
        for schema in served() {
            for attribute in schema
                .document
                .get("attributes")
                .unwrap()
                .as_array()
                .unwrap()
            {
                for key in stated {
                    assert!(attribute.get(key).is_some(), "{} lacks {key}", schema.id);
                }
                let complex = attribute.get("type").unwrap() == "complex";
                assert_eq!(
                    complex,
                    attribute.get("subAttributes").is_some(),
                    "{attribute}"
                );
            }
        }
    }

    #[test]
    fn names_are_found_in_any_case() {
        assert_eq!(user().attribute("USERNAME").unwrap().name, "userName");
        assert_eq!(user().attribute("externalid").unwrap().name, "externalId");
        let urn = "URN:ietf:params:scim:schemas:extension:enterprise:2.0:user";
        assert!(
            user()
                .extension(urn)
                .unwrap()
                .attribute("Manager")
                .is_some()
        );
        assert!(user().attribute("department").is_none());
    }

    #[test]
    fn passwords_are_written_and_never_read() {
        let password = user().attribute("password").unwrap();
        assert_eq!(password.mutability, Mutability::WriteOnly);
        assert_eq!(password.returned, Returned::Never);
        assert_eq!(
            user().attribute("groups").unwrap().mutability,
            Mutability::ReadOnly
        );
        assert_eq!(
            group().attribute("members").unwrap().kind,
            AttributeType::Complex
        );
    }
}
