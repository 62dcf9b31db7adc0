//! What a client is told when it gets no token (RFC 6749 §5.2).

use serde_json::Value;
use serde_json::json;

/// A refused token request; the text says what was wrong and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenError {
    /// The request is malformed.
    InvalidRequest(String),
    /// The client is unknown or has not proven itself.
    InvalidClient(String),
    /// Another grant than the client credentials.
    UnsupportedGrantType(String),
    /// Another scope than `scim`.
    InvalidScope(String),
    /// What the proof rests on cannot be had at the moment.
    Unavailable(String),
    /// The client sends too many requests; the seconds to wait.
    TooManyRequests(u64),
    /// The server failed; the text names the request, never the cause.
    Internal(String),
}

impl TokenError {
    /// A client that has not proven itself, whatever of it was wrong.
    pub fn unproven_client() -> Self {
        Self::InvalidClient(
            "client authentication failed: the client is unknown at this connection, its secret \
             is wrong or over, or its assertion is not signed by a key that is trusted here"
                .to_owned(),
        )
    }

    /// The HTTP status code.
    pub fn status(&self) -> u16 {
        match self {
            Self::InvalidRequest(_) | Self::UnsupportedGrantType(_) | Self::InvalidScope(_) => 400,
            Self::InvalidClient(_) => 401,
            Self::TooManyRequests(_) => 429,
            Self::Internal(_) => 500,
            Self::Unavailable(_) => 503,
        }
    }

    /// The seconds after which another attempt may do better, if waiting helps.
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::TooManyRequests(seconds) => Some(*seconds),
            Self::Unavailable(_) => Some(10),
            Self::InvalidRequest(_)
            | Self::InvalidClient(_)
            | Self::UnsupportedGrantType(_)
            | Self::InvalidScope(_)
            | Self::Internal(_) => None,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::InvalidRequest(_) => "invalid_request",
            Self::InvalidClient(_) => "invalid_client",
            Self::UnsupportedGrantType(_) => "unsupported_grant_type",
            Self::InvalidScope(_) => "invalid_scope",
            // The RFC has no words for these; they are those of its §4.1.2.1.
            Self::Unavailable(_) | Self::TooManyRequests(_) => "temporarily_unavailable",
            Self::Internal(_) => "server_error",
        }
    }

    fn description(&self) -> String {
        match self {
            Self::InvalidRequest(text)
            | Self::InvalidClient(text)
            | Self::UnsupportedGrantType(text)
            | Self::InvalidScope(text)
            | Self::Unavailable(text)
            | Self::Internal(text) => text.clone(),
            Self::TooManyRequests(seconds) => format!("too many requests; wait {seconds} s"),
        }
    }

    /// The response body.
    pub fn to_json(&self) -> Value {
        let description: String = self.description().chars().map(permitted).collect();
        json!({ "error": self.code(), "error_description": description })
    }
}

/// The characters of an `error_description`; what a client sent may hold others.
fn permitted(character: char) -> char {
    match character {
        '"' => '\'',
        '\\' => '/',
        ' '..='~' => character,
        _ => '?',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_holds_the_characters_that_the_rfc_permits() {
        let error = TokenError::InvalidScope("not \"ü\\\n\"".to_owned());
        assert_eq!(
            error.to_json(),
            json!({ "error": "invalid_scope", "error_description": "not '?/?'" })
        );
    }

    #[test]
    fn each_error_has_its_status_and_word() {
        let text = String::new;
        let table = [
            (TokenError::InvalidRequest(text()), 400, "invalid_request"),
            (TokenError::InvalidClient(text()), 401, "invalid_client"),
            (
                TokenError::UnsupportedGrantType(text()),
                400,
                "unsupported_grant_type",
            ),
            (TokenError::InvalidScope(text()), 400, "invalid_scope"),
            (
                TokenError::Unavailable(text()),
                503,
                "temporarily_unavailable",
            ),
            (
                TokenError::TooManyRequests(3),
                429,
                "temporarily_unavailable",
            ),
            (TokenError::Internal(text()), 500, "server_error"),
        ];
        for (error, status, word) in table {
            assert_eq!(error.status(), status, "{error:?}");
            assert_eq!(error.to_json()["error"], word, "{error:?}");
        }
    }
}
