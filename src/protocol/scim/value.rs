//! Values as clients send them → values as they are kept: checked against the attribute's type,
//! names in canonical spelling, nothing kept that only the server may write (RFC 7643 §2.3).

use crate::protocol::scim::departure::Departure;
use crate::protocol::scim::error::ScimError;
use crate::protocol::scim::leniency::Leniency;
use crate::protocol::scim::schema::Attribute;
use crate::protocol::scim::schema::AttributeType;
use crate::protocol::scim::schema::Mutability;
use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::GeneralPurpose;
use base64::engine::GeneralPurposeConfig;
use chrono::DateTime;
use serde_json::Map;
use serde_json::Value;
use std::borrow::Cow;

/// The greatest number of values of one attribute; members of Groups are kept elsewhere.
const MAX_VALUES: usize = 500;

/// The value to keep, or `None` when the attribute is unassigned: null, `[]` and an object
/// without parts are the same as absent (RFC 7643 §2.5).
pub(crate) fn normalise(
    attribute: &Attribute,
    value: &Value,
    leniency: Leniency,
) -> Result<Option<Value>, ScimError> {
    if attribute.multi_valued {
        let elements = elements(attribute, value, leniency)?;
        return Ok((!elements.is_empty()).then_some(Value::Array(elements)));
    }
    single(attribute, value, leniency)
}

/// The elements to keep of a multi-valued attribute; a lone element may come without its array.
pub(crate) fn elements(
    attribute: &Attribute,
    value: &Value,
    leniency: Leniency,
) -> Result<Vec<Value>, ScimError> {
    let given = match value {
        Value::Array(values) => values.as_slice(),
        value => {
            leniency.used(Departure::ValueWithoutArray);
            std::slice::from_ref(value)
        }
    };
    check_count(attribute, given.len())?;
    let kept = given
        .iter()
        .map(|element| single(attribute, element, leniency));
    kept.filter_map(Result::transpose).collect()
}

/// Values are compared with each other, so their number is limited.
pub(crate) fn check_count(attribute: &Attribute, count: usize) -> Result<(), ScimError> {
    if count <= MAX_VALUES {
        return Ok(());
    }
    Err(ScimError::InvalidValue(format!(
        "`{}` has {count} values; at most {MAX_VALUES} are accepted",
        attribute.name
    )))
}

/// One value to keep, or `None` for null.
pub(crate) fn single(
    attribute: &Attribute,
    value: &Value,
    leniency: Leniency,
) -> Result<Option<Value>, ScimError> {
    if attribute.kind == AttributeType::Complex {
        return complex(attribute, value, leniency);
    }
    if value.is_null() {
        return Ok(None);
    }
    simple(attribute, value, leniency)
        .map(Some)
        .ok_or_else(|| wrong_type(attribute, expectation(attribute.kind), value))
}

fn simple(attribute: &Attribute, value: &Value, leniency: Leniency) -> Option<Value> {
    let text = value.as_str();
    let valid = match attribute.kind {
        AttributeType::Boolean => return boolean(value, leniency).map(Value::Bool),
        AttributeType::String | AttributeType::Reference => text.is_some(),
        AttributeType::Integer => value.is_i64() || value.is_u64(),
        AttributeType::Decimal => value.is_number(),
        AttributeType::DateTime => text.is_some_and(|t| DateTime::parse_from_rfc3339(t).is_ok()),
        AttributeType::Binary => text.is_some_and(is_base64),
        AttributeType::Complex => value.is_object(),
    };
    valid.then(|| value.clone())
}

fn boolean(value: &Value, leniency: Leniency) -> Option<bool> {
    match value {
        Value::Bool(boolean) => Some(*boolean),
        Value::String(text) if leniency.boolean_strings => {
            let words = [("true", true), ("false", false)];
            let mut words = words.into_iter();
            let word = words.find(|word| text.eq_ignore_ascii_case(word.0))?;
            leniency.used(Departure::BooleanString);
            Some(word.1)
        }
        _ => None,
    }
}

fn is_base64(text: &str) -> bool {
    let config =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    [alphabet::STANDARD, alphabet::URL_SAFE]
        .iter()
        .any(|alphabet| GeneralPurpose::new(alphabet, config).decode(text).is_ok())
}

fn complex(
    attribute: &Attribute,
    value: &Value,
    leniency: Leniency,
) -> Result<Option<Value>, ScimError> {
    let Some(parts) = parts(attribute, value, leniency)? else {
        return Ok(None);
    };
    let mut kept = Map::new();
    for (name, part) in parts.iter() {
        let Some(sub_attribute) = attribute.sub_attribute(name) else {
            leniency.used(Departure::UnknownAttributeIgnored);
            continue;
        };
        if let Some(part) = part_to_keep(attribute, sub_attribute, part, leniency)?
            && kept.insert(sub_attribute.name.clone(), part).is_some()
        {
            return Err(twice(sub_attribute));
        }
    }
    Ok((!kept.is_empty()).then_some(Value::Object(kept)))
}

/// One part of a complex value to keep; `None` for null and for what only the server writes.
pub(crate) fn part_to_keep(
    attribute: &Attribute,
    sub_attribute: &Attribute,
    part: &Value,
    leniency: Leniency,
) -> Result<Option<Value>, ScimError> {
    if sub_attribute.mutability == Mutability::ReadOnly {
        return Ok(None);
    }
    normalise(sub_attribute, part, leniency).map_err(|error| match error {
        ScimError::InvalidValue(detail) => {
            ScimError::InvalidValue(format!("in `{}`: {detail}", attribute.name))
        }
        error => error,
    })
}

