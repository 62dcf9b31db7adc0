//! Microsoft Entra ID: whose tenant an issuer is, and how its tokens name people.
//!
//! Entra signs for all tenants with the same keys and lets people write any address into a
//! profile, so a connection is pinned to one tenant, and people are known by `oid` within it.

use serde_json::Value;
use url::Url;

use crate::protocol::oidc::claims::Claims;
use crate::protocol::oidc::error::Rejection;
use crate::protocol::oidc::signed_jwt::SignedJwt;

const HOSTS: [&str; 5] = [
    "login.microsoftonline.com",
    "sts.windows.net",
    "login.microsoftonline.us",
    "login.partner.microsoftonline.cn",
    "login.chinacloudapi.cn",
];
/// The tenant of everybody's private Microsoft account.
const PRIVATE_ACCOUNTS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// Whether a connection says that its provider is Entra, by the name it is kept or given by.
pub fn is_named(identity_provider: &str) -> bool {
    ["microsoft-entra", "microsoftentra"].contains(&identity_provider)
}

/// The tenant that a connection is pinned to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant(String);

/// An issuer of Entra that is not the one of a single company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedIssuer(pub String);

impl Tenant {
    /// The tenant of an issuer, if it is one of Entra: by its host, or because the connection says
    /// so, as for hosts of a company's own.
    ///
    /// # Errors
    /// The issuer speaks for more than one tenant.
    pub fn of(issuer: &str, is_entra: bool) -> Result<Option<Self>, SharedIssuer> {
        let Ok(url) = Url::parse(issuer) else {
            return Ok(None);
        };
        if !is_entra && !url.host_str().is_some_and(|host| HOSTS.contains(&host)) {
            return Ok(None);
        }
        let named = url.path_segments().and_then(|mut path| path.next());
        let named = named.unwrap_or_default();
        if is_uuid(named) && named != PRIVATE_ACCOUNTS {
            Ok(Some(Self(named.to_ascii_lowercase())))
        } else {
            Err(SharedIssuer(named.to_owned()))
        }
    }

    /// The person's id in this tenant, which is the same for all applications.
    ///
    /// # Errors
    /// The token is of another tenant, or does not name the person by it.
    pub fn subject<'c>(&self, claims: &'c Claims) -> Result<&'c str, Rejection> {
        let received = claims.string("tid").unwrap_or_default();
        if !received.eq_ignore_ascii_case(&self.0) {
            return Err(Rejection::Tenant {
                expected: self.0.clone(),
                received: received.to_owned(),
            });
        }
        claims.string("oid").ok_or(Rejection::ObjectIdMissing)
    }
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.char_indices().all(|(place, letter)| match place {
            8 | 13 | 18 | 23 => letter == '-',
            _ => letter.is_ascii_hexdigit(),
        })
}

/// The issuer of a token that is not verified yet, where an application lets people of any tenant
/// in: `{tenantid}` stands for the tenant that the token says it is of.
///
/// # Errors
/// The token cannot be read, or names no tenant.
pub fn issuer_of(raw: &str, template: &str) -> Result<String, Rejection> {
    let token = SignedJwt::read(raw).map_err(|fault| Rejection::IdTokenMalformed {
        reason: fault.to_string(),
    })?;
    let tenant = token.text("tid");
    if is_uuid(tenant) {
        Ok(template.replace("{tenantid}", tenant))
    } else {
        Err(Rejection::Tenant {
            expected: "the id of any tenant".to_owned(),
            received: tenant.to_owned(),
        })
    }
}

/// Whether the provider left the groups out and says that they are elsewhere: Entra does so above
/// 200 groups (OpenID Connect Core 1.0 §5.6.2, distributed claims).
pub fn groups_left_out(claims: &Claims, groups: &str) -> bool {
    let all = claims.all();
    let elsewhere = all.get("_claim_names").and_then(|names| names.get(groups));
    let has_groups = all.get("hasgroups").is_some_and(|value| match value {
        Value::Bool(says) => *says,
        Value::String(text) => text == "true",
        _ => false,
    });
    claims.value(groups).is_none() && (elsewhere.is_some() || has_groups)
}

