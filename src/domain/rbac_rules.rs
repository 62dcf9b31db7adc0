//! What a policy must be: ids, uniqueness, permissions on what is declared, and what is reserved.

use std::collections::BTreeSet;

use crate::domain::rbac::OrgPolicy;
use crate::domain::rbac::Permission;
use crate::domain::rbac::Policy;
use crate::domain::rbac::PolicyDeclaration;
use crate::domain::rbac::Resource;
use crate::domain::rbac::Role;
use crate::domain::rbac::WILDCARD;
use crate::domain::rbac::is_role_id;
use crate::domain::rbac_refusal::MAX_DESCRIPTION;
use crate::domain::rbac_refusal::MAX_ID;
use crate::domain::rbac_refusal::MAX_ORGANIZATION_ROLES;
use crate::domain::rbac_refusal::Part;
use crate::domain::rbac_refusal::PolicyRefusal;
use crate::domain::rbac_reserved::is_reserved_resource;
use crate::domain::rbac_reserved::is_reserved_role;

impl PolicyDeclaration {
    /// Everything that is wrong with what a project declares.
    pub fn refusals(&self) -> Vec<PolicyRefusal> {
        let policy = Policy::with(self);
        let mut found = Findings::default();
        let resources = self.resources.iter().map(|it| it.resource_id.as_str());
        found.unique(Part::Resource, resources, "the policy");
        for resource in &self.resources {
            found.resource(resource);
        }
        let roles = self.roles.iter().map(|it| it.role_id.as_str());
        found.unique(Part::Role, roles, "the policy");
        for role in &self.roles {
            if is_reserved_role(&role.role_id) {
                found.reserved_role(role);
            }
            found.role(role, &policy);
        }
        let scopes = self.scopes.iter().map(|it| it.scope.as_str());
        found.unique(Part::Scope, scopes, "the policy");
        for scope in &self.scopes {
            let owner = format!("scope {}", scope.scope);
            found.id(Part::Scope, &scope.scope, "the policy");
            found.description(&owner, &scope.description);
            found.permissions(&owner, &scope.permissions, &policy);
        }
        found.0
    }
}

impl OrgPolicy {
    /// Everything that is wrong with the roles that an organization adds to its project's policy.
    pub fn refusals(&self, project: &Policy) -> Vec<PolicyRefusal> {
        let mut found = Findings::default();
        if self.roles.len() > MAX_ORGANIZATION_ROLES {
            return vec![PolicyRefusal::TooManyRoles(self.roles.len())];
        }
        let roles = self.roles.iter().map(|it| it.role_id.as_str());
        found.unique(Part::Role, roles, "the policy");
        for role in &self.roles {
            let taken = project.roles.iter().any(|it| it.role_id == role.role_id);
            if is_reserved_role(&role.role_id) {
                found
                    .0
                    .push(PolicyRefusal::ReservedRole(role.role_id.clone()));
            } else if taken {
                found
                    .0
                    .push(PolicyRefusal::RoleOfProject(role.role_id.clone()));
            }
            found.role(role, project);
        }
        found.0
    }
}

#[derive(Default)]
struct Findings(Vec<PolicyRefusal>);

impl Findings {
    fn unique<'a>(&mut self, part: Part, ids: impl Iterator<Item = &'a str>, place: &str) {
        let mut seen = BTreeSet::new();
        for id in ids {
            if !seen.insert(id) {
                let (id, place) = (id.to_owned(), place.to_owned());
                self.0.push(PolicyRefusal::Duplicate(part, id, place));
            }
        }
    }

    fn id(&mut self, part: Part, id: &str, place: &str) {
        if id.is_empty() {
            self.0.push(PolicyRefusal::Empty(part, place.to_owned()));
        } else if id.chars().count() > MAX_ID {
            self.0.push(PolicyRefusal::TooLong(part, id.to_owned()));
        }
    }

    fn description(&mut self, owner: &str, text: &str) {
        if text.chars().count() > MAX_DESCRIPTION {
            self.0
                .push(PolicyRefusal::DescriptionTooLong(owner.to_owned()));
        }
    }

    fn resource(&mut self, resource: &Resource) {
        let owner = format!("resource {}", resource.resource_id);
        self.id(Part::Resource, &resource.resource_id, "the policy");
        if is_reserved_resource(&resource.resource_id) {
            let id = resource.resource_id.clone();
            self.0.push(PolicyRefusal::ReservedResource(id));
        }
        self.description(&owner, &resource.description);
        if resource.actions.is_empty() {
            let id = resource.resource_id.clone();
            self.0
                .push(PolicyRefusal::MissingActions(owner.clone(), id));
        }
        if resource.actions.iter().any(|action| action == WILDCARD) {
            self.0
                .push(PolicyRefusal::WildcardAmongOthers(owner.clone()));
        }
        self.actions(&owner, &resource.actions);
    }

    fn actions(&mut self, owner: &str, actions: &[String]) {
        self.unique(Part::Action, actions.iter().map(String::as_str), owner);
        for action in actions {
            self.id(Part::Action, action, owner);
        }
    }

    fn reserved_role(&mut self, role: &Role) {
        let is_known = Policy::default()
            .roles
            .iter()
            .any(|it| it.role_id == role.role_id);
        let only_adds = role
            .permissions
            .iter()
            .all(|permission| !is_reserved_resource(&permission.resource_id));
        if !is_known || !only_adds || !role.description.is_empty() {
            self.0
                .push(PolicyRefusal::ReservedRole(role.role_id.clone()));
        }
    }

    fn role(&mut self, role: &Role, policy: &Policy) {
        let owner = format!("role {}", role.role_id);
        if role.role_id.chars().count() > MAX_ID {
            self.0
                .push(PolicyRefusal::TooLong(Part::Role, role.role_id.clone()));
        } else if !is_role_id(&role.role_id) {
            self.0
                .push(PolicyRefusal::InvalidRoleId(role.role_id.clone()));
        }
        self.description(&owner, &role.description);
        self.permissions(&owner, &role.permissions, policy);
    }

    fn permissions(&mut self, owner: &str, permissions: &[Permission], policy: &Policy) {
        if permissions.is_empty() {
            self.0
                .push(PolicyRefusal::MissingPermissions(owner.to_owned()));
        }
        let resources = permissions.iter().map(|it| it.resource_id.as_str());
        self.unique(Part::Resource, resources, owner);
        for permission in permissions {
            self.permission(owner, permission, policy);
        }
    }

    fn permission(&mut self, owner: &str, permission: &Permission, policy: &Policy) {
        let (owner, id) = (owner.to_owned(), permission.resource_id.clone());
        self.id(Part::Resource, &id, &owner);
        self.actions(&owner, &permission.actions);
        let is_named = |it: &&Resource| it.resource_id == id;
        let Some(resource) = policy.resources.iter().find(is_named) else {
            self.0.push(PolicyRefusal::UnknownResource(owner, id));
            return;
        };
        match permission.actions.as_slice() {
            [] => self.0.push(PolicyRefusal::MissingActions(owner, id)),
            [only] if only == WILDCARD => {}
            actions if actions.iter().any(|action| action == WILDCARD) => {
                self.0.push(PolicyRefusal::WildcardAmongOthers(owner));
            }
            actions => {
                let unknown = actions.iter().filter(|it| !resource.actions.contains(it));
                self.0.extend(unknown.map(|action| {
                    PolicyRefusal::UnknownAction(owner.clone(), id.clone(), action.clone())
                }));
            }
        }
    }
}

#[cfg(test)]
mod tests;
