//! Attribute paths of PATCH operations against a schema (RFC 7644 §3.5.2, §3.10).

use crate::protocol::scim::attribute_name::AttributeName;
use crate::protocol::scim::error::ScimError;
use crate::protocol::scim::filter::Filter;
use crate::protocol::scim::filter_check::check_element;
use crate::protocol::scim::filter_parser::parse_path;
use crate::protocol::scim::leniency::Leniency;
use crate::protocol::scim::schema::Attribute;
use crate::protocol::scim::schema::AttributeType;
use crate::protocol::scim::schema::Mutability;
use crate::protocol::scim::schema::ResourceType;
use crate::protocol::scim::schema::Schema;

/// What a PATCH path points at.
#[derive(Debug, Clone)]
pub enum Path<'a> {
    /// A whole extension, by its URN.
    Extension(&'a Schema),
    /// An attribute, or something in it.
    Attribute(Target<'a>),
}

/// An attribute, some of its elements, and one of their parts.
#[derive(Debug, Clone)]
pub struct Target<'a> {
    /// The extension that holds the attribute.
    pub extension: Option<&'a Schema>,
    /// The attribute.
    pub attribute: &'a Attribute,
    /// Which elements are meant; `None` for all.
    pub filter: Option<Filter>,
    /// Which part of each is meant; `None` for the whole.
    pub sub_attribute: Option<&'a Attribute>,
}

impl<'a> Path<'a> {
    /// Reads a path and looks up what it names.
    pub fn read(
        text: &str,
        resource_type: &'a ResourceType,
        leniency: Leniency,
    ) -> Result<Self, ScimError> {
        let text = text.trim();
        if let Some(extension) = resource_type.extension(text) {
            return Ok(Self::Extension(extension));
        }
        let (name, filter) = parse_path(text)?;
        let Some(found) = name.resolve(resource_type, leniency) else {
            return Err(unknown(&name, resource_type));
        };
        let filter = match filter {
            Some(_) if !has_elements(found.attribute) => {
                return Err(ScimError::InvalidPath(format!(
                    "`{text}` filters `{}`, which has no elements with sub-attributes; \
                     leave the brackets out",
                    found.attribute.name
                )));
            }
            Some(filter) => Some(check_element(filter, found.attribute, leniency)?),
            None => None,
        };
        Ok(Self::Attribute(Target {
            extension: found.extension,
            attribute: found.attribute,
            filter,
            sub_attribute: found.sub_attribute,
        }))
    }

    /// Whether only the server may change what the path points at.
    pub fn is_read_only(&self) -> bool {
        match self {
            Self::Extension(_) => false,
            Self::Attribute(target) => target.is_read_only(),
        }
    }
}

impl Target<'_> {
    /// Whether only the server may change the target.
    pub fn is_read_only(&self) -> bool {
        let part = self.sub_attribute.map(|sub| sub.mutability);
        self.attribute.mutability == Mutability::ReadOnly || part == Some(Mutability::ReadOnly)
    }

    /// The name, as error messages give it.
    pub fn name(&self) -> String {
        match self.sub_attribute {
            Some(sub_attribute) => format!("{}.{}", self.attribute.name, sub_attribute.name),
            None => self.attribute.name.clone(),
        }
    }
}

fn has_elements(attribute: &Attribute) -> bool {
    attribute.multi_valued && attribute.kind == AttributeType::Complex
}

fn unknown(name: &AttributeName, resource_type: &ResourceType) -> ScimError {
    ScimError::InvalidPath(format!(
        "`{name}` is not an attribute of {}; /Schemas lists them",
        resource_type.name
    ))
}

#[cfg(test)]
mod tests {
    use super::Path;
    use crate::protocol::scim::cases::Folder;
    use crate::protocol::scim::cases::Outcome;
    use crate::protocol::scim::cases::resource_type;
    use crate::protocol::scim::leniency::IdentityProvider;
    use crate::protocol::scim::leniency::Leniency;
    use crate::protocol::scim::schema;
    use serde_json::Map;
    use serde_json::Value;

    /// What the path points at, in canonical spelling.
    fn outcome(case: &Value, provider: IdentityProvider) -> Outcome {
        let kind = &*resource_type(case);
        let path = Path::read(case["path"].as_str().unwrap(), kind, provider.leniency())?;
        let mut target = Map::new();
        let mut tell = |name: &str, value: Option<String>| {
            target.extend(value.map(|value| (name.to_owned(), Value::from(value))));
        };
        match path {
            Path::Extension(extension) => tell("extension", Some(extension.id.clone())),
            Path::Attribute(found) => {
                tell("extension", found.extension.map(|schema| schema.id.clone()));
                tell("attribute", Some(found.attribute.name.clone()));
                tell("filter", found.filter.map(|filter| filter.to_string()));
                tell(
                    "subAttribute",
                    found.sub_attribute.map(|sub| sub.name.clone()),
                );
            }
        }
        Ok(Value::Object(target))
    }

    #[test]
    fn each_path_case_yields_what_its_file_says() {
        let folder = Folder {
            name: "path",
            given: &["path"],
            expected: "target",
        };
        folder.play(outcome);
    }

    #[test]
    fn every_form_of_a_path_is_read() {
        let urn = schema::ENTERPRISE_USER_URN;
        let cases = [
            ("active".to_owned(), "active", false),
            (" Name.GIVENNAME ".to_owned(), "name.givenName", false),
            (
                "emails[type eq \"work\"].value".to_owned(),
                "emails.value",
                true,
            ),
            ("emails[primary eq \"True\"]".to_owned(), "emails", true),
            (format!("{urn}:department"), "department", false),
            (
                format!("{}:manager.value", urn.to_uppercase()),
                "manager.value",
                false,
            ),
        ];
        for (text, name, filtered) in cases {
            let path = Path::read(&text, schema::user(), Leniency::STRICT).unwrap();
            let Path::Attribute(target) = path else {
                panic!("{text}")
            };
            assert_eq!(target.name(), name);
            assert_eq!(target.filter.is_some(), filtered, "{text}");
        }
        let whole = Path::read(urn, schema::user(), Leniency::STRICT).unwrap();
        assert!(matches!(whole, Path::Extension(_)));
    }

    #[test]
    fn what_is_unknown_or_cannot_be_filtered_is_an_invalid_path() {
        let cases = [
            "shoeSize",
            "name.shoeSize",
            "urn:x:y:a",
            "name[givenName eq \"x\"]",
            "title[a pr]",
        ];
        for text in cases {
            let error = Path::read(text, schema::user(), Leniency::STRICT).unwrap_err();
            assert_eq!(error.scim_type(), Some("invalidPath"), "{text}");
        }
    }
}
