//! Whom an organization takes a proven identity for, and whether that one may enter.

use crate::domain::id::ConnectionKind;
use crate::domain::id::MemberId;
use crate::domain::identity::AssertedIdentity;
use crate::domain::member::Member;
use crate::domain::organization::Organization;
use crate::domain::policy;
use crate::domain::policy::Known;
use crate::domain::policy::Refusal;
use crate::storage::Transaction;
use crate::storage::addresses;
use crate::storage::error::StorageError;
use crate::storage::registrations;
use crate::storage::registrations::Registration;
use crate::storage::scim_users;
use crate::use_cases::sign_in::ProvenIdentity;

/// What becomes of a proven identity under the organization's rules as they stand now.
#[derive(Clone, Debug, PartialEq)]
pub enum Entrance {
    /// A known member comes in.
    Known(Box<Visitor>),
    /// A member is to be created.
    New,
    /// Nobody comes in.
    Refused(Refusal),
}

/// A known member on its way in.
#[derive(Clone, Debug, PartialEq)]
pub struct Visitor {
    /// The member, as it is before.
    pub member: Member,
    /// Its subject's registration, unless it comes through this connection for the first time.
    pub registration: Option<Registration>,
    /// Whether it gets the address that the IdP names.
    pub takes_address: bool,
}

/// What the rows say about an identity.
struct Findings {
    registration: Option<Registration>,
    registered: Option<Member>,
    at_address: Option<Member>,
    retired_by: Option<MemberId>,
    claimed_elsewhere: bool,
    inactive_in_directory: bool,
}

/// Finds the member that an identity is and asks the policy. The subject at the connection
/// decides; the address counts only for people who come through this connection for the first
/// time, within the limits of `may_link`.
pub fn decide(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    proven: &ProvenIdentity,
) -> Result<Entrance, StorageError> {
    let found = look_up(tx, organization, &proven.identity)?;
    let mut takes_address = false;
    let member = match (&found.registered, &found.at_address) {
        (Some(registered), _) if registered.is_live() => {
            takes_address = may_take_address(tx, organization, (registered, proven))?;
            if takes_address && let Some(refusal) = address_refusal(registered.id, &found) {
                return Ok(Entrance::Refused(refusal));
            }
            Some(registered)
        }
        (_, Some(other)) if other.is_live() => {
            if !may_link(tx, organization, (other, proven))? {
                return Ok(Entrance::Refused(Refusal::EmailTaken));
            }
            if found.claimed_elsewhere {
                return Ok(Entrance::Refused(Refusal::DomainClaimed));
            }
            Some(other)
        }
        (registered, at_address) => registered.as_ref().or(at_address.as_ref()),
    };
    if member.is_none() && speaks_for_others(organization, proven) {
        return Ok(Entrance::Refused(Refusal::ConnectionNotAllowedForJit));
    }
    let known = Known {
        member,
        email_retired_by_other: found.retired_by.is_some(),
        domain_claimed_elsewhere: found.claimed_elsewhere,
        inactive_in_directory: found.inactive_in_directory,
    };
    let decision = policy::admit_by_sso(&organization.settings, &proven.identity, known);
    Ok(match (decision, member) {
        (Err(refusal), _) => Entrance::Refused(refusal),
        (Ok(_), Some(member)) => Entrance::Known(Box::new(Visitor {
            member: member.clone(),
            registration: found.registration,
            takes_address,
        })),
        (Ok(_), None) => Entrance::New,
    })
}

fn look_up(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    identity: &AssertedIdentity,
) -> Result<Findings, StorageError> {
    let scope = organization.scope();
    let (connection, subject) = (identity.connection_id, identity.subject.as_str());
    let named = ((connection, subject), &identity.email_address);
    let (registered, (known, elsewhere)) = addresses::known_beside_subject(tx, &scope, named)?;
    let (registration, registered) = registered.unzip();
    Ok(Findings {
        registration,
        registered,
        at_address: known.members.into_iter().next(),
        retired_by: known.former,
        inactive_in_directory: elsewhere.is_inactive,
        claimed_elsewhere: elsewhere.is_claimed_by_other,
    })
}

/// Why a registered member cannot take over the address that its IdP names now.
fn address_refusal(registered: MemberId, found: &Findings) -> Option<Refusal> {
    let is_other = |member: &Member| member.is_live() && member.id != registered;
    if found.at_address.as_ref().is_some_and(is_other) {
        Some(Refusal::EmailTaken)
    } else if found.retired_by.is_some_and(|by| by != registered) {
        Some(Refusal::EmailRetired)
    } else if found.claimed_elsewhere {
        Some(Refusal::DomainClaimed)
    } else {
        None
    }
}

/// Whether a registered member gets the address that its IdP names: a new one that somebody
/// vouches for. A directory's own people keep the address that the directory gives them, or the
/// two would take turns.
fn may_take_address(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    (member, proven): (&Member, &ProvenIdentity),
) -> Result<bool, StorageError> {
    let is_new = member.email_address != proven.identity.email_address;
    if !is_new || !proven.address_vouched || is_external(proven) {
        return Ok(false);
    }
    let users = scim_users::list_of_members(tx, &organization.scope(), &[member.id])?;
    Ok(!users.iter().any(|user| user.active))
}

/// Whether somebody who is not registered yet may be taken for the member with their address.
///
/// Never when that member already has another subject at this very connection: the IdP itself
/// tells the two apart, and the address was given to somebody new. Never by an address that the
/// IdP does not vouch for, since people may set it themselves. Otherwise when the domain is one
/// that the organization claims or allows, unless it is another organization's IdP that says so:
/// whoever runs that is not whom this organization trusted with its domains. Outside of those only
/// for a guest: a member whose address nobody has proven so far, neither an IdP nor the person
/// itself by a mail, and that is not break glass.
fn may_link(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    (member, proven): (&Member, &ProvenIdentity),
) -> Result<bool, StorageError> {
    let registrations = registrations::list(tx, &organization.scope(), &[member.id])?;
    let connection = proven.identity.connection_id.key();
    let is_registered = registrations
        .iter()
        .any(|registration| registration.connection_key == connection);
    if is_registered || !proven.address_vouched {
        return Ok(false);
    }
    let is_proven = member.email_address_verified || !registrations.is_empty();
    let is_untouched = !is_proven && !member.is_breakglass;
    let vouches = organization
        .settings
        .vouches_for(&proven.identity.email_address);
    Ok(if vouches {
        !is_external(proven)
    } else {
        is_untouched
    })
}

/// Whether another organization's IdP names somebody of this organization's own domains. What these
/// bring, roles above all, is not for it to give.
fn speaks_for_others(organization: &Organization, proven: &ProvenIdentity) -> bool {
    let settings = &organization.settings;
    is_external(proven) && settings.vouches_for(&proven.identity.email_address)
}

/// Whether another organization's IdP has proven this.
fn is_external(proven: &ProvenIdentity) -> bool {
    proven.identity.connection_id.kind == ConnectionKind::External
}
