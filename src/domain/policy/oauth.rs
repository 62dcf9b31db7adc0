//! May somebody join whom an OAuth provider knows? By the address if the provider proves it, else
//! by the tenant there (contract 3.1, 4.1).

use crate::domain::authentication_settings::AuthenticationSettings;
use crate::domain::authentication_settings::Door;
use crate::domain::oauth_identity::OauthIdentity;
use crate::domain::oauth_provider::OauthProvider;
use crate::domain::policy::Known;
use crate::domain::policy::Refusal;
use crate::domain::policy::admit_known;
use crate::domain::policy::may_join_by_email;

/// Whether somebody who is no live member may join; `known.member` is who had the address before.
pub fn may_join(
    settings: &AuthenticationSettings,
    identity: &OauthIdentity,
    known: Known<'_>,
) -> Result<(), Refusal> {
    if identity.address_proven {
        return may_join_by_email(settings, &identity.email_address, known);
    }
    if let Some(member) = known.member {
        admit_known(member)?;
    }
    if known.email_retired_by_other {
        return Err(Refusal::EmailRetired);
    }
    match settings.oauth_tenant_jit_provisioning {
        Door::NotAllowed => Err(Refusal::OauthTenantJitNotAllowed),
        Door::Restricted | Door::AllAllowed
            if !admits(settings, identity.provider, &identity.tenants) =>
        {
            Err(Refusal::OauthTenantNotAllowedForJit)
        }
        Door::Restricted | Door::AllAllowed if known.domain_claimed_elsewhere => {
            Err(Refusal::DomainClaimed)
        }
        Door::Restricted | Door::AllAllowed if known.inactive_in_directory => {
            Err(Refusal::RemovedByDirectory)
        }
        Door::Restricted | Door::AllAllowed => Ok(()),
    }
}

/// Whether the settings let people of one of these tenants join.
pub fn admits(
    settings: &AuthenticationSettings,
    provider: OauthProvider,
    tenants: &[String],
) -> bool {
    let by_provider = settings.allowed_oauth_tenants.by_provider();
    let mut allowed = by_provider
        .iter()
        .filter(|(name, _)| *name == provider.name())
        .flat_map(|(_, tenants)| tenants.iter());
    settings.oauth_tenant_jit_provisioning == Door::Restricted
        && allowed.any(|tenant| tenants.contains(tenant))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::authentication_settings::OauthTenants;
    use crate::domain::email::EmailAddress;

    fn identity(provider: OauthProvider, tenants: &[&str], address_proven: bool) -> OauthIdentity {
        OauthIdentity {
            provider,
            subject: "1".to_owned(),
            email_address: EmailAddress::parse("ana@acme.test").unwrap(),
            address_proven,
            tenants: tenants.iter().map(|it| (*it).to_owned()).collect(),
            name: String::new(),
            picture_url: String::new(),
            locale: String::new(),
        }
    }

    #[test]
    fn people_join_by_a_proven_address_or_by_their_tenant() {
        use OauthProvider::Github;
        use OauthProvider::Google;
        use OauthProvider::Slack;
        let closed = AuthenticationSettings::default();
        let tenants = AuthenticationSettings {
            oauth_tenant_jit_provisioning: Door::Restricted,
            allowed_oauth_tenants: OauthTenants {
                slack: vec!["T1".to_owned()],
                ..OauthTenants::default()
            },
            ..AuthenticationSettings::default()
        };
        let domain = AuthenticationSettings {
            email_jit_provisioning: Door::Restricted,
            email_allowed_domains: vec!["acme.test".to_owned()],
            ..AuthenticationSettings::default()
        };
        let not_allowed = Err(Refusal::OauthTenantJitNotAllowed);
        let other = Err(Refusal::OauthTenantNotAllowedForJit);
        let no_email = Err(Refusal::EmailJitNotAllowed);
        let table = [
            (&closed, identity(Slack, &["T1"], false), not_allowed),
            (&tenants, identity(Slack, &["T2", "T1"], false), Ok(())),
            (&tenants, identity(Slack, &["T2"], false), other),
            (&tenants, identity(Slack, &[], false), other),
            (&tenants, identity(Github, &["T1"], false), other),
            (&tenants, identity(Google, &["T1"], true), no_email),
            (&domain, identity(Google, &[], true), Ok(())),
            (&domain, identity(Google, &[], false), not_allowed),
            (&domain, identity(Slack, &["T1"], false), not_allowed),
        ];
        for (settings, identity, expected) in table {
            let decided = may_join(settings, &identity, Known::default());
            assert_eq!(decided, expected, "{identity:?}");
        }
        let claimed = Known {
            domain_claimed_elsewhere: true,
            ..Known::default()
        };
        let refused = may_join(&tenants, &identity(Slack, &["T1"], false), claimed);
        assert_eq!(refused, Err(Refusal::DomainClaimed));
    }
}
