//! Why a connection cannot be found or become what was asked.

use crate::domain::id::ConnectionKind;

/// Why a connection cannot be found or become what was asked.
#[derive(Clone, Debug, PartialEq)]
pub enum ConnectionError {
    /// No such connection in this organization; `None` when the kind is not known.
    NotFound(Option<ConnectionKind>),
    /// Not one of the identity providers that this kind of connection knows.
    InvalidIdentityProvider(ConnectionKind, String),
    /// The organization already has an active SCIM connection.
    ActiveScimConnectionExists,
    /// The organization has no SCIM connection.
    NoActiveScimConnection,
    /// No rotation of the SCIM connection's token has been started.
    NotRotatingScimToken,
    /// A role by group of a SCIM connection names no group.
    ScimGroupMissing,
    /// A role names a SCIM group that this connection does not have.
    ScimGroupDoesNotExist(String),
    /// The certificate cannot be used, and why.
    InvalidCertificate(String),
    /// Over five certificates.
    TooManyCertificates,
    /// Neither an RSA key in PEM, nor one of at least 2048 bits.
    InvalidSigningKey(String),
    /// A URL field that is no absolute https URL: the error type, the value.
    InvalidUrl(&'static str, String),
    /// An IdP entity id that is empty or over 1024 characters.
    InvalidEntityId,
    /// An attribute mapping without what is needed: what is missing.
    InvalidAttributeMapping(&'static str),
}

const URL_ERRORS: [&str; 6] = [
    "invalid_idp_sso_url",
    "oidc_connection_issuer_url_invalid_format",
    "oidc_connection_authorization_url_invalid_format",
    "oidc_connection_token_url_invalid_format",
    "oidc_connection_userinfo_url_invalid_format",
    "oidc_connection_jwks_url_invalid_format",
];

const MAPPING_NEEDS: [&str; 4] = [
    "email",
    "groups",
    "only texts as values",
    "full_name, or first_name and last_name",
];

impl ConnectionError {
    /// One of each kind.
    pub fn examples() -> Vec<Self> {
        let not_found = [
            None,
            Some(ConnectionKind::Saml),
            Some(ConnectionKind::Oidc),
            Some(ConnectionKind::Scim),
        ];
        let wrong_url = |error_type| Self::InvalidUrl(error_type, "/sso".to_owned());
        let mut all: Vec<Self> = not_found.into_iter().map(Self::NotFound).collect();
        all.extend(URL_ERRORS.into_iter().map(wrong_url));
        all.extend(MAPPING_NEEDS.into_iter().map(Self::InvalidAttributeMapping));
        all.extend([
            Self::InvalidIdentityProvider(ConnectionKind::Saml, "myspace".to_owned()),
            Self::InvalidIdentityProvider(ConnectionKind::Scim, "myspace".to_owned()),
            Self::ActiveScimConnectionExists,
            Self::NoActiveScimConnection,
            Self::NotRotatingScimToken,
            Self::ScimGroupMissing,
            Self::ScimGroupDoesNotExist("scim-group-test-…".to_owned()),
            Self::InvalidCertificate("this is not an X.509 certificate".to_owned()),
            Self::TooManyCertificates,
            Self::InvalidSigningKey("must be an RSA key of 2048 to 8192 bits".to_owned()),
            Self::InvalidEntityId,
        ]);
        all
    }
}
