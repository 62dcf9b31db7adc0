//! Which attributes a response shows: `attributes`, `excludedAttributes` and each attribute's
//! `returned` (RFC 7644 §3.9).

use crate::protocol::scim::attribute_name::AttributeName;
use crate::protocol::scim::leniency::Leniency;
use crate::protocol::scim::schema::Attribute;
use crate::protocol::scim::schema::ResourceType;
use crate::protocol::scim::schema::Returned;
use serde_json::Map;
use serde_json::Value;

/// The client's choice of attributes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Projection {
    /// What is returned by default.
    #[default]
    Default,
    /// The named ones, and those that are always returned.
    Only(Vec<Selector>),
    /// What is returned by default without the named ones.
    Except(Vec<Selector>),
}

/// One name in the client's list, in canonical spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector {
    extension: Option<String>,
    attribute: Option<String>,
    sub_attribute: Option<String>,
}

impl Projection {
    /// Reads the two parameters, lists separated by commas; unknown names are ignored.
    ///
    /// The parameters exclude each other; when both come, `attributes` wins.
    pub fn parse(
        attributes: Option<&str>,
        excluded: Option<&str>,
        resource_type: &ResourceType,
    ) -> Self {
        let given = |list: Option<&'_ str>| {
            let list = list.filter(|list| !list.trim().is_empty())?;
            Some(
                list.split(',')
                    .filter_map(|name| select(name.trim(), resource_type))
                    .collect(),
            )
        };
        if let Some(selectors) = given(attributes) {
            return Self::Only(selectors);
        }
        given(excluded).map_or(Self::Default, Self::Except)
    }

    /// Whether the response shows this attribute of the main schema at all; if not, it need not
    /// be read.
    pub fn shows(&self, attribute: &str, resource_type: &ResourceType) -> bool {
        resource_type
            .attribute(attribute)
            .is_some_and(|attribute| self.choice(None, attribute) != Choice::Nothing)
    }

    /// The part of a full representation that the response shows.
    pub fn apply(
        &self,
        full: &Map<String, Value>,
        resource_type: &ResourceType,
    ) -> Map<String, Value> {
        let mut shown = Map::new();
        for (key, value) in full {
            if let Some(extension) = resource_type.extension(key) {
                let held = value.as_object().into_iter().flatten();
                let parts: Map<String, Value> = held
                    .filter_map(|(name, value)| {
                        let attribute = extension.attribute(name)?;
                        let shown = self.show(Some(&extension.id), attribute, value)?;
                        Some((name.clone(), shown))
                    })
                    .collect();
                if !parts.is_empty() {
                    shown.insert(key.clone(), Value::Object(parts));
                }
            } else if let Some(attribute) = resource_type.attribute(key)
                && let Some(value) = self.show(None, attribute, value)
            {
                shown.insert(key.clone(), value);
            }
        }
        shown
    }

    fn show(&self, extension: Option<&str>, attribute: &Attribute, value: &Value) -> Option<Value> {
        let choice = self.choice(extension, attribute);
        match value {
            _ if choice == Choice::Nothing => None,
            Value::Object(parts) => {
                let shown = choice.show_parts(attribute, parts);
                (!shown.is_empty()).then_some(Value::Object(shown))
            }
            Value::Array(values) => {
                let shown = values.iter().filter_map(|value| match value {
                    Value::Object(parts) => {
                        let shown = choice.show_parts(attribute, parts);
                        (!shown.is_empty()).then_some(Value::Object(shown))
                    }
                    value => Some(value.clone()),
                });
                Some(Value::Array(shown.collect()))
            }
            value => Some(value.clone()),
        }
    }

    fn choice<'p>(&'p self, extension: Option<&str>, attribute: &Attribute) -> Choice<'p> {
        match (attribute.returned, self) {
            (Returned::Never, _) | (Returned::Request, Self::Default | Self::Except(_)) => {
                Choice::Nothing
            }
            (Returned::Always, _) | (Returned::Default, Self::Default) => Choice::Everything,
            (Returned::Default | Returned::Request, Self::Only(selectors)) => {
                let parts = chosen(selectors, extension, attribute);
                match parts {
                    Chosen::Not => Choice::Nothing,
                    Chosen::Whole => Choice::Everything,
                    Chosen::Parts(names) => Choice::OnlyParts(names),
                }
            }
            (Returned::Default, Self::Except(selectors)) => {
                match chosen(selectors, extension, attribute) {
                    Chosen::Not => Choice::Everything,
                    Chosen::Whole => Choice::Nothing,
                    Chosen::Parts(names) => Choice::WithoutParts(names),
                }
            }
        }
    }
}

