//! One SCIM operation, handed to the use case that it is for. Whatever brings operations other
//! than by a request each comes through here.

use std::sync::Arc;

use serde_json::Map;
use serde_json::Value;

use crate::protocol::scim::error::ScimError;
use crate::protocol::scim::operation::Method;
use crate::protocol::scim::operation::Operation;
use crate::protocol::scim::patch_request::PatchRequest;
use crate::protocol::scim::schema::ResourceType;
use crate::protocol::scim::version::Conditions;
use crate::storage::Transaction;
use crate::use_cases::credentials::ScimCaller;
use crate::use_cases::provisioning::Target;
use crate::use_cases::provisioning::error::ProvisioningError;
use crate::use_cases::provisioning::groups;
use crate::use_cases::provisioning::groups::Reading;
use crate::use_cases::provisioning::resources;
use crate::use_cases::provisioning::users;

/// What the client will be shown.
#[derive(Clone, Copy, Debug)]
pub struct Showing<'a> {
    /// The base address of the connection.
    pub base_url: &'a str,
    /// How much of a Group's members is read, and whether a User's groups are.
    pub reading: Reading,
}

/// What an operation came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The status that it would have as a request of its own.
    pub status: u16,
    /// The resource.
    pub id: String,
    /// The resource's address.
    pub location: String,
    /// The resource's version; `None` once it is deleted.
    pub version: Option<String>,
    /// The full representation, before projection; `None` when the resource is deleted, or has
    /// more members than are shown unasked.
    pub resource: Option<Map<String, Value>>,
}

impl Outcome {
    fn left(method: Method, resource: Map<String, Value>) -> Self {
        let meta = resource.get("meta");
        let meta = |name: &str| meta.and_then(|meta| meta.get(name)).and_then(Value::as_str);
        let id = resource.get("id").and_then(Value::as_str);
        Self {
            status: if method == Method::Post { 201 } else { 200 },
            id: id.unwrap_or_default().to_owned(),
            location: meta("location").unwrap_or_default().to_owned(),
            version: meta("version").map(str::to_owned),
            resource: Some(resource),
        }
    }

    fn deleted(operation: &Operation, id: &str, base_url: &str) -> Self {
        Self {
            status: 204,
            id: id.to_owned(),
            location: format!("{base_url}/{}/{id}", operation.endpoint),
            version: None,
            resource: None,
        }
    }
}

/// Does what an operation asks for.
pub fn perform(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    operation: &Operation,
    showing: Showing<'_>,
) -> Result<Outcome, ProvisioningError> {
    let target = Target {
        id: operation.id.clone().unwrap_or_default(),
        conditions: Conditions {
            if_match: operation.version.clone(),
            if_none_match: None,
        },
    };
    match operation.endpoint.as_str() {
        "Users" => on_user(tx, caller, (&target, operation), showing),
        "Groups" => on_group(tx, caller, (&target, operation), showing),
        other => {
            if let Some(kind) = caller.schemas.custom_at(other) {
                return on_own(tx, caller, (kind, &target, operation), showing);
            }
            let other: String = other.chars().take(100).collect();
            Err(ScimError::InvalidPath(format!(
                "there are no resources at \"/{other}\"; /ResourceTypes lists where there are"
            ))
            .into())
        }
    }
}

fn on_user(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    (target, operation): (&Target, &Operation),
    showing: Showing<'_>,
) -> Result<Outcome, ProvisioningError> {
    let with_groups = showing.reading != Reading::Nobody;
    let (method, body) = (operation.method, &operation.body);
    let view = match method {
        Method::Get => users::get(tx, caller, target, with_groups)?,
        Method::Post => users::create(tx, caller, body)?,
        Method::Put => users::replace(tx, caller, (target, with_groups), body)?,
        Method::Patch => users::patch(tx, caller, (target, with_groups), &patch_of(body)?)?,
        Method::Delete => {
            users::delete(tx, caller, target)?;
            return Ok(Outcome::deleted(operation, &target.id, showing.base_url));
        }
    };
    let full = view.represent(showing.base_url)?;
    Ok(Outcome::left(method, full))
}

fn on_group(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    (target, operation): (&Target, &Operation),
    showing: Showing<'_>,
) -> Result<Outcome, ProvisioningError> {
    let reading = showing.reading;
    let (method, body) = (operation.method, &operation.body);
    let view = match method {
        Method::Get => groups::get(tx, caller, target, reading)?,
        Method::Post => groups::create(tx, caller, body, reading)?,
        Method::Put => groups::replace(tx, caller, (target, reading), body)?,
        Method::Patch => groups::patch(tx, caller, (target, reading), &patch_of(body)?)?,
        Method::Delete => {
            groups::delete(tx, caller, target)?;
            return Ok(Outcome::deleted(operation, &target.id, showing.base_url));
        }
    };
    let too_large = reading == Reading::UnlessMany && view.members.is_none();
    let left = Outcome::left(method, view.represent(showing.base_url));
    Ok(if too_large {
        Outcome {
            status: 204,
            resource: None,
            ..left
        }
    } else {
        left
    })
}

fn on_own(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    (kind, target, operation): (&Arc<ResourceType>, &Target, &Operation),
    showing: Showing<'_>,
) -> Result<Outcome, ProvisioningError> {
    let (method, body) = (operation.method, &operation.body);
    let view = match method {
        Method::Get => resources::get(tx, caller, kind, target)?,
        Method::Post => resources::create(tx, caller, kind, body)?,
        Method::Put => resources::replace(tx, caller, (kind, target), body)?,
        Method::Patch => resources::patch(tx, caller, (kind, target), &patch_of(body)?)?,
        Method::Delete => {
            resources::delete(tx, caller, kind, target)?;
            return Ok(Outcome::deleted(operation, &target.id, showing.base_url));
        }
    };
    Ok(Outcome::left(method, view.represent(showing.base_url)))
}

fn patch_of(body: &Map<String, Value>) -> Result<PatchRequest, ScimError> {
    PatchRequest::parse(&Value::Object(body.clone()))
}
