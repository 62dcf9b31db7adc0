//! How a test sign-in went: each check with what was expected and what came.

use serde::Deserialize;
use serde::Serialize;

/// One check of a test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestCheck {
    /// What is checked, in words.
    pub name: String,
    /// What the connection wants.
    pub expected: String,
    /// What came.
    pub received: String,
    /// Whether it fits.
    pub passed: bool,
}

impl TestCheck {
    /// A check that came out well.
    pub fn passed(name: &str, expected: impl Into<String>, received: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            expected: expected.into(),
            received: received.into(),
            passed: true,
        }
    }
}

/// A test of a connection. It proves that sign-ins through it work; it lets nobody in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestReport {
    /// Whether the identity provider's answer was accepted.
    pub passed: bool,
    /// The stable name of the check that failed.
    pub code: Option<String>,
    /// Every check that was made; of a test that failed, the one that did.
    pub checks: Vec<TestCheck>,
    /// What would come of the person who was tested with, were this a sign-in.
    pub entrance: Option<String>,
}
