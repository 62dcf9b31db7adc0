//! Create and configure SAML connections (contract 3.4).

use chrono::TimeDelta;
use serde_json::Map;
use serde_json::Value;

use crate::domain::connection::Connection;
use crate::domain::connection_settings::ConnectionSettings;
use crate::domain::connection_settings::RequestSigningKey;
use crate::domain::connection_settings::SamlSettings;
use crate::domain::connection_settings::VerificationCertificate;
use crate::domain::id::CertificateId;
use crate::domain::id::ConnectionKind;
use crate::domain::key_pair::KeyPair;
use crate::protocol::saml::Certificate;
use crate::protocol::saml::RequestSigner;
use crate::storage::Transaction;
use crate::use_cases::Deployment;
use crate::use_cases::caller::Caller;
use crate::use_cases::connections;
use crate::use_cases::connections::Naming;
use crate::use_cases::connections::RoleRules;
use crate::use_cases::connections::SSO;
use crate::use_cases::connections::check_url;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::connection::ConnectionError;

const MAX_CERTIFICATES: usize = 5;
const SIGNING_CERTIFICATE_DAYS: i64 = 3650;

/// What a caller asks a SAML connection to become; absent fields stay as they are.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(
    missing_docs,
    reason = "the fields are those of the contract, section 3.4"
)]
pub struct SamlConnectionDraft {
    pub naming: Naming,
    pub idp_entity_id: Option<String>,
    pub idp_sso_url: Option<String>,
    pub attribute_mapping: Option<Map<String, Value>>,
    pub x509_certificate: Option<String>,
    pub roles: RoleRules,
    pub alternative_audience_uri: Option<String>,
    pub alternative_acs_url: Option<String>,
    pub signing_private_key: Option<String>,
    pub nameid_format: Option<String>,
    pub idp_initiated_auth_disabled: Option<bool>,
    pub allow_gateway_callback: Option<bool>,
}

/// Creates a connection that is still to be filled in.
pub fn create(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    organization: &str,
    naming: &Naming,
) -> Result<Connection, ManagementError> {
    let organization = caller.enter(tx, organization, &[(SSO, "create")])?;
    let settings = ConnectionSettings::Saml(SamlSettings::default());
    connections::create(tx, &organization, naming, settings)
}

/// Fills in what the draft names; the connection becomes active when it is complete.
pub fn update(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&Caller, &Deployment),
    (organization, connection): (&str, &str),
    draft: &SamlConnectionDraft,
) -> Result<Connection, ManagementError> {
    let organization = caller.enter(tx, organization, &[(SSO, "update")])?;
    let before = connections::find(tx, &organization, connection, ConnectionKind::Saml)?;
    let missing = ConnectionError::NotFound(Some(ConnectionKind::Saml));
    let mut settings = before.saml().cloned().ok_or(missing)?;
    take_details(&mut settings, draft, deployment.allow_http)?;
    if let Some(mapping) = &draft.attribute_mapping {
        check_mapping(mapping)?;
        settings.attribute_mapping.clone_from(mapping);
    }
    if let Some(pasted) = &draft.x509_certificate {
        add_certificate(tx, &mut settings, pasted)?;
    }
    if let Some(pem) = &draft.signing_private_key {
        let key = signing_key(tx, (&before, deployment), pem)?;
        settings.request_signing_key = Some(key);
    }
    let group = |name: &str| Ok(name.to_owned());
    let gives = &mut settings.implicit_roles;
    connections::take_roles(tx, &organization, gives, &draft.roles, group)?;
    if !settings.implicit_roles.groups.is_empty()
        && !settings.attribute_mapping.contains_key("groups")
    {
        return Err(ConnectionError::InvalidAttributeMapping("groups").into());
    }
    let settings = ConnectionSettings::Saml(settings);
    connections::settle(tx, &before, &draft.naming, settings)
}

