//! What a form says.

use std::collections::BTreeMap;

/// The fields of a form; what was not sent is empty.
pub(super) struct Form(BTreeMap<String, String>);

impl Form {
    /// Reads a body.
    pub(super) fn read(body: &[u8]) -> Self {
        let fields = url::form_urlencoded::parse(body);
        Self(fields.into_owned().collect())
    }

    /// A field as it was typed.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// A field without the spaces around it.
    pub(super) fn text(&self, name: &str) -> &str {
        self.get(name).trim()
    }
}
