//! ID token verification at a given instant (OpenID Connect Core 1.0 §3.1.3.7).

use std::str::FromStr;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use openidconnect::AccessToken;
use openidconnect::AccessTokenHash;
use openidconnect::ClientId;
use openidconnect::IssuerUrl;
use openidconnect::Nonce;
use openidconnect::core::CoreIdToken;
use openidconnect::core::CoreIdTokenClaims;
use openidconnect::core::CoreIdTokenVerifier;
use openidconnect::core::CoreJwsSigningAlgorithm;

use crate::protocol::oidc::claims::Claims;
use crate::protocol::oidc::error::Rejection;
use crate::protocol::oidc::expectation::Expectation;
use crate::protocol::oidc::expectation::Jwks;
use crate::protocol::oidc::expectation::LEEWAY;
use crate::protocol::oidc::unverified_token::UnverifiedToken;

const ACCEPTED: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

const ISSUED_AHEAD: TimeDelta = TimeDelta::minutes(5);

/// Verifies an ID token with the provider's keys.
///
/// # Errors
/// One variant for each check that can fail.
pub fn verify(
    raw: &str,
    expectation: &Expectation<'_>,
    jwks: &Jwks,
    now: DateTime<Utc>,
) -> Result<Claims, Rejection> {
    let unverified = UnverifiedToken::read(raw)?;
    unverified.check_algorithm()?;
    unverified.check_presence()?;
    let token = CoreIdToken::from_str(raw).map_err(|error| Rejection::IdTokenMalformed {
        reason: error.to_string(),
    })?;
    let verifier = verifier(expectation, jwks, now)?;
    let nonce = Nonce::new(expectation.nonce.to_owned());
    let claims = token
        .claims(&verifier, &nonce)
        .map_err(|error| unverified.rejection(error, expectation, now))?;
    check_authorized_party(claims, expectation)?;
    check_access_token(&token, claims, &verifier, expectation)?;
    Ok(Claims {
        issuer: claims.issuer().to_string(),
        subject: claims.subject().to_string(),
        issued_at: claims.issue_time(),
        expires_at: claims.expiration(),
        all: unverified.into_claims(),
    })
}

fn verifier(
    expectation: &Expectation<'_>,
    jwks: &Jwks,
    now: DateTime<Utc>,
) -> Result<CoreIdTokenVerifier<'static>, Rejection> {
    let issuer = IssuerUrl::new(expectation.issuer.to_owned()).map_err(|_| {
        let received = expectation.issuer.to_owned();
        Rejection::IssuerUrl { received }
    })?;
    let client_id = ClientId::new(expectation.client_id.to_owned());
    let check_issue_time = move |issued_at: DateTime<Utc>| {
        if issued_at <= now + ISSUED_AHEAD {
            Ok(())
        } else {
            Err("issued in the future".to_owned())
        }
    };
    // A public client's verifier knows no secret, so no algorithm with a shared one can succeed.
    let verifier = CoreIdTokenVerifier::new_public_client(client_id, issuer, jwks.clone())
        .set_allowed_algs(ACCEPTED)
        .set_issue_time_verifier_fn(check_issue_time)
        .set_time_fn(move || now - LEEWAY);
    Ok(verifier)
}

// The library leaves `azp` to its caller.
fn check_authorized_party(
    claims: &CoreIdTokenClaims,
    expectation: &Expectation<'_>,
) -> Result<(), Rejection> {
    let received = claims.authorized_party().map(|party| party.as_str());
    let is_right = match received {
        Some(party) => party == expectation.client_id,
        None => claims.audiences().len() < 2,
    };
    if is_right {
        return Ok(());
    }
    Err(Rejection::AuthorizedParty {
        expected: expectation.client_id.to_owned(),
        received: received.map(str::to_owned),
    })
}

fn check_access_token(
    token: &CoreIdToken,
    claims: &CoreIdTokenClaims,
    verifier: &CoreIdTokenVerifier<'_>,
    expectation: &Expectation<'_>,
) -> Result<(), Rejection> {
    let (Some(expected), Some(access_token)) =
        (claims.access_token_hash(), expectation.access_token)
    else {
        return Ok(());
    };
    let algorithm = token
        .signing_alg()
        .map_err(|_| Rejection::AccessTokenHash)?;
    let key = token
        .signing_key(verifier)
        .map_err(|_| Rejection::AccessTokenHash)?;
    let access_token = AccessToken::new(access_token.to_owned());
    let actual = AccessTokenHash::from_token(&access_token, algorithm, key)
        .map_err(|_| Rejection::AccessTokenHash)?;
    if actual == *expected {
        return Ok(());
    }
    Err(Rejection::AccessTokenHash)
}

#[cfg(test)]
mod tests;
