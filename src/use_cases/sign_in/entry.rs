//! The one door: a member who has proven something is let in, or told what is still owed
//! (contract 4.1, steps 5 to 9; 4.6).
//!
//! Every way to sign in ends here. The organization's methods are asked about first, then the
//! person is welcomed, then the second factor is asked for; what was proven so far is kept in an
//! intermediate session.

use chrono::DateTime;
use chrono::Utc;

use crate::domain::authentication_settings::AuthMethod;
use crate::domain::authentication_settings::MfaMethod;
use crate::domain::factor;
use crate::domain::factor::Factor;
use crate::domain::member::Member;
use crate::domain::member::MemberStatus;
use crate::domain::organization::Organization;
use crate::domain::policy;
use crate::domain::policy::Refusal;
use crate::domain::session::Session;
use crate::storage::Transaction;
use crate::use_cases::Deployment;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::admission::AdmissionError;
use crate::use_cases::intermediate_sessions;
use crate::use_cases::intermediate_sessions::IntermediateSession;
use crate::use_cases::intermediate_sessions::IntermediateToken;
use crate::use_cases::members;
use crate::use_cases::members::MemberView;
use crate::use_cases::oauth::registration;
use crate::use_cases::sessions;
use crate::use_cases::sessions::SessionView;
use crate::use_cases::sessions::SessionWishes;
use crate::use_cases::sign_in::break_glass;
use crate::use_cases::sign_in::present;
use crate::use_cases::sign_in::present::Present;
use crate::use_cases::sign_in::present::Presented;
use crate::use_cases::sms_codes;

/// What a caller asks of a sign-in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SignInWishes {
    /// What the session shall be.
    pub session: SessionWishes,
    /// What is brought along.
    pub presented: Presented,
    /// The language of what is sent to the person.
    pub locale: Option<String>,
}

/// What was proven just now.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Proof {
    /// The factors.
    pub factors: Vec<Factor>,
    /// The latest end that an IdP allows the session.
    pub ends_no_later_than: Option<DateTime<Utc>>,
}

impl From<Factor> for Proof {
    fn from(factor: Factor) -> Self {
        Self {
            factors: vec![factor],
            ends_no_later_than: None,
        }
    }
}

/// What came of a sign-in. Whatever it is, the token or code that proved it is used up.
#[derive(Clone, Debug, PartialEq)]
pub enum Admission {
    /// The member is in.
    Session {
        /// The session with its member.
        view: Box<SessionView>,
        /// The session's token, told this once.
        token: String,
    },
    /// Nothing is owed any more, and no session was asked for.
    Proven {
        /// The member.
        member: Box<MemberView>,
        /// Stands for what was proven.
        intermediate: IntermediateToken,
    },
    /// The organization wants another method first.
    FirstFactorNeeded {
        /// The member.
        member: Box<MemberView>,
        /// Stands for what was proven.
        intermediate: IntermediateToken,
        /// The methods that it allows.
        allowed: Vec<AuthMethod>,
    },
    /// The member still owes a second factor.
    SecondFactorNeeded {
        /// The member.
        member: Box<MemberView>,
        /// Stands for what was proven.
        intermediate: IntermediateToken,
        /// The second factor that was begun already.
        initiated: Option<MfaMethod>,
    },
    /// The organization's rules refuse the person; the journal says so already.
    Refused(Refusal),
}

/// Lets a member in who has proven something just now, or says what is still owed.
pub fn enter(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&ProjectCaller, &Deployment),
    (organization, member): (Organization, Member),
    proof: Proof,
    wishes: &SignInWishes,
) -> Result<Admission, ManagementError> {
    tx.concerns(Some(member.id));
    let present = present::look(tx, caller, &wishes.presented)?.of(&member);
    if wishes.presented.session.is_some() {
        // Looking for it has left the organization.
        tx.enter(organization.id)?;
    }
    let admission = enter_with(
        tx,
        deployment,
        (organization, member),
        (proof, present),
        &wishes.session,
    )?;
    begin_second_factor(tx, deployment, admission, wishes.locale.as_deref())
}

/// Sends a code to whoever owes a second factor and is asked for one by SMS first.
pub fn begin_second_factor(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    admission: Admission,
    locale: Option<&str>,
) -> Result<Admission, ManagementError> {
    let Admission::SecondFactorNeeded {
        member,
        intermediate,
        ..
    } = admission
    else {
        return Ok(admission);
    };
    let whose = (&member.organization.organization, &member.standing.member);
    let initiated = sms_codes::begin_unasked(tx, deployment, whose, locale)?;
    Ok(Admission::SecondFactorNeeded {
        member,
        intermediate,
        initiated,
    })
}

