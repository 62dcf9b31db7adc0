//! Somebody makes an organization of their own and becomes its administrator (contract 4.4).

use crate::domain::email::EmailAddress;
use crate::domain::email_domain;
use crate::domain::member::Member;
use crate::domain::organization_draft::OrganizationDraft;
use crate::domain::rbac::ADMIN_ROLE;
use crate::storage::Transaction;
use crate::use_cases::Deployment;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::admission::AdmissionError;
use crate::use_cases::error::request::RequestError;
use crate::use_cases::intermediate_sessions;
use crate::use_cases::members;
use crate::use_cases::organizations;
use crate::use_cases::sessions::SessionWishes;
use crate::use_cases::sign_in::entry;
use crate::use_cases::sign_in::entry::Admission;
use crate::use_cases::sign_in::entry::Proof;
use crate::use_cases::sign_in::present::Present;

/// What is asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Creation {
    /// The token of the intermediate session.
    pub intermediate_token: String,
    /// What the organization shall be; named after the address if nothing is said.
    pub draft: OrganizationDraft,
    /// What the session shall be.
    pub wishes: SessionWishes,
}

/// Creates the organization and its first member, who is its administrator, and lets them in.
pub fn create(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&ProjectCaller, &Deployment),
    asked: &Creation,
) -> Result<Admission, ManagementError> {
    if asked.draft.claimed_email_domains.is_some() {
        let reason = "a new organization claims no domains; the backend gives it some later";
        let (field, reason) = ("claimed_email_domains".to_owned(), reason.to_owned());
        return Err(RequestError::InvalidBody(field, reason).into());
    }
    let token = &asked.intermediate_token;
    let kept = intermediate_sessions::find(tx, &caller.project_id, token)?;
    let address = kept
        .proven_address()
        .ok_or(AdmissionError::EmailVerificationRequired)?
        .clone();
    let mut draft = asked.draft.clone();
    let name = draft
        .organization_name
        .get_or_insert_with(|| name_of(&address));
    if name.trim().is_empty() {
        *name = name_of(&address);
    }
    let organization = organizations::create(tx, caller, &draft)?.organization;
    let member = Member {
        email_address_verified: true,
        explicit_roles: vec![ADMIN_ROLE.to_owned()],
        ..Member::new(organization.id, address, tx.now)
    };
    members::commit(tx, None, &member)?;
    let present = Present {
        session: None,
        intermediate: Some((token.clone(), kept)),
    };
    let present = present.of(&member);
    let entering = (organization, member);
    entry::enter_with(
        tx,
        deployment,
        entering,
        (Proof::default(), present),
        &asked.wishes,
    )
}

/// The domain's name; the person's own where the domain is everybody's.
fn name_of(address: &EmailAddress) -> String {
    let domain = address.domain();
    let text = address.as_str();
    let own = text.split_once('@').map_or(text, |(own, _)| own);
    let is_everybody_s =
        email_domain::is_common(&domain) || domain.rsplit('.').next() == Some("edu");
    let label = email_domain::owner_s_label(&domain).filter(|_| !is_everybody_s);
    let word = label.unwrap_or(own);
    let mut letters = word.chars();
    let capital = letters.next().map(char::to_uppercase);
    capital.into_iter().flatten().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_organization_without_a_name_is_called_after_the_address() {
        for (address, expected) in [
            ("ana@acme.test", "Acme"),
            ("ana.b@gmail.com", "Ana.b"),
            ("ana@math.mit.edu", "Ana"),
            ("ana@globex.co.uk", "Globex"),
        ] {
            let address = EmailAddress::parse(address).unwrap();
            assert_eq!(name_of(&address), expected);
        }
    }
}
