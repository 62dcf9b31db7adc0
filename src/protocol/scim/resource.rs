//! What is kept of the body of a create or replace request (RFC 7643 §3, RFC 7644 §3.3, §3.5.1).
//!
//! A kept resource has neither `id`, `schemas` and `meta` nor a Group's `members` and a User's
//! `groups`: those are computed when it is shown.

use crate::protocol::scim::departure::Departure;
use crate::protocol::scim::error::ScimError;
use crate::protocol::scim::leniency::Leniency;
use crate::protocol::scim::schema::Attribute;
use crate::protocol::scim::schema::Mutability;
use crate::protocol::scim::schema::ResourceType;
use crate::protocol::scim::schema::USER_URN;
use crate::protocol::scim::value::describe;
use crate::protocol::scim::value::normalise;
use crate::protocol::scim::value::twice;
use serde_json::Map;
use serde_json::Value;

/// The resource to keep for a create request.
pub fn create(
    body: &Map<String, Value>,
    resource_type: &ResourceType,
    leniency: Leniency,
) -> Result<Map<String, Value>, ScimError> {
    let mut resource = accept(body, resource_type, leniency)?;
    // A new User that says nothing about it is active; a stored value makes it filterable.
    if resource_type.schema.id == USER_URN && !resource.contains_key("active") {
        resource.insert("active".to_owned(), Value::Bool(true));
    }
    check_complete(&resource, resource_type)?;
    check_extended(&resource, resource_type)?;
    Ok(resource)
}

/// The resource to keep for a replace request.
///
/// What the body leaves out is cleared, except booleans, which keep their state: a client that
/// does not mention `active` does not mean to reactivate or deactivate anyone.
pub fn replace(
    current: &Map<String, Value>,
    body: &Map<String, Value>,
    resource_type: &ResourceType,
    leniency: Leniency,
) -> Result<Map<String, Value>, ScimError> {
    let mut resource = accept(body, resource_type, leniency)?;
    carry_over(resource_type.attributes(), current, &mut resource)?;
    for extension in resource_type.extension_schemas() {
        let empty = Map::new();
        let held = current
            .get(&extension.id)
            .and_then(Value::as_object)
            .unwrap_or(&empty);
        let mut given = match resource.get(&extension.id) {
            Some(Value::Object(given)) => given.clone(),
            _ => Map::new(),
        };
        carry_over(extension.attributes.iter(), held, &mut given)?;
        if !given.is_empty() {
            resource.insert(extension.id.clone(), Value::Object(given));
        }
    }
    check_complete(&resource, resource_type)?;
    check_extended(&resource, resource_type)?;
    Ok(resource)
}

fn accept(
    body: &Map<String, Value>,
    resource_type: &ResourceType,
    leniency: Leniency,
) -> Result<Map<String, Value>, ScimError> {
    let mut resource = Map::new();
    if !body.keys().any(|key| key.eq_ignore_ascii_case("schemas")) {
        leniency.used(Departure::SchemasMissing);
    }
    for (key, value) in body {
        if let Some(attribute) = resource_type.attribute(key) {
            accept_attribute(&mut resource, attribute, value, leniency)?;
        } else if let Some(extension) = resource_type.extension(key) {
            let mut kept = Map::new();
            let given = match value {
                Value::Object(given) => given,
                Value::Null => continue,
                other => return Err(not_an_object(&extension.id, other)),
            };
            for (name, value) in given {
                let Some(attribute) = extension.attribute(name) else {
                    leniency.used(Departure::UnknownAttributeIgnored);
                    continue;
                };
                accept_attribute(&mut kept, attribute, value, leniency)?;
            }
            if !kept.is_empty() {
                resource.insert(extension.id.clone(), Value::Object(kept));
            }
        } else {
            leniency.used(Departure::UnknownAttributeIgnored);
        }
    }
    Ok(resource)
}

fn accept_attribute(
    holder: &mut Map<String, Value>,
    attribute: &Attribute,
    value: &Value,
    leniency: Leniency,
) -> Result<(), ScimError> {
    if attribute.mutability == Mutability::ReadOnly {
        return Ok(());
    }
    let kept = normalise(attribute, value, leniency)?;
    if attribute.mutability == Mutability::WriteOnly {
        return Ok(());
    }
    let held = kept.and_then(|kept| holder.insert(attribute.name.clone(), kept));
    match held {
        Some(_) => Err(twice(attribute)),
        None => Ok(()),
    }
}

fn carry_over<'a>(
    attributes: impl Iterator<Item = &'a Attribute>,
    current: &Map<String, Value>,
    resource: &mut Map<String, Value>,
) -> Result<(), ScimError> {
    for attribute in attributes {
        let Some(held) = current.get(&attribute.name) else {
            continue;
        };
        let stays = match attribute.mutability {
            Mutability::Immutable => {
                check_immutable(attribute, held, resource.get(&attribute.name))?;
                true
            }
            Mutability::ReadOnly => true,
            Mutability::ReadWrite | Mutability::WriteOnly => held.is_boolean(),
        };
        if stays && !resource.contains_key(&attribute.name) {
            resource.insert(attribute.name.clone(), held.clone());
        }
    }
    Ok(())
}

