//! How much of what resources are related to is shown at once: members of Groups, groups of Users.

use crate::protocol::scim::error::ScimError;

/// An answer is built in memory, where each of them takes about a kilobyte.
pub(crate) const MOST_SHOWN: i64 = 100_000;
/// No more of them are read, which is enough to see that there are too many.
pub(crate) const MOST_READ: i64 = MOST_SHOWN + 1;

/// So many were read, and are not shown when they are too many.
pub(crate) fn refuse_too_many(read: usize, relation: &str) -> Result<(), ScimError> {
    if i64::try_from(read).is_ok_and(|read| read <= MOST_SHOWN) {
        return Ok(());
    }
    Err(ScimError::TooMany(format!(
        "the answer would show more than {MOST_SHOWN} `{relation}`; ask with \
         excludedAttributes={relation}, or for fewer resources with a smaller count"
    )))
}
