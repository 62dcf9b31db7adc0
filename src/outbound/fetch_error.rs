//! Why a call over the network gave nothing usable.

use std::fmt;

use crate::outbound::public_address::NoPublicAddress;

/// Why nothing usable was fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FetchError {
    /// The URL is not one that may be called; nothing was sent.
    Refused {
        /// The origin, or what was given if there is none.
        url: String,
        /// What is wrong and what would be right.
        reason: String,
    },
    /// No answer came.
    Unreachable {
        /// The origin that was called.
        url: String,
        /// The innermost cause.
        reason: String,
    },
    /// The answer was a redirect, which is never followed.
    Redirected {
        /// The origin that was called.
        url: String,
        /// Where it pointed.
        location: String,
    },
    /// The answer is longer than its reader allows.
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The answer's status is not a success.
    Status(u16),
    /// The answer is not the JSON document that was asked for.
    NotJson {
        /// Where it differs.
        reason: String,
    },
    /// The answer is not UTF-8 text.
    NotText,
}

impl fmt::Display for FetchError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { url, reason } => write!(out, "{url} may not be called: {reason}"),
            Self::Unreachable { url, reason } => write!(out, "{url} did not answer: {reason}"),
            Self::Redirected { url, location } => {
                write!(
                    out,
                    "{url} redirects to {location}: give the final URL instead"
                )
            }
            Self::TooLarge { limit } => write!(out, "the answer is longer than {limit} bytes"),
            Self::Status(status) => write!(out, "the answer's status is {status}, not 200"),
            Self::NotJson { reason } => {
                write!(out, "the answer is not the JSON expected: {reason}")
            }
            Self::NotText => out.write_str("the answer is not UTF-8 text"),
        }
    }
}

impl std::error::Error for FetchError {}

/// Says why a call failed on its way.
pub(crate) fn call_failure(origin: &str, error: &reqwest::Error) -> FetchError {
    let url = origin.to_owned();
    if causes(error).any(<dyn std::error::Error>::is::<NoPublicAddress>) {
        let reason = "the name has no public address".to_owned();
        return FetchError::Refused { url, reason };
    }
    let reason = if error.is_timeout() {
        "it took too long".to_owned()
    } else {
        innermost(error)
    };
    FetchError::Unreachable { url, reason }
}

fn causes<'e>(
    error: &'e (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'e (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| error.source())
}

/// The cause at the end of the chain, which is the one that says something.
pub(crate) fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    causes(error)
        .last()
        .map(ToString::to_string)
        .unwrap_or_default()
}