/// The same with what was brought along at hand.
pub fn enter_with(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    (organization, member): (Organization, Member),
    (proof, present): (Proof, Present),
    wishes: &SessionWishes,
) -> Result<Admission, ManagementError> {
    let held = present.held_with(&proof.factors);
    // Whoever is in already and only adds a second factor is not asked how they came.
    let is_in = present.session.is_some() && proof.factors.iter().all(Factor::is_second);
    if !is_in && !held.iter().any(Factor::is_first) {
        return Err(AdmissionError::FirstFactorFirst.into());
    }
    if !is_in && !policy::allows_entry(&organization.settings, &member, &held) {
        let allowed = policy::methods(&organization.settings);
        let intermediate = keep(tx, (&organization, &member), (&proof, &present))?;
        let mut member = members::view(tx, organization, member)?;
        if factor::identifying(&held).next().is_none() {
            member.standing = member.standing.bare(tx.now);
        }
        return Ok(Admission::FirstFactorNeeded {
            member: Box::new(member),
            intermediate,
            allowed,
        });
    }
    if !is_in && !wishes.is_withheld {
        break_glass::note(tx, &organization, &member, &held)?;
    }
    let member = welcome(tx, member, &held)?;
    let is_owed = policy::needs_second_factor(&organization.settings, &member)
        && present.session.is_none()
        && !held.iter().any(Factor::is_second);
    if is_owed {
        let intermediate = keep(tx, (&organization, &member), (&proof, &present))?;
        let member = members::view(tx, organization, member)?;
        return Ok(Admission::SecondFactorNeeded {
            member: Box::new(member),
            intermediate,
            initiated: None,
        });
    }
    if wishes.is_withheld {
        return withhold(tx, (organization, member), (&proof, &present));
    }
    let entering = (&organization, &member);
    let (session, token) = let_in(tx, deployment, entering, (proof, present), wishes)?;
    let view = sessions::view(tx, session, organization, member)?;
    Ok(Admission::Session {
        view: Box::new(view),
        token,
    })
}

fn withhold(
    tx: &mut Transaction<'_>,
    (organization, member): (Organization, Member),
    proven: (&Proof, &Present),
) -> Result<Admission, ManagementError> {
    let intermediate = keep(tx, (&organization, &member), proven)?;
    let member = Box::new(members::view(tx, organization, member)?);
    Ok(Admission::Proven {
        member,
        intermediate,
    })
}

/// A member who was only expected is in now, and an address that was proven is verified.
fn welcome(
    tx: &mut Transaction<'_>,
    member: Member,
    held: &[Factor],
) -> Result<Member, ManagementError> {
    let is_expected = matches!(member.status, MemberStatus::Pending | MemberStatus::Invited);
    let mut proven = held.iter().filter_map(Factor::proven_address);
    let is_proven = proven.any(|address| *address == member.email_address);
    if !is_expected && (member.email_address_verified || !is_proven) {
        return Ok(member);
    }
    let welcomed = Member {
        status: MemberStatus::Active,
        email_address_verified: member.email_address_verified || is_proven,
        updated_at: tx.now,
        ..member.clone()
    };
    members::commit(tx, Some(&member), &welcomed)?;
    Ok(welcomed)
}

/// Keeps what was proven so far, under the token that was brought along if there is one.
fn keep(
    tx: &mut Transaction<'_>,
    (organization, member): (&Organization, &Member),
    (proof, present): (&Proof, &Present),
) -> Result<IntermediateToken, ManagementError> {
    let known = present.intermediate.as_ref().map(|(_, content)| content);
    let ends = [
        proof.ends_no_later_than,
        known.and_then(|content| content.ends_no_later_than),
    ];
    let content = IntermediateSession {
        email_address: member.email_address.clone(),
        organization_id: Some(organization.id),
        member_id: Some(member.id),
        factors: factor::merged(present.carried(), proof.factors.clone()),
        ends_no_later_than: ends.into_iter().flatten().min(),
    };
    let project = &organization.project_id;
    match &present.intermediate {
        Some((token, _)) => {
            let token = (token.as_str(), !proof.factors.is_empty());
            intermediate_sessions::update(tx, project, token, &content)
        }
        None => intermediate_sessions::open(tx, project, &content),
    }
}

fn let_in(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    entering: (&Organization, &Member),
    (proof, present): (Proof, Present),
    wishes: &SessionWishes,
) -> Result<(Session, String), ManagementError> {
    let mut ends = proof.ends_no_later_than;
    let factors = factor::merged(present.carried(), proof.factors);
    let factors = registration::settle(tx, entering, factors)?;
    if let Some((token, content)) = &present.intermediate {
        intermediate_sessions::consume(tx, token)?;
        ends = [ends, content.ends_no_later_than]
            .into_iter()
            .flatten()
            .min();
    }
    match present.session {
        Some(session) => sessions::join(tx, deployment, session, (factors, ends), wishes),
        None => sessions::open(tx, (entering.1, deployment), (factors, ends), wishes),
    }
}
