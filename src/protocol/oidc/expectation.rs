//! What an ID token must satisfy, before any token is seen.

use chrono::TimeDelta;

/// The public keys of a provider (RFC 7517).
pub type Jwks = openidconnect::core::CoreJsonWebKeySet;

/// The signature algorithms that are accepted; none of them has a shared secret.
pub const ACCEPTED_ALGORITHMS: [&str; 9] = [
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA",
];

/// How far clocks may differ.
pub(crate) const LEEWAY: TimeDelta = TimeDelta::seconds(60);

/// What an ID token must satisfy.
#[derive(Clone, Copy)]
pub struct Expectation<'a> {
    /// The connection's issuer.
    pub issuer: &'a str,
    /// Our client id at that issuer.
    pub client_id: &'a str,
    /// The nonce of the authorization request.
    pub nonce: &'a str,
    /// The access token that came with the ID token, for `at_hash`.
    pub access_token: Option<&'a str>,
}
