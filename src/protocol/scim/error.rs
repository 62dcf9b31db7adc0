//! What a SCIM client is told when a request fails (RFC 7644 §3.12).

use serde_json::Value;
use serde_json::json;
use std::fmt;

/// The schema URN of an error response.
pub const ERROR_URN: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// The greatest length of a `detail` in characters.
const LONGEST_DETAIL: usize = 1000;

/// A refused request: the variant gives status and `scimType`, the text is the `detail`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScimError {
    /// The filter is malformed, or compares what cannot be compared.
    InvalidFilter(String),
    /// The filter yields more results than the server is willing to calculate.
    TooMany(String),
    /// Another resource has the same unique value.
    Uniqueness(String),
    /// The attribute may not be changed.
    Mutability(String),
    /// The request body is malformed or has the wrong structure.
    InvalidSyntax(String),
    /// The path of a PATCH operation is malformed or names an unknown attribute.
    InvalidPath(String),
    /// The path of a PATCH operation selects nothing to act upon.
    NoTarget(String),
    /// A required value is missing, or a value has the wrong type.
    InvalidValue(String),
    /// The cursor is not one of ours, or belongs to another query.
    InvalidCursor(String),
    /// The cursor is too old.
    ExpiredCursor(String),
    /// The number of resources on a page cannot be met.
    InvalidCount(String),
    /// The requested version of the protocol is not served.
    InvalidVersion(String),
    /// The request carries sensitive data in its address.
    Sensitive(String),
    /// The credentials are missing or wrong.
    Unauthorized(String),
    /// The credentials do not allow this operation.
    Forbidden(String),
    /// There is no such resource or endpoint.
    NotFound(String),
    /// The endpoint does not answer this method.
    MethodNotAllowed(String),
    /// The request conflicts with the present state of the resource.
    Conflict(String),
    /// The resource has changed since the version the client knows.
    PreconditionFailed(String),
    /// The request body is too large.
    PayloadTooLarge(String),
    /// The request body is in a format that is not served.
    UnsupportedMediaType(String),
    /// The client sends too many requests.
    TooManyRequests(String),
    /// The server failed; the detail names the request, never the cause.
    Internal(String),
    /// The feature is not offered.
    NotImplemented(String),
}

impl ScimError {
    /// The HTTP status code.
    pub fn status(&self) -> u16 {
        match self {
            Self::InvalidFilter(_)
            | Self::TooMany(_)
            | Self::Mutability(_)
            | Self::InvalidSyntax(_)
            | Self::InvalidPath(_)
            | Self::NoTarget(_)
            | Self::InvalidValue(_)
            | Self::InvalidCursor(_)
            | Self::ExpiredCursor(_)
            | Self::InvalidCount(_)
            | Self::InvalidVersion(_)
            | Self::Sensitive(_) => 400,
            Self::Unauthorized(_) => 401,
            Self::Forbidden(_) => 403,
            Self::NotFound(_) => 404,
            Self::MethodNotAllowed(_) => 405,
            Self::Uniqueness(_) | Self::Conflict(_) => 409,
            Self::PreconditionFailed(_) => 412,
            Self::PayloadTooLarge(_) => 413,
            Self::UnsupportedMediaType(_) => 415,
            Self::TooManyRequests(_) => 429,
            Self::Internal(_) => 500,
            Self::NotImplemented(_) => 501,
        }
    }

