//! Take over a password that another system keeps as a hash, with its member.

use crate::domain::event::EventKind;
use crate::domain::member::Member;
use crate::domain::member::MemberRefusal;
use crate::domain::member::changes::MemberDraft;
use crate::domain::member::changes::MemberUpdate;
use crate::domain::organization::Organization;
use crate::domain::password::Password;
use crate::domain::password::PasswordHolder;
use crate::domain::password::migrated::MigratedHash;
use crate::storage::Transaction;
use crate::storage::passwords as rows;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::member::MemberError;
use crate::use_cases::error::password::PasswordError;
use crate::use_cases::members;
use crate::use_cases::members::MemberView;
use crate::use_cases::organizations;
use crate::use_cases::passwords::commit::commit;
use crate::use_cases::passwords::settings;

/// A hash and the member whose it is.
#[derive(Clone, Debug, Default)]
pub struct Migration {
    /// The hash as the other system keeps it.
    pub hash: MigratedHash,
    /// Who the member is, or is to be.
    pub member: MemberDraft,
    /// Whether sessions stay that rest on roles which are taken away.
    pub preserve_existing_sessions: Option<bool>,
    /// Whether the number for codes is the member's own.
    pub set_phone_number_verified: Option<bool>,
}

/// Takes a password over and says whether its member is new. Whoever calls vouches for the address.
pub fn migrate(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    (organization, migration): (&str, &Migration),
) -> Result<(MemberView, bool), ManagementError> {
    let organization = organizations::resolve(tx, &caller.project_id, organization)?;
    let hash = migration.hash.read().map_err(PasswordError::Hash)?;
    let email = migration.member.email_address.as_ref();
    let email = email.ok_or(MemberError::Refused(MemberRefusal::EmailMissing))?;
    let known = members::live_by_email(tx, &organization.scope(), email)?;
    let is_new = known.is_none();
    let member = match known {
        Some(before) => change(tx, &organization, (&before, migration))?,
        None => create(tx, &organization, migration)?,
    };
    let rules = settings(tx, &organization.project_id)?;
    let holder = PasswordHolder::of(&rules, &organization.project_id, &member);
    match rows::find(tx, &holder)? {
        None => {
            let password = Password::new(hash, tx.now);
            commit(tx, &holder, (EventKind::PasswordSet, &password))?;
        }
        // A password that organizations share comes with each of them.
        Some(kept) if rules.cross_organization && kept.hash == hash => {}
        Some(_) => return Err(PasswordError::AlreadyExists.into()),
    }
    Ok((members::view(tx, organization, member)?, is_new))
}

fn create(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    migration: &Migration,
) -> Result<Member, ManagementError> {
    let member = Member::create(organization.id, &migration.member, tx.now)?;
    let member = vouched(member, migration);
    members::add(tx, organization, &member)?;
    Ok(member)
}

/// What only a new member gets, a known one keeps: its external id.
fn change(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    (before, migration): (&Member, &Migration),
) -> Result<Member, ManagementError> {
    let update = MemberUpdate {
        external_id: None,
        preserve_existing_sessions: migration.preserve_existing_sessions,
        ..MemberUpdate::from(&migration.member)
    };
    let after = vouched(before.update(&update, tx.now)?, migration);
    let after = Member {
        updated_at: if after.is_as(before) {
            before.updated_at
        } else {
            tx.now
        },
        ..after
    };
    members::take(tx, organization, (before, &after), &update)?;
    Ok(after)
}

fn vouched(member: Member, migration: &Migration) -> Member {
    let is_own = migration.set_phone_number_verified == Some(true);
    Member {
        email_address_verified: true,
        mfa_phone_number_verified: member.mfa_phone_number_verified
            || is_own && !member.mfa_phone_number.is_empty(),
        ..member
    }
}
