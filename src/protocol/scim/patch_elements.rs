//! PATCH of multi-valued attributes: which elements are meant, and what becomes of them
//! (RFC 7644 §3.5.2.1 to §3.5.2.3).

use crate::protocol::scim::departure::Departure;
use crate::protocol::scim::error::ScimError;
use crate::protocol::scim::filter_match::folded;
use crate::protocol::scim::filter_match::matches_element;
use crate::protocol::scim::patch_request::OperationKind;
use crate::protocol::scim::patch_value::Change;
use crate::protocol::scim::patch_value::change_part;
use crate::protocol::scim::patch_value::merge;
use crate::protocol::scim::patch_value::set;
use crate::protocol::scim::path::Target;
use crate::protocol::scim::resource::is_primary;
use crate::protocol::scim::schema::Attribute;
use crate::protocol::scim::schema::Mutability;
use crate::protocol::scim::value::check_count;
use crate::protocol::scim::value::elements;
use crate::protocol::scim::value::parts;
use crate::protocol::scim::value::single;
use serde_json::Map;
use serde_json::Value;

/// An element, and whether this operation may have made it primary.
struct Element {
    value: Value,
    touched: bool,
}

/// Changes a multi-valued attribute of a resource or extension.
pub(crate) fn change(
    holder: &mut Map<String, Value>,
    target: &Target<'_>,
    change: &Change<'_>,
) -> Result<(), ScimError> {
    let attribute = target.attribute;
    let held = match holder.get_mut(&attribute.name) {
        Some(Value::Array(held)) if attribute.mutability == Mutability::Immutable => held.clone(),
        Some(Value::Array(held)) => std::mem::take(held),
        _ => Vec::new(),
    };
    let whole = target.filter.is_none() && target.sub_attribute.is_none();
    let kept = match (whole, change.kind) {
        (false, _) => change_selected(held, target, change)?,
        (true, OperationKind::Add) => append(held, target, change)?,
        (true, OperationKind::Replace) => {
            elements(attribute, change.value_for(target)?, change.leniency)?
        }
        (true, OperationKind::Remove) => remove_listed(held, attribute, change)?,
    };
    check_count(attribute, kept.len())?;
    if kept.is_empty() && attribute.required && change.kind == OperationKind::Remove {
        return Err(ScimError::Mutability(format!(
            "`{}` is required and cannot be emptied; replace its values instead",
            attribute.name
        )));
    }
    set(
        holder,
        attribute,
        (!kept.is_empty()).then_some(Value::Array(kept)),
    )
}

/// Adds elements; one that is there already, by value and type, is completed instead.
fn append(
    held: Vec<Value>,
    target: &Target<'_>,
    change: &Change<'_>,
) -> Result<Vec<Value>, ScimError> {
    let attribute = target.attribute;
    let given = elements(attribute, change.value_for(target)?, change.leniency)?;
    let mut kept: Vec<Element> = held.into_iter().map(untouched).collect();
    for new in given {
        let twin = kept
            .iter_mut()
            .find(|element| is_same(attribute, &element.value, &new));
        match (twin, new) {
            (None, new) => kept.push(Element {
                value: new,
                touched: true,
            }),
            (Some(twin), Value::Object(new)) => {
                twin.touched |= is_primary(&Value::Object(new.clone()));
                if let Value::Object(held) = &mut twin.value {
                    merge(attribute, held, &new, change.leniency)?;
                }
            }
            (Some(_), _) => {}
        }
    }
    Ok(with_one_primary(kept))
}

fn is_same(attribute: &Attribute, held: &Value, new: &Value) -> bool {
    let same = |name: &str| part_text(attribute, held, name) == part_text(attribute, new, name);
    held == new || (new.get("value").is_some() && same("value") && same("type"))
}

/// Removes the elements that the value lists, or all when the operation has no value.
///
/// A list that describes nothing removes nothing: emptying a set by mistake is the worse error.
fn remove_listed(
    held: Vec<Value>,
    attribute: &Attribute,
    change: &Change<'_>,
) -> Result<Vec<Value>, ScimError> {
    let listed = match change.value {
        None => return Ok(Vec::new()),
        Some(Value::Array(listed)) => listed.as_slice(),
        Some(one) => std::slice::from_ref(one),
    };
    change.leniency.used(Departure::RemoveByValue);
    check_count(attribute, listed.len())?;
    let described = |element: &Value| listed.iter().any(|one| describes(attribute, one, element));
    Ok(held
        .into_iter()
        .filter(|element| !described(element))
        .collect())
}

/// Whether a listed value means this element: by its `value` if it gives one, else by all parts.
fn describes(attribute: &Attribute, listed: &Value, element: &Value) -> bool {
    let Value::Object(listed_parts) = listed else {
        let whole = part_text(attribute, element, "value");
        let text = listed.as_str().map(|text| fold(attribute, "value", text));
        return listed == element || (text.is_some() && text == whole);
    };
    let same =
        |name: &str| part_text(attribute, listed, name) == part_text(attribute, element, name);
    let given = |name: &str| part_text(attribute, listed, name).is_some();
    if given("value") {
        return same("value") && (!given("type") || same("type"));
    }
    let known = listed_parts.iter().filter(|(_, value)| !value.is_null());
    let mut names = known
        .filter_map(|(name, _)| attribute.sub_attribute(name))
        .peekable();
    names.peek().is_some() && names.all(|part| same(&part.name))
}

