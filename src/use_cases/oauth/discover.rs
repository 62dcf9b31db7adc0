//! An OAuth token becomes a choice of organizations (contract 4.4).

use crate::domain::oauth_identity::OauthIdentity;
use crate::storage::Transaction;
use crate::storage::one_time_tokens::TokenKind;
use crate::use_cases::Deployment;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::discovery::arrive::Arrival;
use crate::use_cases::discovery::arrive::arrive;
use crate::use_cases::error::ManagementError;
use crate::use_cases::oauth::kept::redeem;
use crate::use_cases::oauth::registration::factor_of;

/// Uses a discovery token up and lists the organizations that its person may choose from.
pub fn discover(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&ProjectCaller, &Deployment),
    (token, verifier): (&str, Option<&str>),
) -> Result<(OauthIdentity, Arrival), ManagementError> {
    let kind = TokenKind::OauthDiscovery;
    let (kept, _) = redeem(tx, (caller, deployment), kind, (token, verifier))?;
    let factors = vec![factor_of(tx, &kept.identity, None)];
    let came = (kept.identity.email_address.clone(), factors);
    let arrival = arrive(tx, &caller.project_id, came)?;
    Ok((kept.identity, arrival))
}
