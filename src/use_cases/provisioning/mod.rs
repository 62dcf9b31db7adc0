//! What a SCIM client may do (contract 7).
//!
//! Users and Groups are kept as the identity provider sent them; a User with an address is
//! projected to a member of the organization, and roles follow from groups when they are read.

use serde_json::Value;

use crate::protocol::scim::error::ScimError;
use crate::protocol::scim::leniency::IdentityProvider;
use crate::protocol::scim::leniency::Leniency;
use crate::protocol::scim::version::Conditions;
use crate::use_cases::credentials::ScimCaller;

pub mod bulk;
pub mod collection;
mod cursor;
pub mod error;
pub mod group_member;
pub mod groups;
mod limits;
mod linking;
pub mod mapping;
mod membership;
pub mod operation;
mod plan;
mod rehearsal;
mod related;
pub mod replay;
pub mod resources;
pub mod rights;
mod scans;
pub mod search;
mod shown;
mod uniqueness;
pub mod users;
pub mod views;
mod walk;

pub use crate::use_cases::provisioning::linking::note_refusal;

/// A resource as a client names it, and what it expects of its version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// The id, as it stands in the address.
    pub id: String,
    /// What is expected.
    pub conditions: Conditions,
}

/// What the client of this connection is allowed; what it makes use of is recorded at the caller.
fn leniency(caller: &ScimCaller) -> Leniency<'_> {
    IdentityProvider::from_name(&caller.connection.identity_provider)
        .unwrap_or_default()
        .leniency()
        .recorded(&caller.departures)
}

/// PostgreSQL keeps no text with the character U+0000, so it is refused on both databases.
fn refuse_nul(value: &Value) -> Result<(), ScimError> {
    match value {
        Value::String(text) if text.contains('\0') => Err(ScimError::InvalidValue(
            "a value contains the character U+0000; leave it out".to_owned(),
        )),
        Value::Array(values) => values.iter().try_for_each(refuse_nul),
        Value::Object(parts) => parts.values().try_for_each(refuse_nul),
        _ => Ok(()),
    }
}
