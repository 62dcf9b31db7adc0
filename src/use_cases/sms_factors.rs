//! A member's number as a second factor: send a code there, prove it by what comes back
//! (contract 4.6).

use crate::domain::authentication_settings::MfaMethod;
use crate::domain::factor::Factor;
use crate::domain::factor::SmsFactor;
use crate::domain::member::changes::MemberUpdate;
use crate::domain::member::second_factor::SecondFactor;
use crate::storage::Transaction;
use crate::use_cases::Deployment;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::request::RequestError;
use crate::use_cases::error::second_factor::SecondFactorError;
use crate::use_cases::member_lock;
use crate::use_cases::member_lock::Tried;
use crate::use_cases::members;
use crate::use_cases::members::MemberView;
use crate::use_cases::second_factors;
use crate::use_cases::second_factors::SecondStep;
use crate::use_cases::second_factors::Visit;
use crate::use_cases::second_factors::Whose;
use crate::use_cases::sign_in::entry::Admission;
use crate::use_cases::sign_in::present::Presented;
use crate::use_cases::sms_codes;
use crate::use_cases::sms_codes::Refused;

/// A code that somebody asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SmsRequest {
    /// Who is to get it.
    pub whose: Whose,
    /// The member's number, if it has none yet.
    pub mfa_phone_number: Option<String>,
    /// The language of the message.
    pub locale: Option<String>,
    /// What was proven before.
    pub presented: Presented,
}

/// Sends a code to a member's number. A new number is the member's from then on, and proven once
/// a code has come back.
pub fn send(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&ProjectCaller, &Deployment),
    asked: &SmsRequest,
) -> Result<MemberView, ManagementError> {
    if !deployment.sends_sms {
        return Err(RequestError::NotOffered.into());
    }
    let mut visit = second_factors::visit(tx, caller, &asked.whose, &asked.presented)?;
    visit.allow(MfaMethod::SmsOtp)?;
    member_lock::refuse_if_locked(tx, &visit.member)?;
    let number = asked.mfa_phone_number.as_ref().filter(|it| !it.is_empty());
    if let Some(number) = number {
        take_number(tx, &mut visit, number)?;
    }
    if visit.member.mfa_phone_number.is_empty() {
        return Err(SecondFactorError::NoPhoneNumber.into());
    }
    if !visit.member.mfa_phone_number_verified {
        visit.demand_proof_of_other()?;
    }
    let whose = (&visit.organization, &visit.member);
    sms_codes::begin(tx, deployment, whose, asked.locale.as_deref())?;
    members::view(tx, visit.organization, visit.member)
}

fn take_number(
    tx: &mut Transaction<'_>,
    visit: &mut Visit,
    number: &str,
) -> Result<(), ManagementError> {
    let update = MemberUpdate {
        mfa_phone_number: Some(number.to_owned()),
        ..MemberUpdate::default()
    };
    let after = visit.member.update(&update, tx.now)?;
    if after.is_as(&visit.member) {
        return Ok(());
    }
    visit.demand_proof_of_other()?;
    members::check_unique(tx, &visit.organization.scope(), &after)?;
    members::commit(tx, Some(&visit.member), &after)?;
    visit.member = after;
    Ok(())
}

/// Lets a member in by the code that was sent to its number, which is proven then.
pub fn authenticate(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&ProjectCaller, &Deployment),
    step: &SecondStep,
) -> Result<Tried<Admission>, ManagementError> {
    let mut visit = second_factors::visit(tx, caller, &step.whose, &step.wishes.presented)?;
    visit.allow(MfaMethod::SmsOtp)?;
    visit.demand_first_factor(tx)?;
    if !visit.member.mfa_phone_number_verified {
        visit.demand_proof_of_other()?;
    }
    match sms_codes::consume(tx, deployment, (&visit.member, &step.code))? {
        None => {}
        Some(Refused::NotFound) => return Err(SecondFactorError::CodeNotFound.into()),
        Some(Refused::Wrong) => return visit.wrong(tx, SecondFactorError::WrongCode),
    }
    visit.prove(tx, SecondFactor::Sms, step.enrolment)?;
    let factor = Factor::Sms(SmsFactor {
        phone_number: visit.member.mfa_phone_number.clone(),
        authenticated_at: tx.now,
    });
    visit.let_in(tx, deployment, factor, &step.wishes.session)
}
