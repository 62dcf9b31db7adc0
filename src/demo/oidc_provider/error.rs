//! What can fail inside the demo provider.

use std::fmt;

/// The provider could not be set up, or could not finish an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoProviderError(String);

impl DemoProviderError {
    /// Names what failed and why.
    pub(crate) fn new(what: &str, cause: impl fmt::Display) -> Self {
        Self(format!("{what}: {cause}"))
    }
}

impl fmt::Display for DemoProviderError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for DemoProviderError {}
