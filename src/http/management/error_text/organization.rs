//! The table of refusals about organizations.

use crate::domain::email_domain::DomainFault;
use crate::domain::email_domain::DomainList;
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
        E::DomainNotFound => told(
            404,
            "domain_not_found",
            "The organization has not claimed this domain.",
        ),
        E::ForeignConnection(id) => told(
            400,
            "invalid_restricted_sso_setting",
            format!("{id} is no SSO connection of the organization."),
        ),
    }
}

fn refused(refusal: &OrganizationRefusal) -> Described {
    use OrganizationRefusal as R;
    let bad = |error_type: &str, message: &str| told(400, error_type, message);
    match refusal {
        R::NameMissing => bad("organization_name_missing", "organization_name is needed."),
        R::InvalidName => bad("invalid_organization_name", NAME),
        R::InvalidSlug(slug) => bad("invalid_organization_slug", &format!("{slug:?}: {SLUG}")),
        R::InvalidExternalId(id) => bad(
            "invalid_organization_external_id",
            &format!("{id:?}: {EXTERNAL_ID}"),
        ),
        R::LogoUrlTooLong => bad("organization_logo_url_too_long", LOGO_URL),
        R::InvalidLogoUrl => bad("bad_request", LOGO_URL),
        R::Metadata(refusal) => metadata(*refusal),
        R::InvalidDoor(field) => bad(
            field_error_type(field),
            &format!("{field} must be RESTRICTED or NOT_ALLOWED."),
        ),
        R::EmptyList(list) => bad(
            empty_list(list),
            &format!("A RESTRICTED setting needs {list} not to be empty."),
        ),
        R::Domain(list, fault, domain) => unowned(*list, *fault, domain),
        R::InvalidRoleId(role) => invalid_role_id(role),
        R::InvalidOauthTenants(provider) => bad(
            "invalid_oauth_allowed_tenants_format",
            &format!("allowed_oauth_tenants.{provider}: {ENTRIES}"),
        ),
        R::InvalidConnectedApps(field) => bad("bad_request", &format!("{field}: {ENTRIES}")),
        R::InvalidDefaultConnection(id) => bad(
            "invalid_sso_default_connection_id",
            &format!("{id:?} is no active SSO connection of the organization."),
        ),
        R::AllDoorsClosed => bad("invalid_organization_auth_factor_setting", DOORS),
    }
}

const NAME: &str = "organization_name must have 1 to 128 characters, all of which show.";
const SLUG: &str = "organization_slug must be 2 to 128 of letters, digits and - . _ ~, at least one \
    of them a letter or digit, and not look like an id.";
const EXTERNAL_ID: &str = "organization_external_id must be 1 to 128 of letters, digits and . _ - |, \
    and not look like an id.";
const LOGO_URL: &str = "organization_logo_url has at most 2048 characters, none of them white space \
    or control characters.";
const ENTRIES: &str = "at most 100 texts of 1 to 128 characters are allowed.";
const DOORS: &str = "sso_jit_provisioning, email_jit_provisioning and email_invites must not all be \
    NOT_ALLOWED.";

fn empty_list(list: &str) -> &'static str {
    match list {
        "allowed_auth_methods" => "allowed_auth_methods_required_for_restricted",
        "allowed_mfa_methods" => "allowed_mfa_methods_required_for_restricted",
        "sso_jit_provisioning_allowed_connections" => "invalid_restricted_sso_setting",
        "email_allowed_domains" => "invalid_restricted_email_setting",
        _ => "invalid_restricted_oauth_tenants_setting",
    }
}

/// What is wrong with a domain of a list: each list has error types of its own.
fn unowned(list: DomainList, fault: DomainFault, domain: &str) -> Described {
    use DomainFault as F;
    use DomainList as L;
    let error_type = match (list, fault) {
        (L::Allowed, F::Invalid) => "organization_settings_invalid_domain",
        (L::Allowed, F::TooCommon) => "organization_settings_domain_too_common",
        (L::Allowed, F::Duplicate) => "organization_settings_duplicate_domain",
        (L::Allowed | L::Claimed, F::Disposable) => "organization_settings_disposable_domain",
        (L::Claimed, F::Invalid) => "organization_settings_invalid_claimed_domain",
        (L::Claimed, F::TooCommon) => "organization_settings_claimed_domain_too_common",
        (L::Claimed, F::Duplicate) => "organization_settings_duplicate_claimed_domain",
        (L::ImplicitRoles, F::Invalid) => "rbac_invalid_domain",
        (L::ImplicitRoles, F::TooCommon | F::Disposable) => "rbac_domain_too_common",
        (L::ImplicitRoles, F::Duplicate) => "invalid_rbac_role_assignment",
        (L::Allowed | L::Claimed | L::ImplicitRoles, F::TooMany) => "too_many_domains",
    };
    let field = match list {
        L::Allowed => "email_allowed_domains",
        L::Claimed => "claimed_email_domains",
        L::ImplicitRoles => "rbac_email_implicit_role_assignments",
    };
    let reason = match fault {
        F::Invalid => "is no domain that one organization can own, like example.com",
        F::TooCommon => "belongs to a mail provider that is open to everybody",
        F::Disposable => "belongs to a provider of throw-away addresses",
        F::Duplicate => "is listed twice",
        F::TooMany => "is one of more than 100",
    };
    told(400, error_type, format!("{field}: {domain:?} {reason}."))
}
