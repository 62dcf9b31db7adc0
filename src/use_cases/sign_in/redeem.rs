//! What an SSO token of a redirect stands for, told once to whoever began the sign-in.

use serde::de::IgnoredAny;

use crate::domain::connection::Connection;
use crate::domain::id::ConnectionId;
use crate::domain::id::OrganizationId;
use crate::domain::id::RequestId;
use crate::domain::organization::Organization;
use crate::domain::secret::SecretHash;
use crate::storage::Transaction;
use crate::storage::connections;
use crate::storage::job::Begin;
use crate::storage::one_time_tokens;
use crate::storage::one_time_tokens::TokenKind;
use crate::storage::sign_in_places;
use crate::storage::used_tokens;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::admission::AdmissionError;
use crate::use_cases::owners::Owners;
use crate::use_cases::refusals::turned_away::TurnedAway;
use crate::use_cases::sign_in::KeptIdentity;
use crate::use_cases::sign_in::ProvenIdentity;
use crate::use_cases::sign_in::admit::SsoAuthentication;
use crate::use_cases::sign_in::error::SignInError;
use crate::use_cases::sign_in::flow;
use crate::use_cases::sign_in::pkce::check_verifier;

/// The organizations of tokens that this node gave out and nobody has brought back yet: it tells a
/// transaction where to begin, and proves nothing. Those of other nodes are looked up.
#[derive(Debug, Default)]
pub struct TokensUnderWay(Owners<SecretHash, 16_384>);

impl TokensUnderWay {
    /// A token is given out.
    pub fn remember(&self, token: SecretHash, organization: OrganizationId) {
        self.0.remember(token, organization);
    }

    /// Where a transaction starts from that redeems a token of this node.
    pub(crate) fn begin(&self, request_id: RequestId, token: &SecretHash) -> Option<Begin> {
        let known = self.0.forget(token);
        known.map(|organization| Begin::sign_in(request_id, Some(organization)))
    }
}

/// Where a transaction starts from that redeems this token.
pub(crate) fn begin(
    tx: &mut Transaction<'_>,
    token: &SecretHash,
) -> Result<Begin, ManagementError> {
    let found = one_time_tokens::find::<IgnoredAny>(tx, TokenKind::Sso, token)?;
    let organization = found.map(|(organization, _)| organization);
    Ok(Begin::sign_in(tx.cause().request_id, organization))
}

/// The identity behind a token, which works once and only for the project of its organization, and
/// the connection whose IdP proved it.
pub(crate) fn redeem(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    asked: &SsoAuthentication,
) -> Result<(Organization, ConnectionId, ProvenIdentity), ManagementError> {
    let missing = ManagementError::Admission(AdmissionError::SsoTokenNotFound);
    let hash = SecretHash::of(&asked.sso_token);
    let taken = used_tokens::take::<KeptIdentity>(tx, TokenKind::Sso, &hash)?;
    let (organization_id, kept) = taken.ok_or(missing.clone())?;
    let identity = &kept.proven.identity;
    let place = (&caller.project_id, organization_id);
    let found = sign_in_places::find_for_token(tx, place, identity.connection_id)?;
    let (organization, connection) = found.ok_or(missing.clone())?;
    let challenge = kept.pkce_code_challenge.as_deref();
    check_verifier(challenge, asked.pkce_code_verifier.as_deref()).map_err(|refusal| {
        let place = (organization.id, &identity.email_address);
        let person = TurnedAway::by_verifier(place, refusal);
        person.connection(identity.connection_id).error()
    })?;
    let proving = proving_for(tx, &organization, connection)?;
    let has_ended = identity
        .session_not_on_or_after
        .is_some_and(|end| end <= tx.now);
    match proving {
        Some(proving) if !has_ended => Ok((organization, proving, kept.proven)),
        _ => Err(missing),
    }
}

/// The connection whose IdP proves people who come through this one, while both are in use.
pub(crate) fn proving(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    id: ConnectionId,
) -> Result<Option<ConnectionId>, ManagementError> {
    match connections::find(tx, &organization.scope(), id)? {
        Some(connection) => proving_for(tx, organization, connection),
        None => Ok(None),
    }
}

fn proving_for(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    connection: Connection,
) -> Result<Option<ConnectionId>, ManagementError> {
    let scope = organization.scope();
    if !connection.is_active() {
        return Ok(None);
    }
    if connection.external().is_none() {
        return Ok(Some(connection.id));
    }
    let proving = flow::proving_connection(tx, (&scope, &connection));
    tx.enter(organization.id)?;
    match proving {
        Ok((_, proving)) => Ok(Some(proving.id)),
        Err(SignInError::Storage(error)) => Err(error.into()),
        Err(_) => Ok(None),
    }
}
