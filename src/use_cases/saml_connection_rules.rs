//! What a SAML connection can be told beyond the contract: how it asks, how it logs out, how it
//! reads groups, and a mapping made for the product behind it.

use chrono::TimeDelta;

use crate::domain::attribute_presets;
use crate::domain::connection::Connection;
use crate::domain::connection::SSO_IDENTITY_PROVIDERS;
use crate::domain::connection_settings::SamlSettings;
use crate::domain::id::CertificateId;
use crate::domain::key_pair::KeyPair;
use crate::domain::saml_flows::Binding;
use crate::domain::saml_flows::GroupsSyntax;
use crate::domain::saml_keys::RequestSigningKey;
use crate::domain::secret::hex_digest;
use crate::storage::Transaction;
use crate::use_cases::Deployment;
use crate::use_cases::connections::check_url;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::connection::ConnectionError;

const SIGNING_CERTIFICATE_DAYS: i64 = 3650;
const LONGEST_CONTEXT: usize = 1024;

/// What a caller asks for; absent fields stay as they are.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(
    missing_docs,
    reason = "the fields are those of the body, where each is described"
)]
pub struct SamlRulesDraft {
    pub attribute_mapping_preset: Option<String>,
    pub groups_syntax: Option<String>,
    pub authn_request_binding: Option<String>,
    pub authn_requests_signed: Option<bool>,
    pub force_authn: Option<bool>,
    pub requested_authn_context: Option<String>,
    pub idp_slo_url: Option<String>,
    pub idp_slo_response_url: Option<String>,
    pub slo_binding: Option<String>,
}

/// Takes these rules into the settings of a connection.
pub(crate) fn take(
    tx: &Transaction<'_>,
    place: (&Connection, &Deployment),
    settings: &mut SamlSettings,
    draft: &SamlRulesDraft,
) -> Result<(), ManagementError> {
    take_reading(settings, draft)?;
    take_requests(tx, place, settings, draft)?;
    take_logout(settings, draft, place.1.allow_http)
}

/// Fills the mapping with what the product behind the connection calls things.
pub(crate) fn take_preset(
    settings: &mut SamlSettings,
    preset: Option<&str>,
) -> Result<(), ManagementError> {
    let Some(preset) = preset else { return Ok(()) };
    if !SSO_IDENTITY_PROVIDERS.contains(&preset) {
        let wanted = "the name of an identity provider, such as okta or generic";
        return Err(invalid("attribute_mapping_preset", wanted));
    }
    settings.attribute_mapping = attribute_presets::mapping(preset);
    Ok(())
}

fn take_reading(
    settings: &mut SamlSettings,
    draft: &SamlRulesDraft,
) -> Result<(), ManagementError> {
    take_preset(settings, draft.attribute_mapping_preset.as_deref())?;
    if let Some(word) = &draft.groups_syntax {
        let wanted = "names, separated, distinguished_names or paths";
        settings.groups_syntax =
            GroupsSyntax::from_name(word).ok_or_else(|| invalid("groups_syntax", wanted))?;
    }
    Ok(())
}

fn take_requests(
    tx: &Transaction<'_>,
    place: (&Connection, &Deployment),
    settings: &mut SamlSettings,
    draft: &SamlRulesDraft,
) -> Result<(), ManagementError> {
    let rules = &mut settings.requests;
    if let Some(word) = &draft.authn_request_binding {
        rules.binding = binding("authn_request_binding", word)?;
    }
    if let Some(context) = &draft.requested_authn_context {
        if context.len() > LONGEST_CONTEXT {
            return Err(invalid("requested_authn_context", "at most 1024 bytes"));
        }
        rules.authn_context.clone_from(context);
    }
    rules.force_authn = draft.force_authn.unwrap_or(rules.force_authn);
    rules.signed = draft.authn_requests_signed.or(rules.signed);
    if draft.authn_requests_signed == Some(true) && settings.request_signing_key.is_none() {
        settings.request_signing_key = Some(fresh_key(tx, place)?);
    }
    Ok(())
}

fn take_logout(
    settings: &mut SamlSettings,
    draft: &SamlRulesDraft,
    allow_http: bool,
) -> Result<(), ManagementError> {
    let rules = &mut settings.logout;
    let urls = [
        (&draft.idp_slo_url, &mut rules.url),
        (&draft.idp_slo_response_url, &mut rules.response_url),
    ];
    for (given, kept) in urls {
        let Some(url) = given else { continue };
        if !url.is_empty() {
            check_url("invalid_idp_slo_url", url, allow_http)?;
        }
        kept.clone_from(url);
    }
    if let Some(word) = &draft.slo_binding {
        rules.binding = binding("slo_binding", word)?;
    }
    Ok(())
}

fn binding(field: &'static str, word: &str) -> Result<Binding, ManagementError> {
    Binding::from_name(word).ok_or_else(|| invalid(field, "redirect or post"))
}

fn invalid(field: &'static str, wanted: &'static str) -> ManagementError {
    ConnectionError::InvalidSamlSetting(field, wanted).into()
}

/// A key of the connection's own, for callers who bring none.
fn fresh_key(
    tx: &Transaction<'_>,
    (connection, deployment): (&Connection, &Deployment),
) -> Result<RequestSigningKey, ManagementError> {
    let expires_at = tx.now + TimeDelta::days(SIGNING_CERTIFICATE_DAYS);
    let pair = KeyPair::generate(&connection.id.to_string(), tx.now, expires_at)?;
    let place = connection.sealing_place("request_signing_key");
    let sealed = deployment
        .master_key
        .seal(pair.private_key_pem.as_bytes(), &place)?;
    Ok(RequestSigningKey {
        certificate_id: CertificateId::fresh(),
        fingerprint: hex_digest(&pair.certificate_pem),
        certificate: pair.certificate_pem,
        sealed_private_key: sealed,
        created_at: tx.now,
        expires_at,
    })
}