/// A part of an element as text that can be compared, whatever the case of its name.
fn part_text(attribute: &Attribute, element: &Value, name: &str) -> Option<String> {
    let mut parts = element.as_object()?.iter();
    let value = parts
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)?;
    match value {
        Value::Null => None,
        Value::String(text) => Some(fold(attribute, name, text)),
        value => Some(value.to_string()),
    }
}

fn fold(attribute: &Attribute, name: &str, text: &str) -> String {
    folded(attribute.sub_attribute(name).unwrap_or(attribute), text)
}

fn change_selected(
    held: Vec<Value>,
    target: &Target<'_>,
    change: &Change<'_>,
) -> Result<Vec<Value>, ScimError> {
    let attribute = target.attribute;
    let is_selected = |value: &Value| {
        let filter = target.filter.as_ref();
        filter.is_none_or(|filter| matches_element(filter, value, attribute))
    };
    if !held.iter().any(is_selected) {
        return create(held, target, change);
    }
    let mut kept = Vec::new();
    for value in held {
        if !is_selected(&value) {
            kept.push(untouched(value));
        } else if let Some(value) = change_element(value, target, change)? {
            kept.push(Element {
                value,
                touched: true,
            });
        }
    }
    Ok(with_one_primary(kept))
}

fn change_element(
    element: Value,
    target: &Target<'_>,
    change: &Change<'_>,
) -> Result<Option<Value>, ScimError> {
    let attribute = target.attribute;
    let mut held = match element {
        Value::Object(held) => held,
        other => return Ok(Some(other)),
    };
    match (target.sub_attribute, change.kind) {
        (None, OperationKind::Remove) => return Ok(None),
        (None, OperationKind::Replace) => {
            let value = unwrapped(change.value_for(target)?);
            return single(attribute, value, change.leniency);
        }
        (None, OperationKind::Add) => {
            let value = unwrapped(change.value_for(target)?);
            if let Some(given) = parts(attribute, value, change.leniency)? {
                merge(attribute, &mut held, &given, change.leniency)?;
            }
        }
        (Some(part), _) => change_part(&mut held, part, target, change)?,
    }
    Ok((!held.is_empty()).then_some(Value::Object(held)))
}

/// What happens when no element is selected: `add` creates the element that the filter
/// describes, `replace` only where the provider is allowed it, `remove` has nothing to do.
fn create(
    held: Vec<Value>,
    target: &Target<'_>,
    change: &Change<'_>,
) -> Result<Vec<Value>, ScimError> {
    let nothing_to_set =
        change.kind == OperationKind::Remove || change.value_for(target)?.is_null();
    if nothing_to_set {
        return Ok(held);
    }
    if let (Some(filter), OperationKind::Replace) = (&target.filter, change.kind)
        && !change.leniency.replace_creates_element
    {
        return Err(ScimError::NoTarget(format!(
            "no value of `{}` matches [{filter}]; use \"add\" to create one",
            target.attribute.name
        )));
    }
    if target.filter.is_some() {
        change.leniency.used(match change.kind {
            OperationKind::Replace => Departure::ReplaceCreatedElement,
            _ => Departure::AddCreatedElement,
        });
    }
    let creation = Change {
        kind: OperationKind::Add,
        ..*change
    };
    let described = Value::Object(described_by_filter(target));
    let created = change_element(described, target, &creation)?;
    let created = created.map(|value| Element {
        value,
        touched: true,
    });
    Ok(with_one_primary(
        held.into_iter().map(untouched).chain(created).collect(),
    ))
}

fn described_by_filter(target: &Target<'_>) -> Map<String, Value> {
    let required = target
        .filter
        .iter()
        .flat_map(|filter| filter.required_values());
    let writable = required.filter(|(name, value)| {
        let part = target.attribute.sub_attribute(name);
        part.is_some_and(|part| part.mutability != Mutability::ReadOnly) && !value.is_null()
    });
    writable
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .collect()
}

fn unwrapped(value: &Value) -> &Value {
    match value.as_array().map(Vec::as_slice) {
        Some([only]) => only,
        _ => value,
    }
}

fn untouched(value: Value) -> Element {
    Element {
        value,
        touched: false,
    }
}

/// An element that this operation made primary is the only primary one.
fn with_one_primary(elements: Vec<Element>) -> Vec<Value> {
    let new_primary = elements
        .iter()
        .any(|element| element.touched && is_primary(&element.value));
    let settle = |mut element: Element| {
        if new_primary
            && !element.touched
            && is_primary(&element.value)
            && let Value::Object(parts) = &mut element.value
        {
            parts.insert("primary".to_owned(), Value::Bool(false));
        }
        element.value
    };
    elements.into_iter().map(settle).collect()
}
