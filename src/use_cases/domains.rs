//! Mail domains that an organization proves to be its own: claim, look up, verify, suspend, release.
//! A proven domain counts as a claimed one; `commit` is the one way a proof changes.

use chrono::TimeDelta;
use serde_json::json;

use crate::domain::domain_proof::DomainProof;
use crate::domain::domain_proof::Look;
use crate::domain::domain_proof::ProofStatus;
use crate::domain::domain_proof::Turn;
use crate::domain::email_domain;
use crate::domain::email_domain::DomainFault;
use crate::domain::email_domain::DomainList;
use crate::domain::email_domain::MAX_DOMAINS;
use crate::domain::event::Change;
use crate::domain::event::EventKind;
use crate::domain::id::OrganizationId;
use crate::domain::organization::Organization;
use crate::domain::organization::OrganizationRefusal;
use crate::domain::organization_rights::RESOURCE;
use crate::domain::project::ProjectId;
use crate::domain::secret;
use crate::storage::Transaction;
use crate::storage::domain_proofs;
use crate::storage::error::StorageError;
use crate::storage::journal;
use crate::storage::organizations as rows;
use crate::use_cases::Deployment;
use crate::use_cases::allowance::Allowance;
use crate::use_cases::caller::Action;
use crate::use_cases::caller::Caller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::organization::OrganizationError;
use crate::use_cases::error::request::RequestError;
use crate::use_cases::organizations;

/// What it takes to look at or change the domains of an organization.
pub const NEEDED: &[Action] = &[(RESOURCE, "update.settings.allowed-domains")];

/// How many claims one turn of the upkeep takes.
const MOST_AT_ONCE: i64 = 50;

/// How often an organization may have records looked up at once.
const CHECKS_AN_HOUR: i32 = 60;

/// For how long claims that a node has taken are left to it.
const LEASE: TimeDelta = TimeDelta::minutes(2);

/// The domains that an organization has claimed, by name.
pub fn list(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    named: &str,
) -> Result<Vec<DomainProof>, ManagementError> {
    let organization = caller.enter(tx, named, NEEDED)?;
    Ok(domain_proofs::list(tx, organization.id)?)
}

/// Claims a domain.
pub fn claim(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    (named, domain): (&str, &str),
) -> Result<DomainProof, ManagementError> {
    let organization = caller.enter(tx, named, NEEDED)?;
    claim_for(tx, &organization, domain)
}

/// Gives a domain up.
pub fn release(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    (named, domain): (&str, &str),
) -> Result<(), ManagementError> {
    let organization = caller.enter(tx, named, NEEDED)?;
    release_of(tx, &organization, domain)
}

/// The claim whose record is to be looked up at once, which costs resolvers work.
pub fn begin_check(
    tx: &mut Transaction<'_>,
    (deployment, caller): (&Deployment, &Caller),
    (named, domain): (&str, &str),
) -> Result<DomainProof, ManagementError> {
    let organization = caller.enter(tx, named, NEEDED)?;
    let proof = find(tx, &organization, domain)?;
    let key = organization.id.key();
    let place = ("checks of domains", key.as_str());
    let allowance = Allowance::new(deployment, place, CHECKS_AN_HOUR);
    if let Some(seconds) = allowance.wait(tx)? {
        return Err(RequestError::TooManyRequests(seconds).into());
    }
    allowance.spend(tx)?;
    Ok(proof)
}

/// The claim that an organization has to a domain.
pub fn expect(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    (named, domain): (&str, &str),
) -> Result<DomainProof, ManagementError> {
    let organization = caller.enter(tx, named, NEEDED)?;
    find(tx, &organization, domain)
}

/// The claim to a domain, in whatever spelling.
pub fn find(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    domain: &str,
) -> Result<DomainProof, ManagementError> {
    let spelled = email_domain::normalised(domain.trim());
    let found = match spelled {
        Some(domain) => domain_proofs::find(tx, organization.id, &domain)?,
        None => None,
    };
    found.ok_or(OrganizationError::DomainNotFound.into())
}

/// An organization's claim to a domain: the one that there is, or a new one.
pub fn claim_for(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    text: &str,
) -> Result<DomainProof, ManagementError> {
    let domain = email_domain::own(DomainList::Claimed, text)?;
    let claimed = domain_proofs::list(tx, organization.id)?;
    if let Some(known) = claimed.iter().find(|proof| proof.domain == domain) {
        return Ok(known.clone());
    }
    if claimed.len() >= MAX_DOMAINS {
        let fault = DomainFault::TooMany;
        return Err(OrganizationRefusal::Domain(DomainList::Claimed, fault, domain).into());
    }
    // Whether somebody else holds the domain is told to whoever proves it, and to nobody before.
    let named = (domain, secret::fresh_token()?);
    let proof = DomainProof::new(organization.id, named, tx.now);
    commit(tx, organization, (None, Some(&proof)))?;
    Ok(proof)
}

