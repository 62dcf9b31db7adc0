//! Why a member cannot be found or become what was asked.

use crate::domain::member::MemberRefusal;
use crate::domain::metadata::MetadataRefusal;

/// Why a member cannot be found or become what was asked.
#[derive(Clone, Debug, PartialEq)]
pub enum MemberError {
    /// No such member in this organization.
    NotFound,
    /// Neither member id nor address was given.
    InvalidGetFields,
    /// The member cannot be what was asked.
    Refused(MemberRefusal),
    /// A live member of the organization uses this address.
    DuplicateEmail(String),
    /// A member of the organization gave this address up.
    RetiredEmail(String),
    /// A live member of the organization uses this external id.
    DuplicateExternalId(String),
}

impl MemberError {
    /// One of each kind.
    pub fn examples() -> Vec<Self> {
        let refusals = [
            MemberRefusal::EmailMissing,
            MemberRefusal::NameTooLong,
            MemberRefusal::InvalidExternalId("a b".to_owned()),
            MemberRefusal::InvalidPhoneNumber("12".to_owned()),
            MemberRefusal::Metadata(MetadataRefusal::TooManyKeys),
            MemberRefusal::DefaultRole,
        ];
        let mut all: Vec<Self> = refusals.into_iter().map(Self::Refused).collect();
        let address = "ana@acme.test".to_owned();
        all.extend([
            Self::NotFound,
            Self::InvalidGetFields,
            Self::DuplicateEmail(address.clone()),
            Self::RetiredEmail(address),
            Self::DuplicateExternalId("7".to_owned()),
        ]);
        all
    }
}
