//! The description of the management API, by noun.

use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;

use crate::http::management::connections;
use crate::http::management::discovery;
use crate::http::management::domains;
use crate::http::management::email_codes;
use crate::http::management::email_codes_discovery;
use crate::http::management::explanations;
use crate::http::management::external_connections;
use crate::http::management::foreign_tokens;
use crate::http::management::impersonation;
use crate::http::management::m2m_clients;
use crate::http::management::m2m_secrets;
use crate::http::management::magic_link_sign_in;
use crate::http::management::magic_links;
use crate::http::management::member_email;
use crate::http::management::member_factors;
use crate::http::management::member_sessions;
use crate::http::management::members;
use crate::http::management::oauth;
use crate::http::management::oidc_connections;
use crate::http::management::oidc_providers;
use crate::http::management::organizations;
use crate::http::management::password_discovery;
use crate::http::management::password_resets;
use crate::http::management::password_sign_in;
use crate::http::management::passwords;
use crate::http::management::portal_links;
use crate::http::management::project;
use crate::http::management::rbac;
use crate::http::management::recovery_codes;
use crate::http::management::refusals;
use crate::http::management::saml_connections;
use crate::http::management::saml_encryption_keys;
use crate::http::management::saml_metadata;
use crate::http::management::scim_clients;
use crate::http::management::scim_connections;
use crate::http::management::scim_requests;
use crate::http::management::scim_schemas;
use crate::http::management::scim_token_rotation;
use crate::http::management::scim_users;
use crate::http::management::searches;
use crate::http::management::sessions;
use crate::http::management::sms_codes;
use crate::http::management::sso;
use crate::http::management::sso_discovery;
use crate::http::management::sso_logout;
use crate::http::management::totps;

/// What each noun's calls are.
pub(crate) fn calls() -> Vec<OpenApi> {
    vec![
        organizations::Calls::openapi(),
        domains::Calls::openapi(),
        rbac::Calls::openapi(),
        members::Calls::openapi(),
        explanations::Calls::openapi(),
        refusals::Calls::openapi(),
        member_factors::Calls::openapi(),
        member_email::Calls::openapi(),
        magic_links::Calls::openapi(),
        magic_link_sign_in::Calls::openapi(),
        connections::Calls::openapi(),
        saml_connections::Calls::openapi(),
        saml_metadata::Calls::openapi(),
        saml_encryption_keys::Calls::openapi(),
        oidc_connections::Calls::openapi(),
        external_connections::Calls::openapi(),
        scim_connections::Calls::openapi(),
        scim_schemas::Calls::openapi(),
        scim_clients::Calls::openapi(),
        member_sessions::Calls::openapi(),
        scim_token_rotation::Calls::openapi(),
        scim_requests::Calls::openapi(),
        scim_users::Calls::openapi(),
        passwords::Calls::openapi(),
        password_sign_in::Calls::openapi(),
        password_resets::Calls::openapi(),
        password_discovery::Calls::openapi(),
        sso::Calls::openapi(),
        sso_discovery::Calls::openapi(),
        sso_logout::Calls::openapi(),
        email_codes::Calls::openapi(),
        email_codes_discovery::Calls::openapi(),
        sessions::Calls::openapi(),
        discovery::Calls::openapi(),
        foreign_tokens::Calls::openapi(),
        impersonation::Calls::openapi(),
        m2m_clients::Calls::openapi(),
        m2m_secrets::Calls::openapi(),
        oidc_providers::Calls::openapi(),
        portal_links::Calls::openapi(),
        oauth::Calls::openapi(),
        project::Calls::openapi(),
        searches::Calls::openapi(),
        totps::Calls::openapi(),
        sms_codes::Calls::openapi(),
        recovery_codes::Calls::openapi(),
    ]
}
