//! How mail leaves: the SMTP server and the sender.

use std::fmt;

use url::Url;

use crate::config::reader::Reader;

const SMTP: &str = "smtp://HOST:PORT or smtps://USER:PASSWORD@HOST:PORT";
const AUTHORITIES: &str = "certificates in PEM";
const SENDER: &str = "an e-mail address";

/// How mail leaves; without an SMTP server it stays in the outbox.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct MailSettings {
    /// `smtp://` or `smtps://`, possibly with a password.
    pub smtp_url: Option<String>,
    /// Certificates, in PEM, whose word the SMTP server may be believed on.
    pub smtp_ca: Option<String>,
    /// The sender's address.
    pub from: Option<String>,
}

impl fmt::Debug for MailSettings {
    /// The URL may hold a password, so it is not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MailSettings(from {:?})", self.from)
    }
}

impl MailSettings {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let smtp_url = reader.parse_secret("smtp_url", SMTP, smtp);
        let smtp_ca = reader.parse_secret("smtp_ca", AUTHORITIES, authorities);
        let from = reader.parse("mail_from", SENDER, sender);
        if smtp_url.is_some() && from.is_none() && !reader.is_given("mail_from") {
            let expected = format!("given with smtp_url, as {SENDER}");
            reader.refuse("mail_from", None, &expected);
        }
        Self {
            smtp_url,
            smtp_ca,
            from,
        }
    }

    /// The SMTP server and the sender, if mail leaves at all.
    pub fn outgoing(&self) -> Option<(&str, &str)> {
        self.smtp_url.as_deref().zip(self.from.as_deref())
    }
}

fn smtp(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let usable = matches!(url.scheme(), "smtp" | "smtps") && url.host_str().is_some();
    usable.then(|| text.to_owned())
}

fn authorities(text: &str) -> Option<String> {
    let is_any = text.contains("-----BEGIN CERTIFICATE-----");
    is_any.then(|| text.to_owned())
}

/// `ana@example.com` or `Acme <ana@example.com>`.
fn sender(text: &str) -> Option<String> {
    let address = match text.split_once('<') {
        Some((_, rest)) => rest.strip_suffix('>')?,
        None => text,
    };
    let (local, domain) = address.split_once('@')?;
    let plain = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_graphic() && !"<>@,;".contains(c))
    };
    (plain(local) && plain(domain)).then(|| text.to_owned())
}
