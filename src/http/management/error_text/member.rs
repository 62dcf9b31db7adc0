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
        E::DuplicatePhoneNumber(number) => told(
            400,
            "duplicate_member_phone_number",
            format!("A member of the organization already has the number {number}."),
        ),
        E::OwnEmail => told(
            400,
            "member_cannot_update_their_email_address",
            "Members cannot change their own address; the application or another member has to.",
        ),
        E::MissingEmailIdentifiers => told(
            400,
            "retired_email_missing_email_identifiers",
            "Give email_id or email_address.",
        ),
        E::Locked => told(
            400,
            "user_lock_limit_reached",
            "Wrong secrets were given for the member too often; try again after lock_expires_at, or unlock it.",
        ),
        E::NoDeletedMember | E::EmailUnverified | E::EmailOfAnother(_) => reactivation(error),
        E::NotFound | E::EmailNotFound | E::TotpNotFound | E::PasswordNotFound => not_found(error),
    }
}

fn reactivation(error: &MemberError) -> Described {
    match error {
        MemberError::EmailUnverified => told(
            400,
            "email_unverified_for_reactivation",
            "The member never proved its address; create a new member instead.",
        ),
        MemberError::EmailOfAnother(address) => told(
            400,
            "reactivation_email_belongs_to_another_member",
            format!("Another member of the organization has or gave up the address {address}."),
        ),
        _ => told(
            400,
            "no_deleted_member_found_for_reactivation",
            "The organization has no deleted member with this member_id; an external id does not do.",
        ),
    }
}

fn not_found(error: &MemberError) -> Described {
    match error {
        MemberError::EmailNotFound => told(
            404,
            "email_not_found",
            "The member gave up no such address; email_id and email_address must mean the same one.",
        ),
        MemberError::TotpNotFound => told(
            404,
            "totp_not_found",
            "The member has no authenticator application.",
        ),
        MemberError::PasswordNotFound => told(
            404,
            "member_password_not_found",
            "No member of the organization has this password.",
        ),
        _ => told(
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
        MemberRefusal::PhoneNumberAlreadySet => told(
            400,
            "duplicate_member_phone_number_for_member",
            "The member has another number already; delete that one first.",
        ),
        MemberRefusal::InvalidDefaultMfaMethod(given) => told(
            400,
            "invalid_mfa_default_method",
            format!("default_mfa_method {given:?} must be sms_otp or totp."),
        ),
        MemberRefusal::MissingFactor(method) => told(
            400,
            "default_mfa_member_missing_factor",
            format!("The member has no factor of the kind {}.", method.name()),
        ),
        MemberRefusal::Metadata(refusal) => metadata(*refusal),
        MemberRefusal::DefaultRole => told(
            400,
            "cannot_assign_default_rbac_role_id",
            "Every member has stytch_member; it can be neither given nor removed.",
        ),
    }
}
