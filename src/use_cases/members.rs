//! Members: create, find, search, change. `commit` is the one way a member changes.

mod access;
mod commit;
mod create;
mod delete;
pub mod email_update;
pub(crate) mod email_update_code;
mod factors;
mod find;
pub mod invite;
pub mod search;
mod unlink;
mod update;

pub(crate) use crate::use_cases::members::access::demand;
pub(crate) use crate::use_cases::members::commit::arrive;
pub use crate::use_cases::members::commit::commit;
pub use crate::use_cases::members::commit::end_sessions;
pub(crate) use crate::use_cases::members::commit::end_sessions_but;
pub(crate) use crate::use_cases::members::create::add;
pub(crate) use crate::use_cases::members::create::check_unique;
pub use crate::use_cases::members::create::create;
pub(crate) use crate::use_cases::members::create::external_id_is_taken;
pub use crate::use_cases::members::delete::delete;
pub use crate::use_cases::members::delete::reactivate;
pub use crate::use_cases::members::factors::delete_mfa_phone_number;
pub use crate::use_cases::members::factors::delete_totp;
pub use crate::use_cases::members::factors::unlock;
pub use crate::use_cases::members::find::dangerously_get;
pub(crate) use crate::use_cases::members::find::find_named;
pub use crate::use_cases::members::find::get;
pub(crate) use crate::use_cases::members::find::live;
pub use crate::use_cases::members::find::live_by_email;
pub use crate::use_cases::members::find::view;
pub use crate::use_cases::members::unlink::RetiredEmailLocator;
pub use crate::use_cases::members::unlink::unlink_retired_email;
pub use crate::use_cases::members::update::delete_external_id;
pub use crate::use_cases::members::update::delete_password;
pub(crate) use crate::use_cases::members::update::take;
pub use crate::use_cases::members::update::update;
use crate::use_cases::organizations::OrganizationView;
use crate::use_cases::standing::MemberStanding;

/// A member with its organization, as most answers show them.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberView {
    /// The member and where it stands.
    pub standing: MemberStanding,
    /// Its organization.
    pub organization: OrganizationView,
}

/// How a caller names a member.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberLocator {
    /// An id or an external id.
    pub member_id: Option<String>,
    /// An address.
    pub email_address: Option<String>,
}
