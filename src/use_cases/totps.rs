//! Authenticator applications (RFC 6238): create, prove, take over from elsewhere (contract 4.6).

use chrono::TimeDelta;
use serde_json::json;

use crate::domain::authentication_settings::MfaMethod;
use crate::domain::event::Change;
use crate::domain::event::EventKind;
use crate::domain::factor::Factor;
use crate::domain::factor::TotpFactor;
use crate::domain::id::TotpId;
use crate::domain::member::Member;
use crate::domain::member::second_factor::Enrolment;
use crate::domain::member::second_factor::SecondFactor;
use crate::domain::recovery_code;
use crate::domain::secret;
use crate::protocol::otp::base32;
use crate::protocol::otp::otpauth;
use crate::protocol::otp::totp;
use crate::protocol::otp::totp::Verdict;
use crate::storage::Transaction;
use crate::storage::factors::totps;
use crate::storage::factors::totps::Totp;
use crate::storage::journal;
use crate::use_cases::Deployment;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::member::MemberError;
use crate::use_cases::error::request::RequestError;
use crate::use_cases::error::second_factor::SecondFactorError;
use crate::use_cases::member_lock::Tried;
use crate::use_cases::members;
use crate::use_cases::members::MemberView;
use crate::use_cases::recovery_codes;
use crate::use_cases::second_factors;
use crate::use_cases::second_factors::SecondStep;
use crate::use_cases::second_factors::Visit;
use crate::use_cases::second_factors::Whose;
use crate::use_cases::sign_in::entry::Admission;
use crate::use_cases::sign_in::present::Presented;

/// 160 bits, as RFC 4226 §4 recommends.
const SECRET_BYTES: usize = 20;
/// What other systems gave out: 80 bits at least.
const TAKEN_OVER: std::ops::RangeInclusive<usize> = 10..=64;
const USUAL_MINUTES: i64 = 60;
const MINUTES: std::ops::RangeInclusive<i64> = 5..=1440;

/// A new authenticator application; what is secret about it is told this once.
#[derive(Clone, Debug, PartialEq)]
pub struct NewTotp {
    /// Its member.
    pub view: MemberView,
    /// Its id.
    pub id: TotpId,
    /// The shared secret, in base32.
    pub secret: String,
    /// The address that the QR code tells.
    pub address: String,
    /// The codes that stand in for it.
    pub recovery_codes: Vec<String>,
}

/// What a caller asks of a new authenticator application.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TotpRequest {
    /// Whose it is.
    pub whose: Whose,
    /// How long it may take until it is proven.
    pub expiration_minutes: Option<i64>,
    /// What was proven before.
    pub presented: Presented,
}

/// Creates an authenticator application that has yet to prove itself. A pending one before it
/// counts no longer: what the person sees last is what they scan.
pub fn create(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&ProjectCaller, &Deployment),
    asked: &TotpRequest,
) -> Result<NewTotp, ManagementError> {
    let minutes = asked.expiration_minutes.unwrap_or(USUAL_MINUTES);
    if !MINUTES.contains(&minutes) {
        let reason = "the minutes must be 5 to 1440".to_owned();
        return Err(RequestError::InvalidBody("expiration_minutes".to_owned(), reason).into());
    }
    let visit = second_factors::visit(tx, caller, &asked.whose, &asked.presented)?;
    visit.allow(MfaMethod::Totp)?;
    refuse_second(tx, &visit.member)?;
    visit.demand_proof_of_other()?;
    let random = secret::random_bytes()?;
    let secret: Vec<u8> = random.into_iter().take(SECRET_BYTES).collect();
    let codes = recovery_code::fresh()?;
    let totp = Totp {
        pending_until: Some(tx.now + TimeDelta::minutes(minutes)),
        ..sealed(tx, deployment, &visit.member, (&secret, &codes))?
    };
    let Visit {
        organization,
        member,
        ..
    } = visit;
    keep(tx, &member, &totp)?;
    let account = member.email_address.to_string();
    let address = otpauth::address(&organization.name, &account, &secret);
    Ok(NewTotp {
        view: members::view(tx, organization, member)?,
        id: totp.id,
        secret: base32::encode(&secret),
        address,
        recovery_codes: codes,
    })
}

fn refuse_second(tx: &mut Transaction<'_>, member: &Member) -> Result<(), ManagementError> {
    match totps::find(tx, member)? {
        Some(known) if known.pending_until.is_none() => {
            Err(SecondFactorError::ActiveTotpExists.into())
        }
        _ => Ok(()),
    }
}

