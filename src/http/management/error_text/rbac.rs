//! The table of refusals about roles and policies.

use crate::http::management::error_text::Described;
use crate::http::management::error_text::told;
use crate::use_cases::error::rbac::RbacError;

pub(super) fn described(error: &RbacError) -> Described {
    use RbacError as E;
    match error {
        E::InvalidRoleId(role) => invalid_role_id(role),
    }
}

pub(super) fn invalid_role_id(role: &str) -> Described {
    let form = "1 to 128 of letters, digits, . _ - :";
    told(
        400,
        "invalid_rbac_role_id",
        format!("{role:?} is no role id: {form}"),
    )
}
