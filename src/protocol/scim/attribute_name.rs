//! Names of attributes as clients write them (RFC 7644 §3.10): `userName`, `name.givenName`,
//! `urn:…:User:department`.

use crate::protocol::scim::departure::Departure;
use crate::protocol::scim::leniency::Leniency;
use crate::protocol::scim::schema::Attribute;
use crate::protocol::scim::schema::ResourceType;
use crate::protocol::scim::schema::Schema;
use std::fmt;

/// A name, taken apart but not yet looked up.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AttributeName {
    /// The URN before the last colon.
    pub schema: Option<String>,
    /// The attribute.
    pub attribute: String,
    /// The sub-attribute after the dot.
    pub sub_attribute: Option<String>,
}

/// The definitions that a name stands for.
#[derive(Debug, Clone, Copy)]
pub struct Resolved<'a> {
    /// The extension that defines the attribute; `None` for the main schema.
    pub extension: Option<&'a Schema>,
    /// The attribute.
    pub attribute: &'a Attribute,
    /// The sub-attribute, if the name has one.
    pub sub_attribute: Option<&'a Attribute>,
}

impl AttributeName {
    /// A name without URN and sub-attribute.
    pub fn plain(attribute: &str) -> Self {
        Self {
            schema: None,
            attribute: attribute.to_owned(),
            sub_attribute: None,
        }
    }

    /// Takes a name apart; `None` if it cannot be a name.
    ///
    /// No attribute name contains a colon, so the last one ends the URN, whatever dots the URN
    /// itself contains.
    pub fn parse(text: &str) -> Option<Self> {
        let (schema, rest) = match text.rsplit_once(':') {
            Some((schema, rest)) => (Some(schema), rest),
            None => (None, text),
        };
        let (attribute, sub_attribute) = match rest.split_once('.') {
            Some((attribute, sub_attribute)) => (attribute, Some(sub_attribute)),
            None => (rest, None),
        };
        let well_formed = is_name(attribute)
            && sub_attribute.is_none_or(is_name)
            && schema.is_none_or(|schema| !schema.is_empty());
        well_formed.then(|| Self {
            schema: schema.map(str::to_owned),
            attribute: attribute.to_owned(),
            sub_attribute: sub_attribute.map(str::to_owned),
        })
    }

    /// Looks the name up, in any case.
    pub fn resolve<'a>(
        &self,
        resource_type: &'a ResourceType,
        leniency: Leniency,
    ) -> Option<Resolved<'a>> {
        let (extension, attribute) = match &self.schema {
            Some(urn) if urn.eq_ignore_ascii_case(&resource_type.schema.id) => {
                (None, resource_type.attribute(&self.attribute)?)
            }
            Some(urn) => {
                let extension = resource_type.extension(urn)?;
                (Some(extension), extension.attribute(&self.attribute)?)
            }
            None => self.resolve_without_urn(resource_type, leniency)?,
        };
        let sub_attribute = match &self.sub_attribute {
            Some(name) => Some(attribute.sub_attribute(name)?),
            None => None,
        };
        Some(Resolved {
            extension,
            attribute,
            sub_attribute,
        })
    }

    fn resolve_without_urn<'a>(
        &self,
        resource_type: &'a ResourceType,
        leniency: Leniency,
    ) -> Option<(Option<&'a Schema>, &'a Attribute)> {
        if let Some(attribute) = resource_type.attribute(&self.attribute) {
            return Some((None, attribute));
        }
        let mut extensions = resource_type.extension_schemas();
        let found = extensions
            .find_map(|extension| Some((Some(extension), extension.attribute(&self.attribute)?)))
            .filter(|_| leniency.extension_attributes_without_urn)?;
        leniency.used(Departure::ExtensionAttributeWithoutUrn);
        Some(found)
    }
}

impl Resolved<'_> {
    /// The name in canonical spelling, with a URN only for extensions.
    pub fn name(&self) -> AttributeName {
        AttributeName {
            schema: self.extension.map(|schema| schema.id.clone()),
            attribute: self.attribute.name.clone(),
            sub_attribute: self.sub_attribute.map(|sub| sub.name.clone()),
        }
    }

    /// The definition of what the name finally points at.
    pub fn leaf(&self) -> &Attribute {
        self.sub_attribute.unwrap_or(self.attribute)
    }
}

impl fmt::Display for AttributeName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(formatter, "{schema}:")?;
        }
        formatter.write_str(&self.attribute)?;
        match &self.sub_attribute {
            Some(sub_attribute) => write!(formatter, ".{sub_attribute}"),
            None => Ok(()),
        }
    }
}

/// Whether a text can name an attribute (RFC 7643 §2.1).
pub(crate) fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    let first = characters
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '$');
    first && characters.all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

#[cfg(test)]
mod tests {
    use super::AttributeName;
    use crate::protocol::scim::leniency::Leniency;
    use crate::protocol::scim::schema;

    #[test]
    fn names_are_taken_apart_and_put_together() {
        let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        let name = AttributeName::parse(&format!("{urn}:manager.value")).unwrap();
        assert_eq!(name.schema.as_deref(), Some(urn));
        assert_eq!(name.attribute, "manager");
        assert_eq!(name.sub_attribute.as_deref(), Some("value"));
        assert_eq!(name.to_string(), format!("{urn}:manager.value"));
    }

    #[test]
    fn what_cannot_be_a_name_is_refused() {
        for text in [
            "", ".", "a.", ".a", "a.b.c", ":a", "1a", "a b", "urn:x:", "a[", "ä",
        ] {
            assert_eq!(AttributeName::parse(text), None, "{text}");
        }
    }

    #[test]
    fn names_resolve_to_canonical_spelling() {
        let cases = [
            ("USERNAME", "userName"),
            ("Name.GivenName", "name.givenName"),
            (
                "urn:ietf:params:scim:schemas:core:2.0:User:emails.VALUE",
                "emails.value",
            ),
            (
                "URN:IETF:params:scim:schemas:extension:enterprise:2.0:user:Department",
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
            ),
        ];
        for (written, canonical) in cases {
            let name = AttributeName::parse(written).unwrap();
            let resolved = name.resolve(schema::user(), Leniency::STRICT).unwrap();
            assert_eq!(resolved.name().to_string(), canonical);
        }
    }

    #[test]
    fn extension_attributes_need_their_urn_unless_the_provider_leaves_it_out() {
        let name = AttributeName::plain("manager");
        assert!(name.resolve(schema::user(), Leniency::STRICT).is_none());
        assert!(
            name.resolve(schema::user(), Leniency::MICROSOFT_ENTRA)
                .is_some()
        );
    }
}
