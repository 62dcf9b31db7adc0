//! A member of one organization and its life: pending, invited, active, deleted (contract 3.2).

use chrono::DateTime;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;

use crate::domain::authentication_settings::MfaMethod;
use crate::domain::email::EmailAddress;
use crate::domain::id::MemberId;
use crate::domain::id::OrganizationId;
use crate::domain::id::TotpId;
use crate::domain::member::kept_admin::KeptAdmin;
use crate::domain::member::lock::MemberLock;
use crate::domain::metadata::Metadata;
use crate::domain::metadata::MetadataRefusal;

pub mod changes;
pub mod kept_admin;
pub mod lock;
pub mod rights;
pub mod second_factor;

/// Where a member is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberStatus {
    /// Created, never signed in.
    Pending,
    /// Invited, not yet come.
    Invited,
    /// In.
    Active,
    /// Gone; kept so that it can come back.
    Deleted,
}

impl MemberStatus {
    /// The word on the wire and in the column.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Invited => "invited",
            Self::Active => "active",
            Self::Deleted => "deleted",
        }
    }

    /// Reads the word back.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Pending, Self::Invited, Self::Active, Self::Deleted]
            .into_iter()
            .find(|status| status.name() == name)
    }
}

/// A member of one organization.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// Its id.
    pub id: MemberId,
    /// The organization it belongs to.
    pub organization_id: OrganizationId,
    /// The address it is known by.
    pub email_address: EmailAddress,
    /// Whether a sign-in or the directory has proven the address.
    pub email_address_verified: bool,
    /// Where it is in its life.
    pub status: MemberStatus,
    /// Its display name.
    pub name: String,
    /// The caller's own id for it, unique in the organization.
    pub external_id: Option<String>,
    /// What the application keeps about it.
    pub trusted_metadata: Metadata,
    /// What the member itself may write.
    pub untrusted_metadata: Metadata,
    /// Free of method restrictions, so that somebody gets in when the IdP is down.
    pub is_breakglass: bool,
    /// Whether a second factor is asked of this member.
    pub mfa_enrolled: bool,
    /// The number for codes by SMS.
    pub mfa_phone_number: String,
    /// Whether a code sent there has come back.
    #[serde(default)]
    pub mfa_phone_number_verified: bool,
    /// The second factor that is asked for first.
    #[serde(default)]
    pub default_mfa_method: Option<MfaMethod>,
    /// The authenticator application that has proven itself.
    #[serde(default)]
    pub totp_registration_id: Option<TotpId>,
    /// Why secrets are not asked of this member for a while.
    #[serde(default)]
    pub lock: Option<MemberLock>,
    /// Roles given by hand.
    pub explicit_roles: Vec<String>,
    /// Whether a directory removed this person: sign-in must not bring them back.
    pub removed_by_directory: bool,
    /// Why it stays an administrator although a directory said otherwise.
    #[serde(default)]
    pub kept_as_admin: Option<KeptAdmin>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// Why a member cannot be what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MemberRefusal {
    /// No address was given.
    EmailMissing,
    /// The name is over 256 characters.
    NameTooLong,
    /// The external id breaks its rule.
    InvalidExternalId(String),
    /// The number is not in E.164 form.
    InvalidPhoneNumber(String),
    /// The member has another number already.
    PhoneNumberAlreadySet,
    /// No such second factor.
    InvalidDefaultMfaMethod(String),
    /// The member has no factor of this kind.
    MissingFactor(MfaMethod),
    /// Metadata over its limits.
    Metadata(MetadataRefusal),
    /// The default role can be neither given nor removed.
    DefaultRole,
}

