//! OpenID Connect Core 1.0, the relying party's side of the authorization code flow.

pub mod authorization;
pub mod claims;
pub mod entra;
pub mod error;
mod error_sides;
mod error_text;
pub mod expectation;
pub mod id_token;
pub mod logout_token;
pub mod private_key_jwt;
pub mod provider;
pub mod signed_jwt;
mod unverified_token;

pub use crate::protocol::oidc::claims::Claims;
pub use crate::protocol::oidc::error::Rejection;
pub use crate::protocol::oidc::expectation::Expectation;
pub use crate::protocol::oidc::expectation::Jwks;
pub use crate::protocol::oidc::provider::ProviderMetadata;
