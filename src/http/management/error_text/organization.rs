//! The table of refusals about organizations.

use crate::domain::organization::OrganizationRefusal;
use crate::http::management::error_text::Described;
use crate::http::management::error_text::metadata::metadata;
use crate::http::management::error_text::rbac::invalid_role_id;
use crate::http::management::error_text::request::field_error_type;
use crate::http::management::error_text::told;
use crate::use_cases::error::organization::OrganizationError;

pub(super) fn described(error: &OrganizationError) -> Described {
    use OrganizationError as E;
    match error {
        E::NotFound => told(
            404,
            "organization_not_found",
            "There is no such organization in this project.",
        ),
        E::Refused(refusal) => refused(refusal),
        E::SlugAlreadyUsed(slug) => told(
            400,
            "organization_slug_already_used",
            format!("Another organization has the slug {slug}."),
        ),
        E::ExternalIdAlreadyUsed(id) => told(
            400,
            "organization_external_id_already_used",
            format!("Another organization has the external id {id}."),
        ),
        E::DuplicateClaimedDomain(domain) => told(
            400,
            "organization_settings_duplicate_claimed_domain",
            format!("Another organization claims the domain {domain}."),
        ),
        E::InvalidDefaultConnection => told(
            400,
            "invalid_sso_default_connection_id",
            "The default connection must be an active SSO connection of the organization.",
        ),
    }
}

fn refused(refusal: &OrganizationRefusal) -> Described {
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
