//! Sessions for whom another issuer vouches, or a system that people come from: what it takes to ask
//! (first transaction), and who is let in (second transaction). The asking stands between them.

use crate::domain::email::EmailAddress;
use crate::domain::factor::Factor;
use crate::domain::factor::TrustedTokenFactor;
use crate::domain::foreign_tokens::TrustedTokenProfile;
use crate::domain::id::TrustedTokenId;
use crate::domain::member::Member;
use crate::domain::member::MemberStatus;
use crate::domain::organization::Organization;
use crate::storage::Transaction;
use crate::storage::project_settings;
use crate::use_cases::Deployment;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::foreign_token::ForeignTokenError;
use crate::use_cases::error::member::MemberError;
use crate::use_cases::members;
use crate::use_cases::organizations;
use crate::use_cases::sessions;
use crate::use_cases::sessions::SessionView;
use crate::use_cases::sign_in::entry::SignInWishes;
use crate::use_cases::sign_in::present;

/// Somebody for whom is vouched.
#[derive(Clone, Debug, PartialEq)]
pub struct Vouched {
    /// The member's address.
    pub email_address: EmailAddress,
    /// The organization: its id, external id or slug.
    pub organization: String,
    /// The same as the token names it, if it does; the call cannot name another.
    pub claimed_organization: Option<String>,
    /// What tells the token from others.
    pub token_id: TrustedTokenId,
    /// What the session shall be.
    pub wishes: SignInWishes,
}

/// The issuer that the project declares under this name.
pub fn profile(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    profile_id: &str,
) -> Result<TrustedTokenProfile, ManagementError> {
    let declared = project_settings::find(tx, &caller.project_id)?;
    let found = declared.and_then(|mut it| it.trusted_tokens.remove(profile_id));
    Ok(found.ok_or(ForeignTokenError::ProfileNotFound)?)
}

/// The userinfo endpoint that the project declares.
pub fn userinfo_url(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
) -> Result<String, ManagementError> {
    let declared = project_settings::find(tx, &caller.project_id)?;
    let url = declared.and_then(|it| it.session_migration.userinfo_url);
    Ok(url.ok_or(ForeignTokenError::NoMigration)?)
}

/// Lets a member in who is there already; nobody is created. What the organization asks of its
/// members at a sign-in is not asked: the operator answers for whom it trusts.
pub fn admit(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&ProjectCaller, &Deployment),
    vouched: &Vouched,
) -> Result<(SessionView, String), ManagementError> {
    let brought = present::look(tx, caller, &vouched.wishes.presented)?;
    let organization = organizations::resolve(tx, &caller.project_id, &vouched.organization)?;
    check_claim(tx, caller, (&organization, vouched))?;
    let found = members::live_by_email(tx, &organization.scope(), &vouched.email_address)?;
    let member = welcome(tx, found.ok_or(MemberError::NotFound)?)?;
    let factor = Factor::TrustedToken(TrustedTokenFactor {
        token_id: vouched.token_id,
        authenticated_at: tx.now,
    });
    let (proven, wishes) = ((vec![factor], None), &vouched.wishes.session);
    let (session, token) = match brought.of(&member).session {
        Some(session) => sessions::join(tx, deployment, session, proven, wishes)?,
        None => sessions::open(tx, (&member, deployment), proven, wishes)?,
    };
    let view = sessions::view(tx, session, organization, member)?;
    Ok((view, token))
}

/// A token is for the organization that it names; one that this project does not have is another.
fn check_claim(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    (organization, vouched): (&Organization, &Vouched),
) -> Result<(), ManagementError> {
    let Some(claimed) = &vouched.claimed_organization else {
        return Ok(());
    };
    let is_same = match organizations::resolve(tx, &caller.project_id, claimed) {
        Ok(claimed) => claimed.id == organization.id,
        Err(ManagementError::Organization(_)) => false,
        Err(error) => return Err(error),
    };
    tx.enter(organization.id)?;
    if is_same {
        Ok(())
    } else {
        let reason = "it names another organization than the call".to_owned();
        Err(ForeignTokenError::Refused(reason).into())
    }
}

/// A member who was only expected is in now. Whether the address is verified stays as it is: others
/// say so, and no mail was read.
fn welcome(tx: &mut Transaction<'_>, before: Member) -> Result<Member, ManagementError> {
    if before.status == MemberStatus::Active {
        return Ok(before);
    }
    let after = Member {
        status: MemberStatus::Active,
        updated_at: tx.now,
        ..before.clone()
    };
    members::commit(tx, Some(&before), &after)?;
    Ok(after)
}