    /// The `scimType` keyword, for the errors that have one.
    pub fn scim_type(&self) -> Option<&'static str> {
        match self {
            Self::InvalidFilter(_) => Some("invalidFilter"),
            Self::TooMany(_) => Some("tooMany"),
            Self::Uniqueness(_) => Some("uniqueness"),
            Self::Mutability(_) => Some("mutability"),
            Self::InvalidSyntax(_) => Some("invalidSyntax"),
            Self::InvalidPath(_) => Some("invalidPath"),
            Self::NoTarget(_) => Some("noTarget"),
            Self::InvalidValue(_) => Some("invalidValue"),
            Self::InvalidCursor(_) => Some("invalidCursor"),
            Self::ExpiredCursor(_) => Some("expiredCursor"),
            Self::InvalidCount(_) => Some("invalidCount"),
            Self::InvalidVersion(_) => Some("invalidVers"),
            Self::Sensitive(_) => Some("sensitive"),
            Self::Unauthorized(_)
            | Self::Forbidden(_)
            | Self::NotFound(_)
            | Self::MethodNotAllowed(_)
            | Self::Conflict(_)
            | Self::PreconditionFailed(_)
            | Self::PayloadTooLarge(_)
            | Self::UnsupportedMediaType(_)
            | Self::TooManyRequests(_)
            | Self::Internal(_)
            | Self::NotImplemented(_) => None,
        }
    }

    /// The text for the administrator who reads the client's log.
    pub fn detail(&self) -> &str {
        match self {
            Self::InvalidFilter(detail)
            | Self::TooMany(detail)
            | Self::Uniqueness(detail)
            | Self::Mutability(detail)
            | Self::InvalidSyntax(detail)
            | Self::InvalidPath(detail)
            | Self::NoTarget(detail)
            | Self::InvalidValue(detail)
            | Self::InvalidCursor(detail)
            | Self::ExpiredCursor(detail)
            | Self::InvalidCount(detail)
            | Self::InvalidVersion(detail)
            | Self::Sensitive(detail)
            | Self::Unauthorized(detail)
            | Self::Forbidden(detail)
            | Self::NotFound(detail)
            | Self::MethodNotAllowed(detail)
            | Self::Conflict(detail)
            | Self::PreconditionFailed(detail)
            | Self::PayloadTooLarge(detail)
            | Self::UnsupportedMediaType(detail)
            | Self::TooManyRequests(detail)
            | Self::Internal(detail)
            | Self::NotImplemented(detail) => detail,
        }
    }

    /// The response body.
    pub fn to_json(&self) -> Value {
        let mut body = json!({ "schemas": [ERROR_URN], "status": self.status().to_string() });
        if let (Some(map), Some(scim_type)) = (body.as_object_mut(), self.scim_type()) {
            map.insert("scimType".to_owned(), Value::from(scim_type));
        }
        if let Some(map) = body.as_object_mut() {
            map.insert("detail".to_owned(), Value::from(shortened(self.detail())));
        }
        body
    }
}

/// A detail repeats what was sent, which may be a megabyte.
fn shortened(detail: &str) -> String {
    match detail.char_indices().nth(LONGEST_DETAIL) {
        Some(_) => detail.chars().take(LONGEST_DETAIL).chain(['…']).collect(),
        None => detail.to_owned(),
    }
}

impl fmt::Display for ScimError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.scim_type() {
            Some(scim_type) => write!(formatter, "{scim_type}: {}", self.detail()),
            None => write!(formatter, "{}: {}", self.status(), self.detail()),
        }
    }
}

impl std::error::Error for ScimError {}

#[cfg(test)]
mod tests {
    use super::ScimError;
    use serde_json::json;

    #[test]
    fn the_body_has_the_status_as_a_string() {
        let body = ScimError::Uniqueness("`userName` is taken".to_owned()).to_json();
        assert_eq!(
            body,
            json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
                "status": "409",
                "scimType": "uniqueness",
                "detail": "`userName` is taken",
            })
        );
    }

    #[test]
    fn a_missing_resource_has_no_scim_type() {
        let body = ScimError::NotFound("no user \"7\"".to_owned()).to_json();
        assert_eq!(body.get("status"), Some(&json!("404")));
        assert_eq!(body.get("scimType"), None);
    }

    #[test]
    fn a_long_detail_is_cut() {
        let body = ScimError::InvalidPath("ü".repeat(1_000_000)).to_json();
        let detail = body["detail"].as_str().unwrap();
        assert_eq!(detail.chars().count(), 1001);
        let body = ScimError::InvalidPath("ü".repeat(1000)).to_json();
        assert_eq!(body["detail"], "ü".repeat(1000));
    }
}
