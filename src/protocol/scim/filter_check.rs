//! A parsed filter against a schema: names become canonical, values get the attribute's type,
//! and what cannot be compared is refused (RFC 7644 §3.4.2.2).

use crate::protocol::scim::attribute_name::AttributeName;
use crate::protocol::scim::departure::Departure;
use crate::protocol::scim::error::ScimError;
use crate::protocol::scim::filter::Filter;
use crate::protocol::scim::filter::Operator;
use crate::protocol::scim::filter_parser::parse_filter;
use crate::protocol::scim::leniency::Leniency;
use crate::protocol::scim::schema::Attribute;
use crate::protocol::scim::schema::AttributeType;
use crate::protocol::scim::schema::Mutability;
use crate::protocol::scim::schema::ResourceType;
use crate::protocol::scim::schema::Returned;
use chrono::DateTime;
use serde_json::Value;

/// Reads a filter for resources of a type.
///
/// In the result names have canonical spelling, a URN only for extensions, and a complex
/// attribute compared as a whole is replaced by its `value`.
pub fn read(
    text: &str,
    resource_type: &ResourceType,
    leniency: Leniency,
) -> Result<Filter, ScimError> {
    let filter = parse_filter(text)?;
    // The tree cannot tell it from a condition inside the brackets, which is how it is printed.
    let after_brackets = |text: &str| text.matches("].").count();
    if after_brackets(text) > after_brackets(&filter.to_string()) {
        leniency.used(Departure::FilteredSubAttribute);
    }
    check(filter, Scope::Resource(resource_type, leniency))
}

/// Reads a filter for resources of a type, in a query over several types: what only others of
/// them have is without a value here (RFC 7644 §3.4.2.1).
pub fn read_among(
    text: &str,
    resource_type: &ResourceType,
    others: &[&ResourceType],
    leniency: Leniency,
) -> Result<Filter, ScimError> {
    let is_foreign = |name: &AttributeName| {
        let knows = |kind: &&ResourceType| name.resolve(kind, leniency).is_some();
        !knows(&resource_type) && others.iter().any(knows)
    };
    let filter = without(parse_filter(text)?, &is_foreign);
    check(filter, Scope::Resource(resource_type, leniency))
}

/// A filter in which some attributes have no value; nothing and everything are an `or` and an
/// `and` of no filters.
fn without(filter: Filter, is_foreign: &dyn Fn(&AttributeName) -> bool) -> Filter {
    let each = |filters: Vec<Filter>| {
        let filters = filters.into_iter();
        filters.map(|filter| without(filter, is_foreign)).collect()
    };
    match filter {
        Filter::And(filters) => Filter::And(each(filters)),
        Filter::Or(filters) => Filter::Or(each(filters)),
        Filter::Not(filter) => Filter::Not(Box::new(without(*filter, is_foreign))),
        Filter::Compare {
            attribute,
            operator,
            value,
        } if is_foreign(&attribute) => match (operator, value.is_null()) {
            (Operator::Equal, true) | (Operator::NotEqual, false) => Filter::And(Vec::new()),
            _ => Filter::Or(Vec::new()),
        },
        Filter::Present(name)
        | Filter::Element {
            attribute: name, ..
        } if is_foreign(&name) => Filter::Or(Vec::new()),
        filter => filter,
    }
}

/// Checks a value filter against the sub-attributes of an attribute.
pub(crate) fn check_element(
    filter: Filter,
    attribute: &Attribute,
    leniency: Leniency<'_>,
) -> Result<Filter, ScimError> {
    check(filter, Scope::Element(attribute, leniency))
}

/// Where the names of a filter are looked up.
#[derive(Clone, Copy)]
enum Scope<'a> {
    Resource(&'a ResourceType, Leniency<'a>),
    Element(&'a Attribute, Leniency<'a>),
}

