//! What a project declares about itself in one file: policy, redirect URLs, public tokens, mails and
//! sessions (contract 5.2).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::domain::claims_template;
use crate::domain::foreign_tokens::SessionMigration;
use crate::domain::foreign_tokens::TrustedTokenProfile;
use crate::domain::mail_template;
use crate::domain::mail_template::MAIL_KINDS;
use crate::domain::mail_template::MailTemplate;
use crate::domain::password::strength::PasswordSettings;
use crate::domain::project::REDIRECT_URL;
use crate::domain::project::RedirectUrls;
use crate::domain::project::is_redirect_url;
use crate::domain::rbac::PolicyDeclaration;
use crate::domain::session;

/// All that a project declares. What is not declared has its default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProjectSettings {
    /// Roles, resources and scopes.
    pub rbac: PolicyDeclaration,
    /// Where people may be sent back; if absent, the server's configuration says so.
    pub redirect_urls: Option<RedirectUrls>,
    /// Public tokens by name.
    pub public_tokens: BTreeMap<String, String>,
    /// Mails by kind.
    pub mail_templates: BTreeMap<String, MailTemplate>,
    /// Sessions.
    pub session: SessionSettings,
    /// Issuers whose tokens open sessions, by profile id.
    pub trusted_tokens: BTreeMap<String, TrustedTokenProfile>,
    /// Where sessions come from.
    pub session_migration: SessionMigration,
    /// Passwords.
    pub passwords: PasswordSettings,
    /// The hosted sign-in pages.
    pub sign_in_pages: SignInPagesSettings,
}

/// What a project says of its hosted sign-in pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SignInPagesSettings {
    /// Whether whoever proves an address there may create an organization.
    pub create_organizations: bool,
}

/// How sessions of a project are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SessionSettings {
    /// How long a session lasts when a login does not say; an hour if absent.
    pub duration_minutes: Option<i64>,
    /// Claims of every session JWT, with placeholders.
    pub jwt_claims: Map<String, Value>,
}

/// Something that cannot be taken: its key, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The key in the file.
    pub key: String,
    /// What is wrong and what would be right.
    pub reason: String,
}

const PUBLIC_TOKEN: &str = "public-token-test-";

impl ProjectSettings {
    /// Everything that is wrong with them.
    pub fn findings(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        let mut note = |key: String, reason: String| found.push(Finding { key, reason });
        for refusal in self.rbac.refusals() {
            note("rbac".to_owned(), refusal.to_string());
        }
        for (kind, urls) in self.redirect_urls.iter().flat_map(RedirectUrls::by_kind) {
            for url in urls.iter().filter(|url| !is_redirect_url(url)) {
                let reason = format!("{url:?} must be {REDIRECT_URL}");
                note(format!("redirect_urls.{kind}"), reason);
            }
        }
        for (name, token) in &self.public_tokens {
            if let Some(reason) = token_refusal(&self.public_tokens, (name, token)) {
                note(format!("public_tokens.{name}"), reason);
            }
        }
        for (name, template) in &self.mail_templates {
            let Some(kind) = mail_template::kind_of(name) else {
                let known = MAIL_KINDS.map(|kind| kind.name).join(", ");
                let reason = format!("is no kind of mail; known are {known}");
                note(format!("mail_templates.{name}"), reason);
                continue;
            };
            for (field, reason) in template.refusals(kind) {
                note(format!("mail_templates.{name}.{field}"), reason);
            }
        }
        for (name, profile) in &self.trusted_tokens {
            for (field, reason) in profile.refusals() {
                note(format!("trusted_tokens.{name}.{field}"), reason);
            }
        }
        for (field, reason) in self.session_migration.refusals() {
            note(format!("session_migration.{field}"), reason);
        }
        for (claim, reason) in claims_template::refusals(&self.session.jwt_claims) {
            note(format!("session.jwt_claims.{claim}"), reason);
        }
        if let Some(minutes) = self.session.duration_minutes
            && !session::is_duration(minutes)
        {
            let reason = format!("{minutes} must be 5 to 527040 minutes");
            note("session.duration_minutes".to_owned(), reason);
        }
        for (name, reason) in self.passwords.refusals() {
            note(format!("passwords.{name}"), reason);
        }
        found
    }

