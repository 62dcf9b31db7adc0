//! Row → full representation, with what is shown of other rows.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use chrono::DateTime;
use chrono::Utc;

use crate::domain::id::ScimGroupId;
use crate::domain::id::ScimUserId;
use crate::protocol::scim::as_kept::may_be_as_kept;
use crate::protocol::scim::as_kept::represent_as_kept;
use crate::protocol::scim::projection::Projection;
use crate::protocol::scim::representation;
use crate::protocol::scim::representation::Metadata;
use crate::protocol::scim::schemas::Schemas;
use crate::storage::error::StorageError;
use crate::storage::groups::ScimGroup;
use crate::storage::listed_users::ListedUser;
use crate::storage::scim_users::ScimUser;
use crate::use_cases::provisioning::group_member::GroupMember;

/// A User with what its representation shows besides.
#[derive(Clone, Debug, PartialEq)]
pub struct UserView {
    /// The User.
    pub user: ListedUser,
    /// The groups it is in; empty when they were not read.
    pub groups: Vec<(ScimGroupId, String)>,
    /// What its connection offers.
    pub schemas: Arc<Schemas>,
}

/// A User of a list with the groups it is in, as far as they were read.
pub(crate) struct ListedView<'l> {
    pub(crate) user: &'l ListedUser,
    pub(crate) groups: &'l [(ScimGroupId, String)],
}

/// A Group with what its representation shows besides.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupView {
    /// The Group.
    pub group: ScimGroup,
    /// Who and what is in it; `None` when that was not read.
    pub members: Option<Vec<GroupMember>>,
    /// What its connection offers.
    pub schemas: Arc<Schemas>,
}

impl UserView {
    /// What is shown of it, for a connection at this base address.
    pub fn text(&self, base_url: &str, projection: &Projection) -> Result<String, StorageError> {
        let kind = self.schemas.user();
        if may_be_as_kept(kind, projection)
            && let Some(text) = self.listed().as_kept(base_url)
        {
            return Ok(text);
        }
        let full = self.represent(base_url)?;
        Ok(Value::Object(projection.apply(&full, kind)).to_string())
    }

    /// The full representation, for a connection at this base address.
    pub fn represent(&self, base_url: &str) -> Result<Map<String, Value>, StorageError> {
        self.listed().represent(base_url, &self.schemas)
    }

    fn listed(&self) -> ListedView<'_> {
        ListedView {
            user: &self.user,
            groups: &self.groups,
        }
    }

    /// Its address, for a connection at this base address.
    pub fn location(&self, base_url: &str) -> String {
        user_location(self.user.id, base_url)
    }
}

/// The full representation of a User, for a connection at this base address.
pub(crate) fn user(
    user: &ScimUser,
    groups: &[(ScimGroupId, String)],
    (base_url, schemas): (&str, &Schemas),
) -> Map<String, Value> {
    let instants = (user.created_at, user.updated_at);
    let metadata = user_metadata((user.id, user.version), instants, base_url);
    let groups = group_references(groups, base_url);
    represent_user(user.resource.clone(), groups, (&metadata, schemas))
}

impl ListedView<'_> {
    /// The default representation, if the User is shown as it is kept.
    pub(crate) fn as_kept(&self, base_url: &str) -> Option<String> {
        let groups = group_references(self.groups, base_url);
        represent_as_kept(&self.user.resource, &self.metadata(base_url), &groups)
    }

    /// The full representation.
    pub(crate) fn represent(
        &self,
        base_url: &str,
        schemas: &Schemas,
    ) -> Result<Map<String, Value>, StorageError> {
        let groups = group_references(self.groups, base_url);
        let metadata = self.metadata(base_url);
        Ok(represent_user(
            self.user.read()?,
            groups,
            (&metadata, schemas),
        ))
    }

    fn metadata(&self, base_url: &str) -> Metadata {
        let instants = (self.user.created_at, self.user.updated_at);
        user_metadata((self.user.id, self.user.version), instants, base_url)
    }
}

fn user_metadata(
    (id, version): (ScimUserId, i32),
    (created, last_modified): (DateTime<Utc>, DateTime<Utc>),
    base_url: &str,
) -> Metadata {
    Metadata {
        id: id.to_string(),
        created,
        last_modified,
        location: user_location(id, base_url),
        version: i64::from(version),
    }
}

fn user_location(id: ScimUserId, base_url: &str) -> String {
    format!("{base_url}/Users/{id}")
}

/// A group that somebody is in, as `groups` of a User names it.
#[derive(Serialize)]
struct GroupReference<'g> {
    value: ScimGroupId,
    #[serde(rename = "$ref")]
    address: String,
    display: &'g str,
    #[serde(rename = "type")]
    kind: &'static str,
}

fn group_references<'g>(
    groups: &'g [(ScimGroupId, String)],
    base_url: &str,
) -> Vec<GroupReference<'g>> {
    let reference = |(id, name): &'g (ScimGroupId, String)| GroupReference {
        value: *id,
        address: format!("{base_url}/Groups/{id}"),
        display: name,
        kind: "direct",
    };
    groups.iter().map(reference).collect()
}

fn represent_user(
    mut kept: Map<String, Value>,
    groups: Vec<GroupReference<'_>>,
    (metadata, schemas): (&Metadata, &Schemas),
) -> Map<String, Value> {
    if !groups.is_empty() {
        kept.insert("groups".to_owned(), json!(groups));
    }
    representation::represent(&kept, metadata, schemas.user())
}

impl GroupView {
    /// The full representation, for a connection at this base address. A Group without members
    /// says so: some clients add nobody to a Group that does not mention them.
    pub fn represent(&self, base_url: &str) -> Map<String, Value> {
        let mut kept = self.group.resource.clone();
        if let Some(members) = &self.members {
            let members = members.iter().map(|member| member.represent(base_url));
            kept.insert("members".to_owned(), Value::Array(members.collect()));
        }
        let metadata = Metadata {
            id: self.group.id.to_string(),
            created: self.group.created_at,
            last_modified: self.group.updated_at,
            location: format!("{base_url}/Groups/{}", self.group.id),
            version: i64::from(self.group.version),
        };
        representation::represent(&kept, &metadata, self.schemas.group())
    }
}
