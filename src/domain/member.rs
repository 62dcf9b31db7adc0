//! A member of one organization and its life: pending, invited, active, deleted (contract 3.2).

use chrono::DateTime;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;

use crate::domain::email::EmailAddress;
use crate::domain::id::MemberId;
use crate::domain::id::OrganizationId;
use crate::domain::metadata;
use crate::domain::metadata::Metadata;
use crate::domain::metadata::MetadataRefusal;
use crate::domain::rbac;
use crate::domain::slug;

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
    /// Roles given by hand.
    pub explicit_roles: Vec<String>,
    /// Whether a directory removed this person: sign-in must not bring them back.
    pub removed_by_directory: bool,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// What a caller asks a new member to be.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[expect(
    missing_docs,
    reason = "the fields are those of the contract, section 3.2"
)]
pub struct MemberDraft {
    pub email_address: Option<EmailAddress>,
    pub name: Option<String>,
    pub trusted_metadata: Option<Metadata>,
    pub untrusted_metadata: Option<Metadata>,
    pub create_member_as_pending: Option<bool>,
    pub is_breakglass: Option<bool>,
    pub mfa_phone_number: Option<String>,
    pub mfa_enrolled: Option<bool>,
    pub roles: Option<Vec<String>>,
    pub external_id: Option<String>,
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
            explicit_roles: Vec::new(),
            removed_by_directory: false,
            created_at: now,
            updated_at: now,
        }
    }

    /// A member as a caller of the API asked for it.
    pub fn create(
        organization_id: OrganizationId,
        draft: &MemberDraft,
        now: DateTime<Utc>,
    ) -> Result<Self, MemberRefusal> {
        let email = draft
            .email_address
            .clone()
            .ok_or(MemberRefusal::EmailMissing)?;
        let mut member = Self::new(organization_id, email, now);
        if draft.create_member_as_pending == Some(true) {
            member.status = MemberStatus::Pending;
        }
        member.take(draft)?;
        Ok(member)
    }

    fn take(&mut self, draft: &MemberDraft) -> Result<(), MemberRefusal> {
        if let Some(name) = &draft.name {
            self.rename(name)?;
        }
        if let Some(update) = &draft.trusted_metadata {
            self.trusted_metadata =
                metadata::merge(&self.trusted_metadata, update).map_err(MemberRefusal::Metadata)?;
        }
        if let Some(update) = &draft.untrusted_metadata {
            self.untrusted_metadata = metadata::merge(&self.untrusted_metadata, update)
                .map_err(MemberRefusal::Metadata)?;
        }
        if let Some(external_id) = &draft.external_id {
            if !slug::is_external_id(external_id) {
                return Err(MemberRefusal::InvalidExternalId(external_id.clone()));
            }
            self.external_id = Some(external_id.clone());
        }
        if let Some(number) = &draft.mfa_phone_number {
            if !is_e164(number) {
                return Err(MemberRefusal::InvalidPhoneNumber(number.clone()));
            }
            self.mfa_phone_number.clone_from(number);
        }
        if let Some(roles) = &draft.roles {
            if roles.iter().any(|role| role == rbac::MEMBER_ROLE) {
                return Err(MemberRefusal::DefaultRole);
            }
            self.explicit_roles.clone_from(roles);
        }
        self.is_breakglass = draft.is_breakglass.unwrap_or(self.is_breakglass);
        self.mfa_enrolled = draft.mfa_enrolled.unwrap_or(self.mfa_enrolled);
        Ok(())
    }

    fn rename(&mut self, name: &str) -> Result<(), MemberRefusal> {
        if name.chars().count() > 256 {
            return Err(MemberRefusal::NameTooLong);
        }
        name.clone_into(&mut self.name);
        Ok(())
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
}

fn is_e164(number: &str) -> bool {
    number.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len()) && digits.chars().all(|c| c.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(email: &str) -> MemberDraft {
        MemberDraft {
            email_address: EmailAddress::parse(email),
            ..MemberDraft::default()
        }
    }

    #[test]
    fn a_member_is_active_unless_asked_to_be_pending() {
        let organization = OrganizationId::fresh();
        let now = DateTime::UNIX_EPOCH;
        let member = Member::create(organization, &draft("ana@acme.test"), now).unwrap();
        assert_eq!(
            (member.status, member.email_address_verified),
            (MemberStatus::Active, false)
        );
        let pending = MemberDraft {
            create_member_as_pending: Some(true),
            ..draft("b@acme.test")
        };
        let member = Member::create(organization, &pending, now).unwrap();
        assert_eq!(member.status, MemberStatus::Pending);
    }

    #[test]
    fn what_breaks_a_rule_is_refused_by_name() {
        let organization = OrganizationId::fresh();
        let ana = || draft("ana@acme.test");
        let cases = [
            (MemberDraft::default(), MemberRefusal::EmailMissing),
            (
                MemberDraft {
                    name: Some("x".repeat(257)),
                    ..ana()
                },
                MemberRefusal::NameTooLong,
            ),
            (
                MemberDraft {
                    roles: Some(vec!["stytch_member".into()]),
                    ..ana()
                },
                MemberRefusal::DefaultRole,
            ),
            (
                MemberDraft {
                    mfa_phone_number: Some("0049".into()),
                    ..ana()
                },
                MemberRefusal::InvalidPhoneNumber("0049".into()),
            ),
            (
                MemberDraft {
                    external_id: Some("member-test-1".into()),
                    ..ana()
                },
                MemberRefusal::InvalidExternalId("member-test-1".into()),
            ),
        ];
        for (draft, refusal) in cases {
            assert_eq!(
                Member::create(organization, &draft, DateTime::UNIX_EPOCH),
                Err(refusal)
            );
        }
    }

    #[test]
    fn a_deleted_member_keeps_no_explicit_role() {
        let mut member = Member::create(
            OrganizationId::fresh(),
            &draft("ana@acme.test"),
            DateTime::UNIX_EPOCH,
        )
        .unwrap();
        member.explicit_roles = vec!["editor".into()];
        let gone = member.deleted(true, DateTime::UNIX_EPOCH);
        assert!(!gone.is_live() && gone.explicit_roles.is_empty() && gone.removed_by_directory);
    }
}