/// Gives an organization's domain up; nothing that a proof gave stays.
pub fn release_of(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    domain: &str,
) -> Result<(), ManagementError> {
    let gone = find(tx, organization, domain)?;
    commit(tx, organization, (Some(&gone), None))
}

fn is_held_elsewhere(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    domain: &str,
) -> Result<bool, StorageError> {
    let claimant = rows::claimant_of(tx, &organization.project_id, domain)?;
    Ok(claimant.is_some_and(|claimant| claimant != organization.id))
}

/// Takes the claims of a project that are due for a look, for this node alone.
pub fn claim_due(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
) -> Result<Vec<DomainProof>, ManagementError> {
    let how = (MOST_AT_ONCE, LEASE);
    Ok(domain_proofs::claim_due(tx, project, how)?)
}

/// What became of a look for the record of a claim; nothing if the claim is gone or another one by
/// now.
pub fn take(
    tx: &mut Transaction<'_>,
    (project, looked_for): (&ProjectId, &DomainProof),
    look: &Look,
) -> Result<Option<DomainProof>, ManagementError> {
    let Some(organization) = rows::find(tx, project, looked_for.organization_id)? else {
        return Ok(None);
    };
    let found = domain_proofs::find(tx, organization.id, &looked_for.domain)?;
    let Some(before) = found.filter(|found| found.token == looked_for.token) else {
        return Ok(None);
    };
    let mut look = look.clone();
    look.held_elsewhere =
        before.is_proven_by(&look, tx.now) && is_held_elsewhere(tx, &organization, &before.domain)?;
    let (after, turn) = before.after(look, tx.now);
    match turn {
        Some(_) => commit(tx, &organization, (Some(&before), Some(&after)))?,
        // Notes of the upkeep itself are no event.
        None => domain_proofs::save(tx, &after)?,
    }
    tell(turn, organization.id, &after);
    Ok(Some(after))
}

fn tell(turn: Option<Turn>, organization: OrganizationId, proof: &DomainProof) {
    let domain = &proof.domain;
    match turn {
        Some(Turn::Verified) => tracing::info!(%organization, domain, "a domain is proven"),
        Some(Turn::Suspended) => {
            tracing::warn!(%organization, domain, "the DNS record of a proven domain is gone");
        }
        None => {}
    }
}

type Step<'a> = (Option<&'a DomainProof>, Option<&'a DomainProof>);

/// The one way a proof changes what counts: row, organization, journal.
fn commit(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    (before, after): Step<'_>,
) -> Result<(), ManagementError> {
    let (kind, proof) = match (before, after) {
        (None, Some(new)) => {
            domain_proofs::insert(tx, &organization.project_id, new)?;
            (EventKind::DomainClaimed, new)
        }
        (_, Some(next)) => {
            domain_proofs::save(tx, next)?;
            match next.status {
                ProofStatus::Verified => (EventKind::DomainVerified, next),
                ProofStatus::Waiting | ProofStatus::Suspended => (EventKind::DomainSuspended, next),
            }
        }
        (Some(gone), None) => {
            domain_proofs::delete(tx, gone)?;
            (EventKind::DomainReleased, gone)
        }
        (None, None) => return Ok(()),
    };
    let change = Change {
        organization_id: Some(organization.id),
        kind,
        object_id: proof.domain.clone(),
        before: before.map(told),
        after: after.map(told),
    };
    journal::append(tx, &change)?;
    let counts = after.is_some_and(|proof| proof.status == ProofStatus::Verified);
    hold(tx, organization, (&proof.domain, counts))
}

fn told(proof: &DomainProof) -> serde_json::Value {
    json!({
        "domain": proof.domain,
        "status": proof.status,
        "verified_at": proof.verified_at,
        "last_look": proof.last_look,
    })
}

/// Lets the organization hold the domain, or no longer.
fn hold(
    tx: &mut Transaction<'_>,
    before: &Organization,
    (domain, holds): (&str, bool),
) -> Result<(), ManagementError> {
    let mut after = before.clone();
    let held = &mut after.settings.verified_email_domains;
    held.retain(|known| known != domain);
    if holds {
        held.push(domain.to_owned());
        held.sort();
    }
    if after == *before {
        return Ok(());
    }
    after.updated_at = tx.now;
    organizations::commit(tx, Some(before), &after)
}
