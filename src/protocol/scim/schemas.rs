//! The resource types and schemas that one service provider offers: those of the standards, and
//! what a connection declares besides (RFC 7643 §6, §7).

use crate::protocol::scim::rights;
use crate::protocol::scim::schema;
use crate::protocol::scim::schema::Extension;
use crate::protocol::scim::schema::ResourceType;
use crate::protocol::scim::schema::Schema;
use serde_json::Value;
use serde_json::json;
use std::borrow::Cow;
use std::sync::Arc;
use std::sync::LazyLock;

/// What one service provider offers.
#[derive(Debug, Clone, PartialEq)]
pub struct Schemas {
    user: Cow<'static, ResourceType>,
    group: Cow<'static, ResourceType>,
    custom: Vec<Arc<ResourceType>>,
    documents: Value,
}

static BUILT_IN: LazyLock<Arc<Schemas>> = LazyLock::new(Arc::default);

impl Default for Schemas {
    fn default() -> Self {
        Self {
            user: Cow::Borrowed(schema::user()),
            group: Cow::Borrowed(schema::group()),
            custom: Vec::new(),
            documents: json!({ "schemas": [], "resource_types": [] }),
        }
    }
}

impl Schemas {
    /// What every connection offers.
    pub fn built_in() -> Arc<Self> {
        Arc::clone(&BUILT_IN)
    }

    /// User, with the extensions that it has here.
    pub fn user(&self) -> &ResourceType {
        &self.user
    }

    /// Group, with the extensions that it has here.
    pub fn group(&self) -> &ResourceType {
        &self.group
    }

    /// The resource types that only this connection has.
    pub fn custom(&self) -> &[Arc<ResourceType>] {
        &self.custom
    }

    /// The resource type of the connection's own whose resources live at this path.
    pub fn custom_at(&self, endpoint: &str) -> Option<&Arc<ResourceType>> {
        let mut custom = self.custom.iter();
        custom.find(|kind| kind.endpoint.strip_prefix('/') == Some(endpoint))
    }

    /// Each resource type.
    pub fn resource_types(&self) -> impl Iterator<Item = &ResourceType> {
        let custom = self.custom.iter().map(AsRef::as_ref);
        [self.user(), self.group()].into_iter().chain(custom)
    }

    /// The resource type of this name.
    pub fn resource_type(&self, name: &str) -> Option<&ResourceType> {
        self.resource_types().find(|kind| kind.name == name)
    }

    /// Each schema, once, those of the discovery endpoints too.
    pub fn served(&self) -> Vec<&Schema> {
        let mut served: Vec<&Schema> = Vec::new();
        let main = self.resource_types().flat_map(|kind| {
            let main: &Schema = &kind.schema;
            [main].into_iter().chain(kind.extension_schemas())
        });
        let discovery = schema::discovery_schemas().iter().map(AsRef::as_ref);
        for schema in main.chain(discovery) {
            if !served.iter().any(|other| other.id == schema.id) {
                served.push(schema);
            }
        }
        served
    }

    /// The same, with roles and entitlements among the resource types.
    pub fn with_rights(&self) -> Self {
        let mut offered = self.clone();
        offered.add(rights::role().clone());
        offered.add(rights::entitlement().clone());
        offered
    }

    /// What the connection declares, with every characteristic stated.
    pub fn documents(&self) -> &Value {
        &self.documents
    }

    pub(crate) fn documented(self, documents: Value) -> Self {
        Self { documents, ..self }
    }

    pub(crate) fn add(&mut self, kind: ResourceType) {
        self.custom.push(Arc::new(kind));
    }

    /// Adds extensions to User or Group; one that is there already may become required.
    pub(crate) fn extend(&mut self, name: &str, further: Vec<Extension>) {
        let kind = if name == self.group.name {
            &mut self.group
        } else {
            &mut self.user
        };
        if further.is_empty() {
            return;
        }
        let extensions = &mut kind.to_mut().extensions;
        for extension in further {
            extensions.retain(|other| other.schema.id != extension.schema.id);
            extensions.push(extension);
        }
    }
}
