//! Where the link of a mail leads (contract 4.3). Scanners of mails visit every link, so a visit
//! uses nothing up: only the application's backend redeems the token.

use serde::Deserialize;

use crate::domain::magic_link;
use crate::domain::secret::SecretHash;
use crate::storage::Transaction;
use crate::storage::one_time_tokens;
use crate::storage::one_time_tokens::TokenKind;
use crate::storage::organizations;
use crate::use_cases::Deployment;
use crate::use_cases::credentials;
use crate::use_cases::magic_links::DISCOVERY;
use crate::use_cases::magic_links::MAGIC_LINKS;
use crate::use_cases::sign_in::error::SignInError;

/// What marks a link for somebody who came to set a password and would rather sign in.
pub(crate) const LOGIN: (&str, &str) = ("stytch_redirect_type", "login");

/// The query of a link; an empty value counts as not given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[expect(
    missing_docs,
    reason = "the fields are those of the contract, section 4.3"
)]
pub struct FollowedLink {
    pub public_token: String,
    pub stytch_token_type: String,
    pub stytch_redirect_type: String,
    pub token: String,
}

/// What every kind of link keeps of where it leads.
#[derive(Deserialize)]
struct Onward {
    redirect_url: String,
}

/// The application's address with the token, for as long as the token works.
pub fn follow(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    asked: &FollowedLink,
) -> Result<String, SignInError> {
    check_public_token(tx, deployment, &asked.public_token)?;
    let missing = SignInError::LinkNotFound;
    let kind = kind(&asked.stytch_token_type).ok_or(missing.clone())?;
    let hash = SecretHash::of(&asked.token);
    let project = &deployment.project_id;
    let onward = one_time_tokens::find_in_project::<Onward>(tx, (project, kind), &hash)?;
    let onward = onward.ok_or(missing.clone())?;
    let organization = match one_time_tokens::find::<Onward>(tx, kind, &hash)? {
        Some((id, _)) => Some(organizations::find(tx, project, id)?.ok_or(missing)?),
        None => None,
    };
    let mut more = Vec::new();
    if let Some(organization) = &organization {
        more.push(("slug", organization.slug.as_str()));
    }
    if asked.stytch_redirect_type == LOGIN.1 {
        more.push(LOGIN);
    }
    let target = onward.redirect_url;
    let token = (asked.stytch_token_type.as_str(), asked.token.as_str());
    magic_link::with_token(&target, &more, token)
        .ok_or_else(|| SignInError::Internal(format!("no URL: {target}")))
}

/// What a token of this type is kept as.
fn kind(token_type: &str) -> Option<TokenKind> {
    match token_type {
        MAGIC_LINKS => Some(TokenKind::MagicLink),
        DISCOVERY => Some(TokenKind::DiscoveryLink),
        _ => None,
    }
}

/// Our own links name none, since only hashes of public tokens are kept.
fn check_public_token(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    given: &str,
) -> Result<(), SignInError> {
    if given.is_empty() {
        return Ok(());
    }
    let project = credentials::project_of_public_token(tx, &SecretHash::of(given))?;
    if project.is_some_and(|project| project == deployment.project_id) {
        Ok(())
    } else {
        Err(SignInError::PublicTokenNotFound)
    }
}
