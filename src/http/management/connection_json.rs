//! Connections as the contract shows them (contract 3.4, 3.5, appendix A).

use serde::Serialize;
use serde_json::Map;
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::connection::Connection;
use crate::domain::connection_settings::ExternalSettings;
use crate::domain::connection_settings::SamlSettings;
use crate::domain::id::CertificateId;
use crate::domain::id::ConnectionId;
use crate::domain::id::EncryptionKeyId;
use crate::domain::id::OrganizationId;
use crate::domain::oidc_settings::OidcSettings;
use crate::domain::saml_keys::EncryptionKey;
use crate::domain::saml_keys::RequestSigningKey;
use crate::domain::saml_keys::VerificationCertificate;
use crate::domain::session_token::timestamp;
use crate::http::management::role_rules::ConnectionRole;
use crate::http::management::role_rules::GroupRole;
use crate::http::management::role_rules::connection_roles;
use crate::http::management::role_rules::group_roles;
use crate::http::management::saml_rules_json::SamlRulesJson;
use crate::use_cases::Deployment;

/// A certificate of a SAML connection.
#[derive(Serialize, ToSchema)]
#[schema(as = X509Certificate)]
struct CertificateJson {
    certificate_id: CertificateId,
    /// PEM.
    certificate: String,
    issuer: String,
    created_at: String,
    expires_at: String,
    updated_at: String,
}

/// A key for encrypted responses, of which the key itself is never told.
#[derive(Serialize, ToSchema)]
#[schema(as = EncryptionPrivateKey)]
struct EncryptionKeyJson {
    private_key_id: EncryptionKeyId,
    /// Always empty.
    private_key: String,
    /// The certificate in PEM of its public half, to which the IdP encrypts.
    certificate: String,
    created_at: String,
}

/// A SAML connection.
#[derive(Serialize, ToSchema)]
#[schema(as = SAMLConnection)]
pub(crate) struct SamlConnectionJson {
    organization_id: OrganizationId,
    connection_id: ConnectionId,
    /// `pending` or `active`.
    status: &'static str,
    display_name: String,
    identity_provider: String,
    idp_entity_id: String,
    idp_sso_url: String,
    acs_url: String,
    audience_uri: String,
    signing_certificates: Vec<CertificateJson>,
    verification_certificates: Vec<CertificateJson>,
    encryption_private_keys: Vec<EncryptionKeyJson>,
    saml_connection_implicit_role_assignments: Vec<ConnectionRole>,
    saml_group_implicit_role_assignments: Vec<GroupRole>,
    alternative_audience_uri: String,
    alternative_acs_url: String,
    nameid_format: String,
    idp_initiated_auth_disabled: bool,
    allow_gateway_callback: bool,
    /// How many seconds the IdP's clock may be off.
    clock_skew_seconds: u16,
    want_response_signed: bool,
    want_assertion_signed: bool,
    #[schema(value_type = Object)]
    attribute_mapping: Map<String, Value>,
    #[serde(flatten)]
    rules: SamlRulesJson,
}

impl SamlConnectionJson {
    /// The object of a connection that speaks SAML.
    pub(crate) fn new(connection: &Connection, deployment: &Deployment) -> Option<Self> {
        let own: SamlSettings = connection.saml()?.clone();
        let callback = deployment.callback_url(connection.id);
        let rules = SamlRulesJson::new(&own, deployment.logout_url(connection.id));
        let signing = own.request_signing_key.iter();
        let verification = own.verification_certificates.iter();
        Some(Self {
            organization_id: connection.organization_id,
            connection_id: connection.id,
            status: connection.status.name(),
            display_name: connection.display_name.clone(),
            identity_provider: connection.identity_provider.clone(),
            acs_url: callback.clone(),
            audience_uri: callback,
            signing_certificates: signing
                .map(|key| signing_json(key, connection.id))
                .collect(),
            verification_certificates: verification.map(certificate_json).collect(),
            encryption_private_keys: own.encryption_keys.iter().map(encryption_json).collect(),
            saml_connection_implicit_role_assignments: connection_roles(&own.implicit_roles),
            saml_group_implicit_role_assignments: group_roles(&own.implicit_roles),
            idp_entity_id: own.idp_entity_id,
            idp_sso_url: own.idp_sso_url,
            alternative_audience_uri: own.alternative_audience_uri,
            alternative_acs_url: own.alternative_acs_url,
            nameid_format: own.nameid_format,
            idp_initiated_auth_disabled: own.idp_initiated_auth_disabled,
            allow_gateway_callback: own.allow_gateway_callback,
            rules,
            clock_skew_seconds: own.clock_skew_seconds,
            want_response_signed: own.want_response_signed,
            want_assertion_signed: own.want_assertion_signed,
            attribute_mapping: own.attribute_mapping,
        })
    }
}

fn certificate_json(known: &VerificationCertificate) -> CertificateJson {
    CertificateJson {
        certificate_id: known.certificate_id,
        certificate: known.certificate.clone(),
        issuer: known.issuer.clone(),
        created_at: timestamp(known.created_at),
        expires_at: timestamp(known.expires_at),
        updated_at: timestamp(known.created_at),
    }
}

