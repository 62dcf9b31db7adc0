//! Single sign-on in three steps: expect an answer, prove it, admit the person (contract 4.1).
//!
//! `start` opens a flow and sends the browser away; `saml` and `oidc` say what its answer must
//! satisfy and read an identity from it; `receive` keeps that identity under a one-time token;
//! `admit` turns the token into a session.

use serde::Deserialize;
use serde::Serialize;

use crate::domain::identity::AssertedIdentity;

pub mod admit;
mod break_glass;
pub(crate) mod chosen;
pub mod departure;
mod email_code_allowance;
mod email_code_join;
pub mod email_codes;
pub mod email_codes_discovery;
pub mod email_door;
pub mod entrance;
pub mod entry;
pub mod error;
pub mod flow;
pub mod initiate;
pub mod logout;
pub mod oidc;
mod oidc_identity;
pub mod pkce;
pub mod present;
pub mod receive;
pub(crate) mod redeem;
pub mod saml;
pub(crate) mod saml_identity;
pub mod saml_request;
pub mod start;
pub mod trial;
mod trial_checks;
pub(crate) mod under_way;

/// An identity that an IdP has proven, and how far its word about the address goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProvenIdentity {
    /// What the IdP said.
    pub identity: AssertedIdentity,
    /// Whether the IdP vouches for the address itself. An OIDC provider that leaves
    /// `email_verified` out may let people write any address into their profile.
    pub address_vouched: bool,
    /// Whether the IdP has left groups out and said so.
    #[serde(default)]
    pub groups_left_out: bool,
}

/// What an SSO token stands for between the callback and `sso/authenticate`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptIdentity {
    /// Who came.
    pub proven: ProvenIdentity,
    /// The PKCE challenge that the sign-in began with.
    pub pkce_code_challenge: Option<String>,
}
