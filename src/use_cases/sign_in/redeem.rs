//! What an SSO token of a redirect stands for, told once to whoever began the sign-in.

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::domain::connection::Connection;
use crate::domain::id::ConnectionId;
use crate::domain::organization::Organization;
use crate::domain::secret;
use crate::domain::secret::SecretHash;
use crate::storage::Transaction;
use crate::storage::connections;
use crate::storage::one_time_tokens;
use crate::storage::one_time_tokens::TokenKind;
use crate::storage::organizations;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::admission::AdmissionError;
use crate::use_cases::sign_in::KeptIdentity;
use crate::use_cases::sign_in::ProvenIdentity;
use crate::use_cases::sign_in::admit::SsoAuthentication;
use crate::use_cases::sign_in::error::SignInError;
use crate::use_cases::sign_in::flow;

/// The identity behind a token, which works once and only for the project of its organization, and
/// the connection whose IdP proved it.
pub(crate) fn redeem(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    asked: &SsoAuthentication,
) -> Result<(Organization, ConnectionId, ProvenIdentity), ManagementError> {
    let missing = ManagementError::Admission(AdmissionError::SsoTokenNotFound);
    let hash = SecretHash::of(&asked.sso_token);
    let found = one_time_tokens::find::<KeptIdentity>(tx, TokenKind::Sso, &hash)?;
    let (organization_id, kept) = found.ok_or(missing.clone())?;
    let organization =
        organizations::find(tx, &caller.project_id, organization_id)?.ok_or(missing.clone())?;
    let challenge = kept.pkce_code_challenge.as_deref();
    check_verifier(challenge, asked.pkce_code_verifier.as_deref())?;
    if !one_time_tokens::consume(tx, TokenKind::Sso, &hash)? {
        return Err(missing);
    }
    let identity = &kept.proven.identity;
    let proving = proving(tx, &organization, identity.connection_id)?;
    let has_ended = identity
        .session_not_on_or_after
        .is_some_and(|end| end <= tx.now);
    match proving {
        Some(proving) if !has_ended => Ok((organization, proving, kept.proven)),
        _ => Err(missing),
    }
}

/// The connection whose IdP proves people who come through this one, while both are in use.
fn proving(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    id: ConnectionId,
) -> Result<Option<ConnectionId>, ManagementError> {
    let scope = organization.scope();
    let Some(connection) = connections::find(tx, &scope, id)?.filter(Connection::is_active) else {
        return Ok(None);
    };
    let proving = flow::proving_connection(tx, (&scope, &connection));
    tx.enter(organization.id)?;
    match proving {
        Ok((_, proving)) => Ok(Some(proving.id)),
        Err(SignInError::Storage(error)) => Err(error.into()),
        Err(_) => Ok(None),
    }
}

/// PKCE (RFC 7636 §4.6): the verifier is needed exactly when there was a challenge.
fn check_verifier(challenge: Option<&str>, verifier: Option<&str>) -> Result<(), ManagementError> {
    match (challenge, verifier) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err(ManagementError::Admission(
            AdmissionError::UnexpectedCodeVerifier,
        )),
        (Some(_), None) => Err(ManagementError::Admission(
            AdmissionError::MissingCodeVerifier,
        )),
        (Some(challenge), Some(verifier)) => {
            let hash = digest::digest(&digest::SHA256, verifier.as_bytes());
            if secret::equal(challenge, &URL_SAFE_NO_PAD.encode(hash.as_ref())) {
                Ok(())
            } else {
                Err(ManagementError::Admission(AdmissionError::PkceMismatch))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verifier_is_needed_exactly_when_there_was_a_challenge() {
        // The pair of RFC 7636, appendix B.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        let table = [
            (None, None, Ok(())),
            (Some(challenge), Some(verifier), Ok(())),
            (
                None,
                Some(verifier),
                Err(ManagementError::Admission(
                    AdmissionError::UnexpectedCodeVerifier,
                )),
            ),
            (
                Some(challenge),
                None,
                Err(ManagementError::Admission(
                    AdmissionError::MissingCodeVerifier,
                )),
            ),
            (
                Some(challenge),
                Some(challenge),
                Err(ManagementError::Admission(AdmissionError::PkceMismatch)),
            ),
        ];
        for (challenge, verifier, expected) in table {
            assert_eq!(check_verifier(challenge, verifier), expected);
        }
    }
}
