//! Create and configure SAML connections (contract 3.4).

use serde_json::Map;
use serde_json::Value;
use url::Url;

use crate::domain::connection::Connection;
use crate::domain::connection_settings::ConnectionSettings;
use crate::domain::connection_settings::SamlSettings;
use crate::domain::id::ConnectionKind;
use crate::domain::saml_flows::FollowedMetadata;
use crate::storage::Transaction;
use crate::use_cases::Deployment;
use crate::use_cases::caller::Caller;
use crate::use_cases::connections;
use crate::use_cases::connections::Naming;
use crate::use_cases::connections::RoleRules;
use crate::use_cases::connections::SSO;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::connection::ConnectionError;
use crate::use_cases::error::connection::MappingFault;
use crate::use_cases::error::request::RequestError;
use crate::use_cases::saml_connection_rules;
use crate::use_cases::saml_connection_rules::SamlRulesDraft;
use crate::use_cases::saml_encryption_keys;
use crate::use_cases::saml_keys;

const MAX_CLOCK_SKEW: u16 = 300;
const MAX_URL_BYTES: usize = 2048;

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
    pub saml_encryption_private_key: Option<String>,
    pub nameid_format: Option<String>,
    pub idp_initiated_auth_disabled: Option<bool>,
    pub allow_gateway_callback: Option<bool>,
    pub rules: SamlRulesDraft,
    pub clock_skew_seconds: Option<u16>,
    pub want_response_signed: Option<bool>,
    pub want_assertion_signed: Option<bool>,
}

/// Creates a connection that is still to be filled in, but for a mapping that was made beforehand.
pub fn create(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    organization: &str,
    (naming, preset): (&Naming, Option<&str>),
) -> Result<Connection, ManagementError> {
    let organization = caller.enter(tx, organization, &[(SSO, "create")])?;
    let mut settings = SamlSettings::default();
    saml_connection_rules::take_preset(&mut settings, preset)?;
    let settings = ConnectionSettings::Saml(settings);
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
    saml_connection_rules::take(tx, (&before, deployment), &mut settings, &draft.rules)?;
    take_details(&mut settings, draft, deployment.allow_http)?;
    take_keys(tx, (&before, deployment), &mut settings, draft)?;
    let gives = &mut settings.implicit_roles;
    connections::take_group_roles(tx, &organization, gives, &draft.roles)?;
    if !settings.implicit_roles.groups.is_empty()
        && !settings.attribute_mapping.contains_key("groups")
    {
        return Err(ConnectionError::InvalidAttributeMapping(MappingFault::NoGroups).into());
    }
    let settings = ConnectionSettings::Saml(settings);
    connections::settle(tx, &before, &draft.naming, settings)
}

fn take_keys(
    tx: &Transaction<'_>,
    place: (&Connection, &Deployment),
    settings: &mut SamlSettings,
    draft: &SamlConnectionDraft,
) -> Result<(), ManagementError> {
    if let Some(pasted) = &draft.x509_certificate {
        saml_keys::add_certificate(tx, settings, pasted)?;
    }
    if let Some(pasted) = &draft.signing_private_key {
        saml_keys::take_signing_key(tx, place, settings, pasted)?;
    }
    if let Some(pasted) = &draft.saml_encryption_private_key {
        saml_encryption_keys::add(tx, place, settings, pasted)?;
    }
    Ok(())
}

fn take_details(
    settings: &mut SamlSettings,
    draft: &SamlConnectionDraft,
    allow_http: bool,
) -> Result<(), ManagementError> {
    // Whoever sets by hand what metadata says follows it no longer.
    let is_by_hand = |given: Option<&String>, known: &String| given.is_some_and(|it| it != known);
    if is_by_hand(draft.idp_sso_url.as_ref(), &settings.idp_sso_url)
        || is_by_hand(draft.idp_entity_id.as_ref(), &settings.idp_entity_id)
    {
        *settings.metadata = FollowedMetadata::default();
    }
    if let Some(url) = &draft.idp_sso_url {
        check_sso_url(url, allow_http)?;
        settings.idp_sso_url.clone_from(url);
    }
    if let Some(entity_id) = &draft.idp_entity_id {
        check_entity_id(entity_id)?;
        settings.idp_entity_id.clone_from(entity_id);
    }
    if let Some(mapping) = &draft.attribute_mapping {
        check_mapping(mapping)?;
        settings.attribute_mapping.clone_from(mapping);
    }
    if let Some(seconds) = draft.clock_skew_seconds.filter(|it| *it > MAX_CLOCK_SKEW) {
        let reason = format!("must be at most {MAX_CLOCK_SKEW}, is {seconds}");
        return Err(RequestError::InvalidBody("clock_skew_seconds".to_owned(), reason).into());
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
        allow_gateway_callback,
        clock_skew_seconds,
        want_response_signed,
        want_assertion_signed
    );
    Ok(())
}

pub(crate) fn check_entity_id(entity_id: &str) -> Result<(), ManagementError> {
    if (1..=1024).contains(&entity_id.len()) {
        Ok(())
    } else {
        Err(ConnectionError::InvalidEntityId.into())
    }
}

pub(crate) fn check_sso_url(url: &str, allow_http: bool) -> Result<(), ManagementError> {
    let refused = |error_type| Err(ConnectionError::InvalidUrl(error_type, url.to_owned()).into());
    if url.is_empty() {
        return Err(ConnectionError::Required("saml_connection_idp_sso_url_required").into());
    }
    let Some(parsed) = Url::parse(url).ok().filter(Url::has_host) else {
        return refused("saml_connection_idp_sso_url_invalid_format");
    };
    let is_plain = !parsed.username().is_empty() || parsed.password().is_some();
    match parsed.scheme() {
        _ if is_plain || url.len() > MAX_URL_BYTES => refused("invalid_idp_sso_url"),
        "https" => Ok(()),
        "http" if allow_http => Ok(()),
        "http" => refused("saml_connection_idp_sso_url_not_https"),
        _ => refused("saml_connection_idp_sso_url_invalid_format"),
    }
}

fn check_mapping(mapping: &Map<String, Value>) -> Result<(), ManagementError> {
    if mapping.is_empty() {
        let error_type = "saml_connection_attribute_mapping_required";
        return Err(ConnectionError::Required(error_type).into());
    }
    let has = |key: &str| mapping.get(key).is_some_and(Value::is_string);
    let fault = if mapping.values().any(|value| !value.is_string()) {
        MappingFault::Nested
    } else if !has("email") {
        MappingFault::NoEmail
    } else if !(has("full_name") || has("first_name") && has("last_name")) {
        MappingFault::NoName
    } else {
        return Ok(());
    };
    Err(ConnectionError::InvalidAttributeMapping(fault).into())
}
