//! What an OAuth token stands for between the callback and the application's server.

use chrono::TimeDelta;
use serde::Deserialize;
use serde::Serialize;

use crate::domain::id::OrganizationId;
use crate::domain::oauth_identity::OauthIdentity;
use crate::domain::oauth_identity::ProviderTokens;
use crate::domain::secret;
use crate::domain::secret::SecretHash;
use crate::storage::Transaction;
use crate::storage::one_time_tokens;
use crate::storage::one_time_tokens::TokenKind;
use crate::storage::one_time_tokens::TokenPlace;
use crate::use_cases::Deployment;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::admission::AdmissionError;
use crate::use_cases::refusals::turned_away::TurnedAway;
use crate::use_cases::sign_in::error::SignInError;
use crate::use_cases::sign_in::pkce::PkceRefusal;
use crate::use_cases::sign_in::pkce::check_verifier;

const TOKEN_LIFETIME: TimeDelta = TimeDelta::minutes(5);

/// Who came, and with what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeptOauth {
    /// Who came.
    pub(crate) identity: OauthIdentity,
    /// The organization that they want to enter; none while they look for one.
    pub(crate) organization_id: Option<OrganizationId>,
    /// The provider's tokens, sealed.
    sealed_tokens: String,
    /// The PKCE challenge that the sign-in began with.
    pkce_code_challenge: Option<String>,
}

fn kind(organization: Option<OrganizationId>) -> TokenKind {
    match organization {
        Some(_) => TokenKind::Oauth,
        None => TokenKind::OauthDiscovery,
    }
}

fn sealing_place(token: &SecretHash) -> String {
    format!("oauth_token/{}", token.as_str())
}

/// Keeps a person under a new token for the application's server.
pub(crate) fn keep(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    (identity, tokens): (&OauthIdentity, &ProviderTokens),
    (organization_id, challenge): (Option<OrganizationId>, Option<String>),
) -> Result<String, SignInError> {
    let token = secret::fresh_token()?;
    let hash = SecretHash::of(&token);
    let tokens = serde_json::to_vec(tokens)
        .map_err(|error| SignInError::Internal(format!("a provider's tokens: {error}")))?;
    let sealed_tokens = deployment.master_key.seal(&tokens, &sealing_place(&hash))?;
    let kept = KeptOauth {
        identity: identity.clone(),
        organization_id,
        sealed_tokens,
        pkce_code_challenge: challenge,
    };
    let place = TokenPlace {
        project_id: deployment.project_id.clone(),
        organization_id,
    };
    let place = (&place, kind(organization_id));
    one_time_tokens::insert_at(tx, place, &hash, &kept, tx.now + TOKEN_LIFETIME)?;
    Ok(token)
}

/// What a token stands for, which works once and only for its project.
pub(crate) fn redeem(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&ProjectCaller, &Deployment),
    kind: TokenKind,
    (token, verifier): (&str, Option<&str>),
) -> Result<(KeptOauth, ProviderTokens), ManagementError> {
    let missing = ManagementError::Admission(AdmissionError::OauthTokenNotFound);
    let hash = SecretHash::of(token);
    let place = (&caller.project_id, kind);
    let kept = one_time_tokens::find_in_project::<KeptOauth>(tx, place, &hash)?;
    let kept = kept.ok_or(missing.clone())?;
    let checked = check_verifier(kept.pkce_code_challenge.as_deref(), verifier);
    checked.map_err(|refusal| wrong_verifier(&kept, refusal))?;
    if !one_time_tokens::consume(tx, kind, &hash)? {
        return Err(missing);
    }
    let unreadable = |reason: String| ManagementError::Internal(reason);
    let tokens = deployment
        .master_key
        .open(&kept.sealed_tokens, &sealing_place(&hash))
        .map_err(|failure| unreadable(failure.to_string()))?;
    let tokens = serde_json::from_slice(&tokens).map_err(|error| unreadable(error.to_string()))?;
    Ok((kept, tokens))
}

/// Kept where an organization was chosen; before, there is nobody to tell.
fn wrong_verifier(kept: &KeptOauth, refusal: PkceRefusal) -> ManagementError {
    let Some(organization) = kept.organization_id else {
        return AdmissionError::Pkce(refusal).into();
    };
    let place = (organization, &kept.identity.email_address);
    let person = TurnedAway::by_verifier(place, refusal);
    person.provider(kept.identity.provider).error()
}
