//! Resources of the types that a connection declares: create, read, page through, replace, patch
//! and delete. `commit` is the one way such a resource changes.

use std::sync::Arc;

use serde_json::Map;
use serde_json::Value;

use crate::domain::event::Change;
use crate::domain::event::EventKind;
use crate::domain::id::ScimResourceId;
use crate::protocol::scim::error::ScimError;
use crate::protocol::scim::patch;
use crate::protocol::scim::patch_request::PatchRequest;
use crate::protocol::scim::representation;
use crate::protocol::scim::representation::Metadata;
use crate::protocol::scim::representation::journaled;
use crate::protocol::scim::resource;
use crate::protocol::scim::schema::ResourceType;
use crate::protocol::scim::schemas::Schemas;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::journal;
use crate::storage::scim_filter::Predicate;
use crate::storage::scim_pages::Part;
use crate::storage::scim_resources;
use crate::storage::scim_resources::Place;
use crate::storage::scim_resources::ScimResource;
use crate::use_cases::credentials::ScimCaller;
use crate::use_cases::provisioning::Target;
use crate::use_cases::provisioning::error::ProvisioningError;
use crate::use_cases::provisioning::leniency;
use crate::use_cases::provisioning::mapping::changed_resource;
use crate::use_cases::provisioning::mapping::new_resource;
use crate::use_cases::provisioning::uniqueness;

/// A resource with the definition of its type.
#[derive(Clone, Debug, PartialEq)]
pub struct ResourceView {
    /// The resource.
    pub resource: ScimResource,
    /// Its type.
    pub kind: Arc<ResourceType>,
}

impl ResourceView {
    /// The full representation, for a connection at this base address.
    pub fn represent(&self, base_url: &str) -> Map<String, Value> {
        let resource = &self.resource;
        let metadata = Metadata {
            id: resource.id.to_string(),
            created: resource.created_at,
            last_modified: resource.updated_at,
            location: format!("{base_url}{}/{}", self.kind.endpoint, resource.id),
            version: i64::from(resource.version),
        };
        representation::represent(&resource.resource, &metadata, &self.kind)
    }
}

/// The resource type of a connection whose resources live at this path, without its slash.
pub fn kind_at(schemas: &Schemas, endpoint: &str) -> Result<Arc<ResourceType>, ScimError> {
    let missing = "there is nothing at this address; /ResourceTypes lists what there is";
    let found = schemas.custom_at(endpoint).cloned();
    found.ok_or_else(|| ScimError::NotFound(missing.to_owned()))
}

fn place<'a>(caller: &'a ScimCaller, kind: &'a ResourceType) -> Place<'a> {
    Place {
        scope: &caller.scope,
        connection: caller.connection.id,
        resource_type: &kind.name,
    }
}

/// The one way such a resource changes: row, unique values, journal.
fn commit(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    kind: &Arc<ResourceType>,
    (before, after): (Option<&ScimResource>, Option<&ScimResource>),
) -> Result<(), ProvisioningError> {
    let scope = &caller.scope;
    let (event, id) = match (before, after) {
        (None, None) => return Ok(()),
        (None, Some(resource)) => {
            scim_resources::insert(tx, scope, resource)?;
            (EventKind::ScimResourceCreated, resource.id)
        }
        (Some(_), Some(resource)) => {
            scim_resources::save(tx, scope, resource)?;
            (EventKind::ScimResourceUpdated, resource.id)
        }
        (Some(resource), None) => {
            scim_resources::delete(tx, scope, resource)?;
            (EventKind::ScimResourceDeleted, resource.id)
        }
    };
    let (held, wanted) = (before.map(|it| &it.resource), after.map(|it| &it.resource));
    let nothing = Map::new();
    let values = (held.unwrap_or(&nothing), wanted.unwrap_or(&nothing));
    uniqueness::claim(tx, caller, (kind, &id.to_string()), values)?;
    let change = Change {
        organization_id: Some(scope.organization_id),
        kind: event,
        object_id: id.to_string(),
        before: held.map(|resource| journaled(resource, kind).into()),
        after: wanted.map(|resource| journaled(resource, kind).into()),
    };
    Ok(journal::append(tx, &change)?)
}

