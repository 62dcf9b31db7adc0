//! May this identity enter? Auth methods, just-in-time provisioning, break glass (contract 4.1).

use crate::domain::authentication_settings::AuthMethod;
use crate::domain::authentication_settings::AuthenticationSettings;
use crate::domain::authentication_settings::Door;
use crate::domain::authentication_settings::Methods;
use crate::domain::authentication_settings::MfaPolicy;
use crate::domain::email::EmailAddress;
use crate::domain::factor;
use crate::domain::factor::Factor;
use crate::domain::identity::AssertedIdentity;
use crate::domain::member::Member;
use crate::domain::member::MemberStatus;

pub mod oauth;

/// What to do with a proven identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Let the known member in.
    Admit,
    /// Create the member, then let it in.
    Create,
}

/// Why a proven identity may not enter. Each reason names the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// `sso_jit_provisioning` is NOT_ALLOWED.
    JitNotAllowed,
    /// `sso_jit_provisioning` is RESTRICTED and this connection is not listed; or the connection is
    /// another organization's and the domain one of this organization's own.
    ConnectionNotAllowedForJit,
    /// `email_jit_provisioning` is NOT_ALLOWED.
    EmailJitNotAllowed,
    /// `email_jit_provisioning` is RESTRICTED and the domain of this address is not allowed.
    EmailNotAllowedForJit,
    /// `oauth_tenant_jit_provisioning` is NOT_ALLOWED.
    OauthTenantJitNotAllowed,
    /// `oauth_tenant_jit_provisioning` is RESTRICTED and none of the person's tenants is listed.
    OauthTenantNotAllowedForJit,
    /// A directory removed this person.
    RemovedByDirectory,
    /// The member was deleted and only an administrator brings it back.
    MemberDeleted,
    /// `auth_methods` is RESTRICTED and does not list this method.
    MethodNotAllowed,
    /// The address belongs to another member of the organization.
    EmailTaken,
    /// The address was given up by a member of the organization.
    EmailRetired,
    /// Another organization claims the domain of the address.
    DomainClaimed,
}

impl Refusal {
    /// The stable code shown to the browser and kept in the journal.
    pub fn code(self) -> &'static str {
        match self {
            Self::JitNotAllowed => "jit_not_allowed",
            Self::ConnectionNotAllowedForJit => "connection_not_allowed_for_jit",
            Self::EmailJitNotAllowed => "email_jit_not_allowed",
            Self::EmailNotAllowedForJit => "email_not_allowed_for_jit",
            Self::OauthTenantJitNotAllowed => "oauth_tenant_jit_not_allowed",
            Self::OauthTenantNotAllowedForJit => "oauth_tenant_not_allowed_for_jit",
            Self::RemovedByDirectory => "removed_by_directory",
            Self::MemberDeleted => "member_deleted",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::EmailTaken => "email_taken",
            Self::EmailRetired => "email_retired",
            Self::DomainClaimed => "domain_claimed",
        }
    }

    /// What the person may read, and pass on to whoever can change it.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::JitNotAllowed => {
                "You are not a member of this organization, and its settings do not let single \
                 sign-on create members."
            }
            Self::ConnectionNotAllowedForJit => {
                "You are not a member of this organization, and its settings do not let this \
                 connection create members."
            }
            Self::EmailJitNotAllowed => {
                "Nobody with this address is a member of the organization, and its settings do not \
                 let people join by their address."
            }
            Self::EmailNotAllowedForJit => {
                "Nobody with this address is a member of the organization, and the domain of the \
                 address is not one whose people may join."
            }
            Self::OauthTenantJitNotAllowed => {
                "You are not a member of this organization, and its settings do not let people \
                 join by their workspace."
            }
            Self::OauthTenantNotAllowedForJit => {
                "You are not a member of this organization, and its settings do not let people of \
                 your workspace join."
            }
            Self::RemovedByDirectory => {
                "Your organization's directory has removed your access. Only the directory can \
                 bring it back."
            }
            Self::MemberDeleted => {
                "Your membership was removed. An administrator of your organization can restore it."
            }
            Self::MethodNotAllowed => {
                "Your organization does not allow single sign-on as a way to sign in."
            }
            Self::EmailTaken => "Another member of your organization already uses this address.",
            Self::EmailRetired => {
                "This address was used by another member of your organization and was given up."
            }
            Self::DomainClaimed => "Another organization has claimed the domain of your address.",
        }
    }
}

/// What the organization already knows about an identity.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'a> {
    /// The member that this identity is, if there is one.
    pub member: Option<&'a Member>,
    /// Whether the address was given up by somebody else here.
    pub email_retired_by_other: bool,
    /// Whether another organization claims the domain.
    pub domain_claimed_elsewhere: bool,
    /// Whether a directory holds somebody with this address as inactive.
    pub inactive_in_directory: bool,
}

