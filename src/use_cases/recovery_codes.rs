//! Recovery codes: show, use, replace (contract 4.6).
//!
//! The contract shows codes again on demand, so they are sealed rather than hashed. Each is gone
//! once it is used. They come and go with the authenticator application that they stand in for,
//! and are good as soon as that has proven itself.

use serde_json::json;

use crate::domain::authentication_settings::MfaMethod;
use crate::domain::event::Change;
use crate::domain::event::EventKind;
use crate::domain::factor::Factor;
use crate::domain::factor::RecoveryCodeFactor;
use crate::domain::id::RecoveryCodeId;
use crate::domain::id::TotpId;
use crate::domain::member::Member;
use crate::domain::recovery_code;
use crate::storage::Transaction;
use crate::storage::factors::totps;
use crate::storage::factors::totps::Totp;
use crate::storage::journal;
use crate::use_cases::Deployment;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::second_factor::SecondFactorError;
use crate::use_cases::member_lock::Tried;
use crate::use_cases::members;
use crate::use_cases::members::MemberView;
use crate::use_cases::second_factors;
use crate::use_cases::second_factors::SecondStep;
use crate::use_cases::second_factors::Whose;
use crate::use_cases::sign_in::entry::Admission;
use crate::use_cases::sign_in::present::Presented;

/// The codes that a member has left.
pub fn get(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&ProjectCaller, &Deployment),
    whose: &Whose,
) -> Result<(MemberView, Vec<String>), ManagementError> {
    let visit = second_factors::visit(tx, caller, whose, &Presented::default())?;
    let (_, codes) = proven(tx, deployment, &visit.member)?;
    let view = members::view(tx, visit.organization, visit.member)?;
    Ok((view, codes))
}

/// Gives a member new codes; those from before are good no longer.
pub fn rotate(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&ProjectCaller, &Deployment),
    whose: &Whose,
) -> Result<(MemberView, Vec<String>), ManagementError> {
    let visit = second_factors::visit(tx, caller, whose, &Presented::default())?;
    let (totp, before) = proven(tx, deployment, &visit.member)?;
    let codes = recovery_code::fresh()?;
    let counts = (EventKind::RecoveryCodesRotated, before.len());
    keep(tx, deployment, (&visit.member, totp), (&codes, counts))?;
    let view = members::view(tx, visit.organization, visit.member)?;
    Ok((view, codes))
}

/// Lets a member in by a recovery code, which is used up, and says how many are left.
pub fn recover(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&ProjectCaller, &Deployment),
    step: &SecondStep,
) -> Result<Tried<(Admission, usize)>, ManagementError> {
    let visit = second_factors::visit(tx, caller, &step.whose, &step.wishes.presented)?;
    visit.allow(MfaMethod::Totp)?;
    let (totp, codes) = proven(tx, deployment, &visit.member)?;
    visit.demand_first_factor(tx)?;
    let Some(left) = recovery_code::without(&codes, &step.code) else {
        return visit.wrong(tx, SecondFactorError::WrongRecoveryCode);
    };
    let factor = Factor::RecoveryCode(RecoveryCodeFactor {
        recovery_code_id: RecoveryCodeId::of(totp.id, left.len()),
        authenticated_at: tx.now,
    });
    let counts = (EventKind::RecoveryCodeUsed, codes.len());
    keep(tx, deployment, (&visit.member, totp), (&left, counts))?;
    let tried = visit.let_in(tx, deployment, factor, &step.wishes.session)?;
    Ok(match tried {
        Tried::Right(admission) => Tried::Right((admission, left.len())),
        Tried::Refused(error) => Tried::Refused(error),
    })
}

/// The proven authenticator application with the codes that are left of it.
fn proven(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    member: &Member,
) -> Result<(Totp, Vec<String>), ManagementError> {
    let found = totps::find(tx, member)?.filter(|totp| totp.pending_until.is_none());
    let totp = found.ok_or(SecondFactorError::RecoveryCodesNotFound)?;
    let opened = deployment
        .master_key
        .open(&totp.recovery_codes, &place(member, totp.id))?;
    let codes = serde_json::from_slice(&opened);
    let codes = codes.map_err(|error| ManagementError::Internal(error.to_string()))?;
    Ok((totp, codes))
}

/// The one way codes change; the journal hears how many there are, never which.
fn keep(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    (member, totp): (&Member, Totp),
    (codes, (kind, before)): (&[String], (EventKind, usize)),
) -> Result<(), ManagementError> {
    let after = Totp {
        recovery_codes: seal(deployment, (member, totp.id), codes)?,
        ..totp
    };
    totps::put(tx, member, &after)?;
    let change = Change {
        organization_id: Some(member.organization_id),
        kind,
        object_id: after.id.to_string(),
        before: Some(json!({ "member_id": member.id, "recovery_codes": before })),
        after: Some(json!({ "member_id": member.id, "recovery_codes": codes.len() })),
    };
    Ok(journal::append(tx, &change)?)
}

/// Codes as they are kept.
pub(crate) fn seal(
    deployment: &Deployment,
    (member, id): (&Member, TotpId),
    codes: &[String],
) -> Result<String, ManagementError> {
    let text = json!(codes).to_string();
    let sealed = deployment
        .master_key
        .seal(text.as_bytes(), &place(member, id))?;
    Ok(sealed)
}

fn place(member: &Member, id: TotpId) -> String {
    let organization = member.organization_id;
    format!("{organization}/totps/recovery_codes/{}/{id}", member.id)
}
