//! Discovery: which organizations somebody may enter, before one is chosen (contract 4.4).
//!
//! An address counts only once a factor proves it that no organization has a say in: whoever runs an
//! organization's identity provider can make it name any address.

use std::collections::BTreeMap;

use crate::domain::authentication_settings::AuthMethod;
use crate::domain::authentication_settings::Door;
use crate::domain::email::EmailAddress;
use crate::domain::factor;
use crate::domain::factor::Factor;
use crate::domain::id::MemberId;
use crate::domain::id::OrganizationId;
use crate::domain::member::Member;
use crate::domain::member::MemberStatus;
use crate::domain::oauth_provider::OauthProvider;
use crate::domain::organization::Organization;
use crate::domain::policy;
use crate::domain::project::ProjectId;
use crate::domain::session::Session;
use crate::storage::Transaction;
use crate::storage::member_discovery;
use crate::storage::members as member_rows;
use crate::storage::organization_search::OrganizationFilter;
use crate::storage::organization_search::first_matching;
use crate::storage::organizations as organization_rows;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::session::SessionError;
use crate::use_cases::intermediate_sessions::IntermediateSession;
use crate::use_cases::members::MemberView;
use crate::use_cases::organizations::OrganizationView;
use crate::use_cases::sign_in::email_door;
use crate::use_cases::standing;

pub mod arrive;
mod by_oauth;
pub mod create;
pub mod exchange;
pub mod list;
pub mod switch;

/// More than one person could choose from.
const MOST_ORGANIZATIONS: i64 = 1000;

/// An organization that somebody may enter.
#[derive(Clone, Debug, PartialEq)]
pub struct DiscoveredOrganization {
    /// The organization.
    pub organization: OrganizationView,
    /// What the person is to it.
    pub membership: Membership,
    /// The methods that it wants instead of what was proven; none if that is enough.
    pub first_factor_needed: Option<Vec<AuthMethod>>,
    /// Whether a second factor will be asked for.
    pub second_factor_needed: bool,
}

/// What somebody is to an organization.
#[derive(Clone, Debug, PartialEq)]
pub enum Membership {
    /// A member: active, pending or invited.
    Member(Box<MemberView>),
    /// Somebody whom the organization lets join by the domain of the address.
    EligibleByDomain(String),
    /// Somebody whom the organization lets join by their tenant at an OAuth provider.
    EligibleByOauthTenant {
        /// The provider.
        provider: OauthProvider,
        /// The tenant.
        tenant: String,
    },
}

/// Who asks: what they have proven, and the member that they are already.
#[derive(Clone, Debug, PartialEq)]
pub struct Seeker {
    /// The address that they go by.
    pub email_address: EmailAddress,
    /// What they have proven.
    pub factors: Vec<Factor>,
    /// Where they are known already.
    pub home: Option<(OrganizationId, MemberId)>,
}

impl From<&IntermediateSession> for Seeker {
    fn from(session: &IntermediateSession) -> Self {
        Self {
            email_address: session.email_address.clone(),
            factors: session.factors.clone(),
            home: session.organization_id.zip(session.member_id),
        }
    }
}

impl Seeker {
    /// Whoever holds a member session.
    fn of(
        tx: &mut Transaction<'_>,
        project: &ProjectId,
        session: &Session,
    ) -> Result<Self, ManagementError> {
        let organization = organization_rows::find(tx, project, session.organization_id)?;
        let organization = organization.ok_or(SessionError::NotFound)?;
        let member = member_rows::find(tx, &organization.scope(), session.member_id)?;
        let member = member.ok_or(SessionError::NotFound)?;
        Ok(Self {
            email_address: member.email_address,
            factors: session.factors.clone(),
            home: Some((organization.id, member.id)),
        })
    }

    /// Whether the address is proven to everybody.
    fn is_proven(&self) -> bool {
        !factor::travelling(&self.factors, &self.email_address).is_empty()
    }

    fn factors_for(&self, member: &Member) -> Vec<Factor> {
        if self.home.is_some_and(|(_, id)| id == member.id) {
            self.factors.clone()
        } else {
            factor::travelling(&self.factors, &member.email_address)
        }
    }
}

/// Where they are members, and with `may_join` also where they may become one.
pub fn discovered(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    seeker: &Seeker,
    may_join: bool,
) -> Result<Vec<DiscoveredOrganization>, ManagementError> {
    let mut found = memberships(tx, project, seeker)?;
    if may_join && seeker.is_proven() {
        let known: Vec<OrganizationId> = found
            .iter()
            .map(|found| found.organization.organization.id)
            .collect();
        found.extend(eligible(tx, project, (seeker, &known))?);
    } else if may_join {
        found.extend(by_oauth::eligible(tx, project, seeker)?);
    }
    Ok(found)
}

