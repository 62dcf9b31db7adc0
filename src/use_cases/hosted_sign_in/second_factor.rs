//! What the page of the second factor has to know of whoever stands before it.

use chrono::DateTime;
use chrono::Utc;

use crate::domain::authentication_settings::MfaMethod;
use crate::domain::member::Member;
use crate::domain::member::lock::Guessed;
use crate::domain::secret;
use crate::storage::Transaction;
use crate::storage::members;
use crate::storage::organizations;
use crate::use_cases::Deployment;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::admission::AdmissionError;
use crate::use_cases::hosted_sign_in::Place;
use crate::use_cases::intermediate_sessions;
use crate::use_cases::member_lock;
use crate::use_cases::second_factors::Whose;

/// A second factor that is owed, and what may prove it.
#[derive(Clone, Debug, PartialEq)]
pub struct OwedFactor {
    /// The organization's name.
    pub organization_name: String,
    /// The member's address.
    pub email_address: String,
    /// When a second factor is asked for again, if it is not now.
    pub locked_until: Option<DateTime<Utc>>,
    /// Whether an authenticator application proves it, or one of its recovery codes.
    pub by_application: bool,
    /// The last digits of the number to which a code may be sent that proves it.
    pub by_message: Option<String>,
    /// Whether the member has none yet and may set up an authenticator application.
    pub may_add_application: bool,
    /// Whether the member has none yet and may name a number.
    pub may_add_number: bool,
}

/// What is owed by whoever has proven this much.
pub fn look(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    place: &Place,
) -> Result<OwedFactor, ManagementError> {
    let project = &deployment.project_id;
    let missing = AdmissionError::IntermediateNotFound;
    intermediate_sessions::find(tx, project, &place.token)?;
    let organization = organizations::find(tx, project, place.organization_id)?;
    let organization = organization.ok_or(missing.clone())?;
    let member = members::find(tx, &organization.scope(), place.member_id)?;
    let member = member.filter(Member::is_live).ok_or(missing)?;
    let settings = &organization.settings;
    let has_any = member.has_second_factor(settings);
    let has = |method| member.has_proven(method) && member.may_use(method, settings);
    let may_add = |method| !has_any && member.may_use(method, settings);
    let may_message = deployment.sends_sms;
    let number = secret::last_four(&member.mfa_phone_number);
    Ok(OwedFactor {
        locked_until: member_lock::lock_end(tx, &member, Guessed::SecondFactor)?,
        by_application: has(MfaMethod::Totp),
        by_message: (may_message && has(MfaMethod::SmsOtp)).then_some(number),
        may_add_application: may_add(MfaMethod::Totp),
        may_add_number: may_message && may_add(MfaMethod::SmsOtp),
        email_address: member.email_address.to_string(),
        organization_name: organization.name,
    })
}

impl Place {
    /// Whose second factor it is, as calls name them.
    pub fn whose(&self) -> Whose {
        Whose {
            organization_id: self.organization_id.to_string(),
            member_id: self.member_id.to_string(),
        }
    }
}
