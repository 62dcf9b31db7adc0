//! OAuth 2.0, the token endpoint's side of the client credentials grant (RFC 6749 §4.4), with
//! secrets and with signed assertions (RFC 7521 §4.2, RFC 7523).

pub mod client_assertion;
pub mod error;
pub mod inline_keys;
pub mod token_request;
pub mod trusted_token;