    /// The settings one by one: what each is called, and its value.
    fn items(&self) -> BTreeMap<String, Value> {
        let rbac = &self.rbac;
        let resources = rbac.resources.iter().map(|it| (&it.resource_id, json!(it)));
        let roles = rbac.roles.iter().map(|it| (&it.role_id, json!(it)));
        let scopes = rbac.scopes.iter().map(|it| (&it.scope, json!(it)));
        let urls = self.redirect_urls.iter().flat_map(RedirectUrls::by_kind);
        let urls = urls.map(|(kind, urls)| (format!("redirect_urls {kind}"), json!(urls)));
        let tokens = self
            .public_tokens
            .iter()
            .map(|(name, it)| (name, json!(it)));
        let mails = self
            .mail_templates
            .iter()
            .map(|(name, it)| (name, json!(it)));
        let claims = self.session.jwt_claims.iter();
        let claims = claims.map(|(name, it)| (name, it.clone()));
        let minutes = self.session.duration_minutes.iter();
        let minutes = minutes.map(|it| ("session duration_minutes".to_owned(), json!(it)));
        let issuers = self.trusted_tokens.iter();
        let issuers = issuers.map(|(name, it)| (name, json!(it)));
        let userinfo = self.session_migration.userinfo_url.iter();
        let userinfo = userinfo.map(|it| ("session_migration userinfo_url".to_owned(), json!(it)));
        let passwords = (self.passwords != PasswordSettings::default())
            .then(|| ("passwords".to_owned(), json!(self.passwords)));
        let pages = (self.sign_in_pages != SignInPagesSettings::default())
            .then(|| ("sign_in_pages".to_owned(), json!(self.sign_in_pages)));
        named("resource", resources)
            .chain(named("role", roles))
            .chain(named("scope", scopes))
            .chain(named("public_token", tokens))
            .chain(named("mail_template", mails))
            .chain(named("trusted_token", issuers))
            .chain(userinfo)
            .chain(named("session claim", claims))
            .chain(urls)
            .chain(minutes)
            .chain(passwords)
            .chain(pages)
            .collect()
    }
}

fn named<'a>(
    what: &'static str,
    items: impl Iterator<Item = (&'a String, Value)> + 'a,
) -> impl Iterator<Item = (String, Value)> + 'a {
    items.map(move |(name, value)| (format!("{what} {name}"), value))
}

fn token_refusal(all: &BTreeMap<String, String>, (name, token): (&str, &str)) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let is_token = token
        .strip_prefix(PUBLIC_TOKEN)
        .is_some_and(|rest| !rest.is_empty() && rest.chars().all(plain));
    let is_name = (1..=64).contains(&name.len()) && name.chars().all(plain);
    let twice = all
        .iter()
        .any(|(other, it)| it == token && other.as_str() < name);
    match (is_name, is_token, twice) {
        (false, ..) => Some("a name has 1 to 64 of letters, digits, - _".to_owned()),
        (_, false, _) => Some(format!("{token:?} must be {PUBLIC_TOKEN}<uuid>")),
        (_, _, true) => Some("is declared under another name already".to_owned()),
        (true, true, false) => None,
    }
}

/// What happens to a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each name says it")]
pub enum Effect {
    Added,
    Changed,
    Removed,
}

/// A setting that two states differ in.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SettingChange {
    /// What happens to it.
    pub effect: Effect,
    /// What it is called.
    pub setting: String,
    /// Its value before.
    pub before: Option<Value>,
    /// Its value after.
    pub after: Option<Value>,
}

