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
}

/// Fields whose wrong shape has an error type of its own.
const FIELDS: [&str; 17] = [
    "organization_id",
    "organization_name",
    "organization_slug",
    "organization_external_id",
    "auth_methods",
    "allowed_auth_methods",
    "allowed_mfa_methods",
    "mfa_policy",
    "mfa_methods",
    "sso_jit_provisioning",
    "email_jit_provisioning",
    "oauth_tenant_jit_provisioning",
    "trusted_metadata",
    "email_address",
    "mfa_phone_number",
    "session_duration_minutes",
    "sso_default_connection_id",
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
            Self::BodyTooLarge(1024 * 1024),
            Self::UnsupportedContentType("text/plain".to_owned()),
            Self::TooManyRequests(1),
            Self::ActingAsMember,
            Self::NotOffered,
        ]);
        all
    }
}
