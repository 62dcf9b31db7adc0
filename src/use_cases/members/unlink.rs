//! Free an address that a member gave up.

use crate::domain::id::RetiredEmailId;
use crate::domain::member::rights;
use crate::storage::Transaction;
use crate::storage::retired_emails;
use crate::use_cases::caller::Caller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::member::MemberError;
use crate::use_cases::members::MemberView;
use crate::use_cases::members::access::reach;
use crate::use_cases::members::commit::free_address;
use crate::use_cases::members::view;

/// How a caller names an address that a member gave up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RetiredEmailLocator {
    /// Its id.
    pub email_id: Option<String>,
    /// The address itself.
    pub email_address: Option<String>,
}

impl RetiredEmailLocator {
    fn is_empty(&self) -> bool {
        self.email_id.is_none() && self.email_address.is_none()
    }

    /// Whether this is the one; both names must mean it when both are given.
    fn means(&self, (id, address): (RetiredEmailId, &str)) -> bool {
        let is_id = |given: &String| *given == id.to_string();
        let is_address = |given: &String| given.trim().eq_ignore_ascii_case(address);
        !self.is_empty()
            && self.email_id.as_ref().is_none_or(is_id)
            && self.email_address.as_ref().is_none_or(is_address)
    }
}

/// Frees an address that a member gave up, so that another member may have it.
pub fn unlink_retired_email(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    named: (&str, &str),
    locator: &RetiredEmailLocator,
) -> Result<MemberView, ManagementError> {
    let (organization, member) = reach(tx, caller, named, &[rights::UNLINK_RETIRED_EMAIL])?;
    if locator.is_empty() {
        return Err(MemberError::MissingEmailIdentifiers.into());
    }
    let retired = retired_emails::list(tx, &organization.scope(), &[member.id])?;
    let mut retired = retired.into_iter();
    let (_, id, address) = retired
        .find(|(_, id, address)| locator.means((*id, address)))
        .ok_or(MemberError::EmailNotFound)?;
    let member = free_address(tx, &member, (id, &address))?;
    view(tx, organization, member)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_names_must_mean_the_same_address() {
        let (id, address) = (RetiredEmailId::fresh(), "Ana@acme.test");
        let (own, other) = (id.to_string(), RetiredEmailId::fresh().to_string());
        let table = [
            (None, None, false),
            (Some(own.as_str()), None, true),
            (None, Some("ana@ACME.test"), true),
            (Some(own.as_str()), Some("ana@acme.test"), true),
            (Some(own.as_str()), Some("ben@acme.test"), false),
            (Some(other.as_str()), Some("ana@acme.test"), false),
        ];
        for (email_id, email_address, expected) in table {
            let locator = RetiredEmailLocator {
                email_id: email_id.map(str::to_owned),
                email_address: email_address.map(str::to_owned),
            };
            assert_eq!(locator.means((id, address)), expected, "{locator:?}");
        }
    }
}
