//! Why a role cannot be given, or a policy not be taken.

use crate::domain::rbac_refusal::Part;
use crate::domain::rbac_refusal::PolicyRefusal;

/// Why a role cannot be given, or a policy not be taken.
#[derive(Clone, Debug, PartialEq)]
pub enum RbacError {
    /// A role id of the wrong form, or of a role that no policy declares.
    InvalidRoleId(String),
    /// A policy breaks a rule.
    Policy(PolicyRefusal),
}

impl RbacError {
    /// One of each kind.
    pub fn examples() -> Vec<Self> {
        use PolicyRefusal as P;
        let text = |it: &str| it.to_owned();
        let policies = [
            P::Duplicate(Part::Role, text("editor"), text("the policy")),
            P::Duplicate(Part::Resource, text("documents"), text("role editor")),
            P::Duplicate(Part::Scope, text("read:documents"), text("the policy")),
            P::Duplicate(Part::Action, text("read"), text("role editor")),
            P::TooLong(Part::Role, text("editor")),
            P::TooLong(Part::Resource, text("documents")),
            P::TooLong(Part::Scope, text("read:documents")),
            P::TooLong(Part::Action, text("read")),
            P::Empty(Part::Action, text("role editor")),
            P::DescriptionTooLong(text("role editor")),
            P::InvalidRoleId(text("no good")),
            P::MissingPermissions(text("role editor")),
            P::MissingActions(text("role editor"), text("documents")),
            P::UnknownResource(text("role editor"), text("papers")),
            P::UnknownAction(text("role editor"), text("documents"), text("shred")),
            P::WildcardAmongOthers(text("role editor")),
            P::ReservedRole(text("stytch_member")),
            P::ReservedResource(text("stytch.self")),
            P::RoleOfProject(text("editor")),
            P::TooManyRoles(101),
        ];
        let mut all = vec![Self::InvalidRoleId(text("no good"))];
        all.extend(policies.map(Self::Policy));
        all
    }
}