/// An immutable attribute is set once; a later value must be the same.
pub(crate) fn check_immutable(
    attribute: &Attribute,
    held: &Value,
    given: Option<&Value>,
) -> Result<(), ScimError> {
    match given {
        Some(given) if given != held => Err(ScimError::Mutability(format!(
            "`{}` cannot change once it is set; send the present value or leave it out",
            attribute.name
        ))),
        _ => Ok(()),
    }
}

/// Required attributes have a value, and at most one element of each attribute is primary.
pub(crate) fn check_complete(
    resource: &Map<String, Value>,
    resource_type: &ResourceType,
) -> Result<(), ScimError> {
    check_attributes(resource, resource_type.attributes())?;
    for extension in resource_type.extension_schemas() {
        if let Some(Value::Object(held)) = resource.get(&extension.id) {
            check_attributes(held, extension.attributes.iter())?;
        }
    }
    Ok(())
}

/// Required extensions are there (RFC 7643 §6).
fn check_extended(
    resource: &Map<String, Value>,
    resource_type: &ResourceType,
) -> Result<(), ScimError> {
    let mut extensions = resource_type.extensions.iter();
    let missing = extensions.find(|it| it.required && !resource.contains_key(&it.schema.id));
    match missing {
        Some(extension) => Err(ScimError::InvalidValue(format!(
            "`{}` is required of each {}; send its attributes under this name",
            extension.schema.id, resource_type.name
        ))),
        None => Ok(()),
    }
}

fn check_attributes<'a>(
    holder: &Map<String, Value>,
    attributes: impl Iterator<Item = &'a Attribute>,
) -> Result<(), ScimError> {
    for attribute in attributes {
        let value = holder.get(&attribute.name);
        let blank = value.is_none_or(|value| value.as_str().is_some_and(|t| t.trim().is_empty()));
        if blank && attribute.required && attribute.mutability != Mutability::ReadOnly {
            return Err(ScimError::InvalidValue(format!(
                "`{}` is required; send a value that is not blank",
                attribute.name
            )));
        }
        check_parts(attribute, value)?;
        let elements = value.and_then(Value::as_array).into_iter().flatten();
        if elements.filter(|element| is_primary(element)).count() > 1 {
            return Err(ScimError::InvalidValue(format!(
                "`{}` has more than one value with `primary` true; keep it on one",
                attribute.name
            )));
        }
    }
    Ok(())
}

/// Each value of a complex attribute has the parts that are required of it.
fn check_parts(attribute: &Attribute, value: Option<&Value>) -> Result<(), ScimError> {
    let mut parts = attribute.sub_attributes.iter();
    if !parts.any(|part| part.required) {
        return Ok(());
    }
    let values = match value {
        Some(Value::Array(values)) => values.as_slice(),
        Some(value) => std::slice::from_ref(value),
        None => &[],
    };
    for held in values.iter().filter_map(Value::as_object) {
        check_attributes(held, attribute.sub_attributes.iter()).map_err(|error| match error {
            ScimError::InvalidValue(detail) => {
                ScimError::InvalidValue(format!("in `{}`: {detail}", attribute.name))
            }
            error => error,
        })?;
    }
    Ok(())
}

fn not_an_object(urn: &str, value: &Value) -> ScimError {
    ScimError::InvalidValue(format!(
        "`{urn}` must be an object with the extension's attributes, but it is {}",
        describe(value)
    ))
}

pub(crate) fn is_primary(element: &Value) -> bool {
    element.get("primary") == Some(&Value::Bool(true))
}

/// The e-mail address of a User: the primary one, else the first of type `work`, else the first,
/// else `userName` when it is an address.
pub fn email_of(user: &Map<String, Value>) -> Option<&str> {
    let elements = user
        .get("emails")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let emails: Vec<&Value> = elements.filter(|email| address(email).is_some()).collect();
    let is_work = |email: &Value| {
        let label = email.get("type").and_then(Value::as_str);
        label.is_some_and(|label| label.eq_ignore_ascii_case("work"))
    };
    let primary = emails.iter().find(|email| is_primary(email));
    let work = || emails.iter().find(|email| is_work(email));
    let chosen = primary.or_else(work).or_else(|| emails.first());
    let user_name = || {
        user.get("userName")
            .and_then(Value::as_str)
            .filter(|n| is_address(n))
    };
    chosen.and_then(|email| address(email)).or_else(user_name)
}

/// Whether a User may sign in; a User that does not say is active.
pub fn is_active(user: &Map<String, Value>) -> bool {
    user.get("active").and_then(Value::as_bool).unwrap_or(true)
}

fn address(email: &Value) -> Option<&str> {
    email
        .get("value")
        .and_then(Value::as_str)
        .filter(|text| !text.trim().is_empty())
}

fn is_address(text: &str) -> bool {
    let well_formed = |part: &str| !part.is_empty() && !part.contains(['@', ' ']);
    text.split_once('@')
        .is_some_and(|(name, host)| well_formed(name) && well_formed(host))
}

#[cfg(test)]
mod tests;
