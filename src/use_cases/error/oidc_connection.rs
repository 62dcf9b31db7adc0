//! Why an OIDC connection cannot become what was asked.

/// Why an OIDC connection cannot become what was asked.
#[derive(Clone, Debug, PartialEq)]
pub enum OidcConnectionError {
    /// The issuer is Entra's for several tenants: what it names instead of one.
    SharedIssuer(String),
    /// Not one of the ways to prove ourselves at a token endpoint.
    UnknownAuthMethod(String),
    /// The longest session is not 5 to 527040 minutes.
    InvalidMaximumSession(i64),
    /// The connection does not prove itself by a key.
    ClientKeyNotUsed,
    /// No rotation of the key has been started.
    NotRotatingClientKey,
}

impl OidcConnectionError {
    /// One of each kind.
    pub fn examples() -> Vec<Self> {
        vec![
            Self::SharedIssuer("common".to_owned()),
            Self::UnknownAuthMethod("tls_client_auth".to_owned()),
            Self::InvalidMaximumSession(1),
            Self::ClientKeyNotUsed,
            Self::NotRotatingClientKey,
        ]
    }
}
