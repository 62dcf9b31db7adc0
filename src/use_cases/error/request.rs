//! What is wrong with a request before anybody looks at what it asks for.

/// What is wrong with a request before anybody looks at what it asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum RequestError {
    /// The project id and secret do not belong together, or one is missing.
    UnauthorizedCredentials,
    /// No such URL, or not with this method.
    RouteNotFound,
    /// The body is no JSON object, or a field has the wrong shape: field (may be empty), reason.
    InvalidBody(String, String),
    /// The query cannot be read: reason.
    InvalidQuery(String),
    /// The body is larger than the limit, in bytes.
    BodyTooLarge(usize),
    /// The body's content type is not JSON.
    UnsupportedContentType(String),
    /// Too many requests for this credential; seconds to wait.
    TooManyRequests(u64),
    /// A call of a way to sign in that this server does not have.
    NotOffered,
    /// A member session was given to a call that knows no narrower rights.
    ActingAsMember,
    /// Nothing that was refused is kept of the request.
    RefusalNotFound,
}

/// Fields whose wrong shape has an error type of its own.
const FIELDS: [&str; 48] = [
    "organization_id",
    "organization_name",
    "organization_slug",
    "organization_external_id",
    "sso_default_connection_id",
    "sso_jit_provisioning",
    "sso_jit_provisioning_allowed_connections",
    "email_jit_provisioning",
    "email_invites",
    "email_allowed_domains",
    "claimed_email_domains",
    "oauth_tenant_jit_provisioning",
    "allowed_oauth_tenants",
    "auth_methods",
    "allowed_auth_methods",
    "mfa_policy",
    "mfa_methods",
    "allowed_mfa_methods",
    "rbac_email_implicit_role_assignments",
    "roles",
    "saml_connection_implicit_role_assignments",
    "saml_group_implicit_role_assignments",
    "oidc_connection_implicit_role_assignments",
    "oidc_group_implicit_role_assignments",
    "scim_group_implicit_role_assignments",
    "connection_implicit_role_assignments",
    "group_implicit_role_assignments",
    "external_connection_implicit_role_assignments",
    "external_group_implicit_role_assignments",
    "trusted_metadata",
    "untrusted_metadata",
    "email_address",
    "mfa_phone_number",
    "default_mfa_method",
    "idp_entity_id",
    "idp_sso_url",
    "x509_certificate",
    "signing_private_key",
    "metadata_url",
    "issuer",
    "authorization_url",
    "token_url",
    "userinfo_url",
    "jwks_url",
    "session_duration_minutes",
    "session_jwt",
    "limit",
    "cursor",
];

impl RequestError {
    /// One of each kind.
    pub fn examples() -> Vec<Self> {
        let wrong = |field: &str| {
            let reason = "the value does not have the shape that the API expects";
            Self::InvalidBody(field.to_owned(), reason.to_owned())
        };
        let mut all: Vec<Self> = FIELDS.into_iter().map(wrong).collect();
        all.extend([
            Self::UnauthorizedCredentials,
            Self::RouteNotFound,
            Self::InvalidBody(String::new(), "the body must be a JSON object".to_owned()),
            Self::InvalidQuery("Query deserialize error: duplicate field `limit`".to_owned()),
            Self::BodyTooLarge(1024 * 1024),
            Self::UnsupportedContentType("text/plain".to_owned()),
            Self::TooManyRequests(1),
            Self::ActingAsMember,
            Self::RefusalNotFound,
            Self::NotOffered,
        ]);
        all
    }
}
