//! The standards, as pure functions and values.

pub mod oauth;
pub mod oidc;
pub mod otp;
pub mod saml;
pub mod scim;
