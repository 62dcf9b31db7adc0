//! PATCH of single values: simple attributes, complex attributes and their parts
//! (RFC 7644 §3.5.2).

use crate::protocol::scim::departure::Departure;
use crate::protocol::scim::error::ScimError;
use crate::protocol::scim::leniency::Leniency;
use crate::protocol::scim::patch_request::OperationKind;
use crate::protocol::scim::path::Target;
use crate::protocol::scim::resource::check_immutable;
use crate::protocol::scim::schema::Attribute;
use crate::protocol::scim::schema::AttributeType;
use crate::protocol::scim::schema::Mutability;
use crate::protocol::scim::value::normalise;
use crate::protocol::scim::value::part_to_keep;
use crate::protocol::scim::value::parts;
use serde_json::Map;
use serde_json::Value;

/// What is done, with what, and how strictly.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Change<'a> {
    pub(crate) kind: OperationKind,
    pub(crate) value: Option<&'a Value>,
    pub(crate) leniency: Leniency<'a>,
}

impl<'a> Change<'a> {
    /// The value, which `add` and `replace` cannot do without.
    pub(crate) fn value_for(&self, target: &Target<'_>) -> Result<&'a Value, ScimError> {
        self.value.ok_or_else(|| {
            ScimError::InvalidValue(format!(
                "the operation on `{}` has no `value`; use \"remove\" to unset the attribute",
                target.name()
            ))
        })
    }
}

/// Changes a single-valued attribute of a resource or extension.
pub(crate) fn change(
    holder: &mut Map<String, Value>,
    target: &Target<'_>,
    change: &Change<'_>,
) -> Result<(), ScimError> {
    let attribute = target.attribute;
    match (target.sub_attribute, change.kind) {
        (None, OperationKind::Remove) => remove(holder, attribute),
        (None, _) if attribute.kind == AttributeType::Complex => {
            match parts(attribute, change.value_for(target)?, change.leniency)? {
                None => set(holder, attribute, None),
                Some(given) => change_object(holder, &attribute.name, |held| {
                    merge(attribute, held, &given, change.leniency)
                }),
            }
        }
        (None, _) => {
            let value = normalise(attribute, change.value_for(target)?, change.leniency)?;
            set(holder, attribute, value)
        }
        (Some(part), _) => change_object(holder, &attribute.name, |held| {
            change_part(held, part, target, change)
        }),
    }
}

/// Changes one part of a complex value.
pub(crate) fn change_part(
    parts: &mut Map<String, Value>,
    part: &Attribute,
    target: &Target<'_>,
    change: &Change<'_>,
) -> Result<(), ScimError> {
    if change.kind == OperationKind::Remove {
        return remove(parts, part);
    }
    let value = change.value_for(target)?;
    set(
        parts,
        part,
        part_to_keep(target.attribute, part, value, change.leniency)?,
    )
}

/// Sets the given parts of a complex value and leaves the others; null unsets a part.
pub(crate) fn merge(
    attribute: &Attribute,
    held: &mut Map<String, Value>,
    given: &Map<String, Value>,
    leniency: Leniency,
) -> Result<(), ScimError> {
    for (name, value) in given {
        let Some(part) = attribute.sub_attribute(name) else {
            leniency.used(Departure::UnknownAttributeIgnored);
            continue;
        };
        if part.mutability != Mutability::ReadOnly {
            set(held, part, part_to_keep(attribute, part, value, leniency)?)?;
        }
    }
    Ok(())
}

/// Sets or, with `None`, unsets an attribute as its mutability allows.
pub(crate) fn set(
    holder: &mut Map<String, Value>,
    attribute: &Attribute,
    value: Option<Value>,
) -> Result<(), ScimError> {
    if attribute.mutability == Mutability::WriteOnly {
        return Ok(());
    }
    if attribute.mutability == Mutability::Immutable
        && let Some(held) = holder.get(&attribute.name)
    {
        check_immutable(
            attribute,
            held,
            Some(value.as_ref().unwrap_or(&Value::Null)),
        )?;
    }
    match value {
        Some(value) => holder.insert(attribute.name.clone(), value),
        None => holder.shift_remove(&attribute.name),
    };
    Ok(())
}

fn remove(holder: &mut Map<String, Value>, attribute: &Attribute) -> Result<(), ScimError> {
    if attribute.required {
        return Err(ScimError::Mutability(format!(
            "`{}` is required and cannot be removed; replace its value instead",
            attribute.name
        )));
    }
    set(holder, attribute, None)
}

/// Changes the object under a key; it is there only while it has something in it.
pub(crate) fn change_object(
    holder: &mut Map<String, Value>,
    key: &str,
    change: impl FnOnce(&mut Map<String, Value>) -> Result<(), ScimError>,
) -> Result<(), ScimError> {
    let mut object = match holder.get_mut(key) {
        Some(Value::Object(held)) => std::mem::take(held),
        _ => Map::new(),
    };
    change(&mut object)?;
    if object.is_empty() {
        holder.shift_remove(key);
    } else {
        holder.insert(key.to_owned(), Value::Object(object));
    }
    Ok(())
}
