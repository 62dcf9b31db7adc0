//! The standards, as pure functions and values.

pub mod oidc;
pub mod saml;
pub mod scim;
