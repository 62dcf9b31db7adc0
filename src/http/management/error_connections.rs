//! The table of refusals, continued: connections, sign-ins, sessions.

use crate::domain::id::ConnectionKind;
use crate::http::management::error_fields::invalid_role_id;
use crate::http::management::error_fields::session;
use crate::http::management::error_fields::sign_in;
use crate::http::management::error_text::Described;
use crate::http::management::error_text::misplaced;
use crate::http::management::error_text::told;
use crate::use_cases::error::ManagementError;

pub(crate) fn about_connections(error: &ManagementError) -> Described {
    use ManagementError as E;
    match error {
        E::ConnectionNotFound(kind) => told(
            404,
            match kind {
                Some(ConnectionKind::Saml) => "saml_connection_not_found",
                Some(ConnectionKind::Oidc) => "oidc_connection_not_found",
                Some(ConnectionKind::Scim) => "scim_connection_not_found",
                None => "sso_connection_not_found",
            },
            "There is no such connection in this organization.",
        ),
        E::InvalidIdentityProvider(kind, named) => {
            let scim = *kind == ConnectionKind::Scim;
            let error_type = if scim {
                "invalid_scim_idp"
            } else {
                "invalid_sso_idp"
            };
            told(
                400,
                error_type,
                format!("identity_provider {named} is not one of those known; generic fits any."),
            )
        }
        E::ActiveScimConnectionExists => told(
            400,
            "active_scim_connection_exists",
            "The organization already has an active SCIM connection.",
        ),
        E::ScimGroupDoesNotExist(id) => told(
            400,
            "scim_group_role_assignment_group_does_not_exist",
            format!("This connection has no group {id}."),
        ),
        E::NoActiveScimConnection => told(
            404,
            "no_active_scim_connection",
            "The organization has no SCIM connection.",
        ),
        _ => about_settings(error),
    }
}

fn about_settings(error: &ManagementError) -> Described {
    use ManagementError as E;
    match error {
        E::InvalidCertificate(reason) => told(400, "invalid_x509_certificate", reason),
        E::TooManyCertificates => told(
            400,
            "too_many_sso_verification_certificates",
            "A connection has at most five certificates; remove one first.",
        ),
        E::InvalidSigningKey(reason) => told(400, "saml_signing_private_key_invalid", reason),
        E::InvalidUrl(error_type, value) => told(
            400,
            error_type,
            format!("{value:?} is not an absolute https URL."),
        ),
        E::InvalidAttributeMapping(missing) => told(
            400,
            match *missing {
                "email" => "saml_connection_email_mapping_required",
                "groups" => "saml_connection_attribute_mapping_missing_groups_key",
                "only texts as values" => "saml_connection_no_nested_keys_in_attribute_mapping",
                _ => "saml_connection_name_mapping_required",
            },
            format!("attribute_mapping needs {missing}."),
        ),
        E::InvalidEntityId => told(
            400,
            "invalid_idp_entity_id",
            "idp_entity_id must have 1 to 1024 characters.",
        ),
        E::InvalidRoleId(role) => invalid_role_id(role),
        _ => misplaced(),
    }
}

pub(crate) fn about_sessions(error: &ManagementError) -> Described {
    use ManagementError as E;
    match error {
        E::SignInRefused(refusal) => sign_in(*refusal),
        E::MissingCodeVerifier => told(
            400,
            "pkce_expected_code_verifier",
            "The sign-in began with a PKCE challenge; give its pkce_code_verifier.",
        ),
        E::UnexpectedCodeVerifier => told(
            400,
            "pkce_did_not_expect_code_verifier",
            "The sign-in began without a PKCE challenge; leave pkce_code_verifier out.",
        ),
        E::PkceMismatch => told(
            400,
            "pkce_mismatch",
            "pkce_code_verifier does not fit the challenge that the sign-in began with.",
        ),
        E::NoSessionArguments => told(
            400,
            "no_session_arguments",
            "Give session_token or session_jwt.",
        ),
        E::TooManySessionArguments => told(
            400,
            "too_many_session_arguments",
            "Give session_token or session_jwt, not both.",
        ),
        E::UnparsableSessionJwt(reason) => told(400, "unable_to_parse_session_jwt", reason),
        E::Session(refusal) => session(*refusal),
        E::SessionAuthorization => told(
            403,
            "session_authorization_error",
            "No role of this session allows the action.",
        ),
        E::SessionTenancy => told(
            403,
            "session_authorization_tenancy_error",
            "The session belongs to another organization than the one asked about.",
        ),
        E::SsoTokenNotFound => told(
            404,
            "sso_token_not_found",
            "The token is unknown, used already, or expired; the person signs in again.",
        ),
        E::SessionNotFound => told(
            404,
            "session_not_found",
            "There is no such session, or it is over.",
        ),
        _ => misplaced(),
    }
}
