//! The table of refusals, continued: what the domain says about fields and rules.

use crate::domain::member::MemberRefusal;
use crate::domain::metadata::MetadataRefusal;
use crate::domain::organization::OrganizationRefusal;
use crate::domain::policy::Refusal;
use crate::domain::session::SessionRefusal;
use crate::http::management::error_text::Described;
use crate::http::management::error_text::told;

/// The contract's error type for a field of the wrong shape; most have one of their own.
pub(crate) fn field_error_type(field: &str) -> String {
    let known = match field {
        "organization_name" => "invalid_organization_name",
        "organization_slug" => "invalid_organization_slug",
        "organization_external_id" => "invalid_organization_external_id",
        "auth_methods" => "invalid_organization_auth_method_settings",
        "allowed_auth_methods" => "invalid_organization_allowed_auth_methods",
        "allowed_mfa_methods" => "invalid_organization_allowed_mfa_methods",
        "mfa_policy" => "invalid_organization_mfa_policy",
        "mfa_methods" => "invalid_organization_mfa_factor_setting",
        "sso_jit_provisioning" => "invalid_restricted_sso_setting",
        "email_jit_provisioning" | "email_invites" => "invalid_restricted_email_setting",
        "oauth_tenant_jit_provisioning" => "invalid_restricted_oauth_tenants_setting",
        "trusted_metadata" | "untrusted_metadata" => "metadata_invalid_format",
        "email_address" => "invalid_email",
        "mfa_phone_number" => "invalid_phone_number",
        "session_duration_minutes" => "invalid_session_duration_minutes",
        "sso_default_connection_id" => "invalid_sso_default_connection_id",
        _ => return "bad_request".to_owned(),
    };
    known.to_owned()
}

fn metadata(refusal: MetadataRefusal) -> Described {
    match refusal {
        MetadataRefusal::TooManyKeys => told(
            400,
            "metadata_too_many_keys",
            "Metadata has at most 20 keys.",
        ),
        MetadataRefusal::TooLarge => told(
            400,
            "metadata_too_large",
            "Metadata has at most 4096 bytes as JSON.",
        ),
    }
}

pub(crate) fn invalid_role_id(role: &str) -> Described {
    let form = "1 to 128 of letters, digits, . _ - :";
    told(
        400,
        "invalid_rbac_role_id",
        format!("{role:?} is no role id: {form}"),
    )
}

pub(crate) fn organization(refusal: &OrganizationRefusal) -> Described {
    match refusal {
        OrganizationRefusal::NameMissing => told(
            400,
            "organization_name_missing",
            "organization_name is needed.",
        ),
        OrganizationRefusal::InvalidName => told(
            400,
            "invalid_organization_name",
            "organization_name must have 1 to 128 characters.",
        ),
        OrganizationRefusal::InvalidSlug(slug) => told(
            400,
            "invalid_organization_slug",
            format!("organization_slug {slug:?} must be 2 to 128 of letters, digits and - . _ ~"),
        ),
        OrganizationRefusal::InvalidExternalId(id) => told(
            400,
            "invalid_organization_external_id",
            format!(
                "organization_external_id {id:?} must be 1 to 128 of letters, digits and . _ - |"
            ),
        ),
        OrganizationRefusal::LogoUrlTooLong => told(
            400,
            "organization_logo_url_too_long",
            "organization_logo_url has at most 2048 characters.",
        ),
        OrganizationRefusal::Metadata(refusal) => metadata(*refusal),
        OrganizationRefusal::InvalidDoor(field) => told(
            400,
            &field_error_type(field),
            format!("{field} must be RESTRICTED or NOT_ALLOWED."),
        ),
        OrganizationRefusal::EmptyList(list) => told(
            400,
            match *list {
                "allowed_auth_methods" => "allowed_auth_methods_required_for_restricted",
                "allowed_mfa_methods" => "allowed_mfa_methods_required_for_restricted",
                "sso_jit_provisioning_allowed_connections" => "invalid_restricted_sso_setting",
                "email_allowed_domains" => "invalid_restricted_email_setting",
                _ => "invalid_restricted_oauth_tenants_setting",
            },
            format!("A RESTRICTED setting needs {list} not to be empty."),
        ),
        OrganizationRefusal::InvalidDomain(domain) => told(
            400,
            "organization_settings_invalid_domain",
            format!("{domain:?} is no domain name."),
        ),
        OrganizationRefusal::InvalidRoleId(role) => invalid_role_id(role),
        OrganizationRefusal::AllDoorsClosed => told(
            400,
            "invalid_organization_auth_factor_setting",
            "sso_jit_provisioning, email_jit_provisioning and email_invites must not all be NOT_ALLOWED.",
        ),
    }
}

pub(crate) fn member(refusal: &MemberRefusal) -> Described {
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

pub(crate) fn session(refusal: SessionRefusal) -> Described {
    match refusal {
        SessionRefusal::InvalidDuration => told(
            400,
            "invalid_session_duration_minutes",
            "session_duration_minutes must be between 5 and 527040.",
        ),
        SessionRefusal::CustomClaimsTooLarge => told(
            400,
            "custom_claims_too_large",
            "session_custom_claims has at most 4096 bytes as JSON.",
        ),
        SessionRefusal::ReservedNamespace => told(
            400,
            "stytch_claims_in_custom_claims",
            "A custom claim must not begin with https://stytch.com/.",
        ),
    }
}

pub(crate) fn sign_in(refusal: Refusal) -> Described {
    let (status, error_type) = match refusal {
        Refusal::JitNotAllowed | Refusal::ConnectionNotAllowedForJit => {
            (400, "invalid_connection_for_jit_provisioning")
        }
        Refusal::RemovedByDirectory | Refusal::MemberDeleted => {
            (400, "action_available_only_for_active_members")
        }
        Refusal::MethodNotAllowed => (400, "operation_restricted_by_organization_auth_methods"),
        Refusal::EmailTaken => (400, "duplicate_member_email"),
        Refusal::EmailRetired => (400, "retired_member_email"),
        Refusal::DomainClaimed => (400, "action_not_allowed_email_domain_is_claimed"),
    };
    told(status, error_type, refusal.sentence())
}
