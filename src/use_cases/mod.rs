//! What the product does: one function, one transaction.
//!
//! A use case finds, refuses if absent, lets the ground floor compute, commits and returns. It
//! never builds a response and never reaches the network, so that it can be run again.

use std::collections::BTreeMap;

use crate::domain::oauth_client::OauthClient;
use crate::domain::oauth_provider::OauthProvider;
use crate::domain::project::ProjectId;
use crate::domain::project::RedirectUrls;
use crate::domain::secret::MasterKey;
use crate::protocol::scim::leniency::IdentityProvider;

pub(crate) mod allowance;
pub mod caller;
pub mod cleanup;
pub mod client_keys;
pub mod connection_removal;
pub mod connection_switch;
pub mod connections;
pub mod console_error;
pub mod credentials;
pub mod directory_overview;
pub mod discovery;
pub mod domains;
pub mod error;
pub mod explain;
pub mod external_connections;
pub mod foreign_tokens;
pub mod hosted_sign_in;
pub mod impersonation;
pub mod intermediate_sessions;
mod last_admin;
pub mod m2m_clients;
pub mod m2m_tokens;
pub mod magic_links;
pub mod mails;
pub mod member_lock;
pub mod member_sessions;
pub mod members;
pub mod oauth;
pub mod oidc_connections;
pub mod operator_domains;
pub mod operator_error;
pub mod operators;
mod organization_checks;
pub mod organization_search;
pub mod organizations;
pub mod overview;
mod owners;
pub mod passwords;
pub mod portal_home;
pub mod portal_links;
pub mod portal_sessions;
pub mod portal_sso;
pub mod project;
pub mod project_keys;
pub mod project_settings;
pub mod provisioning;
pub mod rbac;
pub mod recent_days;
pub mod recent_sessions;
pub mod recovery_codes;
pub mod refusals;
pub mod role_rule_changes;
pub mod role_rules;
pub mod saml_connection_rules;
pub mod saml_connections;
pub mod saml_encryption_keys;
pub mod saml_keys;
pub mod saml_metadata;
pub mod scim_clients;
pub mod scim_connections;
pub mod scim_requests;
pub mod scim_schemas;
pub mod scim_token_rotation;
pub mod scim_tokens;
pub mod scim_users;
pub mod second_factors;
pub mod sessions;
pub mod settings_forecast;
pub mod sign_in;
pub mod signing_keys;
pub mod single_logout;
pub mod sms_codes;
pub mod sms_factors;
pub mod sms_messages;
pub mod sso_discovery;
pub mod standing;
pub mod totps;

/// Where OAuth providers send browsers back to; the provider's name follows.
pub const OAUTH_CALLBACK: &str = "/v1/b2b/oauth/callback";

/// Where links to the admin portal lead.
pub const PORTAL_LINK: &str = "/portal/open";

/// The address of a link to the operator's console at this origin.
pub fn console_link_url(origin: &str, token: &str) -> String {
    format!("{origin}/console/enter?token={token}")
}

/// The address of a link to the admin portal.
pub fn portal_link_url(origin: &str, token: &str) -> String {
    format!("{origin}{PORTAL_LINK}?token={token}")
}

/// Hosted pages to which people return, with a token; they need not be registered.
const OWN_PAGES: [&str; 4] = [
    hosted_sign_in::RETURN,
    hosted_sign_in::LINK,
    hosted_sign_in::INVITE,
    hosted_sign_in::PASSWORD,
];

/// What every use case may know about this installation.
#[derive(Clone, Debug)]
pub struct Deployment {
    /// The project that it serves; a database may know others.
    pub project_id: ProjectId,
    /// The origin that identity providers and browsers see, without a trailing slash.
    pub public_url: String,
    /// Where sign-ins may return, unless the project declares it (`project_settings`).
    pub redirect_urls: RedirectUrls,
    /// The OAuth providers that people may sign in with, and what we are to them.
    pub oauth_clients: BTreeMap<OauthProvider, OauthClient>,
    /// The key under which secrets are sealed.
    pub master_key: MasterKey,
    /// Whether identity providers may be reached by plain http (tests, demo).
    pub allow_http: bool,
    /// Whether there is a gateway that takes messages to phones.
    pub sends_sms: bool,
}

impl Deployment {
    /// The ACS, redirect and audience URL of an SSO connection.
    pub fn callback_url(&self, connection: crate::domain::id::ConnectionId) -> String {
        format!("{}/v1/b2b/sso/callback/{connection}", self.public_url)
    }

    /// The address of a link to the admin portal.
    pub fn portal_link_url(&self, token: &str) -> String {
        portal_link_url(&self.public_url, token)
    }

    /// Where an OAuth provider sends browsers back to; no two providers have the same.
    pub fn oauth_callback_url(&self, provider: OauthProvider) -> String {
        format!("{}{OAUTH_CALLBACK}/{}", self.public_url, provider.name())
    }

    /// The URL asked for, if it is a hosted page of ours.
    pub(crate) fn own_page(&self, asked: Option<&str>) -> Option<String> {
        let rest = asked?.strip_prefix(&self.public_url)?;
        let path = rest.split(['?', '#']).next()?;
        let is_page = OWN_PAGES.contains(&path) && !rest.contains('#');
        is_page.then_some(asked?.to_owned())
    }

    /// Where an SSO connection takes SAML logout messages.
    pub fn logout_url(&self, connection: crate::domain::id::ConnectionId) -> String {
        format!("{}/logout", self.callback_url(connection))
    }

    /// Where the OAuth clients of a SCIM connection get its access tokens.
    pub fn scim_token_url(&self, connection: crate::domain::id::ConnectionId) -> String {
        format!("{}/v1/b2b/scim/{connection}/oauth2/token", self.public_url)
    }

    /// The base URL that a SCIM client is given.
    pub fn scim_base_url(
        &self,
        connection: crate::domain::id::ConnectionId,
        identity_provider: &str,
    ) -> String {
        let base = format!("{}/v1/b2b/scim/{connection}", self.public_url);
        IdentityProvider::from_name(identity_provider)
            .unwrap_or_default()
            .address(base)
    }
}
