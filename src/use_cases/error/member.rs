//! Why a member cannot be found or become what was asked.

use crate::domain::authentication_settings::MfaMethod;
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
    /// A live member of the organization uses this number for codes.
    DuplicatePhoneNumber(String),
    /// Somebody who acts as a member asks for another address of their own.
    OwnEmail,
    /// No address was named, by id or as text.
    MissingEmailIdentifiers,
    /// The member gave no such address up.
    EmailNotFound,
    /// No deleted member has this id.
    NoDeletedMember,
    /// The deleted member never proved its address.
    EmailUnverified,
    /// The deleted member's address belongs to somebody else by now.
    EmailOfAnother(String),
    /// The member has no authenticator application.
    TotpNotFound,
    /// No member has this password.
    PasswordNotFound,
    /// Somebody guessed at the member's secrets too often; none is asked for now.
    Locked,
}

impl MemberError {
    /// One of each kind.
    pub fn examples() -> Vec<Self> {
        let refusals = [
            MemberRefusal::EmailMissing,
            MemberRefusal::NameTooLong,
            MemberRefusal::InvalidExternalId("a b".to_owned()),
            MemberRefusal::InvalidPhoneNumber("12".to_owned()),
            MemberRefusal::PhoneNumberAlreadySet,
            MemberRefusal::InvalidDefaultMfaMethod("email".to_owned()),
            MemberRefusal::MissingFactor(MfaMethod::Totp),
            MemberRefusal::Metadata(MetadataRefusal::TooManyKeys),
            MemberRefusal::DefaultRole,
        ];
        let mut all: Vec<Self> = refusals.into_iter().map(Self::Refused).collect();
        let address = "ana@acme.test".to_owned();
        all.extend([
            Self::NotFound,
            Self::InvalidGetFields,
            Self::DuplicateEmail(address.clone()),
            Self::RetiredEmail(address.clone()),
            Self::DuplicateExternalId("7".to_owned()),
            Self::DuplicatePhoneNumber("+15551234567".to_owned()),
            Self::OwnEmail,
            Self::MissingEmailIdentifiers,
            Self::EmailNotFound,
            Self::NoDeletedMember,
            Self::EmailUnverified,
            Self::EmailOfAnother(address),
            Self::TotpNotFound,
            Self::PasswordNotFound,
            Self::Locked,
        ]);
        all
    }
}
