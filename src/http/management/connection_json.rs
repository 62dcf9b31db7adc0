//! Connections as the contract shows them (contract 3.4, 3.5, appendix A).

use serde_json::Value;
use serde_json::json;

use crate::domain::connection::Connection;
use crate::domain::connection_settings::OidcSettings;
use crate::domain::connection_settings::SamlSettings;
use crate::domain::connection_settings::VerificationCertificate;
use crate::domain::roles::ImplicitRoles;
use crate::domain::session_token::timestamp;
use crate::use_cases::Deployment;

/// The `SAMLConnection` object.
pub(crate) fn saml(
    connection: &Connection,
    settings: &SamlSettings,
    deployment: &Deployment,
) -> Value {
    let callback = deployment.callback_url(connection.id);
    json!({
        "organization_id": connection.organization_id,
        "connection_id": connection.id,
        "status": connection.status,
        "display_name": connection.display_name,
        "identity_provider": connection.identity_provider,
        "idp_entity_id": settings.idp_entity_id,
        "idp_sso_url": settings.idp_sso_url,
        "acs_url": callback,
        "audience_uri": callback,
        "signing_certificates": signing_certificates(settings),
        "verification_certificates":
            settings.verification_certificates.iter().map(certificate).collect::<Vec<_>>(),
        "encryption_private_keys": [],
        "saml_connection_implicit_role_assignments": roles(&settings.implicit_roles),
        "saml_group_implicit_role_assignments": group_roles(&settings.implicit_roles),
        "alternative_audience_uri": settings.alternative_audience_uri,
        "alternative_acs_url": settings.alternative_acs_url,
        "nameid_format": settings.nameid_format,
        "idp_initiated_auth_disabled": settings.idp_initiated_auth_disabled,
        "allow_gateway_callback": settings.allow_gateway_callback,
        "attribute_mapping": settings.attribute_mapping,
    })
}

fn certificate(certificate: &VerificationCertificate) -> Value {
    json!({
        "certificate_id": certificate.certificate_id,
        "certificate": certificate.certificate,
        "issuer": certificate.issuer,
        "created_at": timestamp(certificate.created_at),
        "expires_at": timestamp(certificate.expires_at),
        "updated_at": timestamp(certificate.created_at),
    })
}

fn signing_certificates(settings: &SamlSettings) -> Vec<Value> {
    let key = settings.request_signing_key.iter();
    key.map(|key| {
        json!({
            "certificate_id": key.certificate_id,
            "certificate": key.certificate,
            "issuer": "",
            "created_at": timestamp(key.created_at),
            "expires_at": timestamp(key.expires_at),
            "updated_at": timestamp(key.created_at),
        })
    })
    .collect()
}

fn roles<G>(gives: &ImplicitRoles<G>) -> Vec<Value> {
    gives
        .connection
        .iter()
        .map(|role| json!({ "role_id": role }))
        .collect()
}

fn group_roles(gives: &ImplicitRoles<String>) -> Vec<Value> {
    let rules = gives.groups.iter();
    rules
        .map(|(role, group)| json!({ "role_id": role, "group": group }))
        .collect()
}

/// The `OIDCConnection` object; of the client secret only its end is shown.
pub(crate) fn oidc(
    connection: &Connection,
    settings: &OidcSettings,
    deployment: &Deployment,
) -> Value {
    let secret = match settings.client_secret_last_four.as_str() {
        "" => String::new(),
        last_four => format!("****{last_four}"),
    };
    json!({
        "organization_id": connection.organization_id,
        "connection_id": connection.id,
        "status": connection.status,
        "display_name": connection.display_name,
        "identity_provider": connection.identity_provider,
        "redirect_url": deployment.callback_url(connection.id),
        "client_id": settings.client_id,
        "client_secret": secret,
        "issuer": settings.issuer,
        "authorization_url": settings.authorization_url,
        "token_url": settings.token_url,
        "userinfo_url": settings.userinfo_url,
        "jwks_url": settings.jwks_url,
        "custom_scopes": settings.custom_scopes,
        "attribute_mapping": settings.attribute_mapping,
        "connection_implicit_role_assignments": roles(&settings.implicit_roles),
        "group_implicit_role_assignments": group_roles(&settings.implicit_roles),
    })
}
