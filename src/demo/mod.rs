//! A world to try the product in; the tests borrow its identity provider.

pub mod saml_response;
pub mod saml_signature;
