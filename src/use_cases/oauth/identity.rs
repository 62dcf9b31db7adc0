//! How what a provider says becomes a person: the claims of its ID token, or the answers of its API.

use serde_json::Value;

use crate::domain::email::EmailAddress;
use crate::domain::email_domain;
use crate::domain::oauth_identity::OauthIdentity;
use crate::domain::oauth_provider::OauthProvider;
use crate::protocol::oidc::Claims;
use crate::protocol::oidc::Rejection;
use crate::protocol::oidc::entra;
use crate::use_cases::oauth::error::OauthRefusal;
use crate::use_cases::sign_in::error::SignInError;
use crate::use_cases::sign_in::saml_identity::shortened;

const GOOGLE_DOMAINS: [&str; 2] = ["gmail.com", "googlemail.com"];
const SLACK_TEAM: &str = "https://slack.com/team_id";

/// Reads a person from the claims of a verified ID token. Where a subject is only good within its
/// tenant, the two together are the subject.
pub fn of_claims(provider: OauthProvider, claims: &Claims) -> Result<OauthIdentity, SignInError> {
    let email = claims.email().ok_or(Rejection::EmailMissing)?;
    let (subject, tenant) = match provider {
        OauthProvider::Microsoft => {
            let object = claims.string("oid").ok_or(Rejection::ObjectIdMissing)?;
            let tenant = claims.string("tid").unwrap_or_default();
            (format!("{object}.{tenant}"), Some(tenant))
        }
        OauthProvider::Slack => {
            let team = claims
                .all()
                .get(SLACK_TEAM)
                .and_then(Value::as_str)
                .ok_or(OauthRefusal::Unreadable("workspace"))?;
            (format!("{}.{team}", claims.subject()), Some(team))
        }
        _ => (claims.subject().to_owned(), claims.string("hd")),
    };
    let email_address = EmailAddress::parse(email).ok_or(Rejection::EmailMissing)?;
    let address_proven = match provider {
        OauthProvider::Google => {
            claims.email_verified() == Some(true) && google_has_word_on(claims, &email_address)
        }
        // Whoever runs a tenant of Microsoft writes any address into a profile (nOAuth).
        OauthProvider::Microsoft => entra::owns_domain(claims),
        _ => false,
    };
    let text = |name: &str| claims.string(name).unwrap_or_default().to_owned();
    Ok(OauthIdentity {
        provider,
        subject,
        email_address,
        address_proven,
        tenants: tenant.map(str::to_owned).into_iter().collect(),
        name: shortened(&text("name")),
        picture_url: text("picture"),
        locale: text("locale"),
    })
}

/// Whether an address is Google's own or of the Workspace that the account belongs to. Any other was
/// proven once, when the account was made, and may be somebody else's by now.
fn google_has_word_on(claims: &Claims, address: &EmailAddress) -> bool {
    let domain = address.domain();
    let workspace = claims.string("hd").and_then(email_domain::normalised);
    GOOGLE_DOMAINS.contains(&domain.as_str()) || workspace == Some(domain)
}

/// Reads a person from GitHub's answers about the user, their addresses and their organizations.
pub fn of_github(
    user: &Value,
    emails: &Value,
    organizations: &Value,
) -> Result<OauthIdentity, SignInError> {
    let is_set = |entry: &&Value, name: &str| entry.get(name) == Some(&Value::Bool(true));
    let email = listed(emails)
        .find(|entry| is_set(entry, "primary") && is_set(entry, "verified"))
        .and_then(|entry| entry.get("email"))
        .and_then(Value::as_str)
        .and_then(EmailAddress::parse)
        .ok_or(Rejection::EmailMissing)?;
    Ok(OauthIdentity {
        provider: OauthProvider::Github,
        subject: id(user, "id").ok_or(OauthRefusal::Unreadable("id"))?,
        email_address: email,
        address_proven: false,
        tenants: listed(organizations)
            .filter_map(|entry| id(entry, "id"))
            .collect(),
        name: shortened(&text(user, "name")),
        picture_url: text(user, "avatar_url"),
        locale: String::new(),
    })
}

/// Reads a person from what HubSpot says about an access token.
pub fn of_hubspot(token: &Value) -> Result<OauthIdentity, SignInError> {
    let email = EmailAddress::parse(&text(token, "user")).ok_or(Rejection::EmailMissing)?;
    let hub = id(token, "hub_id").ok_or(OauthRefusal::Unreadable("hub_id"))?;
    Ok(OauthIdentity {
        provider: OauthProvider::Hubspot,
        subject: id(token, "user_id").ok_or(OauthRefusal::Unreadable("user_id"))?,
        email_address: email,
        address_proven: false,
        tenants: vec![hub],
        name: String::new(),
        picture_url: String::new(),
        locale: String::new(),
    })
}

fn listed(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value, name: &str) -> String {
    let text = value.get(name).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}

/// An id that is written as a number or as a text.
fn id(value: &Value, name: &str) -> Option<String> {
    match value.get(name)? {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn github_s_people_have_a_verified_primary_address_or_none() {
        let user = json!({ "id": 7, "login": "ana", "name": null, "avatar_url": "https://a.test" });
        let address = |email: &str, primary: bool, verified: bool| json!({ "email": email, "primary": primary, "verified": verified });
        let emails = json!([
            address("old@acme.test", false, true),
            address("ana@acme.test", true, true),
        ]);
        let found = of_github(&user, &emails, &json!([{ "id": 1 }, { "id": 2 }])).unwrap();
        assert_eq!(found.email_address.as_str(), "ana@acme.test");
        assert_eq!((found.subject.as_str(), found.name.as_str()), ("7", ""));
        assert_eq!(found.tenants, ["1", "2"]);
        assert!(!found.address_proven);
        let missing = Err(SignInError::Oidc(Rejection::EmailMissing));
        for emails in [
            json!([address("ana@acme.test", true, false)]),
            json!([address("ana@acme.test", false, true)]),
            json!({ "message": "Not Found" }),
        ] {
            assert_eq!(of_github(&user, &emails, &json!([])), missing);
        }
        let nobody = of_github(&json!({}), &emails, &json!([]));
        assert_eq!(nobody, Err(OauthRefusal::Unreadable("id").into()));
    }

    #[test]
    fn hubspot_s_people_belong_to_their_hub() {
        let token = json!({ "user": "ana@acme.test", "user_id": 12, "hub_id": 99 });
        let found = of_hubspot(&token).unwrap();
        assert_eq!(
            (found.subject.as_str(), found.tenants),
            ("12", vec!["99".to_owned()])
        );
        assert!(of_hubspot(&json!({ "user": "ana@acme.test", "user_id": 12 })).is_err());
    }
}