fn take_details(
    settings: &mut SamlSettings,
    draft: &SamlConnectionDraft,
    allow_http: bool,
) -> Result<(), ManagementError> {
    if let Some(url) = &draft.idp_sso_url {
        check_url("invalid_idp_sso_url", url, allow_http)?;
        settings.idp_sso_url.clone_from(url);
    }
    if let Some(entity_id) = &draft.idp_entity_id {
        if !(1..=1024).contains(&entity_id.len()) {
            return Err(ManagementError::Connection(
                ConnectionError::InvalidEntityId,
            ));
        }
        settings.idp_entity_id.clone_from(entity_id);
    }
    macro_rules! take {
        ($($field:ident),*) => {$(
            if let Some(value) = &draft.$field { settings.$field.clone_from(value); }
        )*};
    }
    take!(
        alternative_audience_uri,
        alternative_acs_url,
        nameid_format,
        idp_initiated_auth_disabled,
        allow_gateway_callback
    );
    Ok(())
}

fn check_mapping(mapping: &Map<String, Value>) -> Result<(), ManagementError> {
    let has = |key: &str| mapping.get(key).is_some_and(Value::is_string);
    if mapping.values().any(|value| !value.is_string()) {
        return Err(ManagementError::Connection(
            ConnectionError::InvalidAttributeMapping("only texts as values"),
        ));
    }
    if !has("email") {
        return Err(ManagementError::Connection(
            ConnectionError::InvalidAttributeMapping("email"),
        ));
    }
    if !(has("full_name") || has("first_name") && has("last_name")) {
        return Err(ManagementError::Connection(
            ConnectionError::InvalidAttributeMapping("full_name, or first_name and last_name"),
        ));
    }
    Ok(())
}

/// A certificate is added; the same one given again changes nothing.
fn add_certificate(
    tx: &Transaction<'_>,
    settings: &mut SamlSettings,
    pasted: &str,
) -> Result<(), ManagementError> {
    let certificate = Certificate::parse(pasted).map_err(|error| {
        ManagementError::Connection(ConnectionError::InvalidCertificate(error.to_string()))
    })?;
    if !certificate.public_key.is_strong_enough() {
        return Err(ManagementError::Connection(
            ConnectionError::InvalidCertificate(format!(
                "its key is {}; at least RSA with 2048 bits or EC on P-256 is needed",
                certificate.public_key
            )),
        ));
    }
    if settings
        .verification_certificates
        .iter()
        .any(|known| known.certificate == certificate.pem)
    {
        return Ok(());
    }
    if settings.verification_certificates.len() >= MAX_CERTIFICATES {
        return Err(ManagementError::Connection(
            ConnectionError::TooManyCertificates,
        ));
    }
    settings
        .verification_certificates
        .push(VerificationCertificate {
            certificate_id: CertificateId::fresh(),
            certificate: certificate.pem,
            issuer: certificate.issuer,
            created_at: tx.now,
            expires_at: certificate.not_after,
        });
    Ok(())
}

fn signing_key(
    tx: &Transaction<'_>,
    (connection, deployment): (&Connection, &Deployment),
    pem: &str,
) -> Result<RequestSigningKey, ManagementError> {
    let unusable =
        |reason: String| ManagementError::Connection(ConnectionError::InvalidSigningKey(reason));
    RequestSigner::from_pem(pem).map_err(|error| unusable(error.to_string()))?;
    let expires_at = tx.now + TimeDelta::days(SIGNING_CERTIFICATE_DAYS);
    let name = connection.id.to_string();
    let pair = KeyPair::certify(pem, &name, (tx.now, expires_at))
        .map_err(|_| unusable("no certificate could be made for it".to_owned()))?;
    let place = connection.sealing_place("request_signing_key");
    Ok(RequestSigningKey {
        certificate_id: CertificateId::fresh(),
        certificate: pair.certificate_pem,
        sealed_private_key: deployment.master_key.seal(pem.as_bytes(), &place)?,
        created_at: tx.now,
        expires_at,
    })
}