impl Member {
    /// A member with an address and nothing else, active from the start.
    pub fn new(organization_id: OrganizationId, email: EmailAddress, now: DateTime<Utc>) -> Self {
        Self {
            id: MemberId::fresh(),
            organization_id,
            email_address: email,
            email_address_verified: false,
            status: MemberStatus::Active,
            name: String::new(),
            external_id: None,
            trusted_metadata: Metadata::new(),
            untrusted_metadata: Metadata::new(),
            is_breakglass: false,
            mfa_enrolled: false,
            mfa_phone_number: String::new(),
            mfa_phone_number_verified: false,
            default_mfa_method: None,
            totp_registration_id: None,
            lock: None,
            explicit_roles: Vec::new(),
            removed_by_directory: false,
            kept_as_admin: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// Whether the member may hold sessions and roles.
    pub fn is_live(&self) -> bool {
        self.status != MemberStatus::Deleted
    }

    /// This member, gone: the roles given by hand do not come back with it.
    pub fn deleted(&self, by_directory: bool, now: DateTime<Utc>) -> Self {
        Self {
            status: MemberStatus::Deleted,
            explicit_roles: Vec::new(),
            removed_by_directory: by_directory,
            kept_as_admin: None,
            updated_at: now,
            ..self.clone()
        }
    }

    /// This member, in, with its address proven.
    pub fn activated(&self, now: DateTime<Utc>) -> Self {
        Self {
            status: MemberStatus::Active,
            email_address_verified: true,
            removed_by_directory: false,
            updated_at: now,
            ..self.clone()
        }
    }

    /// This member, in again because somebody who may say so wants it: the directory that removed
    /// it has no claim any more.
    pub fn reactivated(&self, now: DateTime<Utc>) -> Self {
        Self {
            status: MemberStatus::Active,
            removed_by_directory: false,
            updated_at: now,
            ..self.clone()
        }
    }

    /// This member without its number for codes, and without what hangs on the number.
    pub fn without_phone_number(&self) -> Self {
        Self {
            mfa_phone_number: String::new(),
            mfa_phone_number_verified: false,
            default_mfa_method: self
                .default_mfa_method
                .filter(|method| *method != MfaMethod::SmsOtp),
            ..self.clone()
        }
    }

    /// This member without its authenticator application, and without what hangs on that.
    pub fn without_totp(&self) -> Self {
        Self {
            totp_registration_id: None,
            default_mfa_method: self
                .default_mfa_method
                .filter(|method| *method != MfaMethod::Totp),
            ..self.clone()
        }
    }

    /// Whether the member could be asked for this second factor.
    pub fn has_factor(&self, method: MfaMethod) -> bool {
        match method {
            MfaMethod::SmsOtp => !self.mfa_phone_number.is_empty(),
            MfaMethod::Totp => self.totp_registration_id.is_some(),
        }
    }

    /// Whether the member has proven that it holds this second factor.
    pub fn has_proven(&self, method: MfaMethod) -> bool {
        match method {
            MfaMethod::SmsOtp => self.has_factor(method) && self.mfa_phone_number_verified,
            MfaMethod::Totp => self.has_factor(method),
        }
    }

    /// Whether nothing differs, the spelling of the address included.
    pub fn is_as(&self, other: &Self) -> bool {
        self == other && self.email_address.as_str() == other.email_address.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deleted_member_keeps_no_explicit_role_and_comes_back_without() {
        let now = DateTime::UNIX_EPOCH;
        let email = EmailAddress::parse("ana@acme.test").unwrap();
        let mut member = Member::new(OrganizationId::fresh(), email, now);
        member.explicit_roles = vec!["editor".into()];
        let gone = member.deleted(true, now);
        assert!(!gone.is_live() && gone.explicit_roles.is_empty() && gone.removed_by_directory);
        let back = gone.reactivated(now);
        assert!(back.is_live() && back.explicit_roles.is_empty() && !back.removed_by_directory);
    }

    #[test]
    fn what_hangs_on_a_number_goes_with_it() {
        let now = DateTime::UNIX_EPOCH;
        let email = EmailAddress::parse("ana@acme.test").unwrap();
        let mut member = Member::new(OrganizationId::fresh(), email, now);
        member.mfa_phone_number = "+15551234567".into();
        member.mfa_phone_number_verified = true;
        member.mfa_enrolled = true;
        for (default, left) in [
            (MfaMethod::SmsOtp, None),
            (MfaMethod::Totp, Some(MfaMethod::Totp)),
        ] {
            member.default_mfa_method = Some(default);
            let without = member.without_phone_number();
            assert_eq!(without.default_mfa_method, left);
            assert!(without.mfa_phone_number.is_empty() && !without.mfa_phone_number_verified);
            assert!(without.mfa_enrolled, "a second factor is still asked for");
        }
    }

    #[test]
    fn what_hangs_on_an_authenticator_application_goes_with_it() {
        let now = DateTime::UNIX_EPOCH;
        let email = EmailAddress::parse("ana@acme.test").unwrap();
        let mut member = Member::new(OrganizationId::fresh(), email, now);
        assert!(!member.has_factor(MfaMethod::Totp));
        member.totp_registration_id = Some(TotpId::fresh());
        member.default_mfa_method = Some(MfaMethod::Totp);
        assert!(member.has_factor(MfaMethod::Totp) && member.has_proven(MfaMethod::Totp));
        let without = member.without_totp();
        assert!(!without.has_factor(MfaMethod::Totp));
        assert_eq!(without.default_mfa_method, None);
    }
}
