//! A mail as it is sent: a template filled with the values of one occasion.

use serde::Deserialize;
use serde::Serialize;
use url::Url;

use crate::domain::default_mails;
use crate::domain::default_mails::Known;
use crate::domain::email::EmailAddress;
use crate::domain::html_text;
use crate::domain::mail_template::MailKind;
use crate::domain::mail_template::MailTemplate;
use crate::domain::organization::Organization;
use crate::domain::placeholder;
use crate::domain::placeholder::Piece;

const MAX_SUBJECT: usize = 200;
const MINUTES_OF_A_DAY: i64 = 24 * 60;

/// A mail that is ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// Whom it goes to.
    pub to: String,
    /// The subject line.
    pub subject: String,
    /// The page.
    pub html: String,
    /// The same for readers without pages.
    pub text: String,
}

/// What a mail is about.
#[derive(Clone, Copy, Debug)]
pub struct Occasion<'a> {
    /// Its kind.
    pub kind: MailKind,
    /// Whom it goes to.
    pub to: &'a EmailAddress,
    /// Whose mail it is, if it is one organization's.
    pub organization: Option<&'a Organization>,
    /// The reader's name; may be empty.
    pub member_name: &'a str,
    /// The link or the code, whichever the kind is for.
    pub secret: &'a str,
    /// A link that signs in without what the mail is for.
    pub login_link: Option<&'a str>,
    /// For how many minutes that is good.
    pub minutes: i64,
}

impl Occasion<'_> {
    /// The letter by this template; by the default one where the template mentions what this
    /// occasion does not know.
    pub fn letter(&self, declared: Option<&MailTemplate>) -> Letter {
        declared
            .and_then(|template| self.fill(template))
            .or_else(|| self.fill(&self.default_template()))
            .unwrap_or_else(|| self.bare())
    }

    fn default_template(&self) -> MailTemplate {
        let known = Known {
            organization: self.organization.is_some(),
            logo: !self.logo_url().is_empty(),
            name: !self.member_name.trim().is_empty(),
            login_link: self.login_link.is_some(),
        };
        default_mails::template(self.kind, known)
    }

    fn fill(&self, template: &MailTemplate) -> Option<Letter> {
        let subject = self.filled(&template.subject, str::to_owned)?;
        Some(Letter {
            to: self.to.deliverable(),
            subject: one_line(&subject).chars().take(MAX_SUBJECT).collect(),
            html: self.filled(&template.html, html_text::escape)?,
            text: self.filled(&template.text, str::to_owned)?,
        })
    }

    /// What is left where no template can be used: the link or code itself.
    fn bare(&self) -> Letter {
        Letter {
            to: self.to.deliverable(),
            subject: "Sign in".to_owned(),
            html: html_text::escape(self.secret),
            text: self.secret.to_owned(),
        }
    }

    fn filled(&self, template: &str, write: fn(&str) -> String) -> Option<String> {
        let mut text = String::with_capacity(template.len());
        for piece in placeholder::pieces(template).ok()? {
            match piece {
                Piece::Text(piece) => text.push_str(piece),
                Piece::Placeholder(name) => text.push_str(&write(&one_line(&self.value(name)?))),
            }
        }
        Some(text)
    }

    fn value(&self, name: &str) -> Option<String> {
        let organization = self.organization;
        match name {
            _ if name == self.kind.required => Some(self.secret.to_owned()),
            "login_link" => self.login_link.map(str::to_owned),
            "minutes" => Some(self.minutes.to_string()),
            "time" => Some(in_words(self.minutes)),
            "email_address" => Some(self.to.to_string()),
            "member_name" => Some(self.member_name.to_owned()),
            "organization_name" => organization.map(|it| it.name.clone()),
            "organization_logo_url" => organization.map(|_| self.logo_url()),
            _ => None,
        }
    }

    /// The logo, if it may be shown: what is fetched in clear tells others who reads the mail.
    fn logo_url(&self) -> String {
        let url = self.organization.map(|it| it.logo_url.as_str());
        let secure = url.filter(|url| Url::parse(url).is_ok_and(|url| url.scheme() == "https"));
        secure.unwrap_or_default().to_owned()
    }
}

/// A value on one line, without what turns or hides the text around it.
fn one_line(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    text.chars()
        .filter(|c| !turns(*c))
        .map(|c| if breaks(c) { ' ' } else { c })
        .collect()
}

fn in_words(minutes: i64) -> String {
    let (count, unit) = if minutes >= MINUTES_OF_A_DAY && minutes % MINUTES_OF_A_DAY == 0 {
        (minutes / MINUTES_OF_A_DAY, "day")
    } else if minutes >= 60 && minutes % 60 == 0 {
        (minutes / 60, "hour")
    } else {
        (minutes, "minute")
    };
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{ending}")
}

#[cfg(test)]
mod tests;