impl<'a> Scope<'a> {
    fn leniency(self) -> Leniency<'a> {
        match self {
            Self::Resource(_, leniency) | Self::Element(_, leniency) => leniency,
        }
    }

    fn look_up(self, name: &AttributeName) -> Result<(AttributeName, &'a Attribute), ScimError> {
        let found = match self {
            Self::Resource(resource_type, leniency) => name
                .resolve(resource_type, leniency)
                .map(|found| (found.name(), found.sub_attribute.unwrap_or(found.attribute))),
            Self::Element(attribute, _)
                if name.schema.is_none() && name.sub_attribute.is_none() =>
            {
                let sub_attribute = attribute.sub_attribute(&name.attribute);
                sub_attribute.map(|found| (AttributeName::plain(&found.name), found))
            }
            Self::Element(..) => None,
        };
        let (name, attribute) = found.ok_or_else(|| self.unknown(name))?;
        if attribute.returned == Returned::Never || attribute.mutability == Mutability::WriteOnly {
            return Err(refused(format!(
                "`{name}` is never returned, so it cannot be filtered by"
            )));
        }
        Ok((name, attribute))
    }

    fn unknown(self, name: &AttributeName) -> ScimError {
        refused(match self {
            Self::Resource(resource_type, _) => format!(
                "`{name}` is not an attribute of {}; /Schemas lists them",
                resource_type.name
            ),
            Self::Element(attribute, _) => format!(
                "`{name}` is not a sub-attribute of `{}`; /Schemas lists them",
                attribute.name
            ),
        })
    }
}

fn check(filter: Filter, scope: Scope<'_>) -> Result<Filter, ScimError> {
    let each = |filters: Vec<Filter>| -> Result<Vec<Filter>, ScimError> {
        filters
            .into_iter()
            .map(|filter| check(filter, scope))
            .collect()
    };
    match filter {
        Filter::And(filters) => Ok(Filter::And(each(filters)?)),
        Filter::Or(filters) => Ok(Filter::Or(each(filters)?)),
        Filter::Not(filter) => Ok(Filter::Not(Box::new(check(*filter, scope)?))),
        Filter::Present(name) => Ok(Filter::Present(scope.look_up(&name)?.0)),
        Filter::Element { attribute, filter } => check_value_path(&attribute, *filter, scope),
        Filter::Compare {
            attribute,
            operator,
            value,
        } => {
            let (name, definition) = scope.look_up(&attribute)?;
            if definition.kind == AttributeType::Complex {
                scope.leniency().used(Departure::ValueComparedDirectly);
            }
            let (attribute, definition) = comparable(name, definition)?;
            if definition.kind == AttributeType::Boolean && value.is_string() {
                scope.leniency().used(Departure::BooleanString);
            }
            let value = typed(&attribute, definition, operator, value)?;
            Ok(Filter::Compare {
                attribute,
                operator,
                value,
            })
        }
    }
}

fn check_value_path(
    name: &AttributeName,
    filter: Filter,
    scope: Scope<'_>,
) -> Result<Filter, ScimError> {
    let (attribute, definition) = scope.look_up(name)?;
    if definition.kind != AttributeType::Complex {
        return Err(refused(format!(
            "`{attribute}` has no sub-attributes to filter by; compare it directly"
        )));
    }
    let filter = Box::new(check_element(filter, definition, scope.leniency())?);
    Ok(Filter::Element { attribute, filter })
}

/// A complex attribute compared as a whole means its `value`: `members eq "…"`.
fn comparable(
    name: AttributeName,
    definition: &Attribute,
) -> Result<(AttributeName, &Attribute), ScimError> {
    if definition.kind != AttributeType::Complex {
        return Ok((name, definition));
    }
    if let Some(value) = definition.sub_attribute("value") {
        return Ok((
            AttributeName {
                sub_attribute: Some(value.name.clone()),
                ..name
            },
            value,
        ));
    }
    let example = definition
        .sub_attributes
        .first()
        .map_or("value", |sub| &sub.name);
    Err(refused(format!(
        "`{name}` is complex; compare one of its sub-attributes, such as `{name}.{example}`"
    )))
}