/// The parts of a complex value as they were sent; `None` for null.
///
/// Where the provider is allowed it, a bare string is the `value`, and an array of one is its
/// element: both are shapes of `manager`.
pub(crate) fn parts<'v>(
    attribute: &Attribute,
    value: &'v Value,
    leniency: Leniency,
) -> Result<Option<Cow<'v, Map<String, Value>>>, ScimError> {
    match value {
        Value::Null => Ok(None),
        Value::Object(parts) => Ok(Some(Cow::Borrowed(parts))),
        Value::Array(values) if leniency.loose_complex_values && values.len() < 2 => {
            leniency.used(Departure::LooseComplexValue);
            match values.first() {
                Some(Value::Object(parts)) => Ok(Some(Cow::Borrowed(parts))),
                None | Some(Value::Null) => Ok(None),
                Some(other) => Err(wrong_type(attribute, expectation(attribute.kind), other)),
            }
        }
        Value::String(text) if leniency.loose_complex_values => {
            let Some(sub_attribute) = attribute.sub_attribute("value") else {
                return Err(wrong_type(attribute, expectation(attribute.kind), value));
            };
            leniency.used(Departure::LooseComplexValue);
            // An empty string is how Entra writes "no manager".
            let parts = (!text.is_empty())
                .then(|| Map::from_iter([(sub_attribute.name.clone(), value.clone())]));
            Ok(parts.map(Cow::Owned))
        }
        other => Err(wrong_type(attribute, expectation(attribute.kind), other)),
    }
}

fn expectation(kind: AttributeType) -> &'static str {
    match kind {
        AttributeType::String => "a string",
        AttributeType::Reference => "a URI as a string",
        AttributeType::Boolean => "true or false without quotes",
        AttributeType::Integer => "a whole number without quotes",
        AttributeType::Decimal => "a number without quotes",
        AttributeType::DateTime => "a date and time such as \"2026-01-31T08:00:00Z\"",
        AttributeType::Binary => "base64 as a string",
        AttributeType::Complex => "an object with sub-attributes",
    }
}

/// Names ignore case, so one object can name the same attribute in two ways.
pub(crate) fn twice(attribute: &Attribute) -> ScimError {
    ScimError::InvalidSyntax(format!(
        "`{}` comes twice, spelt in two ways; send it once",
        attribute.name
    ))
}

fn wrong_type(attribute: &Attribute, expected: &str, value: &Value) -> ScimError {
    ScimError::InvalidValue(format!(
        "`{}` must be {expected}, but it is {}",
        attribute.name,
        describe(value)
    ))
}

/// What a value is, without repeating it: it may be secret or long.
pub(crate) fn describe(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "another string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::normalise;
    use crate::protocol::scim::leniency::Leniency;
    use crate::protocol::scim::schema;
    use serde_json::Value;
    use serde_json::json;

    fn kept(name: &str, value: Value, leniency: Leniency) -> Result<Option<Value>, String> {
        let attribute = schema::user().attribute(name).unwrap();
        normalise(attribute, &value, leniency).map_err(|error| error.detail().to_owned())
    }

    #[test]
    fn null_empty_arrays_and_empty_objects_are_absent() {
        for (name, value) in [
            ("title", json!(null)),
            ("emails", json!([])),
            ("emails", json!([{}, null, { "shoeSize": 1 }])),
            ("name", json!({ "givenName": null })),
        ] {
            assert_eq!(kept(name, value, Leniency::STRICT), Ok(None), "{name}");
        }
    }

    #[test]
    fn booleans_come_as_strings_only_where_that_is_allowed() {
        assert_eq!(
            kept("active", json!("FALSE"), Leniency::GENERIC),
            Ok(Some(json!(false)))
        );
        let complaint = "`active` must be true or false without quotes, but it is another string";
        assert_eq!(
            kept("active", json!("false"), Leniency::STRICT),
            Err(complaint.to_owned())
        );
        assert_eq!(
            kept("active", json!("no"), Leniency::GENERIC),
            Err(complaint.to_owned())
        );
    }

    #[test]
    fn wrong_types_are_named() {
        for (name, value, complaint) in [
            (
                "title",
                json!(5),
                "`title` must be a string, but it is a number",
            ),
            (
                "name",
                json!("Ana"),
                "`name` must be an object with sub-attributes",
            ),
            (
                "emails",
                json!(["a@b"]),
                "`emails` must be an object with sub-attributes",
            ),
            (
                "emails",
                json!([{ "primary": 1 }]),
                "in `emails`: `primary` must be true or false",
            ),
            (
                "x509Certificates",
                json!([{ "value": "§" }]),
                "`value` must be base64",
            ),
        ] {
            let detail = kept(name, value, Leniency::STRICT).unwrap_err();
            assert!(detail.contains(complaint), "{detail}");
        }
    }

    #[test]
    fn values_are_limited_in_number() {
        let emails = |count: usize| Value::Array(vec![json!({ "value": "a@b" }); count]);
        assert!(kept("emails", emails(500), Leniency::STRICT).is_ok());
        let detail = kept("emails", emails(501), Leniency::STRICT).unwrap_err();
        assert_eq!(detail, "`emails` has 501 values; at most 500 are accepted");
    }

    #[test]
    fn names_become_canonical_and_values_stay_as_sent() {
        let value = json!({ "VALUE": "Ana@Example.COM ", "Type": "Work", "extra": 1 });
        let expected = json!([{ "value": "Ana@Example.COM ", "type": "Work" }]);
        assert_eq!(kept("emails", value, Leniency::STRICT), Ok(Some(expected)));
    }
}
