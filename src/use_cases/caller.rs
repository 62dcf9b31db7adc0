//! On whose behalf a use case runs: the application's backend, which may do everything in its
//! project, one member of one organization, who may do what the roles of their session allow
//! (contract 1.2, 5.4), or the holder of a portal link, who may do what the administrator of its
//! organization may.

use crate::domain::event::Actor;
use crate::domain::id::MemberId;
use crate::domain::id::PortalLinkId;
use crate::domain::impersonation::outlasts_session;
use crate::domain::organization::Organization;
use crate::domain::project::ProjectId;
use crate::domain::rbac::ADMIN_ROLE;
use crate::storage::Transaction;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::organization::OrganizationError;
use crate::use_cases::error::request::RequestError;
use crate::use_cases::error::session::SessionError;
use crate::use_cases::organizations;
use crate::use_cases::rbac;
use crate::use_cases::rbac::Policies;
use crate::use_cases::sessions;
use crate::use_cases::sessions::SessionLocator;

/// A resource and an action on it, as policies name them.
pub type Action = (&'static str, &'static str);

/// Who calls, proven. What it may do is asked of it; there is no way around it to the project.
#[derive(Clone, Debug)]
pub struct Caller {
    project: ProjectCaller,
    acting: Option<Acting>,
}

/// Whoever acts in one organization; a portal link is no member.
#[derive(Clone, Debug)]
struct Acting {
    organization: Organization,
    member_id: Option<MemberId>,
    is_impersonated: bool,
    roles: Vec<String>,
    policies: Policies,
}

impl Caller {
    /// The backend, or the member of the session that it presents. The session is neither
    /// extended nor touched.
    pub fn new(
        tx: &mut Transaction<'_>,
        project: &ProjectCaller,
        session: Option<&SessionLocator>,
    ) -> Result<Self, ManagementError> {
        let acting = match session {
            Some(locator) => Some(Acting::of(tx, project, locator)?),
            None => None,
        };
        Ok(Self {
            project: project.clone(),
            acting,
        })
    }

    /// The holder of a portal link, whose secret has been proven: an administrator of its
    /// organization and nothing beyond it.
    pub(crate) fn of_portal(
        tx: &mut Transaction<'_>,
        organization: &Organization,
        link: PortalLinkId,
    ) -> Result<Self, ManagementError> {
        tx.acts_as(Actor::PortalLink(link.to_string()));
        Ok(Self {
            project: ProjectCaller {
                project_id: organization.project_id.clone(),
            },
            acting: Some(Acting {
                member_id: None,
                is_impersonated: false,
                roles: vec![ADMIN_ROLE.to_owned()],
                policies: rbac::policies(tx, organization)?,
                organization: organization.clone(),
            }),
        })
    }

    /// The organization that the call names, if the caller may do all of these in it. To a member
    /// a foreign organization and a missing one are the same.
    pub fn enter(
        &self,
        tx: &mut Transaction<'_>,
        named: &str,
        actions: &[Action],
    ) -> Result<Organization, ManagementError> {
        let found = organizations::resolve(tx, &self.project.project_id, named);
        let Some(member) = &self.acting else {
            return found;
        };
        match found {
            Ok(organization) if organization.id == member.organization.id => {
                self.demand(actions)?;
                Ok(organization)
            }
            Ok(_) | Err(ManagementError::Organization(OrganizationError::NotFound)) => {
                Err(SessionError::Tenancy.into())
            }
            Err(error) => Err(error),
        }
    }

    /// Refuses unless the caller may do all of these.
    pub fn demand(&self, actions: &[Action]) -> Result<(), ManagementError> {
        let Some(member) = &self.acting else {
            return Ok(());
        };
        if actions.iter().any(|asked| member.is_withheld(*asked)) {
            return Err(SessionError::Impersonated.into());
        }
        let refused = |asked: &&Action| member.granting(**asked).is_empty();
        match actions.iter().find(refused) {
            Some(_) => Err(SessionError::Authorization.into()),
            None => Ok(()),
        }
    }

    /// Refuses unless the caller may do all of these to this member; to themselves people may do
    /// what `stytch.self` allows as well.
    pub fn demand_on(
        &self,
        member_id: MemberId,
        actions: &[&'static str],
    ) -> Result<(), ManagementError> {
        let Some(member) = &self.acting else {
            return Ok(());
        };
        let is_withheld = |action: &&str| member.is_withheld(("stytch.member", action));
        if actions.iter().any(is_withheld) {
            return Err(SessionError::Impersonated.into());
        }
        let allowed = |action: &&'static str| {
            let on_oneself = member.member_id == Some(member_id);
            !member.granting(("stytch.member", action)).is_empty()
                || (on_oneself && !member.granting(("stytch.self", action)).is_empty())
        };
        if actions.iter().all(allowed) {
            Ok(())
        } else {
            Err(SessionError::Authorization.into())
        }
    }

    /// Refuses trusted metadata on behalf of a member, whatever their roles allow.
    pub fn demand_trusted_metadata(&self, is_given: bool) -> Result<(), ManagementError> {
        if is_given && self.is_member() {
            Err(SessionError::TrustedMetadata.into())
        } else {
            Ok(())
        }
    }

    /// The project, for what no member session may ask.
    pub fn backend(&self) -> Result<&ProjectCaller, ManagementError> {
        match self.acting {
            Some(_) => Err(RequestError::ActingAsMember.into()),
            None => Ok(&self.project),
        }
    }

    /// The project that the call is made in.
    pub fn project_id(&self) -> &ProjectId {
        &self.project.project_id
    }

    /// The one organization that a member session or a portal link may speak about.
    pub fn own_organization(&self) -> Option<&Organization> {
        self.acting.as_ref().map(|acting| &acting.organization)
    }

    /// The member on whose behalf the call is made.
    pub fn own_member(&self) -> Option<MemberId> {
        self.acting.as_ref().and_then(|acting| acting.member_id)
    }

    /// Whether the call is made on behalf of a member or of a portal link: of one organization.
    pub fn is_member(&self) -> bool {
        self.acting.is_some()
    }
}

impl Acting {
    fn of(
        tx: &mut Transaction<'_>,
        project: &ProjectCaller,
        locator: &SessionLocator,
    ) -> Result<Self, ManagementError> {
        let view = sessions::find(tx, project, locator)?;
        let organization = view.member.organization.organization;
        tx.acts_as(Actor::Member(view.session.member_id.to_string()));
        Ok(Self {
            member_id: Some(view.session.member_id),
            is_impersonated: view.session.is_impersonated(),
            roles: view.roles,
            policies: rbac::policies(tx, &organization)?,
            organization,
        })
    }

    /// Whether it is refused whatever the roles allow: who acts as a member for an hour leaves no
    /// way in behind.
    fn is_withheld(&self, asked: (&str, &str)) -> bool {
        self.is_impersonated && outlasts_session(asked)
    }

    fn granting(&self, asked: Action) -> Vec<String> {
        self.policies.granting_roles(&self.roles, asked)
    }
}