/// The certificate that a connection has made for itself carries its id.
fn signing_json(key: &RequestSigningKey, connection: ConnectionId) -> CertificateJson {
    CertificateJson {
        certificate_id: key.certificate_id,
        certificate: key.certificate.clone(),
        issuer: format!("CN={connection}"),
        created_at: timestamp(key.created_at),
        expires_at: timestamp(key.expires_at),
        updated_at: timestamp(key.created_at),
    }
}

fn encryption_json(key: &EncryptionKey) -> EncryptionKeyJson {
    EncryptionKeyJson {
        private_key_id: key.private_key_id,
        private_key: String::new(),
        certificate: key.certificate.clone(),
        created_at: timestamp(key.created_at),
    }
}

/// An OIDC connection; of the client secret only its end is shown.
#[derive(Serialize, ToSchema)]
#[schema(as = OIDCConnection)]
pub(crate) struct OidcConnectionJson {
    organization_id: OrganizationId,
    connection_id: ConnectionId,
    /// `pending` or `active`.
    status: &'static str,
    display_name: String,
    identity_provider: String,
    redirect_url: String,
    client_id: String,
    /// `****` and the last four characters.
    client_secret: String,
    issuer: String,
    authorization_url: String,
    token_url: String,
    userinfo_url: String,
    jwks_url: String,
    custom_scopes: String,
    #[schema(value_type = Object)]
    attribute_mapping: Map<String, Value>,
    connection_implicit_role_assignments: Vec<ConnectionRole>,
    group_implicit_role_assignments: Vec<GroupRole>,
    #[serde(flatten)]
    beyond: OidcBeyondJson,
}

/// What the connection tells its provider beyond Stytch's API.
#[derive(Serialize, ToSchema)]
pub(crate) struct OidcBeyondJson {
    /// Empty to do as the provider's document says.
    token_endpoint_auth_method: &'static str,
    /// Where the provider reads the keys of `private_key_jwt`.
    client_jwks_url: String,
    /// Those keys' certificates in PEM; the first signs, a second waits to take over.
    client_certificates: Vec<String>,
    /// The longest that a session lasts; 0 if the connection sets no limit.
    maximum_session_duration_minutes: i64,
    /// Where the provider may begin a sign-in (OpenID Connect Core 1.0 §4).
    initiate_login_uri: String,
    /// Where the provider ends sessions (OpenID Connect Back-Channel Logout 1.0).
    backchannel_logout_uri: String,
}

impl OidcBeyondJson {
    fn new(id: ConnectionId, own: &OidcSettings, deployment: &Deployment) -> Self {
        let callback = deployment.callback_url(id);
        let certificates = own.client_keys.iter().map(|key| key.certificate.clone());
        Self {
            token_endpoint_auth_method: own.token_endpoint_auth_method.name(),
            client_jwks_url: format!("{callback}/jwks"),
            client_certificates: certificates.collect(),
            maximum_session_duration_minutes: own.maximum_session_minutes.unwrap_or_default(),
            initiate_login_uri: format!("{callback}/initiate"),
            backchannel_logout_uri: format!("{callback}/backchannel_logout"),
        }
    }
}

impl OidcConnectionJson {
    /// The object of a connection that speaks OIDC.
    pub(crate) fn new(connection: &Connection, deployment: &Deployment) -> Option<Self> {
        let own: OidcSettings = connection.oidc()?.clone();
        let client_secret = match own.client_secret_last_four.as_str() {
            "" => String::new(),
            last_four => format!("****{last_four}"),
        };
        Some(Self {
            organization_id: connection.organization_id,
            connection_id: connection.id,
            status: connection.status.name(),
            display_name: connection.display_name.clone(),
            identity_provider: connection.identity_provider.clone(),
            redirect_url: deployment.callback_url(connection.id),
            client_secret,
            beyond: OidcBeyondJson::new(connection.id, &own, deployment),
            connection_implicit_role_assignments: connection_roles(&own.implicit_roles),
            group_implicit_role_assignments: group_roles(&own.implicit_roles),
            client_id: own.client_id,
            issuer: own.issuer,
            authorization_url: own.authorization_url,
            token_url: own.token_url,
            userinfo_url: own.userinfo_url,
            jwks_url: own.jwks_url,
            custom_scopes: own.custom_scopes,
            attribute_mapping: own.attribute_mapping,
        })
    }
}

/// A connection that stands for one of another organization.
#[derive(Serialize, ToSchema)]
#[schema(as = ExternalConnection)]
pub(crate) struct ExternalConnectionJson {
    organization_id: OrganizationId,
    connection_id: ConnectionId,
    external_organization_id: OrganizationId,
    external_connection_id: ConnectionId,
    display_name: String,
    /// Always `active`.
    status: &'static str,
    external_connection_implicit_role_assignments: Vec<ConnectionRole>,
    external_group_implicit_role_assignments: Vec<GroupRole>,
}

impl ExternalConnectionJson {
    /// The object of a connection that stands for another.
    pub(crate) fn new(connection: &Connection) -> Option<Self> {
        let own: &ExternalSettings = connection.external()?;
        Some(Self {
            organization_id: connection.organization_id,
            connection_id: connection.id,
            external_organization_id: own.organization_id,
            external_connection_id: own.connection_id,
            display_name: connection.display_name.clone(),
            status: connection.status.name(),
            external_connection_implicit_role_assignments: connection_roles(&own.implicit_roles),
            external_group_implicit_role_assignments: group_roles(&own.implicit_roles),
        })
    }
}