fn memberships(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    seeker: &Seeker,
) -> Result<Vec<DiscoveredOrganization>, ManagementError> {
    let (mut organizations, mut members) = if seeker.is_proven() {
        let email = OrganizationFilter::MemberEmails(vec![seeker.email_address.folded()]);
        let joined = first_matching(tx, (project, email), MOST_ORGANIZATIONS)?;
        let ids: Vec<OrganizationId> = joined.iter().map(|organization| organization.id).collect();
        let members = member_discovery::list_live_with_address(tx, &ids, &seeker.email_address)?;
        (joined, members)
    } else {
        at_home(tx, project, seeker)?
    };
    let registered = by_oauth::registered(tx, project, seeker, &members)?;
    let others = registered.organizations.iter();
    let others = others.filter(|it| organizations.iter().all(|known| known.id != it.id));
    let others: Vec<Organization> = others.cloned().collect();
    organizations.extend(others);
    members.extend(registered.members.iter().cloned());
    let (views, standings) = standing::of_members(tx, organizations, members)?;
    let views: BTreeMap<OrganizationId, OrganizationView> = views
        .into_iter()
        .map(|view| (view.organization.id, view))
        .collect();
    let now = tx.now;
    let found = standings.into_iter().filter_map(|standing| {
        let organization = views.get(&standing.member.organization_id)?.clone();
        let member = &standing.member;
        let factors = registered.marked(seeker.factors_for(member), member);
        let settings = &organization.organization.settings;
        let is_allowed = policy::allows_entry(settings, member, &factors);
        let needs_second = policy::needs_second_factor(settings, member);
        let standing = match factor::identifying(&factors).next() {
            Some(_) => standing,
            None => standing.bare(now),
        };
        Some(DiscoveredOrganization {
            first_factor_needed: (!is_allowed).then(|| policy::methods(settings)),
            second_factor_needed: needs_second,
            membership: Membership::Member(Box::new(MemberView {
                standing,
                organization: organization.clone(),
            })),
            organization,
        })
    });
    Ok(found.collect())
}

/// The one member that they are known as, where nothing proves their address elsewhere.
fn at_home(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    seeker: &Seeker,
) -> Result<(Vec<Organization>, Vec<Member>), ManagementError> {
    let Some((organization, member)) = seeker.home else {
        return Ok((Vec::new(), Vec::new()));
    };
    let Some(organization) = organization_rows::find(tx, project, organization)? else {
        return Ok((Vec::new(), Vec::new()));
    };
    let member = member_rows::find(tx, &organization.scope(), member)?;
    let member = member.filter(Member::is_live);
    Ok((vec![organization], member.into_iter().collect()))
}

fn eligible(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    (seeker, known): (&Seeker, &[OrganizationId]),
) -> Result<Vec<DiscoveredOrganization>, ManagementError> {
    let domain = seeker.email_address.domain();
    let allowing = OrganizationFilter::AllowedDomains(vec![domain.clone()]);
    let mut open = first_matching(tx, (project, allowing), MOST_ORGANIZATIONS)?;
    open.retain(|organization| {
        organization.settings.email_jit_provisioning == Door::Restricted
            && !known.contains(&organization.id)
    });
    let ids: Vec<OrganizationId> = open.iter().map(|organization| organization.id).collect();
    let proven = member_discovery::with_proven_domain(tx, &ids, &domain)?;
    open.retain(|organization| proven.contains(&organization.id));
    let mut admitting = Vec::new();
    for organization in open {
        tx.enter(organization.id)?;
        if email_door::is_open(tx, &organization, &seeker.email_address)?.is_ok() {
            admitting.push(organization);
        }
    }
    let (views, _) = standing::of_members(tx, admitting, Vec::new())?;
    let found = views.into_iter().map(|organization| {
        let settings = &organization.organization.settings;
        let newcomer = Member {
            status: MemberStatus::Pending,
            ..Member::new(
                organization.organization.id,
                seeker.email_address.clone(),
                tx.now,
            )
        };
        let factors = factor::travelling(&seeker.factors, &seeker.email_address);
        let is_allowed = policy::allows_entry(settings, &newcomer, &factors);
        DiscoveredOrganization {
            first_factor_needed: (!is_allowed).then(|| policy::methods(settings)),
            second_factor_needed: policy::needs_second_factor(settings, &newcomer),
            membership: Membership::EligibleByDomain(domain.clone()),
            organization,
        }
    });
    Ok(found.collect())
}
