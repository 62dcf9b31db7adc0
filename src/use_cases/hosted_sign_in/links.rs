//! Links in mails that lead to a hosted page: what they are shown as before anybody uses them up.

use serde::Deserialize;

use crate::domain::email::EmailAddress;
use crate::domain::magic_link::LinkPurpose;
use crate::domain::organization::Organization;
use crate::domain::secret::SecretHash;
use crate::storage::Transaction;
use crate::storage::one_time_tokens;
use crate::storage::one_time_tokens::TokenKind;
use crate::storage::organizations;
use crate::use_cases::Deployment;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::magic_link::MagicLinkError;
use crate::use_cases::hosted_sign_in;
use crate::use_cases::hosted_sign_in::Step;
use crate::use_cases::hosted_sign_in::request::HostedRequest;
use crate::use_cases::magic_links::DISCOVERY;
use crate::use_cases::magic_links::authenticate;
use crate::use_cases::magic_links::authenticate::PresentedLink;
use crate::use_cases::passwords::links::PASSWORDS;
use crate::use_cases::refusals::kept::Refused;
use crate::use_cases::sign_in::entry::SignInWishes;

/// A link before it is used up.
#[derive(Clone, Debug, PartialEq)]
pub struct ShownLink {
    /// Where it leads; none before one is chosen.
    pub organization: Option<Organization>,
    /// Whom it was sent to.
    pub email_address: String,
    /// Whether it is an invitation.
    pub is_invitation: bool,
}

/// What links of all kinds keep that is shown.
#[derive(Deserialize)]
struct Sent {
    email_address: EmailAddress,
    #[serde(default)]
    purpose: Option<LinkPurpose>,
}

/// What a live link is; a visit uses nothing up, as scanners of mail follow each.
pub fn show(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    (token_type, token): (&str, &str),
) -> Result<Option<ShownLink>, ManagementError> {
    let (hash, project) = (SecretHash::of(token), &deployment.project_id);
    let kind = match token_type {
        DISCOVERY => TokenKind::DiscoveryLink,
        PASSWORDS => TokenKind::PasswordReset,
        _ => TokenKind::MagicLink,
    };
    let Some(sent) = one_time_tokens::find_in_project::<Sent>(tx, (project, kind), &hash)? else {
        return Ok(None);
    };
    let organization = match one_time_tokens::find::<Sent>(tx, kind, &hash)? {
        Some((id, _)) => organizations::find(tx, project, id)?,
        None => None,
    };
    Ok(Some(ShownLink {
        organization,
        email_address: sent.email_address.to_string(),
        is_invitation: sent.purpose == Some(LinkPurpose::Invite),
    }))
}

/// Uses a link up, and says what comes next.
pub fn take(
    tx: &mut Transaction<'_>,
    (deployment, request): (&Deployment, &HostedRequest),
    (token_type, token): (&str, &str),
    wishes: &SignInWishes,
) -> Result<Step, ManagementError> {
    let caller = &ProjectCaller {
        project_id: request.project_id.clone(),
    };
    let presented = PresentedLink {
        token: token.to_owned(),
        pkce_code_verifier: None,
    };
    if token_type == DISCOVERY {
        let arrival = authenticate::discover(tx, caller, &presented)?;
        return Ok(Step::Choose(arrival.intermediate.token));
    }
    if !authenticate::is_link(tx, &presented)? {
        // What was handed over to the application is its to redeem.
        let refused = Refused::Link(SecretHash::of(token));
        return Err(ManagementError::from(MagicLinkError::Unusable).noted(refused));
    }
    let place = (caller, deployment);
    let (admission, _) = authenticate::authenticate(tx, place, &presented, wishes)?;
    hosted_sign_in::next(tx, request, admission)
}