/// Creates a resource.
pub fn create(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    kind: &Arc<ResourceType>,
    body: &Map<String, Value>,
) -> Result<ResourceView, ProvisioningError> {
    let resource = resource::create(body, kind, leniency(caller))?;
    let resource = new_resource((caller.connection.id, &kind.name), resource, tx.now)?;
    commit(tx, caller, kind, (None, Some(&resource)))?;
    Ok(view(resource, kind))
}

fn view(resource: ScimResource, kind: &Arc<ResourceType>) -> ResourceView {
    let kind = Arc::clone(kind);
    ResourceView { resource, kind }
}

/// Reads a resource.
pub fn get(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    kind: &Arc<ResourceType>,
    target: &Target,
) -> Result<ResourceView, ProvisioningError> {
    Ok(view(find(tx, caller, kind, &target.id)?, kind))
}

fn find(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    kind: &Arc<ResourceType>,
    named: &str,
) -> Result<ScimResource, ProvisioningError> {
    let found = match named.parse::<ScimResourceId>() {
        Ok(id) => scim_resources::find(tx, place(caller, kind), id)?,
        Err(_) => None,
    };
    let missing = || ScimError::NotFound(format!("there is no {} \"{named}\"", kind.name)).into();
    found.ok_or_else(missing)
}

/// What is to be changed, at the version that the client expects.
fn find_to_change(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    kind: &Arc<ResourceType>,
    target: &Target,
) -> Result<ScimResource, ProvisioningError> {
    let found = find(tx, caller, kind, &target.id)?;
    target.conditions.check_change(found.version.into())?;
    Ok(found)
}

/// A part of those of a type that match.
pub(crate) fn page(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    kind: &Arc<ResourceType>,
    (predicate, part): (&Predicate, Part<'_>),
) -> Result<Vec<ResourceView>, StorageError> {
    let found = scim_resources::page(tx, place(caller, kind), predicate, part)?.into_iter();
    Ok(found.map(|resource| view(resource, kind)).collect())
}

/// How many of a type match.
pub(crate) fn count(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    kind: &ResourceType,
    predicate: &Predicate,
) -> Result<i64, StorageError> {
    scim_resources::count(tx, place(caller, kind), predicate)
}

/// Replaces a resource by what the client sent.
pub fn replace(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    (kind, target): (&Arc<ResourceType>, &Target),
    body: &Map<String, Value>,
) -> Result<ResourceView, ProvisioningError> {
    let before = find_to_change(tx, caller, kind, target)?;
    let resource = resource::replace(&before.resource, body, kind, leniency(caller))?;
    change(tx, caller, kind, (before, resource))
}

/// Applies the operations of a PATCH request, all or none.
pub fn patch(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    (kind, target): (&Arc<ResourceType>, &Target),
    request: &PatchRequest,
) -> Result<ResourceView, ProvisioningError> {
    let before = find_to_change(tx, caller, kind, target)?;
    let resource = patch::apply(&before.resource, request, kind, leniency(caller))?;
    change(tx, caller, kind, (before, resource))
}

/// What stays the same is not written.
fn change(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    kind: &Arc<ResourceType>,
    (before, resource): (ScimResource, Map<String, Value>),
) -> Result<ResourceView, ProvisioningError> {
    if resource == before.resource {
        return Ok(view(before, kind));
    }
    let after = changed_resource(&before, resource, tx.now)?;
    commit(tx, caller, kind, (Some(&before), Some(&after)))?;
    Ok(view(after, kind))
}

/// Deletes a resource.
pub fn delete(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    kind: &Arc<ResourceType>,
    target: &Target,
) -> Result<(), ProvisioningError> {
    let resource = find_to_change(tx, caller, kind, target)?;
    commit(tx, caller, kind, (Some(&resource), None))
}
