//! What callers ask members to be and to become (contract 3.2).

use chrono::DateTime;
use chrono::Utc;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::domain::authentication_settings::MfaMethod;
use crate::domain::email::EmailAddress;
use crate::domain::id::OrganizationId;
use crate::domain::member::Member;
use crate::domain::member::MemberRefusal;
use crate::domain::member::MemberStatus;
use crate::domain::metadata;
use crate::domain::metadata::Metadata;
use crate::domain::rbac;
use crate::domain::slug;

/// What a caller asks a new member to be.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(default)]
#[expect(
    missing_docs,
    reason = "the fields are those of the contract, section 3.2"
)]
pub struct MemberDraft {
    #[schema(value_type = String)]
    pub email_address: Option<EmailAddress>,
    pub name: Option<String>,
    #[schema(value_type = Object)]
    pub trusted_metadata: Option<Metadata>,
    #[schema(value_type = Object)]
    pub untrusted_metadata: Option<Metadata>,
    pub create_member_as_pending: Option<bool>,
    pub is_breakglass: Option<bool>,
    pub mfa_phone_number: Option<String>,
    pub mfa_enrolled: Option<bool>,
    pub roles: Option<Vec<String>>,
    pub external_id: Option<String>,
}

/// What a caller asks a member to become; absent fields stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(default)]
#[expect(
    missing_docs,
    reason = "the fields are those of the contract, section 3.2"
)]
pub struct MemberUpdate {
    #[schema(value_type = Option<String>)]
    pub email_address: Option<EmailAddress>,
    pub unlink_email: Option<bool>,
    pub name: Option<String>,
    #[schema(value_type = Object)]
    pub trusted_metadata: Option<Metadata>,
    #[schema(value_type = Object)]
    pub untrusted_metadata: Option<Metadata>,
    pub is_breakglass: Option<bool>,
    pub mfa_phone_number: Option<String>,
    pub mfa_enrolled: Option<bool>,
    /// `sms_otp` or `totp`.
    pub default_mfa_method: Option<String>,
    pub roles: Option<Vec<String>>,
    pub preserve_existing_sessions: Option<bool>,
    pub external_id: Option<String>,
}

impl From<&MemberDraft> for MemberUpdate {
    fn from(draft: &MemberDraft) -> Self {
        let draft = draft.clone();
        Self {
            name: draft.name,
            trusted_metadata: draft.trusted_metadata,
            untrusted_metadata: draft.untrusted_metadata,
            is_breakglass: draft.is_breakglass,
            mfa_phone_number: draft.mfa_phone_number,
            mfa_enrolled: draft.mfa_enrolled,
            roles: draft.roles,
            external_id: draft.external_id,
            ..Self::default()
        }
    }
}

impl Member {
    /// A member as a caller of the API asked for it.
    pub fn create(
        organization_id: OrganizationId,
        draft: &MemberDraft,
        now: DateTime<Utc>,
    ) -> Result<Self, MemberRefusal> {
        let email = draft.email_address.clone();
        let email = email.ok_or(MemberRefusal::EmailMissing)?;
        let mut member = Self::new(organization_id, email, now);
        if draft.create_member_as_pending == Some(true) {
            member.status = MemberStatus::Pending;
        }
        member.take(&MemberUpdate::from(draft))?;
        Ok(member)
    }

    /// This member with what the update names; the same member when that changes nothing.
    pub fn update(&self, update: &MemberUpdate, now: DateTime<Utc>) -> Result<Self, MemberRefusal> {
        let mut member = self.clone();
        member.take(update)?;
        if !member.is_as(self) {
            member.updated_at = now;
        }
        Ok(member)
    }

    fn take(&mut self, update: &MemberUpdate) -> Result<(), MemberRefusal> {
        self.take_identity(update)?;
        self.take_metadata(update)?;
        if let Some(roles) = &update.roles {
            self.take_roles(roles)?;
        }
        self.is_breakglass = update.is_breakglass.unwrap_or(self.is_breakglass);
        self.take_second_factor(update)
    }

    fn take_identity(&mut self, update: &MemberUpdate) -> Result<(), MemberRefusal> {
        if let Some(email) = &update.email_address {
            // Another spelling of the same address proves as much as the first one did.
            self.email_address_verified &= *email == self.email_address;
            self.email_address = email.clone();
        }
        if let Some(name) = &update.name {
            if name.chars().count() > 256 {
                return Err(MemberRefusal::NameTooLong);
            }
            self.name.clone_from(name);
        }
        if let Some(external_id) = &update.external_id {
            if !slug::is_external_id(external_id) {
                return Err(MemberRefusal::InvalidExternalId(external_id.clone()));
            }
            self.external_id = Some(external_id.clone());
        }
        Ok(())
    }

    fn take_metadata(&mut self, update: &MemberUpdate) -> Result<(), MemberRefusal> {
        let merged = |current: &Metadata, update: &Option<Metadata>| match update {
            Some(update) => metadata::merge(current, update).map_err(MemberRefusal::Metadata),
            None => Ok(current.clone()),
        };
        self.trusted_metadata = merged(&self.trusted_metadata, &update.trusted_metadata)?;
        self.untrusted_metadata = merged(&self.untrusted_metadata, &update.untrusted_metadata)?;
        Ok(())
    }

    fn take_roles(&mut self, roles: &[String]) -> Result<(), MemberRefusal> {
        if roles.iter().any(|role| role == rbac::MEMBER_ROLE) {
            return Err(MemberRefusal::DefaultRole);
        }
        self.explicit_roles.clear();
        for role in roles {
            if !self.explicit_roles.contains(role) {
                self.explicit_roles.push(role.clone());
            }
        }
        Ok(())
    }

    fn take_second_factor(&mut self, update: &MemberUpdate) -> Result<(), MemberRefusal> {
        if let Some(number) = &update.mfa_phone_number {
            if !is_e164(number) {
                return Err(MemberRefusal::InvalidPhoneNumber(number.clone()));
            }
            if !self.mfa_phone_number.is_empty() && self.mfa_phone_number != *number {
                return Err(MemberRefusal::PhoneNumberAlreadySet);
            }
            self.mfa_phone_number.clone_from(number);
        }
        if let Some(name) = &update.default_mfa_method {
            let method = MfaMethod::from_name(name)
                .ok_or_else(|| MemberRefusal::InvalidDefaultMfaMethod(name.clone()))?;
            if !self.has_factor(method) {
                return Err(MemberRefusal::MissingFactor(method));
            }
            self.default_mfa_method = Some(method);
        }
        self.mfa_enrolled = update.mfa_enrolled.unwrap_or(self.mfa_enrolled);
        Ok(())
    }
}

fn is_e164(number: &str) -> bool {
    number.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len()) && digits.chars().all(|c| c.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests;
