//! The resource types and schemas that one service provider offers: those of the standards, and
//! what a connection declares besides (RFC 7643 §6, §7).

use crate::protocol::scim::schema;
use crate::protocol::scim::schema::ResourceType;
use crate::protocol::scim::schema::Schema;
use std::borrow::Cow;
use std::sync::Arc;
use std::sync::LazyLock;

/// What one service provider offers.
#[derive(Debug, Clone, PartialEq)]
pub struct Schemas {
    user: Cow<'static, ResourceType>,
    group: Cow<'static, ResourceType>,
    custom: Vec<ResourceType>,
}

static BUILT_IN: LazyLock<Arc<Schemas>> = LazyLock::new(|| {
    Arc::new(Schemas {
        user: Cow::Borrowed(schema::user()),
        group: Cow::Borrowed(schema::group()),
        custom: Vec::new(),
    })
});

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
    pub fn custom(&self) -> &[ResourceType] {
        &self.custom
    }

    /// Each resource type.
    pub fn resource_types(&self) -> impl Iterator<Item = &ResourceType> {
        [self.user(), self.group()].into_iter().chain(&self.custom)
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
}