fn sealed(
    tx: &Transaction<'_>,
    deployment: &Deployment,
    member: &Member,
    (secret, codes): (&[u8], &[String]),
) -> Result<Totp, ManagementError> {
    let id = TotpId::fresh();
    let key = &deployment.master_key;
    Ok(Totp {
        id,
        secret: key.seal(secret, &place(member, id))?,
        recovery_codes: recovery_codes::seal(deployment, (member, id), codes)?,
        pending_until: None,
        last_step: 0,
        created_at: tx.now,
    })
}

/// Where a secret is sealed, so that it opens for no other member.
fn place(member: &Member, id: TotpId) -> String {
    format!("{}/totps/secret/{}/{id}", member.organization_id, member.id)
}

/// The one way a new authenticator application comes to a member.
fn keep(tx: &mut Transaction<'_>, member: &Member, totp: &Totp) -> Result<(), ManagementError> {
    totps::put(tx, member, totp)?;
    let change = Change {
        organization_id: Some(member.organization_id),
        kind: EventKind::TotpCreated,
        object_id: totp.id.to_string(),
        before: None,
        after: Some(json!({ "member_id": member.id, "pending_until": totp.pending_until })),
    };
    Ok(journal::append(tx, &change)?)
}

/// Lets a member in by the code that its authenticator application shows. The first right code
/// makes a pending one the member's own.
pub fn authenticate(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&ProjectCaller, &Deployment),
    step: &SecondStep,
) -> Result<Tried<Admission>, ManagementError> {
    let mut visit = second_factors::visit(tx, caller, &step.whose, &step.wishes.presented)?;
    visit.allow(MfaMethod::Totp)?;
    let found = totps::find(tx, &visit.member)?;
    let known = found.ok_or(MemberError::TotpNotFound)?;
    visit.demand_first_factor(tx)?;
    if let Some(end) = known.pending_until {
        if end <= tx.now {
            return Err(SecondFactorError::TotpExpired.into());
        }
        visit.demand_proof_of_other()?;
    }
    let sealed_at = place(&visit.member, known.id);
    let secret = deployment.master_key.open(&known.secret, &sealed_at)?;
    let last_step = match totp::judge(&secret, step.code.trim(), tx.now, known.last_step) {
        Verdict::Right(last_step) => last_step,
        // Whoever shows a used code has seen it: that is no guess.
        Verdict::Used => return Ok(Tried::Refused(SecondFactorError::UsedTotp.into())),
        Verdict::Wrong => return visit.wrong(tx, SecondFactorError::WrongTotp),
    };
    let proven = Totp {
        pending_until: None,
        last_step,
        ..known
    };
    totps::put(tx, &visit.member, &proven)?;
    visit.prove(tx, SecondFactor::Totp(proven.id), step.enrolment)?;
    let factor = Factor::Totp(TotpFactor {
        totp_id: proven.id,
        authenticated_at: tx.now,
    });
    visit.let_in(tx, deployment, factor, &step.wishes.session)
}

/// An authenticator application that a member proved itself with elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TotpMigration {
    /// Whose it is.
    pub whose: Whose,
    /// The shared secret, in base32.
    pub secret: String,
    /// The codes that stand in for it.
    pub recovery_codes: Vec<String>,
}

/// Takes an authenticator application over: it counts as proven.
pub fn migrate(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&ProjectCaller, &Deployment),
    asked: &TotpMigration,
) -> Result<(MemberView, TotpId), ManagementError> {
    let wrong = |field: &str, reason: &str| {
        ManagementError::from(RequestError::InvalidBody(
            field.to_owned(),
            reason.to_owned(),
        ))
    };
    let secret = base32::decode(&asked.secret).filter(|it| TAKEN_OVER.contains(&it.len()));
    let secret = secret.ok_or_else(|| wrong("secret", "10 to 64 bytes in base32 are expected"))?;
    if !recovery_code::may_be_kept(&asked.recovery_codes) {
        let reason = "at most 100 codes of 1 to 128 characters are expected";
        return Err(wrong("recovery_codes", reason));
    }
    let mut visit = second_factors::visit(tx, caller, &asked.whose, &Presented::default())?;
    visit.allow(MfaMethod::Totp)?;
    refuse_second(tx, &visit.member)?;
    let content = (&secret[..], &asked.recovery_codes[..]);
    let totp = sealed(tx, deployment, &visit.member, content)?;
    keep(tx, &visit.member, &totp)?;
    visit.prove(tx, SecondFactor::Totp(totp.id), Enrolment::default())?;
    let view = members::view(tx, visit.organization, visit.member)?;
    Ok((view, totp.id))
}
