//! The table of refusals about the request itself.

use crate::http::management::error_text::Described;
use crate::http::management::error_text::told;
use crate::use_cases::error::request::RequestError;

pub(super) fn described(error: &RequestError) -> Described {
    use RequestError as E;
    match error {
        E::UnauthorizedCredentials => told(
            401,
            "unauthorized_credentials",
            "HTTP Basic with the project id as user name and its secret as password is needed.",
        ),
        E::RouteNotFound => told(
            404,
            "route_not_found",
            "There is no such route for this method.",
        ),
        E::InvalidBody(field, reason) if field.is_empty() => told(400, "bad_request", reason),
        E::InvalidBody(field, reason) => {
            told(400, &field_error_type(field), format!("{field}: {reason}"))
        }
        E::BodyTooLarge(limit) => told(
            413,
            "request_too_large",
            format!("The body may have at most {limit} bytes."),
        ),
        E::UnsupportedContentType(given) => told(
            415,
            "unsupported_content_type",
            format!("The body must be application/json, not {given}."),
        ),
        E::TooManyRequests(seconds) => Described {
            retry_after: Some(*seconds),
            ..told(
                429,
                "too_many_requests",
                format!("Too many requests; wait {seconds} s."),
            )
        },
        E::NotOffered => told(
            400,
            "invalid_b2b_endpoint",
            "This sign-in method is not offered by this server; single sign-on is.",
        ),
        E::ActingAsMember => told(
            403,
            "session_authorization_error",
            "This call cannot be made on behalf of a member session; leave its header out.",
        ),
    }
}

/// The contract's error type for a field of the wrong shape; most have one of their own.
pub(super) fn field_error_type(field: &str) -> String {
    let known = match field {
        "organization_id" => "invalid_organization_id",
        "organization_name" => "invalid_organization_name",
        "organization_slug" => "invalid_organization_slug",
        "organization_external_id" => "invalid_organization_external_id",
        "auth_methods" => "invalid_organization_auth_method_settings",
        "allowed_auth_methods" => "invalid_organization_allowed_auth_methods",
        "allowed_mfa_methods" => "invalid_organization_allowed_mfa_methods",
        "mfa_policy" => "invalid_organization_mfa_policy",
        "mfa_methods" => "invalid_organization_mfa_factor_setting",
        "sso_jit_provisioning" | "email_invites" => "invalid_organization_auth_factor_setting",
        "email_jit_provisioning" => {
            "invalid_organization_auth_factor_setting_for_email_jit_provisioning"
        }
        "oauth_tenant_jit_provisioning" => {
            "invalid_organization_auth_factor_setting_for_oauth_tenant_jit_provisioning"
        }
        "sso_jit_provisioning_allowed_connections" => "invalid_restricted_sso_setting",
        "email_allowed_domains" => "organization_settings_invalid_domain",
        "claimed_email_domains" => "organization_settings_invalid_claimed_domain",
        "rbac_email_implicit_role_assignments" => "invalid_rbac_role_assignment",
        "allowed_oauth_tenants" => "invalid_oauth_allowed_tenants_format",
        "trusted_metadata" | "untrusted_metadata" => "metadata_invalid_format",
        "email_address" => "invalid_email",
        "mfa_phone_number" => "invalid_phone_number",
        "session_duration_minutes" => "invalid_session_duration_minutes",
        "sso_default_connection_id" => "invalid_sso_default_connection_id",
        _ => return "bad_request".to_owned(),
    };
    known.to_owned()
}
