//! Break glass is loud: whoever comes in past the organization's rules about methods leaves an event
//! of its own (contract 4.7).

use serde_json::json;

use crate::domain::authentication_settings::AuthMethod;
use crate::domain::event::Change;
use crate::domain::event::EventKind;
use crate::domain::factor::Factor;
use crate::domain::member::Member;
use crate::domain::organization::Organization;
use crate::domain::policy;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::journal;

/// Puts into the journal that a member comes in only because it is break glass, and by what.
pub(super) fn note(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    member: &Member,
    held: &[Factor],
) -> Result<(), StorageError> {
    let settings = &organization.settings;
    if !member.is_breakglass || policy::allows_factors(settings, held) {
        return Ok(());
    }
    let used: Vec<AuthMethod> = held.iter().filter_map(Factor::method).collect();
    let change = Change {
        organization_id: Some(organization.id),
        kind: EventKind::BreakGlassUsed,
        object_id: member.id.to_string(),
        before: None,
        after: Some(json!({
            "email_address": member.email_address,
            "methods": used,
            "allowed_auth_methods": policy::methods(settings),
        })),
    };
    journal::append(tx, &change)
}
