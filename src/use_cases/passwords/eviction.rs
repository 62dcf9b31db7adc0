//! A new password puts out whoever may have come by the old one: sessions, links, and what was
//! proven but has not become a session yet.

use serde::Deserialize;

use crate::domain::email::EmailAddress;
use crate::domain::id::SessionId;
use crate::domain::member::Member;
use crate::domain::password::PasswordHolder;
use crate::domain::project::ProjectId;
use crate::domain::scope::OrgScope;
use crate::domain::secret::SecretHash;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::member_discovery::list_live_with_address;
use crate::storage::members as member_rows;
use crate::storage::one_time_tokens;
use crate::storage::one_time_tokens::TokenKind;
use crate::storage::organization_search::OrganizationFilter;
use crate::storage::organization_search::first_matching;
use crate::use_cases::members;
use crate::use_cases::sign_in::present::Present;

/// More than one address has members in.
const MOST_ORGANIZATIONS: i64 = 1000;

/// What whoever sets the password brings along: it stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Staying {
    session: Option<SessionId>,
    token_hash: String,
}

impl From<&Present> for Staying {
    fn from(present: &Present) -> Self {
        let hash = |(token, _): &(String, _)| SecretHash::of(token).as_str().to_owned();
        Self {
            session: present.session.as_ref().map(|session| session.id),
            token_hash: present.intermediate.as_ref().map(hash).unwrap_or_default(),
        }
    }
}

/// What a token says of an address; the rest of it does not matter here.
#[derive(Deserialize)]
struct Addressed {
    email_address: EmailAddress,
}

/// Puts everybody out who may have come by the old password of a holder. The transaction may be in
/// another organization afterwards.
pub(crate) fn evict(
    tx: &mut Transaction<'_>,
    (project, holder): (&ProjectId, &PasswordHolder),
    staying: &Staying,
) -> Result<(), StorageError> {
    match holder {
        PasswordHolder::Member(organization_id, member) => {
            let scope = OrgScope {
                project_id: project.clone(),
                organization_id: *organization_id,
            };
            let member = member_rows::find(tx, &scope, *member)?;
            member.map_or(Ok(()), |member| of_member(tx, (&scope, &member), staying))
        }
        PasswordHolder::Address(project, address) => of_address(tx, (project, address), staying),
    }
}

fn of_member(
    tx: &mut Transaction<'_>,
    (scope, member): (&OrgScope, &Member),
    staying: &Staying,
) -> Result<(), StorageError> {
    members::end_sessions_but(tx, (scope, member), staying.session)?;
    one_time_tokens::delete_all_of_but(tx, member, &staying.token_hash)
}

fn of_address(
    tx: &mut Transaction<'_>,
    (project, address): (&ProjectId, &EmailAddress),
    staying: &Staying,
) -> Result<(), StorageError> {
    let filter = OrganizationFilter::MemberEmails(vec![address.folded()]);
    let organizations = first_matching(tx, (project, filter), MOST_ORGANIZATIONS)?;
    let ids: Vec<_> = organizations.iter().map(|it| it.id).collect();
    for member in list_live_with_address(tx, &ids, address)? {
        tx.enter(member.organization_id)?;
        let scope = OrgScope {
            project_id: project.clone(),
            organization_id: member.organization_id,
        };
        of_member(tx, (&scope, &member), staying)?;
    }
    let kinds = [
        TokenKind::Intermediate,
        TokenKind::DiscoveryLink,
        TokenKind::DiscoveryPasswordReset,
    ];
    for kind in kinds {
        for (hash, content) in one_time_tokens::unplaced::<Addressed>(tx, (project, kind))? {
            if content.email_address == *address && hash != staying.token_hash {
                one_time_tokens::delete_unplaced(tx, &hash)?;
            }
        }
    }
    Ok(())
}
