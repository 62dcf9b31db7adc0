//! A member proves another address by a code (contract 8). Whose code it is is kept beside it, under
//! a hash that no token has: only the code itself leads there.

use chrono::TimeDelta;

use crate::domain::email::EmailAddress;
use crate::domain::magic_link::EMAIL_UPDATE_MINUTES;
use crate::domain::magic_link::LinkPurpose;
use crate::domain::magic_link::MagicLink;
use crate::domain::member::Member;
use crate::domain::organization::Organization;
use crate::domain::secret::SecretHash;
use crate::storage::Transaction;
use crate::storage::members;
use crate::storage::one_time_tokens;
use crate::storage::one_time_tokens::TokenKind;
use crate::use_cases::Deployment;
use crate::use_cases::error::ManagementError;
use crate::use_cases::mails::Postage;
use crate::use_cases::members::email_update;
use crate::use_cases::sign_in::email_codes;

fn place(
    deployment: &Deployment,
    organization: &Organization,
    wanted: &EmailAddress,
) -> SecretHash {
    let place = format!("{}\0{}", organization.id.key(), wanted.folded());
    let name = deployment.master_key.token_for("email update", &place);
    SecretHash::of(&name)
}

/// Mails a code to the address that a member wants.
pub(crate) fn send(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    (organization, member): (&Organization, &Member),
    (wanted, postage): (&EmailAddress, Postage),
) -> Result<(), ManagementError> {
    let scope = organization.scope();
    let hash = place(deployment, organization, wanted);
    let update = MagicLink {
        purpose: LinkPurpose::EmailUpdate,
        member_id: member.id,
        joins: false,
        email_address: wanted.clone(),
        redirect_url: String::new(),
        pkce_code_challenge: None,
    };
    let expires_at = tx.now + TimeDelta::minutes(EMAIL_UPDATE_MINUTES);
    one_time_tokens::delete(tx, &scope, hash.as_str())?;
    let kept = (&scope, TokenKind::MagicLink);
    one_time_tokens::insert(tx, kept, &hash, &update, expires_at)?;
    let reader = (Some(organization), member.name.as_str());
    let minutes = EMAIL_UPDATE_MINUTES;
    email_codes::put(tx, deployment, (wanted, postage), reader, minutes)
}

/// The member who wants an address and was sent a code for it.
pub(crate) fn find(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    (organization, wanted): (&Organization, &EmailAddress),
) -> Result<Option<Member>, ManagementError> {
    let hash = place(deployment, organization, wanted);
    let found = one_time_tokens::find::<MagicLink>(tx, TokenKind::MagicLink, &hash)?;
    let Some((_, update)) = found else {
        return Ok(None);
    };
    let member = members::find(tx, &organization.scope(), update.member_id)?;
    Ok(member.filter(Member::is_live))
}

/// The member with the address that its code has proven.
pub(crate) fn finish(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    organization: &Organization,
    (member, wanted): (&Member, &EmailAddress),
) -> Result<Member, ManagementError> {
    let hash = place(deployment, organization, wanted);
    one_time_tokens::consume(tx, TokenKind::MagicLink, &hash)?;
    email_update::finish(tx, organization, (member, wanted))
}