/// What turns one state into another.
pub fn changes(before: &ProjectSettings, after: &ProjectSettings) -> Vec<SettingChange> {
    let (mut before, after) = (before.items(), after.items());
    let mut changes = Vec::new();
    for (setting, value) in after {
        let old = before.remove(&setting);
        let effect = match &old {
            None => Effect::Added,
            Some(old) if *old == value => continue,
            Some(_) => Effect::Changed,
        };
        let (before, after) = (old, Some(value));
        changes.push(SettingChange {
            effect,
            setting,
            before,
            after,
        });
    }
    let gone = before.into_iter().map(|(setting, value)| SettingChange {
        effect: Effect::Removed,
        setting,
        before: Some(value),
        after: None,
    });
    changes.extend(gone);
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(value: Value) -> ProjectSettings {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn states_differ_setting_by_setting() {
        use Effect::Added;
        use Effect::Changed;
        use Effect::Removed;
        let role = |action: &str| {
            json!({ "role_id": "editor",
            "permissions": [{ "resource_id": "documents", "actions": [action] }] })
        };
        let before = settings(json!({
            "rbac": { "roles": [role("read")] },
            "redirect_urls": { "login": ["https://app.test/in"] },
            "public_tokens": { "web": "public-token-test-1" },
        }));
        let after = settings(json!({
            "rbac": { "roles": [role("write")] },
            "public_tokens": { "web": "public-token-test-1", "phone": "public-token-test-2" },
            "session": { "duration_minutes": 30, "jwt_claims": { "plan": "pro" } },
        }));
        let told = |from: &ProjectSettings, to: &ProjectSettings| -> Vec<(Effect, String)> {
            let changes = changes(from, to).into_iter();
            changes
                .map(|change| (change.effect, change.setting))
                .collect()
        };
        let names = |list: &[(Effect, &str)]| -> Vec<(Effect, String)> {
            list.iter()
                .map(|(effect, name)| (*effect, (*name).to_owned()))
                .collect()
        };
        assert_eq!(
            told(&before, &after),
            names(&[
                (Added, "public_token phone"),
                (Changed, "role editor"),
                (Added, "session claim plan"),
                (Added, "session duration_minutes"),
                (Removed, "redirect_urls discovery"),
                (Removed, "redirect_urls invite"),
                (Removed, "redirect_urls login"),
                (Removed, "redirect_urls reset_password"),
                (Removed, "redirect_urls signup"),
            ])
        );
        assert!(told(&after, &after).is_empty());
        assert_eq!(told(&after, &before).len(), 9);
    }

    #[test]
    fn what_cannot_be_taken_is_named_by_its_key() {
        let keys = |value: Value| -> Vec<String> {
            settings(value)
                .findings()
                .into_iter()
                .map(|it| it.key)
                .collect()
        };
        assert!(keys(json!({})).is_empty());
        let cases = [
            (json!({ "rbac": { "roles": [{ "role_id": "x" }] } }), "rbac"),
            (
                json!({ "redirect_urls": { "invite": ["/in"] } }),
                "redirect_urls.invite",
            ),
            (
                json!({ "public_tokens": { "web": "x" } }),
                "public_tokens.web",
            ),
            (
                json!({ "public_tokens": { "a b": "public-token-test-1" } }),
                "public_tokens.a b",
            ),
            (
                json!({ "public_tokens": { "a": "public-token-test-1", "b": "public-token-test-1" } }),
                "public_tokens.b",
            ),
            (
                json!({ "mail_templates": { "newsletter": {} } }),
                "mail_templates.newsletter",
            ),
            (
                json!({ "mail_templates": { "invite":
                { "subject": "s", "html": "{{ link }}", "text": "t" } } }),
                "mail_templates.invite.text",
            ),
            (
                json!({ "session": { "duration_minutes": 4 } }),
                "session.duration_minutes",
            ),
            (
                json!({ "session": { "jwt_claims": { "sub": 1 } } }),
                "session.jwt_claims.sub",
            ),
            (
                json!({ "passwords": { "luds_minimum_length": 4 } }),
                "passwords.luds_minimum_length",
            ),
        ];
        for (value, key) in cases {
            assert_eq!(keys(value.clone()), [key], "{value}");
        }
    }
}
