//! Where an OAuth provider's subject is a member, and where its tenant lets somebody join.

use crate::domain::factor;
use crate::domain::factor::Factor;
use crate::domain::factor::OauthFactor;
use crate::domain::id::MemberId;
use crate::domain::member::Member;
use crate::domain::member::MemberStatus;
use crate::domain::organization::Organization;
use crate::domain::policy;
use crate::domain::project::ProjectId;
use crate::storage::Transaction;
use crate::storage::oauth_registrations;
use crate::storage::oauth_tenants;
use crate::storage::organization_search::OrganizationFilter;
use crate::storage::organization_search::first_matching;
use crate::use_cases::discovery::DiscoveredOrganization;
use crate::use_cases::discovery::MOST_ORGANIZATIONS;
use crate::use_cases::discovery::Membership;
use crate::use_cases::discovery::Seeker;
use crate::use_cases::error::ManagementError;
use crate::use_cases::oauth::entrance;
use crate::use_cases::oauth::entrance::OauthEntrance;
use crate::use_cases::oauth::recognition::identity;
use crate::use_cases::organizations::OrganizationView;
use crate::use_cases::standing;

/// The members that somebody is by their subjects.
#[derive(Debug, Default)]
pub(super) struct Registered {
    /// Their organizations.
    pub(super) organizations: Vec<Organization>,
    /// Those that were not found by their address.
    pub(super) members: Vec<Member>,
    factors: Vec<(MemberId, OauthFactor)>,
}

impl Registered {
    /// The factors of a member, those by which it is registered marked so.
    pub(super) fn marked(&self, factors: Vec<Factor>, member: &Member) -> Vec<Factor> {
        let theirs = self.factors.iter().filter(|(id, _)| *id == member.id);
        let theirs = theirs.map(|(_, oauth)| {
            Factor::Oauth(OauthFactor {
                is_registered: true,
                ..oauth.clone()
            })
        });
        factor::merged(&factors, theirs.collect())
    }
}

fn oauth_factors(seeker: &Seeker) -> impl Iterator<Item = &OauthFactor> {
    seeker.factors.iter().filter_map(|factor| match factor {
        Factor::Oauth(oauth) => Some(oauth),
        _ => None,
    })
}

pub(super) fn registered(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    seeker: &Seeker,
    known: &[Member],
) -> Result<Registered, ManagementError> {
    let mut found = Registered::default();
    for oauth in oauth_factors(seeker) {
        let subject = (oauth.provider, oauth.provider_subject.as_str());
        for member in oauth_registrations::members_of_subject(tx, project, subject)? {
            found.factors.push((member.id, oauth.clone()));
            if known.iter().all(|known| known.id != member.id) {
                found.members.push(member);
            }
        }
    }
    if !found.members.is_empty() {
        let ids = found.members.iter().map(|member| member.organization_id);
        let filter = OrganizationFilter::Ids(ids.collect());
        found.organizations = first_matching(tx, (project, filter), MOST_ORGANIZATIONS)?;
    }
    Ok(found)
}

/// Where somebody may join by their tenant whose provider proves no address.
pub(super) fn eligible(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    seeker: &Seeker,
) -> Result<Vec<DiscoveredOrganization>, ManagementError> {
    let mut found = Vec::new();
    for oauth in oauth_factors(seeker) {
        let tenants = (oauth.provider, oauth.tenants.as_slice());
        let ids = oauth_tenants::organizations_naming(tx, project, tenants)?;
        if ids.is_empty() {
            continue;
        }
        let filter = OrganizationFilter::Ids(ids);
        let open = first_matching(tx, (project, filter), MOST_ORGANIZATIONS)?;
        let mut admitting = Vec::new();
        for organization in open {
            tx.enter(organization.id)?;
            let decision = entrance::decide(tx, &organization, &identity(oauth))?;
            if decision == OauthEntrance::New {
                admitting.push(organization);
            }
        }
        let (views, _) = standing::of_members(tx, admitting, Vec::new())?;
        found.extend(views.into_iter().map(|view| shown(view, oauth, tx)));
    }
    Ok(found)
}

fn shown(
    organization: OrganizationView,
    oauth: &OauthFactor,
    tx: &Transaction<'_>,
) -> DiscoveredOrganization {
    let settings = &organization.organization.settings;
    let newcomer = Member {
        status: MemberStatus::Pending,
        ..Member::new(
            organization.organization.id,
            oauth.email_address.clone(),
            tx.now,
        )
    };
    let joined = Factor::Oauth(OauthFactor {
        is_registered: true,
        ..oauth.clone()
    });
    let is_allowed = policy::allows_entry(settings, &newcomer, &[joined]);
    let by_provider = settings.allowed_oauth_tenants.by_provider();
    let mut named = by_provider
        .iter()
        .filter(|(name, _)| *name == oauth.provider.name())
        .flat_map(|(_, tenants)| tenants.iter());
    let tenant = named.find(|tenant| oauth.tenants.contains(tenant));
    DiscoveredOrganization {
        first_factor_needed: (!is_allowed).then(|| policy::methods(settings)),
        second_factor_needed: policy::needs_second_factor(settings, &newcomer),
        membership: Membership::EligibleByOauthTenant {
            provider: oauth.provider,
            tenant: tenant.cloned().unwrap_or_default(),
        },
        organization,
    }
}
