//! How a draft changes the authentication settings of an organization, and what it may not make of
//! them (contract 3.1). Only what is given is checked entry by entry: a domain or a role that was
//! good when it was set does not keep the rest from changing later.

use crate::domain::authentication_settings::AuthenticationSettings;
use crate::domain::authentication_settings::Door;
use crate::domain::authentication_settings::EmailImplicitRoleAssignment;
use crate::domain::authentication_settings::Methods;
use crate::domain::authentication_settings::OauthTenants;
use crate::domain::email_domain;
use crate::domain::email_domain::DomainFault;
use crate::domain::email_domain::DomainList;
use crate::domain::organization::OrganizationRefusal;
use crate::domain::organization_draft::OrganizationDraft;
use crate::domain::rbac;

const MAX_ENTRIES: usize = 100;
const MAX_ENTRY_LENGTH: usize = 128;

impl AuthenticationSettings {
    /// Takes over what the draft gives.
    pub(crate) fn take(&mut self, draft: &OrganizationDraft) -> Result<(), OrganizationRefusal> {
        macro_rules! take {
            ($($field:ident),*) => {$(
                if let Some(value) = &draft.$field { self.$field.clone_from(value); }
            )*};
        }
        take!(
            sso_jit_provisioning,
            email_jit_provisioning,
            email_invites,
            auth_methods,
            mfa_policy,
            mfa_methods,
            oauth_tenant_jit_provisioning,
            first_party_connected_apps_allowed_type,
            third_party_connected_apps_allowed_type
        );
        self.take_connections(draft)?;
        self.take_lists(draft);
        self.take_domains(draft)?;
        self.take_applications(draft)
    }

    fn take_connections(&mut self, draft: &OrganizationDraft) -> Result<(), OrganizationRefusal> {
        if let Some(text) = &draft.sso_default_connection_id {
            let refused = || OrganizationRefusal::InvalidDefaultConnection(text.clone());
            self.sso_default_connection_id = match text.as_str() {
                "" => None,
                id => Some(id.parse().map_err(|_| refused())?),
            };
        }
        if let Some(allowed) = &draft.sso_jit_provisioning_allowed_connections {
            self.sso_jit_provisioning_allowed_connections = once_each(allowed);
        }
        Ok(())
    }

    fn take_lists(&mut self, draft: &OrganizationDraft) {
        if let Some(allowed) = &draft.allowed_auth_methods {
            self.allowed_auth_methods = once_each(allowed);
        }
        if let Some(allowed) = &draft.allowed_mfa_methods {
            self.allowed_mfa_methods = once_each(allowed);
        }
    }

    fn take_domains(&mut self, draft: &OrganizationDraft) -> Result<(), OrganizationRefusal> {
        if let Some(domains) = &draft.email_allowed_domains {
            self.email_allowed_domains = email_domain::own_list(DomainList::Allowed, domains)?;
        }
        if let Some(domains) = &draft.claimed_email_domains {
            self.claimed_email_domains = email_domain::own_list(DomainList::Claimed, domains)?;
        }
        if let Some(rules) = &draft.rbac_email_implicit_role_assignments {
            self.rbac_email_implicit_role_assignments = role_rules(rules)?;
        }
        Ok(())
    }

    fn take_applications(&mut self, draft: &OrganizationDraft) -> Result<(), OrganizationRefusal> {
        if let Some(tenants) = &draft.allowed_oauth_tenants {
            check_tenants(tenants)?;
            self.allowed_oauth_tenants.clone_from(tenants);
        }
        let lists = [
            (
                "allowed_first_party_connected_apps",
                &draft.allowed_first_party_connected_apps,
                &mut self.allowed_first_party_connected_apps,
            ),
            (
                "allowed_third_party_connected_apps",
                &draft.allowed_third_party_connected_apps,
                &mut self.allowed_third_party_connected_apps,
            ),
        ];
        for (field, given, current) in lists {
            let Some(given) = given else { continue };
            if !are_entries(given) {
                return Err(OrganizationRefusal::InvalidConnectedApps(field));
            }
            current.clone_from(given);
        }
        Ok(())
    }

