//! Does this resource match? Filters are read by `filter_check` before (RFC 7644 §3.4.2.2).

use crate::protocol::scim::attribute_name::AttributeName;
use crate::protocol::scim::filter::Filter;
use crate::protocol::scim::filter::Operator;
use crate::protocol::scim::leniency::Leniency;
use crate::protocol::scim::schema::Attribute;
use crate::protocol::scim::schema::AttributeType;
use crate::protocol::scim::schema::ResourceType;
use crate::protocol::scim::user_name;
use chrono::DateTime;
use serde_json::Map;
use serde_json::Number;
use serde_json::Value;
use std::cmp::Ordering;

/// Whether a resource, in full representation, matches a checked filter.
pub fn matches(
    filter: &Filter,
    resource: &Map<String, Value>,
    resource_type: &ResourceType,
) -> bool {
    Subject::Resource(resource, resource_type).satisfies(filter)
}

/// Whether one element of a multi-valued attribute matches a checked value filter.
pub fn matches_element(filter: &Filter, element: &Value, attribute: &Attribute) -> bool {
    Subject::Element(element, attribute).satisfies(filter)
}

/// What a filter is asked about.
#[derive(Clone, Copy)]
enum Subject<'a> {
    Resource(&'a Map<String, Value>, &'a ResourceType),
    Element(&'a Value, &'a Attribute),
}

impl<'a> Subject<'a> {
    fn satisfies(self, filter: &Filter) -> bool {
        match filter {
            Filter::And(filters) => filters.iter().all(|filter| self.satisfies(filter)),
            Filter::Or(filters) => filters.iter().any(|filter| self.satisfies(filter)),
            Filter::Not(filter) => !self.satisfies(filter),
            Filter::Present(name) => self
                .find(name)
                .is_some_and(|(values, _)| values.into_iter().any(is_present)),
            Filter::Element { attribute, filter } => {
                self.find(attribute).is_some_and(|(elements, definition)| {
                    elements
                        .into_iter()
                        .any(|element| matches_element(filter, element, definition))
                })
            }
            Filter::Compare {
                attribute,
                operator,
                value,
            } => self.find(attribute).is_some_and(|(values, definition)| {
                compare_any(definition, &values, *operator, value)
            }),
        }
    }

    /// The values that a name stands for, and their definition; `None` for unknown names, which
    /// a checked filter does not contain.
    fn find(self, name: &AttributeName) -> Option<(Vec<&'a Value>, &'a Attribute)> {
        match self {
            Self::Element(element, attribute) => {
                let definition = attribute.sub_attribute(&name.attribute)?;
                let values = element
                    .get(&definition.name)
                    .map(elements)
                    .unwrap_or_default();
                Some((values, definition))
            }
            Self::Resource(resource, resource_type) => {
                let found = name.resolve(resource_type, Leniency::STRICT)?;
                let holder = match found.extension {
                    Some(extension) => resource.get(&extension.id).and_then(Value::as_object),
                    None => Some(resource),
                };
                let value = holder.and_then(|holder| holder.get(&found.attribute.name));
                let values = value.map(elements).unwrap_or_default();
                let Some(sub_attribute) = found.sub_attribute else {
                    return Some((values, found.attribute));
                };
                let parts = values
                    .into_iter()
                    .filter_map(|value| value.get(&sub_attribute.name));
                Some((parts.collect(), sub_attribute))
            }
        }
    }
}

fn elements(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(values) => values.iter().collect(),
        Value::Null => Vec::new(),
        value => vec![value],
    }
}

fn is_present(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(values) => values.iter().any(is_present),
        Value::Object(parts) => parts.values().any(is_present),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

/// Any value may match; without a value, only `eq null` and `ne` something do.
fn compare_any(
    definition: &Attribute,
    values: &[&Value],
    operator: Operator,
    literal: &Value,
) -> bool {
    match (operator, literal.is_null()) {
        (Operator::Equal, true) => values.is_empty(),
        (Operator::NotEqual, true) => !values.is_empty(),
        (Operator::NotEqual, false) if values.is_empty() => true,
        _ => values
            .iter()
            .any(|value| compare(definition, value, operator, literal)),
    }
}

fn compare(definition: &Attribute, value: &Value, operator: Operator, literal: &Value) -> bool {
    match (value, literal) {
        (Value::String(value), Value::String(literal)) => {
            compare_text(definition, value, operator, literal)
        }
        (Value::Number(value), Value::Number(literal)) => {
            compare_numbers(value, literal).is_some_and(|order| holds(operator, order))
        }
        (value, literal) => match operator {
            Operator::Equal => value == literal,
            Operator::NotEqual => value != literal,
            _ => false,
        },
    }
}

fn compare_text(definition: &Attribute, value: &str, operator: Operator, literal: &str) -> bool {
    if definition.kind == AttributeType::DateTime && !operator.is_substring() {
        let instants = (
            DateTime::parse_from_rfc3339(value),
            DateTime::parse_from_rfc3339(literal),
        );
        if let (Ok(value), Ok(literal)) = instants {
            return holds(operator, value.cmp(&literal));
        }
    }
    let (value, literal) = (folded(definition, value), folded(definition, literal));
    text_holds(&value, operator, &literal)
}

/// Whether texts compare so, letter by letter.
pub(crate) fn text_holds(value: &str, operator: Operator, literal: &str) -> bool {
    match operator {
        Operator::Contains => value.contains(literal),
        Operator::StartsWith => value.starts_with(literal),
        Operator::EndsWith => value.ends_with(literal),
        operator => holds(operator, value.cmp(literal)),
    }
}

/// Text as it takes part in comparisons of this attribute.
pub(crate) fn folded(definition: &Attribute, text: &str) -> String {
    if definition.name == "userName" {
        user_name::folded(text)
    } else if definition.case_exact {
        text.to_owned()
    } else {
        text.to_lowercase()
    }
}

fn compare_numbers(value: &Number, literal: &Number) -> Option<Ordering> {
    match (value.as_i64(), literal.as_i64()) {
        (Some(value), Some(literal)) => Some(value.cmp(&literal)),
        _ => value.as_f64()?.partial_cmp(&literal.as_f64()?),
    }
}

fn holds(operator: Operator, order: Ordering) -> bool {
    match operator {
        Operator::Equal => order.is_eq(),
        Operator::NotEqual => order.is_ne(),
        Operator::GreaterThan => order.is_gt(),
        Operator::GreaterOrEqual => order.is_ge(),
        Operator::LessThan => order.is_lt(),
        Operator::LessOrEqual => order.is_le(),
        Operator::Contains | Operator::StartsWith | Operator::EndsWith => false,
    }
}

#[cfg(test)]
mod tests;