fn typed(
    name: &AttributeName,
    definition: &Attribute,
    operator: Operator,
    value: Value,
) -> Result<Value, ScimError> {
    let keyword = operator.keyword();
    let wrong = |expected: &str| {
        Err(refused(format!(
            "`{name} {keyword} {value}` cannot be compared: {expected}"
        )))
    };
    if value.is_null() {
        return match operator {
            Operator::Equal | Operator::NotEqual => Ok(value),
            _ => wrong("null goes only with eq and ne"),
        };
    }
    match definition.kind {
        AttributeType::Boolean => match boolean(&value) {
            _ if operator.is_ordering() || operator.is_substring() => {
                wrong("a boolean goes only with eq, ne and pr")
            }
            Some(boolean) => Ok(Value::Bool(boolean)),
            None => wrong("the value must be true or false"),
        },
        AttributeType::Integer | AttributeType::Decimal => match value {
            _ if operator.is_substring() => {
                wrong("a number goes with eq, ne, gt, ge, lt, le and pr")
            }
            Value::Number(_) => Ok(value),
            _ => wrong("the value must be a number without quotes"),
        },
        AttributeType::Binary if operator.is_ordering() => {
            wrong("binary data goes only with eq, ne, co, sw, ew and pr")
        }
        AttributeType::DateTime if !operator.is_substring() && !is_instant(&value) => {
            wrong("the value must be a date and time such as \"2026-01-31T08:00:00Z\"")
        }
        _ if value.is_string() => Ok(value),
        _ => wrong("the value must be a string in double quotes"),
    }
}

fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(boolean) => Some(*boolean),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

fn is_instant(value: &Value) -> bool {
    value
        .as_str()
        .is_some_and(|text| DateTime::parse_from_rfc3339(text).is_ok())
}

fn refused(detail: String) -> ScimError {
    ScimError::InvalidFilter(detail)
}

#[cfg(test)]
mod tests {
    use super::read;
    use super::read_among;
    use crate::protocol::scim::leniency::Leniency;
    use crate::protocol::scim::schema;

    #[test]
    fn what_only_other_types_have_is_without_a_value() {
        let cases = [
            ("userName eq \"x\"", Some("")),
            (
                "displayName eq \"x\" and title pr",
                Some("displayName eq \"x\" and ()"),
            ),
            ("emails[type eq \"work\"]", Some("")),
            ("members eq \"7\"", Some("members.value eq \"7\"")),
            ("nothing eq \"x\"", None),
            ("displayName eq \"x\" or nothing pr", None),
        ];
        let types = [schema::user(), schema::group()];
        for (text, expected) in cases {
            let read = read_among(text, schema::group(), &types, Leniency::STRICT);
            let printed = read.ok().map(|filter| filter.to_string());
            assert_eq!(printed.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn names_and_values_become_canonical() {
        let urn = schema::ENTERPRISE_USER_URN;
        let cases = [
            ("USERNAME eq \"x\"", "userName eq \"x\"".to_owned()),
            ("active eq \"False\"", "active eq false".to_owned()),
            ("emails eq \"x\"", "emails.value eq \"x\"".to_owned()),
            (
                "Emails[TYPE eq \"work\"]",
                "emails[type eq \"work\"]".to_owned(),
            ),
            ("manager eq \"7\"", format!("{urn}:manager.value eq \"7\"")),
            (
                "urn:ietf:params:scim:schemas:core:2.0:User:title pr",
                "title pr".to_owned(),
            ),
        ];
        for (written, canonical) in cases {
            let filter = read(written, schema::user(), Leniency::MICROSOFT_ENTRA).unwrap();
            assert_eq!(filter.to_string(), canonical);
        }
    }
}
