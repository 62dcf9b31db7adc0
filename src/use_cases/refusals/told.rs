//! How the journal is told of a refusal.

use serde_json::Value;
use serde_json::json;

use crate::domain::event::Change;
use crate::domain::event::EventKind;
use crate::domain::id::OrganizationId;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::journal;
use crate::use_cases::explain::remedy::Remedy;

/// What was refused, and what helps.
pub(super) struct Told {
    pub(super) code: &'static str,
    /// What was broken, in words, where the code alone does not say it.
    pub(super) rule: Option<String>,
    pub(super) expected: Option<String>,
    pub(super) received: Option<String>,
    pub(super) remedy: Remedy,
}

impl Told {
    /// Writes it, with what else is known: what is null is left out.
    pub(super) fn append(
        self,
        tx: &mut Transaction<'_>,
        kind: EventKind,
        (organization, object_id): (OrganizationId, String),
        known: impl IntoIterator<Item = (&'static str, Value)>,
    ) -> Result<(), StorageError> {
        let mut after = json!({
            "code": self.code,
            "rule": self.rule,
            "expected": self.expected,
            "received": self.received,
            "remedy": self.remedy.name,
        });
        if let Some(after) = after.as_object_mut() {
            let known = known.into_iter().filter(|(_, value)| !value.is_null());
            after.extend(known.map(|(name, value)| (name.to_owned(), value)));
        }
        let change = Change {
            organization_id: Some(organization),
            kind,
            object_id,
            before: None,
            after: Some(after),
        };
        journal::append(tx, &change)
    }
}
