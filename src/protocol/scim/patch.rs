//! PATCH: add, remove and replace on a kept resource (RFC 7644 §3.5.2).
//!
//! One engine over the schema for every resource type and attribute. Operations run in order on
//! a copy, so a refused one leaves nothing behind.

use crate::protocol::scim::departure::Departure;
use crate::protocol::scim::error::ScimError;
use crate::protocol::scim::leniency::Leniency;
use crate::protocol::scim::patch_elements;
use crate::protocol::scim::patch_request::Operation;
use crate::protocol::scim::patch_request::OperationKind;
use crate::protocol::scim::patch_request::PatchRequest;
use crate::protocol::scim::patch_value;
use crate::protocol::scim::patch_value::Change;
use crate::protocol::scim::patch_value::change_object;
use crate::protocol::scim::path::Path;
use crate::protocol::scim::path::Target;
use crate::protocol::scim::resource::check_complete;
use crate::protocol::scim::schema::ResourceType;
use crate::protocol::scim::schema::Schema;
use crate::protocol::scim::value::describe;
use serde_json::Map;
use serde_json::Value;

/// The resource to keep after a PATCH request; equal to the current one when nothing changes.
pub fn apply(
    current: &Map<String, Value>,
    request: &PatchRequest,
    resource_type: &ResourceType,
    leniency: Leniency,
) -> Result<Map<String, Value>, ScimError> {
    let engine = Engine {
        resource_type,
        leniency,
    };
    let mut resource = current.clone();
    for operation in &request.operations {
        engine.run(&mut resource, operation)?;
    }
    check_complete(&resource, resource_type)?;
    check_extensions_stay(current, &resource, resource_type)?;
    Ok(resource)
}

/// A required extension stays; one that came to be required later is not missed by every change.
fn check_extensions_stay(
    before: &Map<String, Value>,
    after: &Map<String, Value>,
    resource_type: &ResourceType,
) -> Result<(), ScimError> {
    let mut required = resource_type.extensions.iter().filter(|it| it.required);
    let lost = |urn: &str| before.contains_key(urn) && !after.contains_key(urn);
    match required.find(|extension| lost(&extension.schema.id)) {
        Some(extension) => Err(ScimError::InvalidValue(format!(
            "`{}` is required of each {}; change its attributes instead of removing them",
            extension.schema.id, resource_type.name
        ))),
        None => Ok(()),
    }
}

struct Engine<'a> {
    resource_type: &'a ResourceType,
    leniency: Leniency<'a>,
}

impl Engine<'_> {
    fn run(
        &self,
        resource: &mut Map<String, Value>,
        operation: &Operation,
    ) -> Result<(), ScimError> {
        operation.report(self.leniency);
        let change = Change {
            kind: operation.kind,
            value: operation.value.as_ref(),
            leniency: self.leniency,
        };
        let Some(path) = &operation.path else {
            return self.change_resource(resource, &change);
        };
        let path = Path::read(path, self.resource_type, self.leniency)?;
        match &path {
            Path::Attribute(target) if target.is_read_only() => Err(read_only(target)),
            _ => self.change(resource, &path, &change),
        }
    }

    /// Without a path the keys of the value are the paths.
    fn change_resource(
        &self,
        resource: &mut Map<String, Value>,
        change: &Change<'_>,
    ) -> Result<(), ScimError> {
        for (key, value) in without_path(change.kind, change.value)? {
            if self.is_path(key) {
                self.leniency.used(Departure::KeyAsPath);
            }
            self.change_by_key(
                resource,
                key,
                &Change {
                    value: Some(value),
                    ..*change
                },
            )?;
        }
        Ok(())
    }

    /// Whether a key is more than the name of an attribute or of an extension.
    fn is_path(&self, key: &str) -> bool {
        key.contains(['.', ':', '[']) && self.resource_type.extension(key).is_none()
    }

    /// A key is met as in a resource body: what is unknown or belongs to the server is ignored.
    fn change_by_key(
        &self,
        resource: &mut Map<String, Value>,
        key: &str,
        change: &Change<'_>,
    ) -> Result<(), ScimError> {
        match Path::read(key, self.resource_type, self.leniency) {
            Ok(path) if path.is_read_only() => {
                self.leniency.used(Departure::ReadOnlyIgnored);
                Ok(())
            }
            Ok(path) => self.change(resource, &path, change),
            Err(ScimError::InvalidPath(_)) => {
                self.leniency.used(Departure::UnknownAttributeIgnored);
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    fn change(
        &self,
        resource: &mut Map<String, Value>,
        path: &Path<'_>,
        change: &Change<'_>,
    ) -> Result<(), ScimError> {
        // Null is no value, and adding no value changes nothing.
        if change.kind == OperationKind::Add && change.value.is_some_and(Value::is_null) {
            return Ok(());
        }
        let target = match path {
            Path::Extension(extension) => {
                return self.change_extension(resource, extension, change);
            }
            Path::Attribute(target) => target,
        };
        let Some(extension) = target.extension else {
            return change_attribute(resource, target, change);
        };
        change_object(resource, &extension.id, |held| {
            change_attribute(held, target, change)
        })
    }

    fn change_extension(
        &self,
        resource: &mut Map<String, Value>,
        extension: &Schema,
        change: &Change<'_>,
    ) -> Result<(), ScimError> {
        let unset =
            change.kind == OperationKind::Remove || change.value.is_some_and(Value::is_null);
        let paths: Vec<(String, Option<&Value>)> = match change.value {
            _ if unset => {
                let held = resource.get(&extension.id).and_then(Value::as_object);
                held.into_iter()
                    .flat_map(Map::keys)
                    .map(|name| (name.clone(), None))
                    .collect()
            }
            Some(Value::Object(given)) => given
                .iter()
                .map(|(name, value)| (name.clone(), Some(value)))
                .collect(),
            other => {
                return Err(ScimError::InvalidValue(format!(
                    "the `value` for `{}` must be an object with the extension's attributes, \
                     but it is {}",
                    extension.id,
                    other.map_or("missing", describe)
                )));
            }
        };
        let kind = if unset {
            OperationKind::Remove
        } else {
            change.kind
        };
        for (name, value) in paths {
            let path = format!("{}:{name}", extension.id);
            self.change_by_key(
                resource,
                &path,
                &Change {
                    kind,
                    value,
                    ..*change
                },
            )?;
        }
        Ok(())
    }
}

fn change_attribute(
    holder: &mut Map<String, Value>,
    target: &Target<'_>,
    change: &Change<'_>,
) -> Result<(), ScimError> {
    if target.attribute.multi_valued {
        patch_elements::change(holder, target, change)
    } else {
        patch_value::change(holder, target, change)
    }
}

/// The attributes of an operation without path.
pub(crate) fn without_path(
    kind: OperationKind,
    value: Option<&Value>,
) -> Result<&Map<String, Value>, ScimError> {
    match (kind, value) {
        (OperationKind::Remove, _) => Err(ScimError::NoTarget(
            "a \"remove\" operation needs a `path` that says what to remove".to_owned(),
        )),
        (_, Some(Value::Object(attributes))) => Ok(attributes),
        (_, other) => Err(ScimError::InvalidValue(format!(
            "without a `path` the `value` must be an object of attributes, but it is {}",
            other.map_or("missing", describe)
        ))),
    }
}

pub(crate) fn read_only(target: &Target<'_>) -> ScimError {
    ScimError::Mutability(format!(
        "`{}` is read-only; leave it out of the request",
        target.name()
    ))
}

#[cfg(test)]
mod tests;
