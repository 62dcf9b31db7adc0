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
        E::InvalidQuery(reason) => told(400, "bad_request", reason),
        E::InvalidBody(field, reason) if field.is_empty() => told(400, "bad_request", reason),
        E::InvalidBody(field, reason) => {
            told(400, field_error_type(field), format!("{field}: {reason}"))
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
            "This server sends no SMS: its operator has not named a gateway that passes them on.",
        ),
        E::RefusalNotFound => told(
            404,
            "refusal_not_found",
            "Nothing that was refused in this organization is kept of this request.",
        ),
        E::ActingAsMember => told(
            403,
            "session_authorization_error",
            "This call cannot be made on behalf of a member session; leave its header out.",
        ),
    }
}

/// Fields of the wrong shape that have an error type of their own (contract 1.6).
const FIELD_TYPES: [(&str, &str); 48] = [
    ("organization_id", "invalid_organization_id"),
    ("organization_name", "invalid_organization_name"),
    ("organization_slug", "invalid_organization_slug"),
    (
        "organization_external_id",
        "invalid_organization_external_id",
    ),
    (
        "sso_default_connection_id",
        "invalid_sso_default_connection_id",
    ),
    (
        "sso_jit_provisioning",
        "invalid_organization_auth_factor_setting",
    ),
    (
        "sso_jit_provisioning_allowed_connections",
        "invalid_restricted_sso_setting",
    ),
    (
        "email_jit_provisioning",
        "invalid_organization_auth_factor_setting_for_email_jit_provisioning",
    ),
    ("email_invites", "invalid_organization_auth_factor_setting"),
    (
        "email_allowed_domains",
        "organization_settings_invalid_domain",
    ),
    (
        "claimed_email_domains",
        "organization_settings_invalid_claimed_domain",
    ),
    (
        "oauth_tenant_jit_provisioning",
        "invalid_organization_auth_factor_setting_for_oauth_tenant_jit_provisioning",
    ),
    (
        "allowed_oauth_tenants",
        "invalid_oauth_allowed_tenants_format",
    ),
    ("auth_methods", "invalid_organization_auth_method_settings"),
    (
        "allowed_auth_methods",
        "invalid_organization_allowed_auth_methods",
    ),
    ("mfa_policy", "invalid_organization_mfa_policy"),
    ("mfa_methods", "invalid_organization_mfa_factor_setting"),
    (
        "allowed_mfa_methods",
        "invalid_organization_allowed_mfa_methods",
    ),
    ("rbac_email_implicit_role_assignments", ROLE_ASSIGNMENT),
    ("roles", ROLE_ASSIGNMENT),
    ("saml_connection_implicit_role_assignments", ROLE_ASSIGNMENT),
    ("saml_group_implicit_role_assignments", ROLE_ASSIGNMENT),
    ("oidc_connection_implicit_role_assignments", ROLE_ASSIGNMENT),
    ("oidc_group_implicit_role_assignments", ROLE_ASSIGNMENT),
    ("scim_group_implicit_role_assignments", ROLE_ASSIGNMENT),
    ("connection_implicit_role_assignments", ROLE_ASSIGNMENT),
    ("group_implicit_role_assignments", ROLE_ASSIGNMENT),
    (
        "external_connection_implicit_role_assignments",
        ROLE_ASSIGNMENT,
    ),
    ("external_group_implicit_role_assignments", ROLE_ASSIGNMENT),
    ("trusted_metadata", "metadata_invalid_format"),
    ("untrusted_metadata", "metadata_invalid_format"),
    ("email_address", "invalid_email"),
    ("mfa_phone_number", "invalid_phone_number"),
    ("default_mfa_method", "invalid_mfa_default_method"),
    ("idp_entity_id", "invalid_idp_entity_id"),
    ("idp_sso_url", "invalid_idp_sso_url"),
    ("x509_certificate", "invalid_x509_certificate"),
    ("signing_private_key", "saml_signing_private_key_invalid"),
    ("metadata_url", "invalid_saml_metadata_url"),
    ("issuer", "oidc_connection_issuer_url_invalid_format"),
    (
        "authorization_url",
        "oidc_connection_authorization_url_invalid_format",
    ),
    ("token_url", "oidc_connection_token_url_invalid_format"),
    (
        "userinfo_url",
        "oidc_connection_userinfo_url_invalid_format",
    ),
    ("jwks_url", "oidc_connection_jwks_url_invalid_format"),
    (
        "session_duration_minutes",
        "invalid_session_duration_minutes",
    ),
    ("session_jwt", "unable_to_parse_session_jwt"),
    ("limit", "invalid_limit"),
    ("cursor", "invalid_cursor"),
];

const ROLE_ASSIGNMENT: &str = "invalid_rbac_role_assignment";

/// The error type for a field of the wrong shape.
pub(super) fn field_error_type(field: &str) -> &'static str {
    let known = FIELD_TYPES.iter().find(|(name, _)| *name == field);
    known.map_or("bad_request", |(_, error_type)| error_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_field_of_the_table_has_an_example() {
        let examples = RequestError::examples();
        let mut named: Vec<&str> = Vec::new();
        for example in &examples {
            if let RequestError::InvalidBody(field, _) = example {
                named.push(field);
            }
        }
        let table: Vec<&str> = FIELD_TYPES.iter().map(|(field, _)| *field).collect();
        named.retain(|field| !field.is_empty());
        assert_eq!(named, table);
    }
}
