//! Why an OAuth client of a SCIM connection cannot be found or become what was asked.

/// Why an OAuth client of a SCIM connection cannot be found or become what was asked.
#[derive(Clone, Debug, PartialEq)]
pub enum ScimClientError {
    /// No such client of this connection.
    NotFound,
    /// No such secret of this client.
    SecretNotFound,
    /// More clients than a connection may have: how many it may.
    TooManyClients(usize),
    /// More secrets than a client may have: how many it may.
    TooManySecrets(usize),
    /// A secret's expiry that is not in the future.
    InvalidExpiry,
    /// What would prove the client by assertion cannot be used, and why.
    InvalidAssertion(String),
}

impl ScimClientError {
    /// One of each kind.
    pub fn examples() -> Vec<Self> {
        vec![
            Self::NotFound,
            Self::SecretNotFound,
            Self::TooManyClients(20),
            Self::TooManySecrets(5),
            Self::InvalidExpiry,
            Self::InvalidAssertion("give jwks_url or jwks".to_owned()),
        ]
    }
}
