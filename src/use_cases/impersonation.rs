//! An operator lets somebody act as a member, for an hour at most: a token that works once, and the
//! session that it opens (contract 8). Both are in the organization's journal.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use crate::domain::email::EmailAddress;
use crate::domain::event::Actor;
use crate::domain::event::Change;
use crate::domain::event::EventKind;
use crate::domain::factor::Factor;
use crate::domain::factor::ImpersonatedFactor;
use crate::domain::id::MemberId;
use crate::domain::member::Member;
use crate::domain::member::MemberStatus;
use crate::domain::organization::Organization;
use crate::domain::project::ProjectId;
use crate::domain::secret::SecretHash;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::journal;
use crate::storage::members as member_rows;
use crate::storage::one_time_tokens;
use crate::storage::one_time_tokens::TokenKind;
use crate::storage::organizations as organization_rows;
use crate::use_cases::Deployment;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::admission::AdmissionError;
use crate::use_cases::members;
use crate::use_cases::operator_error::OperatorError;
use crate::use_cases::organizations;
use crate::use_cases::sessions;
use crate::use_cases::sessions::SessionWishes;
use crate::use_cases::sign_in::entry::Admission;

const TOKEN_LIFE: TimeDelta = TimeDelta::minutes(5);
const SESSION_MINUTES: i64 = 60;

/// Who acts as whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Impersonation {
    /// The organization: its id, external id or slug.
    pub organization: String,
    /// The member: its id, external id or address.
    pub member: String,
    /// The operator's own name for who acts.
    pub impersonator_id: String,
    /// Their address.
    pub impersonator_email: EmailAddress,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    member_id: MemberId,
    impersonator_id: String,
    impersonator_email: EmailAddress,
}

impl Kept {
    fn journal_view(&self) -> Value {
        json!({
            "impersonator_id": self.impersonator_id,
            "impersonator_email_address": self.impersonator_email,
        })
    }
}

/// Lets somebody act as an active member: whoever brings the token within five minutes.
pub fn allow(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    (asked, token): (&Impersonation, &SecretHash),
) -> Result<(Member, DateTime<Utc>), OperatorError> {
    let organization = organizations::resolve_for_operator(tx, project, &asked.organization)?;
    let member = find(tx, &organization, &asked.member)?;
    let member = member.ok_or_else(|| OperatorError::UnknownMember(asked.member.clone()))?;
    if member.status != MemberStatus::Active {
        return Err(OperatorError::MemberNotActive);
    }
    let kept = Kept {
        member_id: member.id,
        impersonator_id: asked.impersonator_id.clone(),
        impersonator_email: asked.impersonator_email.clone(),
    };
    let (place, ends) = (organization.scope(), tx.now + TOKEN_LIFE);
    one_time_tokens::insert(tx, (&place, TokenKind::Impersonation), token, &kept, ends)?;
    note(tx, (EventKind::ImpersonationAllowed, &member), &kept)?;
    Ok((member, ends))
}

fn find(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    named: &str,
) -> Result<Option<Member>, StorageError> {
    let scope = organization.scope();
    match EmailAddress::parse(named) {
        Some(address) => members::live_by_email(tx, &scope, &address),
        None => members::find_named(tx, &scope, named),
    }
}

/// Uses a token up and opens the session that it stands for. What the organization asks of its
/// members at a sign-in is not asked: the operator answers for it.
pub fn authenticate(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&ProjectCaller, &Deployment),
    token: &str,
) -> Result<Admission, ManagementError> {
    let missing = ManagementError::Admission(AdmissionError::ImpersonationTokenNotFound);
    let hash = SecretHash::of(token);
    let found = one_time_tokens::find::<Kept>(tx, TokenKind::Impersonation, &hash)?;
    let (organization_id, kept) = found.ok_or(missing.clone())?;
    let organization = organization_rows::find(tx, &caller.project_id, organization_id)?;
    let organization = organization.ok_or(missing.clone())?;
    let member = member_rows::find(tx, &organization.scope(), kept.member_id)?;
    let member = member.filter(|member| member.status == MemberStatus::Active);
    let member = member.ok_or(missing.clone())?;
    if !one_time_tokens::consume(tx, TokenKind::Impersonation, &hash)? {
        return Err(missing);
    }
    tx.acts_as(Actor::Impersonator(kept.impersonator_id.clone()));
    note(tx, (EventKind::ImpersonationStarted, &member), &kept)?;
    let factor = Factor::Impersonated(ImpersonatedFactor {
        impersonator_id: kept.impersonator_id,
        impersonator_email_address: kept.impersonator_email.to_string(),
        authenticated_at: tx.now,
    });
    let wishes = SessionWishes {
        duration_minutes: Some(SESSION_MINUTES),
        ..SessionWishes::default()
    };
    let latest = Some(tx.now + TimeDelta::minutes(SESSION_MINUTES));
    let proven = (vec![factor], latest);
    let (session, token) = sessions::open(tx, (&member, deployment), proven, &wishes)?;
    let view = sessions::view(tx, session, organization, member)?;
    Ok(Admission::Session {
        view: Box::new(view),
        token,
    })
}

fn note(
    tx: &mut Transaction<'_>,
    (kind, member): (EventKind, &Member),
    kept: &Kept,
) -> Result<(), StorageError> {
    let change = Change {
        organization_id: Some(member.organization_id),
        kind,
        object_id: member.id.to_string(),
        before: None,
        after: Some(kept.journal_view()),
    };
    journal::append(tx, &change)
}