/// How much of one attribute is shown.
#[derive(Debug, PartialEq, Eq)]
enum Choice<'p> {
    Nothing,
    Everything,
    OnlyParts(Vec<&'p str>),
    WithoutParts(Vec<&'p str>),
}

impl Choice<'_> {
    fn show_parts(&self, attribute: &Attribute, parts: &Map<String, Value>) -> Map<String, Value> {
        let shown = parts.iter().filter(|(name, _)| {
            let part = attribute.sub_attribute(name);
            part.is_some_and(|part| self.shows_part(part))
        });
        shown
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }

    fn shows_part(&self, part: &Attribute) -> bool {
        let (asked, by_default) = match self {
            Choice::Nothing => (false, false),
            Choice::Everything => (false, true),
            Choice::OnlyParts(names) => (names.contains(&part.name.as_str()), false),
            Choice::WithoutParts(names) => (false, !names.contains(&part.name.as_str())),
        };
        match part.returned {
            Returned::Never => false,
            Returned::Always => true,
            Returned::Default => asked || by_default,
            Returned::Request => asked,
        }
    }
}

/// How much of one attribute a list of names mentions.
enum Chosen<'p> {
    Not,
    Whole,
    Parts(Vec<&'p str>),
}

fn chosen<'p>(
    selectors: &'p [Selector],
    extension: Option<&str>,
    attribute: &Attribute,
) -> Chosen<'p> {
    let mut parts = Vec::new();
    for selector in selectors {
        let same_extension = selector.extension.as_deref() == extension;
        match (&selector.attribute, &selector.sub_attribute) {
            (None, _) if same_extension => return Chosen::Whole,
            (Some(name), sub_attribute) if same_extension && *name == attribute.name => {
                match sub_attribute {
                    None => return Chosen::Whole,
                    Some(part) => parts.push(part.as_str()),
                }
            }
            _ => {}
        }
    }
    if parts.is_empty() {
        Chosen::Not
    } else {
        Chosen::Parts(parts)
    }
}

fn select(name: &str, resource_type: &ResourceType) -> Option<Selector> {
    if let Some(extension) = resource_type.extension(name) {
        let extension = Some(extension.id.clone());
        return Some(Selector {
            extension,
            attribute: None,
            sub_attribute: None,
        });
    }
    let found = AttributeName::parse(name)?
        .resolve(resource_type, Leniency::STRICT)?
        .name();
    Some(Selector {
        extension: found.schema,
        attribute: Some(found.attribute),
        sub_attribute: found.sub_attribute,
    })
}

#[cfg(test)]
mod tests {
    use super::Projection;
    use crate::protocol::scim::cases::Folder;
    use crate::protocol::scim::cases::Outcome;
    use crate::protocol::scim::cases::object;
    use crate::protocol::scim::cases::resource_type;
    use crate::protocol::scim::leniency::IdentityProvider;
    use crate::protocol::scim::schema;
    use serde_json::Map;
    use serde_json::Value;
    use serde_json::json;

    #[expect(clippy::unnecessary_wraps, reason = "as the other folders of cases")]
    fn outcome(case: &Value, _: IdentityProvider) -> Outcome {
        let kind = &*resource_type(case);
        let asked = |name: &str| case[name].as_str();
        let (only, without) = (asked("attributes"), asked("excludedAttributes"));
        let projection = Projection::parse(only, without, kind);
        Ok(Value::Object(
            projection.apply(object(case, "resource"), kind),
        ))
    }

