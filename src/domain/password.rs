//! The password of a member, or of an address where a project shares passwords between its
//! organizations.

use chrono::DateTime;
use chrono::Utc;

use crate::domain::email::EmailAddress;
use crate::domain::id::MemberId;
use crate::domain::id::MemberPasswordId;
use crate::domain::id::OrganizationId;
use crate::domain::member::Member;
use crate::domain::password::kept::PasswordHash;
use crate::domain::password::strength::PasswordSettings;
use crate::domain::project::ProjectId;

pub mod kept;
pub mod migrated;
pub mod phc;
pub mod strength;

/// Whose a password is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PasswordHolder {
    /// A member, in its organization alone.
    Member(OrganizationId, MemberId),
    /// Whoever has this address, in every organization of the project.
    Address(ProjectId, EmailAddress),
}

impl PasswordHolder {
    /// Whose password opens the door for a member.
    pub fn of(settings: &PasswordSettings, project: &ProjectId, member: &Member) -> Self {
        if settings.cross_organization {
            Self::Address(project.clone(), member.email_address.clone())
        } else {
            Self::Member(member.organization_id, member.id)
        }
    }
}

/// A password as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Password {
    /// Its id, which stays when the password is changed.
    pub id: MemberPasswordId,
    /// What it is checked against.
    pub hash: PasswordHash,
    /// Whether it opens nothing until it is set anew by mail.
    pub requires_reset: bool,
    /// When it was first set.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

impl Password {
    /// A password that is set for the first time.
    pub fn new(hash: PasswordHash, now: DateTime<Utc>) -> Self {
        Self {
            id: MemberPasswordId::fresh(),
            hash,
            requires_reset: false,
            created_at: now,
            updated_at: now,
        }
    }

    /// The same password under another hash, good again.
    pub fn changed(&self, hash: PasswordHash, now: DateTime<Utc>) -> Self {
        Self {
            hash,
            requires_reset: false,
            updated_at: now,
            ..self.clone()
        }
    }

    /// The same password, which opens nothing until it is set anew.
    pub fn to_be_reset(&self, now: DateTime<Utc>) -> Self {
        Self {
            requires_reset: true,
            updated_at: now,
            ..self.clone()
        }
    }
}
