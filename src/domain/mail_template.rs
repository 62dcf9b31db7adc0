//! What the mails of a project say: kept and checked, kind by kind.

use serde::Deserialize;
use serde::Serialize;

use crate::domain::placeholder;

/// One mail, with `{{ placeholders }}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MailTemplate {
    /// The subject line.
    pub subject: String,
    /// The page.
    pub html: String,
    /// The same for readers without pages.
    pub text: String,
}

/// A kind of mail: what it may mention, and what it must.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MailKind {
    /// Its name in the project file.
    pub name: &'static str,
    /// What a template may mention.
    pub placeholders: &'static [&'static str],
    /// What both bodies must mention, or the mail would be of no use.
    pub required: &'static str,
}

const LINK: &[&str] = &[
    "link",
    "minutes",
    "email_address",
    "member_name",
    "organization_name",
    "organization_logo_url",
];
const RESET_LINK: &[&str] = &[
    "link",
    "login_link",
    "minutes",
    "email_address",
    "member_name",
    "organization_name",
    "organization_logo_url",
];
const DISCOVERY_LINK: &[&str] = &["link", "minutes", "email_address"];
const CODE: &[&str] = &[
    "code",
    "minutes",
    "email_address",
    "member_name",
    "organization_name",
    "organization_logo_url",
];

const fn kind(name: &'static str, placeholders: &'static [&'static str]) -> MailKind {
    MailKind {
        name,
        placeholders,
        required: "link",
    }
}

/// Lets a member sign in by a link.
pub const LOGIN: MailKind = kind("login", LINK);
/// Lets somebody who was never here sign in by a link.
pub const SIGNUP: MailKind = kind("signup", LINK);
/// Asks somebody in.
pub const INVITE: MailKind = kind("invite", LINK);
/// Lets somebody find their organizations by a link.
pub const DISCOVERY: MailKind = kind("discovery", DISCOVERY_LINK);
/// Lets somebody set a new password by a link.
pub const RESET_PASSWORD: MailKind = kind("reset_password", RESET_LINK);
/// Proves a new address by a link.
pub const EMAIL_UPDATE: MailKind = kind("email_update", LINK);
/// Holds a code to type in.
pub const ONE_TIME_PASSCODE: MailKind = MailKind {
    name: "one_time_passcode",
    placeholders: CODE,
    required: "code",
};

/// Every kind of mail.
pub const MAIL_KINDS: [MailKind; 7] = [
    LOGIN,
    SIGNUP,
    INVITE,
    DISCOVERY,
    RESET_PASSWORD,
    EMAIL_UPDATE,
    ONE_TIME_PASSCODE,
];

const MAX_SUBJECT: usize = 200;
const MAX_BODY: usize = 64 * 1024;

/// The kind of mail with this name.
pub fn kind_of(name: &str) -> Option<MailKind> {
    MAIL_KINDS.into_iter().find(|kind| kind.name == name)
}

impl MailTemplate {
    /// Everything that is wrong with it: which field, and what would be right.
    pub fn refusals(&self, kind: MailKind) -> Vec<(&'static str, String)> {
        let subject = &self.subject;
        let mut found = Vec::new();
        if subject.trim().is_empty() || subject.chars().count() > MAX_SUBJECT {
            found.push((
                "subject",
                format!("must be 1 to {MAX_SUBJECT} characters long"),
            ));
        }
        if subject.chars().any(char::is_control) {
            found.push((
                "subject",
                "must be one line without control characters".to_owned(),
            ));
        }
        for (field, template) in [
            ("subject", subject),
            ("html", &self.html),
            ("text", &self.text),
        ] {
            if template.len() > MAX_BODY {
                found.push((field, format!("is over {MAX_BODY} bytes long")));
            }
            found.extend(named(kind, field, template).map(|reason| (field, reason)));
        }
        found
    }
}

fn named(kind: MailKind, field: &str, template: &str) -> Option<String> {
    let names = match placeholder::names(template) {
        Ok(names) => names,
        Err(malformed) => return Some(malformed.to_string()),
    };
    if let Some(unknown) = names.iter().find(|name| !kind.placeholders.contains(name)) {
        let known = kind.placeholders.join(", ");
        return Some(format!("names {{{{ {unknown} }}}}; known are {known}"));
    }
    let required = kind.required;
    let lacks = field != "subject" && !names.contains(&required);
    lacks.then(|| format!("must mention {{{{ {required} }}}}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(name: &str, change: impl Fn(&mut MailTemplate)) -> Vec<(&'static str, String)> {
        let mut template = MailTemplate {
            subject: "Join {{ organization_name }}".to_owned(),
            html: "<a href=\"{{ link }}\">Join</a>".to_owned(),
            text: "Join: {{link}}".to_owned(),
        };
        change(&mut template);
        template.refusals(kind_of(name).unwrap())
    }

    #[test]
    fn a_template_mentions_what_its_kind_has_and_what_it_is_for() {
        assert_eq!(refused("invite", |_| {}), []);
        let in_field = |name: &str, change: fn(&mut MailTemplate)| {
            let found = refused(name, change);
            found.into_iter().map(|it| it.0).collect::<Vec<_>>()
        };
        assert_eq!(in_field("invite", |it| it.html = "Hello".into()), ["html"]);
        assert_eq!(in_field("invite", |it| it.text = String::new()), ["text"]);
        assert_eq!(
            in_field("invite", |it| it.text.push_str("{{ code }}")),
            ["text"]
        );
        assert_eq!(
            in_field("invite", |it| it.text.push_str("{{ link")),
            ["text"]
        );
        assert_eq!(
            in_field("invite", |it| it.subject = String::new()),
            ["subject"]
        );
        assert_eq!(
            in_field("invite", |it| it.subject = "a\nBcc: b".into()),
            ["subject"]
        );
        assert_eq!(in_field("discovery", |_| {}), ["subject"]);
        assert_eq!(in_field("one_time_passcode", |_| {}), ["html", "text"]);
        assert_eq!(kind_of("newsletter"), None);
    }
}