/// Decides whether an identity proven by single sign-on may enter.
pub fn admit_by_sso(
    settings: &AuthenticationSettings,
    identity: &AssertedIdentity,
    known: Known<'_>,
) -> Result<Decision, Refusal> {
    let decision = match known.member {
        Some(member) => admit_known(member)?,
        None => may_create(settings, identity, known)?,
    };
    let break_glass = known.member.is_some_and(|member| member.is_breakglass);
    if break_glass || allows(settings, AuthMethod::Sso) {
        Ok(decision)
    } else {
        Err(Refusal::MethodNotAllowed)
    }
}

fn admit_known(member: &Member) -> Result<Decision, Refusal> {
    match member.status {
        MemberStatus::Deleted if member.removed_by_directory => Err(Refusal::RemovedByDirectory),
        MemberStatus::Deleted => Err(Refusal::MemberDeleted),
        MemberStatus::Pending | MemberStatus::Invited | MemberStatus::Active => Ok(Decision::Admit),
    }
}

fn may_create(
    settings: &AuthenticationSettings,
    identity: &AssertedIdentity,
    known: Known<'_>,
) -> Result<Decision, Refusal> {
    if known.email_retired_by_other {
        return Err(Refusal::EmailRetired);
    }
    match settings.sso_jit_provisioning {
        Door::NotAllowed => Err(Refusal::JitNotAllowed),
        Door::Restricted
            if !settings
                .sso_jit_provisioning_allowed_connections
                .contains(&identity.connection_id) =>
        {
            Err(Refusal::ConnectionNotAllowedForJit)
        }
        Door::Restricted | Door::AllAllowed if known.domain_claimed_elsewhere => {
            Err(Refusal::DomainClaimed)
        }
        Door::Restricted | Door::AllAllowed if known.inactive_in_directory => {
            Err(Refusal::RemovedByDirectory)
        }
        Door::Restricted | Door::AllAllowed => Ok(Decision::Create),
    }
}

/// Whether somebody who is no live member may join by proving this address; `known.member` is who
/// had it before.
pub fn may_join_by_email(
    settings: &AuthenticationSettings,
    address: &EmailAddress,
    known: Known<'_>,
) -> Result<(), Refusal> {
    if let Some(member) = known.member {
        admit_known(member)?;
    }
    let domain = address.domain();
    let refusal = if known.email_retired_by_other {
        Refusal::EmailRetired
    } else if settings.email_jit_provisioning == Door::NotAllowed {
        Refusal::EmailJitNotAllowed
    } else if settings.email_jit_provisioning == Door::Restricted
        && !settings.email_allowed_domains.contains(&domain)
    {
        Refusal::EmailNotAllowedForJit
    } else if known.domain_claimed_elsewhere {
        Refusal::DomainClaimed
    } else if known.inactive_in_directory {
        Refusal::RemovedByDirectory
    } else {
        return Ok(());
    };
    Err(refusal)
}

/// Whether the settings let this address be invited.
pub fn may_invite(settings: &AuthenticationSettings, address: &EmailAddress) -> bool {
    match settings.email_invites {
        Door::AllAllowed => true,
        Door::Restricted => settings.email_allowed_domains.contains(&address.domain()),
        Door::NotAllowed => false,
    }
}

/// Whether the settings allow a method.
pub fn allows(settings: &AuthenticationSettings, method: AuthMethod) -> bool {
    settings.auth_methods == Methods::AllAllowed || settings.allowed_auth_methods.contains(&method)
}

/// The methods that the settings allow.
pub fn methods(settings: &AuthenticationSettings) -> Vec<AuthMethod> {
    match settings.auth_methods {
        Methods::AllAllowed => AuthMethod::ALL.to_vec(),
        Methods::Restricted => settings.allowed_auth_methods.clone(),
    }
}

/// Whether one of these methods, once it has proven somebody to be this member, opens the
/// organization.
pub fn allows_methods(
    settings: &AuthenticationSettings,
    member: &Member,
    methods: &[AuthMethod],
) -> bool {
    let is_free = member.is_breakglass && !methods.is_empty();
    is_free || methods.iter().any(|method| allows(settings, *method))
}

/// Whether what this member has proven opens the organization: by a method that it allows. Break
/// glass is free of that, and so is what the operator answers for.
pub fn allows_entry(
    settings: &AuthenticationSettings,
    member: &Member,
    factors: &[Factor],
) -> bool {
    let has_first = factor::identifying(factors).next().is_some();
    (member.is_breakglass && has_first) || allows_factors(settings, factors)
}

/// Whether one of these factors would open the organization to anybody.
pub fn allows_factors(settings: &AuthenticationSettings, factors: &[Factor]) -> bool {
    let by_method = |factor: &Factor| factor.method().is_some_and(|it| allows(settings, it));
    factor::identifying(factors).any(|factor| factor.is_vouched_for() || by_method(factor))
}

/// Whether this member must prove a second factor; break glass does not waive it.
pub fn needs_second_factor(settings: &AuthenticationSettings, member: &Member) -> bool {
    settings.mfa_policy == MfaPolicy::RequiredForAll || member.mfa_enrolled
}

#[cfg(test)]
mod tests;
