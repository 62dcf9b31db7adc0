//! Everything the gateway calls over the network.

pub mod client_assertion;
pub mod code_exchange;
pub mod dns;
mod document_cache;
pub mod fetch_error;
pub mod http_client;
pub mod logout_token;
pub mod oauth_api;
pub mod oidc_provider;
mod public_address;
pub mod sms_gateway;
pub mod smtp;
#[cfg(test)]
pub(crate) mod stub_server;
pub mod trusted_token;
pub mod userinfo;
