//! What calls for second factors share: whose it is, what was proven before, and the way in
//! (contract 4.6).

use serde_json::json;

use crate::domain::authentication_settings::MfaMethod;
use crate::domain::event::Change;
use crate::domain::event::EventKind;
use crate::domain::factor::Factor;
use crate::domain::member::Member;
use crate::domain::member::lock::Guessed;
use crate::domain::member::second_factor::Enrolment;
use crate::domain::member::second_factor::SecondFactor;
use crate::domain::organization::Organization;
use crate::domain::policy;
use crate::storage::Transaction;
use crate::storage::journal;
use crate::use_cases::Deployment;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::second_factor::SecondFactorError;
use crate::use_cases::error::session::SessionError;
use crate::use_cases::explain::catalogue;
use crate::use_cases::member_lock;
use crate::use_cases::member_lock::Tried;
use crate::use_cases::members;
use crate::use_cases::organizations;
use crate::use_cases::sessions::SessionWishes;
use crate::use_cases::sign_in::entry;
use crate::use_cases::sign_in::entry::Admission;
use crate::use_cases::sign_in::entry::Proof;
use crate::use_cases::sign_in::entry::SignInWishes;
use crate::use_cases::sign_in::present;
use crate::use_cases::sign_in::present::Present;
use crate::use_cases::sign_in::present::Presented;

/// Whose second factor a call is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Whose {
    /// An id, an external id or a slug.
    pub organization_id: String,
    /// An id or an external id.
    pub member_id: String,
}

/// A second factor that is to let a member in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SecondStep {
    /// Whose it is.
    pub whose: Whose,
    /// What proves it.
    pub code: String,
    /// What is asked of the member besides.
    pub enrolment: Enrolment,
    /// What the session shall be, and what was proven before.
    pub wishes: SignInWishes,
}

/// A member with what was brought along for it.
pub(crate) struct Visit {
    pub(crate) organization: Organization,
    pub(crate) member: Member,
    present: Present,
}

/// Finds the member, and what of that which was brought along is its own.
pub(crate) fn visit(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    whose: &Whose,
    presented: &Presented,
) -> Result<Visit, ManagementError> {
    let organization = organizations::resolve(tx, &caller.project_id, &whose.organization_id)?;
    let member = members::live(tx, &organization, &whose.member_id)?;
    let found = present::look(tx, caller, presented)?;
    // Looking for a session has left the organization.
    tx.enter(organization.id)?;
    let present = found.clone().of(&member);
    if found.session.is_some() && present.session.is_none() {
        return Err(SecondFactorError::MemberMismatch.into());
    }
    if found.intermediate.is_some() && present.carried().is_empty() {
        return Err(SecondFactorError::IntermediateMismatch.into());
    }
    if present.held_with(&[]).iter().any(Factor::is_impersonation) {
        return Err(SessionError::Impersonated.into());
    }
    Ok(Visit {
        organization,
        member,
        present,
    })
}

impl Visit {
    /// Refuses a method that the organization does not let the member use.
    pub(crate) fn allow(&self, method: MfaMethod) -> Result<(), SecondFactorError> {
        if self.member.may_use(method, &self.organization.settings) {
            Ok(())
        } else {
            Err(SecondFactorError::MethodNotAllowed(method))
        }
    }

    /// Refuses to give the member a second factor for the first factor alone, where it has one
    /// already.
    pub(crate) fn demand_proof_of_other(&self) -> Result<(), SecondFactorError> {
        let held = self.present.held_with(&[]);
        let settings = &self.organization.settings;
        if self.member.may_be_given_factor(settings, &held) {
            Ok(())
        } else {
            Err(SecondFactorError::InsufficientFactors)
        }
    }

    /// Refuses to look at a code before the first factor has been proven, and while the member is
    /// locked: only who has come so far may guess, and not for long.
    pub(crate) fn demand_first_factor(
        &self,
        tx: &mut Transaction<'_>,
    ) -> Result<(), ManagementError> {
        let Present {
            session,
            intermediate,
        } = &self.present;
        if session.is_none() && intermediate.is_none() {
            return Err(SessionError::NoArguments.into());
        }
        let held = self.present.held_with(&[]);
        if !policy::allows_entry(&self.organization.settings, &self.member, &held) {
            return Err(SecondFactorError::FirstFactorFirst.into());
        }
        member_lock::refuse_if_locked(tx, &self.member)
    }

    /// Counts a wrong code. The refusal is an answer, so that the count is kept.
    pub(crate) fn wrong<T>(
        &self,
        tx: &mut Transaction<'_>,
        refusal: SecondFactorError,
    ) -> Result<Tried<T>, ManagementError> {
        let change = Change {
            organization_id: Some(self.organization.id),
            kind: EventKind::SecondFactorRefused,
            object_id: self.member.id.to_string(),
            before: None,
            after: Some(json!({
                "reason": format!("{refusal:?}"),
                "remedy": catalogue::of_second_factor(&refusal).name,
                "member_id": self.member.id,
                "email_address": self.member.email_address,
            })),
        };
        journal::append(tx, &change)?;
        member_lock::note_failure(tx, &self.member, Guessed::SecondFactor)?;
        Ok(Tried::Refused(refusal.into()))
    }

    /// Keeps what the member has proven, and asks what was asked of it besides.
    pub(crate) fn prove(
        &mut self,
        tx: &mut Transaction<'_>,
        factor: SecondFactor,
        enrolment: Enrolment,
    ) -> Result<(), ManagementError> {
        let settings = &self.organization.settings;
        let after = self.member.having_proven(factor, settings, enrolment);
        if let Some(after) = after.changed_from(&self.member, tx.now) {
            members::commit(tx, Some(&self.member), &after)?;
            self.member = after;
        }
        Ok(())
    }

    /// Lets the member in with the factor that was missing.
    pub(crate) fn let_in(
        self,
        tx: &mut Transaction<'_>,
        deployment: &Deployment,
        factor: Factor,
        wishes: &SessionWishes,
    ) -> Result<Tried<Admission>, ManagementError> {
        tx.concerns(Some(self.member.id));
        let admission = entry::enter_with(
            tx,
            deployment,
            (self.organization, self.member.clone()),
            (Proof::from(factor), self.present),
            wishes,
        )?;
        member_lock::clear_if_in(tx, (&self.member, Guessed::SecondFactor), &admission)?;
        Ok(Tried::Right(admission))
    }
}
