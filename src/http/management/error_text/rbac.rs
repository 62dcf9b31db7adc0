//! The table of refusals about roles and policies.

use crate::domain::rbac_refusal::Part;
use crate::domain::rbac_refusal::PolicyRefusal;
use crate::http::management::error_text::Described;
use crate::http::management::error_text::told;
use crate::use_cases::error::rbac::RbacError;

pub(super) fn described(error: &RbacError) -> Described {
    use RbacError as E;
    match error {
        E::InvalidRoleId(role) => invalid_role_id(role),
        E::Policy(refusal) => told(400, error_type(refusal), format!("{refusal}.")),
    }
}

pub(super) fn invalid_role_id(role: &str) -> Described {
    let right = "a role that the project's or the organization's policy declares, \
                 of 1 to 128 letters, digits, . _ - :";
    told(
        400,
        "invalid_rbac_role_id",
        format!("{role:?} is no role id here; give {right}"),
    )
}

fn error_type(refusal: &PolicyRefusal) -> &'static str {
    use PolicyRefusal as E;
    match refusal {
        E::Duplicate(Part::Role, ..) => "rbac_role_duplicate",
        E::Duplicate(Part::Resource, ..) => "rbac_resource_duplicate",
        E::Duplicate(Part::Scope, ..) => "rbac_scope_duplicate",
        E::Duplicate(Part::Action, ..) => "rbac_action_duplicate",
        E::TooLong(Part::Role, _) => "rbac_role_id_too_long",
        E::TooLong(Part::Resource, _) => "rbac_resource_id_too_long",
        E::TooLong(Part::Scope, _) => "rbac_scope_too_long",
        E::TooLong(Part::Action, _) => "rbac_action_too_long",
        E::DescriptionTooLong(_) => "rbac_description_too_long",
        E::InvalidRoleId(_) => "invalid_rbac_role_id",
        E::MissingPermissions(_) => "rbac_role_missing_permissions",
        E::MissingActions(..) => "rbac_permission_missing_actions",
        E::WildcardAmongOthers(_) => "cannot_specify_wildcard_with_other_actions",
        E::ReservedRole(_) | E::ReservedResource(_) => "invalid_rbac_stytch_role_edit",
        E::RoleOfProject(_) => "rbac_org_custom_roles_only",
        E::TooManyRoles(_) => "too_many_roles",
        // The contract has no name for these.
        E::Empty(..) | E::UnknownResource(..) | E::UnknownAction(..) => "bad_request",
    }
}