/// Entra's own claim `xms_edov`: whether the tenant owns the domain of the address.
pub fn owns_domain(claims: &Claims) -> bool {
    match claims.all().get("xms_edov") {
        Some(Value::Bool(owned)) => *owned,
        Some(Value::Number(number)) => number.as_u64() == Some(1),
        Some(Value::String(text)) => text == "1" || text.eq_ignore_ascii_case("true"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use serde_json::json;

    use super::*;

    const ACME: &str = "7f0c3a2e-1b5d-4c6f-8a9b-0c1d2e3f4a5b";

    fn claims(all: Value) -> Claims {
        Claims {
            issuer: format!("https://login.microsoftonline.com/{ACME}/v2.0"),
            subject: "pairwise".to_owned(),
            issued_at: DateTime::UNIX_EPOCH,
            expires_at: DateTime::UNIX_EPOCH,
            all: all.as_object().cloned().unwrap(),
        }
    }

    #[test]
    fn an_issuer_of_entra_is_pinned_to_one_tenant() {
        let shared = |name: &str| Err(SharedIssuer(name.to_owned()));
        let acme = || Ok(Some(Tenant(ACME.to_owned())));
        let entra = "https://login.microsoftonline.com";
        let table = [
            (format!("{entra}/{ACME}/v2.0"), false, acme()),
            (
                format!("{entra}/{}/v2.0", ACME.to_uppercase()),
                false,
                acme(),
            ),
            (format!("https://sts.windows.net/{ACME}/"), false, acme()),
            (
                format!("https://acme.ciamlogin.com/{ACME}/v2.0"),
                true,
                acme(),
            ),
            (format!("{entra}/common/v2.0"), false, shared("common")),
            (
                format!("{entra}/organizations/v2.0"),
                false,
                shared("organizations"),
            ),
            (
                format!("{entra}/consumers/v2.0"),
                false,
                shared("consumers"),
            ),
            (
                format!("{entra}/{PRIVATE_ACCOUNTS}/v2.0"),
                false,
                shared(PRIVATE_ACCOUNTS),
            ),
            (
                format!("{entra}/acme.onmicrosoft.com/v2.0"),
                false,
                shared("acme.onmicrosoft.com"),
            ),
            (entra.to_owned(), false, shared("")),
            ("https://idp.example/common".to_owned(), false, Ok(None)),
            (
                "https://idp.example/common".to_owned(),
                true,
                shared("common"),
            ),
            ("no URL".to_owned(), true, Ok(None)),
        ];
        for (issuer, is_entra, expected) in table {
            assert_eq!(Tenant::of(&issuer, is_entra), expected, "{issuer}");
        }
    }

    #[test]
    fn a_person_is_known_by_the_object_id_of_the_right_tenant() {
        let tenant = Tenant(ACME.to_owned());
        let other = ACME.replace('7', "8");
        let table = [
            (json!({ "tid": ACME, "oid": "o" }), Ok("o")),
            (json!({ "tid": ACME.to_uppercase(), "oid": "o" }), Ok("o")),
            (json!({ "tid": other, "oid": "o" }), Err("tenant")),
            (json!({ "oid": "o" }), Err("tenant")),
            (json!({ "tid": ACME }), Err("object_id_missing")),
        ];
        for (all, expected) in table {
            let claims = claims(all.clone());
            let subject = tenant.subject(&claims);
            assert_eq!(subject.map_err(|it| it.code()), expected, "{all}");
        }
    }

    #[test]
    fn groups_that_are_elsewhere_are_noticed() {
        let sources = json!({ "groups": "src1" });
        let table = [
            (json!({ "_claim_names": sources }), true),
            (json!({ "hasgroups": true }), true),
            (json!({ "hasgroups": "true" }), true),
            (json!({ "hasgroups": false }), false),
            (json!({ "_claim_names": { "photo": "src1" } }), false),
            (json!({ "_claim_names": sources, "groups": ["a"] }), false),
            (json!({}), false),
        ];
        for (all, expected) in table {
            assert_eq!(
                groups_left_out(&claims(all.clone()), "groups"),
                expected,
                "{all}"
            );
        }
    }
}
