//! The table of refusals about members.

use crate::domain::member::MemberRefusal;
use crate::http::management::error_text::Described;
use crate::http::management::error_text::metadata::metadata;
use crate::http::management::error_text::told;
use crate::use_cases::error::member::MemberError;

pub(super) fn described(error: &MemberError) -> Described {
    use MemberError as E;
    match error {
        E::Refused(refusal) => refused(refusal),
        E::InvalidGetFields => told(
            400,
            "invalid_member_get_fields",
            "Give member_id or email_address.",
        ),
        E::DuplicateEmail(address) => told(
            400,
            "duplicate_member_email",
            format!("A member of the organization already has the address {address}."),
        ),
        E::RetiredEmail(address) => told(
            400,
            "retired_member_email",
            format!(
                "A member of the organization gave up the address {address}; unlink it there first."
            ),
        ),
        E::DuplicateExternalId(id) => told(
            400,
            "duplicate_member_external_id",
            format!("A member of the organization already has the external id {id}."),
        ),
        E::NotFound => told(
            404,
            "member_not_found",
            "There is no such member in this organization.",
        ),
    }
}

fn refused(refusal: &MemberRefusal) -> Described {
    match refusal {
        MemberRefusal::EmailMissing => told(400, "invalid_email", "email_address is needed."),
        MemberRefusal::NameTooLong => told(400, "bad_request", "name has at most 256 characters."),
        MemberRefusal::InvalidExternalId(id) => told(
            400,
            "bad_request",
            format!("external_id {id:?} must be 1 to 128 of letters, digits and . _ - |"),
        ),
        MemberRefusal::InvalidPhoneNumber(number) => told(
            400,
            "invalid_phone_number",
            format!("mfa_phone_number {number:?} must be in E.164 form, like +15551234567."),
        ),
        MemberRefusal::Metadata(refusal) => metadata(*refusal),
        MemberRefusal::DefaultRole => told(
            400,
            "cannot_assign_default_rbac_role_id",
            "Every member has stytch_member; it can be neither given nor removed.",
        ),
    }
}