    #[test]
    fn each_projection_case_yields_what_its_file_says() {
        let folder = Folder {
            name: "projection",
            given: &["resource", "attributes", "excludedAttributes"],
            expected: "shown",
        };
        folder.play(outcome);
    }

    fn user() -> Map<String, Value> {
        let user = json!({
            "schemas": [schema::USER_URN, schema::ENTERPRISE_USER_URN],
            "id": "1",
            "userName": "ana",
            "name": { "givenName": "Ana", "familyName": "Ruiz" },
            "emails": [{ "value": "ana@acme.test", "type": "work" }],
            "password": "never stored, never shown",
            (schema::ENTERPRISE_USER_URN): { "department": "A", "division": "B" },
            "meta": { "resourceType": "User" },
        });
        user.as_object().unwrap().clone()
    }

    fn shown(attributes: Option<&str>, excluded: Option<&str>) -> Value {
        let projection = Projection::parse(attributes, excluded, schema::user());
        Value::Object(projection.apply(&user(), schema::user()))
    }

    #[test]
    fn by_default_all_but_the_never_returned_is_shown() {
        let mut expected = user();
        expected.shift_remove("password");
        assert_eq!(shown(None, None), Value::Object(expected.clone()));
        assert_eq!(shown(Some(" "), Some("")), Value::Object(expected));
    }

    #[test]
    fn named_attributes_come_with_the_always_returned() {
        let schemas = json!([schema::USER_URN, schema::ENTERPRISE_USER_URN]);
        let urn = schema::ENTERPRISE_USER_URN;
        assert_eq!(
            shown(
                Some("USERNAME, name.familyName,emails.value,shoeSize,password"),
                Some("id")
            ),
            json!({
                "schemas": schemas, "id": "1", "userName": "ana",
                "name": { "familyName": "Ruiz" }, "emails": [{ "value": "ana@acme.test" }],
            })
        );
        assert_eq!(
            shown(Some(&format!("{urn}:division")), None),
            json!({ "schemas": schemas, "id": "1", urn: { "division": "B" } })
        );
        assert_eq!(
            shown(Some(urn), None),
            json!({ "schemas": schemas, "id": "1", urn: { "department": "A", "division": "B" } })
        );
        assert_eq!(
            shown(Some("shoeSize"), None),
            json!({ "schemas": schemas, "id": "1" })
        );
    }

    #[test]
    fn excluded_attributes_leave_the_always_returned() {
        let urn = schema::ENTERPRISE_USER_URN;
        assert_eq!(
            shown(
                None,
                Some(&format!("id,schemas,meta,emails,name.givenName,{urn}"))
            ),
            json!({
                "schemas": [schema::USER_URN, urn], "id": "1", "userName": "ana",
                "name": { "familyName": "Ruiz" },
            })
        );
    }

    #[test]
    fn members_need_not_be_read_when_they_are_not_shown() {
        let group = schema::group();
        let cases = [
            (None, None, true),
            (None, Some("members"), false),
            (None, Some("MEMBERS"), false),
            (None, Some("members.display"), true),
            (Some("displayName"), None, false),
            (Some("members.value"), None, true),
            (
                Some("urn:ietf:params:scim:schemas:core:2.0:Group:members"),
                None,
                true,
            ),
        ];
        for (attributes, excluded, expected) in cases {
            let projection = Projection::parse(attributes, excluded, group);
            assert_eq!(
                projection.shows("members", group),
                expected,
                "{attributes:?} {excluded:?}"
            );
        }
    }

    #[test]
    fn an_empty_group_shows_its_empty_members() {
        let group = json!({ "id": "1", "displayName": "A", "members": [] });
        let shown = Projection::Default.apply(group.as_object().unwrap(), schema::group());
        assert_eq!(shown.get("members"), Some(&json!([])));
    }
}