    /// Refuses settings that contradict themselves.
    pub(crate) fn check(&self) -> Result<(), OrganizationRefusal> {
        let never_open = [
            ("email_jit_provisioning", self.email_jit_provisioning),
            (
                "oauth_tenant_jit_provisioning",
                self.oauth_tenant_jit_provisioning,
            ),
        ];
        if let Some((field, _)) = never_open
            .iter()
            .find(|(_, door)| *door == Door::AllAllowed)
        {
            return Err(OrganizationRefusal::InvalidDoor(field));
        }
        self.check_lists()?;
        let closed = [
            self.sso_jit_provisioning,
            self.email_jit_provisioning,
            self.email_invites,
        ];
        if closed.iter().all(|door| *door == Door::NotAllowed) {
            Err(OrganizationRefusal::AllDoorsClosed)
        } else {
            Ok(())
        }
    }

    fn check_lists(&self) -> Result<(), OrganizationRefusal> {
        let by_email = [self.email_jit_provisioning, self.email_invites];
        let restricted = [
            (
                self.auth_methods == Methods::Restricted,
                self.allowed_auth_methods.is_empty(),
                "allowed_auth_methods",
            ),
            (
                self.mfa_methods == Methods::Restricted,
                self.allowed_mfa_methods.is_empty(),
                "allowed_mfa_methods",
            ),
            (
                self.sso_jit_provisioning == Door::Restricted,
                self.sso_jit_provisioning_allowed_connections.is_empty(),
                "sso_jit_provisioning_allowed_connections",
            ),
            (
                by_email.contains(&Door::Restricted),
                self.email_allowed_domains.is_empty(),
                "email_allowed_domains",
            ),
            (
                self.oauth_tenant_jit_provisioning == Door::Restricted,
                self.allowed_oauth_tenants.is_empty(),
                "allowed_oauth_tenants",
            ),
        ];
        let missing = restricted
            .iter()
            .find(|(restricted, empty, _)| *restricted && *empty);
        match missing {
            Some((_, _, list)) => Err(OrganizationRefusal::EmptyList(list)),
            None => Ok(()),
        }
    }
}

fn once_each<T: Copy + PartialEq>(given: &[T]) -> Vec<T> {
    let mut kept = Vec::new();
    for entry in given {
        if !kept.contains(entry) {
            kept.push(*entry);
        }
    }
    kept
}

fn role_rules(
    given: &[EmailImplicitRoleAssignment],
) -> Result<Vec<EmailImplicitRoleAssignment>, OrganizationRefusal> {
    let list = DomainList::ImplicitRoles;
    if let Some(rule) = given.get(email_domain::MAX_DOMAINS) {
        let domain = rule.domain.clone();
        return Err(OrganizationRefusal::Domain(
            list,
            DomainFault::TooMany,
            domain,
        ));
    }
    let mut rules = Vec::with_capacity(given.len());
    for rule in given {
        if !rbac::is_role_id(&rule.role_id) {
            return Err(OrganizationRefusal::InvalidRoleId(rule.role_id.clone()));
        }
        let domain = email_domain::own(list, &rule.domain)?;
        let role_id = rule.role_id.clone();
        let rule = EmailImplicitRoleAssignment { domain, role_id };
        if rules.contains(&rule) {
            let (fault, domain) = (DomainFault::Duplicate, rule.domain);
            return Err(OrganizationRefusal::Domain(list, fault, domain));
        }
        rules.push(rule);
    }
    Ok(rules)
}

fn check_tenants(tenants: &OauthTenants) -> Result<(), OrganizationRefusal> {
    let by_provider = tenants.by_provider();
    let broken = by_provider.iter().find(|(_, list)| !are_entries(list));
    match broken {
        Some((provider, _)) => Err(OrganizationRefusal::InvalidOauthTenants(provider)),
        None => Ok(()),
    }
}

fn are_entries(list: &[String]) -> bool {
    let is_entry = |entry: &String| (1..=MAX_ENTRY_LENGTH).contains(&entry.chars().count());
    list.len() <= MAX_ENTRIES && list.iter().all(is_entry)
}

#[cfg(test)]
mod tests;
