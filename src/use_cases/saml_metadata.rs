//! An IdP's metadata becomes a connection's settings: brought by an administrator, or read again in
//! the background (contract 3.4, SAML metadata §2.4.3).
//!
//! What an administrator brings is the IdP's whole word. What is read in the background is believed
//! as far as it hangs together with what was believed before: certificates may come and go as long
//! as one stays, and when none of them is left the change waits for somebody to accept it, because
//! whoever took over the place of the metadata could say the same.

use crate::domain::connection::Connection;
use crate::domain::connection_settings::ConnectionSettings;
use crate::domain::connection_settings::SamlSettings;
use crate::domain::id::ConnectionKind;
use crate::domain::saml_flows::Binding;
use crate::domain::saml_flows::FollowedMetadata;
use crate::domain::saml_flows::LogoutRules;
use crate::protocol::saml::IdentityProvider;
use crate::protocol::saml::LogoutService;
use crate::protocol::saml::MetadataError;
use crate::storage::Transaction;
use crate::use_cases::Deployment;
use crate::use_cases::caller::Caller;
use crate::use_cases::connections;
use crate::use_cases::connections::Naming;
use crate::use_cases::connections::SSO;
use crate::use_cases::connections::check_url;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::connection::ConnectionError;
use crate::use_cases::saml_connections::check_entity_id;
use crate::use_cases::saml_connections::check_sso_url;
use crate::use_cases::saml_keys;

pub mod refresh;

const UNUSABLE: &str = "saml_connection_metadata_invalid_format";

/// Refuses what may not be configured from this URL, before anything is fetched for anybody.
pub fn permit(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&Caller, &Deployment),
    (organization, connection): (&str, &str),
    url: &str,
) -> Result<(), ManagementError> {
    let organization = caller.enter(tx, organization, &[(SSO, "update")])?;
    connections::find(tx, &organization, connection, ConnectionKind::Saml)?;
    check_url("invalid_saml_metadata_url", url, deployment.allow_http)
}

/// Reads what a metadata URL gave, or what was pasted.
pub fn read(xml: &str) -> Result<IdentityProvider, ManagementError> {
    IdentityProvider::from_metadata(xml).map_err(|error| {
        let error_type = match error {
            MetadataError::TooLarge(_) | MetadataError::Xml(_) | MetadataError::NotMetadata(_) => {
                "invalid_xml_from_saml_metadata_url"
            }
            _ => UNUSABLE,
        };
        ConnectionError::UnusableMetadata(error_type, error.to_string()).into()
    })
}

/// Fills in what metadata says: entity id, single sign-on and logout URLs, certificates. The
/// document is the IdP's whole word, so certificates that it does not hold are trusted no longer;
/// those that it holds keep their ids. It is followed from now on if it came from a URL.
pub fn take(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&Caller, &Deployment),
    (organization, connection): (&str, &str),
    (metadata, url): (&IdentityProvider, Option<&str>),
) -> Result<Connection, ManagementError> {
    let (before, mut settings) = saml_keys::settings(tx, caller, (organization, connection))?;
    check_entity_id(&metadata.entity_id)?;
    settings.idp_entity_id.clone_from(&metadata.entity_id);
    take_endpoints(&mut settings, metadata, deployment.allow_http)?;
    saml_keys::replace_certificates(tx, &mut settings, &metadata.certificates)?;
    let followed = url.map(|url| FollowedMetadata::read(url, tx.now));
    *settings.metadata = followed.unwrap_or_default();
    let settings = ConnectionSettings::Saml(settings);
    connections::settle(tx, &before, &Naming::default(), settings)
}

/// Fills in what pasted metadata says, in the same way.
pub fn paste(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&Caller, &Deployment),
    place: (&str, &str),
    xml: &str,
) -> Result<Connection, ManagementError> {
    // Whoever may not change the connection learns nothing of what it would take.
    saml_keys::settings(tx, caller, place)?;
    let metadata = read(xml)?;
    take(tx, (caller, deployment), place, (&metadata, None))
}

/// Takes the change that waits.
pub fn accept(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    place: (&str, &str),
) -> Result<Connection, ManagementError> {
    let (before, mut settings) = saml_keys::settings(tx, caller, place)?;
    let waiting = settings.metadata.waiting.take();
    let waiting = waiting.ok_or(ConnectionError::NoMetadataWaiting)?;
    settings.idp_sso_url = waiting.idp_sso_url;
    settings.requests.binding = waiting.binding;
    settings.logout = waiting.logout;
    settings.verification_certificates = waiting.certificates;
    let settings = ConnectionSettings::Saml(settings);
    connections::settle(tx, &before, &Naming::default(), settings)
}

/// The binding in use stays where the IdP offers it.
fn take_endpoints(
    settings: &mut SamlSettings,
    metadata: &IdentityProvider,
    allow_http: bool,
) -> Result<(), ManagementError> {
    let offered = (&metadata.sso_redirect_url, &metadata.sso_post_url);
    let (binding, url) = chosen(settings.requests.binding, offered).ok_or_else(|| {
        let reason = "the IdP has no SingleSignOnService for HTTP-Redirect or HTTP-POST";
        ConnectionError::UnusableMetadata(UNUSABLE, reason.to_owned())
    })?;
    check_sso_url(url, allow_http)?;
    settings.requests.binding = binding;
    settings.idp_sso_url.clone_from(url);
    let offered = (&metadata.slo_redirect, &metadata.slo_post);
    if let Some((binding, service)) = chosen(settings.logout.binding, offered)
        && is_usable(service, allow_http)
    {
        settings.logout = LogoutRules {
            url: service.url.clone(),
            response_url: service.response_url.clone().unwrap_or_default(),
            binding,
        };
    }
    Ok(())
}

fn chosen<'a, T>(
    wanted: Binding,
    (redirect, post): (&'a Option<T>, &'a Option<T>),
) -> Option<(Binding, &'a T)> {
    let redirect = redirect.as_ref().map(|it| (Binding::Redirect, it));
    let post = post.as_ref().map(|it| (Binding::Post, it));
    match wanted {
        Binding::Redirect => redirect.or(post),
        Binding::Post => post.or(redirect),
    }
}

fn is_usable(service: &LogoutService, allow_http: bool) -> bool {
    let urls = std::iter::once(&service.url).chain(&service.response_url);
    let mut checked = urls.map(|url| check_url("invalid_idp_slo_url", url, allow_http));
    checked.all(|checked| checked.is_ok())
}
