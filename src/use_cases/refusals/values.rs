//! What an organization's rules want and what they saw, where that is known and no secret.

use crate::domain::authentication_settings::AuthenticationSettings;
use crate::domain::email::EmailAddress;
use crate::domain::id::ConnectionId;
use crate::domain::oauth_provider::OauthProvider;
use crate::domain::policy;
use crate::domain::policy::Refusal;

/// More names than these are counted and not told.
const SHOWN: usize = 10;

/// Where and as whom somebody was refused.
pub(super) struct Seen<'s> {
    pub(super) connection: Option<ConnectionId>,
    pub(super) provider: Option<OauthProvider>,
    pub(super) email: Option<&'s EmailAddress>,
}

/// The value that would have been right, and the one that was there.
pub(super) fn of_policy(
    settings: &AuthenticationSettings,
    seen: &Seen<'_>,
    refusal: Refusal,
) -> (Option<String>, Option<String>) {
    let domain = seen.email.map(EmailAddress::domain);
    let address = seen.email.map(ToString::to_string);
    let not_allowed = |setting: &str| {
        (
            Some(format!("{setting}: RESTRICTED or ALL_ALLOWED")),
            Some(format!("{setting}: NOT_ALLOWED")),
        )
    };
    match refusal {
        Refusal::JitNotAllowed => not_allowed("sso_jit_provisioning"),
        Refusal::OauthTenantJitNotAllowed => (
            Some("oauth_tenant_jit_provisioning: RESTRICTED".to_owned()),
            Some("oauth_tenant_jit_provisioning: NOT_ALLOWED".to_owned()),
        ),
        Refusal::EmailJitNotAllowed => (
            Some("email_jit_provisioning: RESTRICTED".to_owned()),
            Some("email_jit_provisioning: NOT_ALLOWED".to_owned()),
        ),
        Refusal::ConnectionNotAllowedForJit => {
            let listed = settings.sso_jit_provisioning_allowed_connections.iter();
            let listed = listed.map(ToString::to_string).collect();
            let connection = seen.connection.map(|it| it.to_string());
            (Some(one_of("connections", listed)), connection)
        }
        Refusal::EmailNotAllowedForJit => {
            let listed = settings.email_allowed_domains.clone();
            (Some(one_of("domains", listed)), domain)
        }
        Refusal::MethodNotAllowed => {
            let allowed = policy::methods(settings).into_iter();
            let allowed = allowed.map(|method| method.name().to_owned()).collect();
            let used = match seen.provider {
                Some(provider) => provider.method().name(),
                None => "sso",
            };
            (Some(one_of("methods", allowed)), Some(used.to_owned()))
        }
        Refusal::OauthTenantNotAllowedForJit => {
            let wanted = "a tenant of allowed_oauth_tenants";
            (Some(wanted.to_owned()), None)
        }
        Refusal::RemovedByDirectory => told("active in the directory", "inactive in the directory"),
        Refusal::MemberDeleted => told("a member", "a member that was deleted"),
        Refusal::EmailTaken => (Some("an address of no other member".to_owned()), address),
        Refusal::EmailRetired => {
            let wanted = "an address that no other member has given up";
            (Some(wanted.to_owned()), address)
        }
        Refusal::DomainClaimed => {
            let wanted = "a domain that no other organization claims";
            (Some(wanted.to_owned()), domain)
        }
    }
}

fn told(wanted: &str, seen: &str) -> (Option<String>, Option<String>) {
    (Some(wanted.to_owned()), Some(seen.to_owned()))
}

fn one_of(what: &str, all: Vec<String>) -> String {
    if all.is_empty() {
        return format!("one of the {what} that are allowed, and none is");
    }
    let more = all.len().saturating_sub(SHOWN);
    let shown: Vec<String> = all.into_iter().take(SHOWN).collect();
    let list = shown.join(", ");
    if more == 0 {
        format!("one of {list}")
    } else {
        format!("one of {list} and {more} more")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_tells_what_is_allowed_and_what_came() {
        let email = EmailAddress::parse("ana@globex.test").unwrap();
        let settings = AuthenticationSettings {
            email_allowed_domains: vec!["acme.test".to_owned(), "acme.example".to_owned()],
            ..AuthenticationSettings::default()
        };
        let seen = Seen {
            connection: None,
            provider: None,
            email: Some(&email),
        };
        for (refusal, expected, received) in [
            (
                Refusal::EmailNotAllowedForJit,
                "one of acme.test, acme.example",
                "globex.test",
            ),
            (
                Refusal::JitNotAllowed,
                "sso_jit_provisioning: RESTRICTED or ALL_ALLOWED",
                "sso_jit_provisioning: NOT_ALLOWED",
            ),
            (
                Refusal::EmailTaken,
                "an address of no other member",
                "ana@globex.test",
            ),
        ] {
            let told = of_policy(&settings, &seen, refusal);
            let expected = (Some(expected.to_owned()), Some(received.to_owned()));
            assert_eq!(told, expected, "{refusal:?}");
        }
        let many: Vec<String> = (0..12).map(|turn| turn.to_string()).collect();
        assert!(one_of("domains", many).ends_with("9 and 2 more"));
        assert!(one_of("domains", Vec::new()).ends_with("none is"));
    }
}
