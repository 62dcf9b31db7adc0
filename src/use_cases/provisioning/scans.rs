//! How often a request may go through all members of a Group.

use crate::domain::id::ScimGroupId;
use crate::protocol::scim::error::ScimError;
use crate::protocol::scim::membership::MembershipChange;
use crate::use_cases::credentials::ScimCaller;

const MOST_SCANS: usize = 10;

/// A change that names nobody reads the whole Group, so a request has few of them, however many
/// operations of a bulk request they are spread over.
pub(crate) fn refuse_repeated_scans(
    caller: &ScimCaller,
    group: ScimGroupId,
    changes: &[MembershipChange],
) -> Result<(), ScimError> {
    let scans = changes.iter().filter(|change| match change {
        MembershipChange::Add(_) | MembershipChange::Remove(_) => false,
        MembershipChange::RemoveAll
        | MembershipChange::ReplaceAll(_)
        | MembershipChange::RemoveMatching(_) => true,
    });
    let mut known = caller.scans.borrow_mut();
    let count = known.entry(group).or_default();
    *count += scans.count();
    if *count <= MOST_SCANS {
        return Ok(());
    }
    Err(ScimError::InvalidValue(format!(
        "{count} operations go through all `members`; at most {MOST_SCANS} are accepted in one \
         request: name members by their ids instead"
    )))
}
