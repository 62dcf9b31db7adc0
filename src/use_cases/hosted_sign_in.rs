//! Sign-ins that the hosted pages see through: what was proven stays in an intermediate session
//! until nothing is owed any more, and goes to the application under a token that works once.

use crate::domain::id::MemberId;
use crate::domain::id::OrganizationId;
use crate::domain::policy::Refusal;
use crate::storage::Transaction;
use crate::use_cases::error::ManagementError;
use crate::use_cases::hosted_sign_in::request::HostedRequest;
use crate::use_cases::members::MemberView;
use crate::use_cases::sessions::SessionWishes;
use crate::use_cases::sign_in::entry::Admission;
use crate::use_cases::sign_in::entry::SignInWishes;
use crate::use_cases::sign_in::present::Presented;

pub mod choice;
pub mod departures;
pub mod doors;
pub mod hand_over;
pub mod links;
pub mod newcomers;
pub mod request;
pub mod second_factor;

/// Where identity providers send people back to.
pub const RETURN: &str = "/login/return";
/// Where links in mails lead.
pub const LINK: &str = "/login/link";
/// Where invitations lead.
pub const INVITE: &str = "/invite";
/// Where a new password is chosen.
pub const PASSWORD: &str = "/login/password";

/// Where somebody stands who has proven something.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Nothing is owed: where the browser goes, with the token of the application.
    Done(String),
    /// A second factor is owed.
    SecondFactor(Place),
    /// The organization wants another first factor.
    FirstFactor(Place),
    /// An organization is to be chosen; the token stands for what was proven.
    Choose(String),
    /// The organization's rules refuse the person.
    Refused(Refusal),
}

/// Who stands there, and what stands for what they have proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The organization.
    pub organization_id: OrganizationId,
    /// Its slug.
    pub slug: String,
    /// The member.
    pub member_id: MemberId,
    /// The token of the intermediate session.
    pub token: String,
}

impl Place {
    fn of(view: &MemberView, token: String) -> Self {
        let organization = &view.organization.organization;
        Self {
            organization_id: organization.id,
            slug: organization.slug.clone(),
            member_id: view.standing.member.id,
            token,
        }
    }
}

/// What the hosted pages ask of a sign-in: no session, and to count what was proven before.
pub fn wishes(intermediate_token: Option<String>) -> SignInWishes {
    SignInWishes {
        session: SessionWishes {
            is_withheld: true,
            ..SessionWishes::default()
        },
        presented: Presented {
            session: None,
            intermediate_token,
        },
        locale: None,
    }
}

/// What comes next; what nothing is owed for any more is handed over.
pub fn next(
    tx: &mut Transaction<'_>,
    request: &HostedRequest,
    admission: Admission,
) -> Result<Step, ManagementError> {
    Ok(match admission {
        Admission::Proven {
            member,
            intermediate,
        } => {
            let place = Place::of(&member, intermediate.token);
            Step::Done(hand_over::hand_over(tx, request, &place)?)
        }
        Admission::FirstFactorNeeded {
            member,
            intermediate,
            ..
        } => Step::FirstFactor(Place::of(&member, intermediate.token)),
        Admission::SecondFactorNeeded {
            member,
            intermediate,
            ..
        } => Step::SecondFactor(Place::of(&member, intermediate.token)),
        Admission::Refused(refusal) => Step::Refused(refusal),
        Admission::Session { .. } => {
            let reason = "a session was opened on the hosted pages";
            return Err(ManagementError::Internal(reason.to_owned()));
        }
    })
}
