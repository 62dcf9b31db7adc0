//! What is remembered between a request to an OAuth provider and its answer.

use serde::Deserialize;
use serde::Serialize;

use crate::domain::id::OrganizationId;
use crate::domain::oauth_provider::OauthProvider;
use crate::domain::secret::SecretHash;

/// A sign-in that is under way, kept under the hash of its state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OauthFlow {
    /// The provider that was asked.
    pub provider: OauthProvider,
    /// The organization that the person wants to enter; none while they look for one.
    pub organization_id: Option<OrganizationId>,
    /// Where a known member returns, or whoever looks for an organization.
    pub login_redirect_url: String,
    /// Where somebody returns who is to become a member.
    pub signup_redirect_url: String,
    /// The application's own PKCE challenge.
    pub pkce_code_challenge: Option<String>,
    /// The hash of the cookie that the browser was given.
    pub browser_hash: String,
    /// What was asked for.
    pub scopes: String,
    /// The nonce that an ID token repeats.
    pub nonce: String,
    /// Our PKCE verifier, sealed.
    pub sealed_code_verifier: String,
}

/// An answer as the browser brings it, before anything of it is believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OauthCallback {
    /// The provider whose callback it is.
    pub provider: OauthProvider,
    /// The hash of `state`.
    pub state: SecretHash,
    /// The cookie of that state, if the browser has it.
    pub cookie: Option<String>,
}

/// Where the sealed PKCE verifier of a flow belongs.
pub(crate) fn sealing_place(state: &SecretHash) -> String {
    format!("oauth_flow/{}", state.as_str())
}
