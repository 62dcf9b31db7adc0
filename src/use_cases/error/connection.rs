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
    /// The log of the SCIM connection has no such entry (any more).
    ScimRequestNotFound,
    /// No rotation of the SCIM connection's token has been started.
    NotRotatingScimToken,
    /// The schemas that a SCIM connection is to declare cannot be used, and why.
    InvalidScimSchemas(String),
    /// Resources would lose data by the change of a SCIM connection's schemas, and which.
    ScimSchemasInUse(String),
    /// A role by group of a SCIM connection names no group.
    ScimGroupMissing,
    /// A role names a SCIM group that this connection does not have.
    ScimGroupDoesNotExist(String),
    /// The certificate cannot be used, and why.
    InvalidCertificate(String),
    /// Over five certificates.
    TooManyCertificates,
    /// A private key that cannot be used: the error type, and what it should be.
    InvalidPrivateKey(&'static str, &'static str),
    /// Over five keys for encrypted responses.
    TooManyEncryptionKeys,
    /// No such certificate of this connection.
    CertificateNotFound,
    /// An active connection keeps a certificate.
    LastCertificate,
    /// No such key for encrypted responses of this connection.
    EncryptionKeyNotFound,
    /// A field that may not be emptied: its error type.
    Required(&'static str),
    /// What a metadata URL gave, or did not: the error type, the reason.
    UnusableMetadata(&'static str, String),
    /// A role by group without a group.
    NoGroupNamed,
    /// More connections than an organization may have: how many it may.
    TooManyConnections(usize),
    /// The organization's default connection stays.
    DefaultConnection,
    /// There is no such SAML or OIDC connection of another organization.
    ExternalNotFound,
    /// The connection of another organization is not complete.
    ExternalNotActive,
    /// An external connection to the organization itself.
    ExternalIsOwn,
    /// The organization has an external connection to that one already.
    DuplicateExternal,
    /// A URL field that is no absolute https URL: the error type, the value.
    InvalidUrl(&'static str, String),
    /// A setting of a SAML connection that is none: the field, what it must be.
    InvalidSamlSetting(&'static str, &'static str),
    /// No metadata waits for somebody to accept it.
    NoMetadataWaiting,
    /// An IdP entity id that is empty or over 1024 characters.
    InvalidEntityId,
    /// An attribute mapping that cannot be used.
    InvalidAttributeMapping(MappingFault),
}

/// What is wrong with an attribute mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MappingFault {
    /// A value is no text.
    Nested,
    /// Nothing says where the address is.
    NoEmail,
    /// Nothing says where the name is.
    NoName,
    /// Roles go by group, and nothing says where the groups are.
    NoGroups,
}

const URL_ERRORS: [&str; 10] = [
    "invalid_idp_sso_url",
    "invalid_idp_slo_url",
    "saml_connection_idp_sso_url_invalid_format",
    "saml_connection_idp_sso_url_not_https",
    "invalid_saml_metadata_url",
    "oidc_connection_issuer_url_invalid_format",
    "oidc_connection_authorization_url_invalid_format",
    "oidc_connection_token_url_invalid_format",
    "oidc_connection_userinfo_url_invalid_format",
    "oidc_connection_jwks_url_invalid_format",
];

const REQUIRED: [&str; 8] = [
    "saml_connection_idp_sso_url_required",
    "saml_connection_attribute_mapping_required",
    "oidc_connection_issuer_required",
    "oidc_connection_client_id_required",
    "oidc_connection_client_secret_required",
    "oidc_connection_authorization_url_required",
    "oidc_connection_token_url_required",
    "oidc_connection_jwks_url_required",
];

const KEY_ERRORS: [&str; 4] = [
    "saml_signing_private_key_invalid",
    "saml_signing_private_key_format_not_supported",
    "saml_encryption_private_key_invalid",
    "saml_encryption_private_key_format_not_supported",
];

const METADATA_ERRORS: [&str; 2] = [
    "invalid_xml_from_saml_metadata_url",
    "saml_connection_metadata_invalid_format",
];

const MAPPING_FAULTS: [MappingFault; 4] = [
    MappingFault::Nested,
    MappingFault::NoEmail,
    MappingFault::NoName,
    MappingFault::NoGroups,
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
        all.extend(REQUIRED.into_iter().map(Self::Required));
        let wrong_key = |error_type| Self::InvalidPrivateKey(error_type, "must be PKCS#1");
        all.extend(KEY_ERRORS.into_iter().map(wrong_key));
        let unusable = |error_type| Self::UnusableMetadata(error_type, "it is empty".to_owned());
        all.extend(METADATA_ERRORS.into_iter().map(unusable));
        all.extend(
            MAPPING_FAULTS
                .into_iter()
                .map(Self::InvalidAttributeMapping),
        );
        all.extend([
            Self::InvalidIdentityProvider(ConnectionKind::Saml, "myspace".to_owned()),
            Self::InvalidIdentityProvider(ConnectionKind::Scim, "myspace".to_owned()),
            Self::ActiveScimConnectionExists,
            Self::NoActiveScimConnection,
            Self::NotRotatingScimToken,
            Self::InvalidScimSchemas("`schemas[0].id` is required".to_owned()),
            Self::ScimSchemasInUse("the resource type Device would be gone".to_owned()),
            Self::ScimRequestNotFound,
            Self::ScimGroupMissing,
            Self::ScimGroupDoesNotExist("scim-group-test-…".to_owned()),
            Self::InvalidCertificate("this is not an X.509 certificate".to_owned()),
            Self::TooManyCertificates,
            Self::TooManyEncryptionKeys,
            Self::CertificateNotFound,
            Self::LastCertificate,
            Self::EncryptionKeyNotFound,
            Self::NoGroupNamed,
            Self::TooManyConnections(50),
            Self::DefaultConnection,
            Self::ExternalNotFound,
            Self::ExternalNotActive,
            Self::ExternalIsOwn,
            Self::DuplicateExternal,
            Self::InvalidEntityId,
            Self::InvalidSamlSetting("slo_binding", "redirect or post"),
            Self::NoMetadataWaiting,
        ]);
        all
    }
}
