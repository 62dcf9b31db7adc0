//! Hands letters to an SMTP server (RFC 5321), by TLS wherever a password or a link would travel.

use std::fmt;
use std::time::Duration;
use std::time::SystemTime;

use chrono::DateTime;
use chrono::Utc;
use lettre::AsyncSmtpTransport;
use lettre::AsyncTransport;
use lettre::Message;
use lettre::Tokio1Executor;
use lettre::message::Mailbox;
use lettre::message::MultiPart;
use lettre::message::header::HeaderName;
use lettre::message::header::HeaderValue;
use lettre::transport::smtp;
use lettre::transport::smtp::client::Certificate;
use lettre::transport::smtp::client::Tls;
use lettre::transport::smtp::client::TlsParameters;
use url::Host;
use url::Url;

use crate::domain::id::MailId;
use crate::domain::letter::Letter;

/// For how long one letter may take, whatever the server does.
const LONGEST: Duration = Duration::from_secs(30);
/// How much is kept of what a server says.
const MAX_REASON: usize = 200;
/// Replies to a server's own state or to our credentials: every letter would meet them, and an
/// operator can mend them. Other refusals (5xx) are about this letter.
const ABOUT_US: [&str; 8] = ["421", "500", "502", "503", "530", "534", "535", "538"];

/// Why a letter was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotSent {
    /// The server refused this letter for good.
    Refused(String),
    /// It may be taken another time.
    NotNow(String),
}

/// The settings of the SMTP server cannot be used, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnusableSettings(String);

impl fmt::Display for UnusableSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An SMTP server that takes our letters.
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Mailer {
    /// The server at a URL, who writes, and the certificates in PEM whose word the server is believed
    /// on besides those that browsers have.
    pub fn new(url: &str, from: &str, authorities: Option<&str>) -> Result<Self, UnusableSettings> {
        let unusable = |reason: String| UnusableSettings(reason);
        let url = Url::parse(url).map_err(|error| unusable(error.to_string()))?;
        let url = with_tls(url);
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.as_str())
            .map_err(|error| unusable(error.to_string()))?;
        if let Some(pem) = authorities {
            let tls = believing(&url, pem);
            builder = builder.tls(tls.map_err(|error| unusable(format!("smtp_ca: {error}")))?);
        }
        let from = from.parse::<Mailbox>();
        Ok(Self {
            transport: builder.timeout(Some(LONGEST)).build(),
            from: from.map_err(|error| unusable(format!("mail_from: {error}")))?,
        })
    }

    /// Hands a letter over. It has the same Message-ID however often that is tried.
    pub async fn send(
        &self,
        letter: &Letter,
        (id, written_at): (MailId, DateTime<Utc>),
    ) -> Result<(), NotSent> {
        let message = self.message(letter, (id, written_at))?;
        match tokio::time::timeout(LONGEST, self.transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(not_sent(&error)),
            Err(_) => Err(NotSent::NotNow("the server took too long".to_owned())),
        }
    }

    fn message(
        &self,
        letter: &Letter,
        (id, written_at): (MailId, DateTime<Utc>),
    ) -> Result<Message, NotSent> {
        let refused = |error: &dyn fmt::Display| NotSent::Refused(shortened(&error.to_string()));
        let to = letter.to.parse::<lettre::Address>();
        let to = Mailbox::new(None, to.map_err(|error| refused(&error))?);
        // RFC 3834: nobody's absence is to be told to us.
        let automatic = HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        );
        let bodies = MultiPart::alternative_plain_html(letter.text.clone(), letter.html.clone());
        Message::builder()
            .message_id(Some(format!("<{id}@{}>", self.from.email.domain())))
            .date(SystemTime::from(written_at))
            .from(self.from.clone())
            .to(to)
            .subject(letter.subject.clone())
            .raw_header(automatic)
            .multipart(bodies)
            .map_err(|error| refused(&error))
    }
}

/// Says how a plain `smtp` URL is made secure, unless it says so itself: STARTTLS, which a server
/// elsewhere that is given a password has to have. A server on this machine is spoken to as it is.
fn with_tls(mut url: Url) -> Url {
    let said = url.query_pairs().find(|(name, _)| name == "tls");
    let said = said.map(|(_, value)| value.into_owned());
    let wanted = match (url.scheme(), said.as_deref()) {
        ("smtps", _) | (_, Some("none")) => None,
        (_, Some(said)) => Some(said.to_owned()),
        (_, None) if is_here(&url) => None,
        (_, None) if url.password().is_some() => Some("required".to_owned()),
        (_, None) => Some("opportunistic".to_owned()),
    };
    url.set_query(None);
    if let Some(wanted) = wanted {
        url.query_pairs_mut().append_pair("tls", &wanted);
    }
    url
}

/// The TLS that a URL wants, with these authorities.
fn believing(url: &Url, pem: &str) -> Result<Tls, smtp::Error> {
    let host = url.host_str().unwrap_or_default().to_owned();
    let authorities = Certificate::from_pem(pem.as_bytes())?;
    let parameters = TlsParameters::builder(host).add_root_certificate(authorities);
    let said = url.query_pairs().find(|(name, _)| name == "tls");
    Ok(
        match (url.scheme(), said.as_ref().map(|(_, said)| &**said)) {
            ("smtps", _) => Tls::Wrapper(parameters.build()?),
            (_, Some("required")) => Tls::Required(parameters.build()?),
            (_, Some(_)) => Tls::Opportunistic(parameters.build()?),
            (_, None) => Tls::None,
        },
    )
}

fn is_here(url: &Url) -> bool {
    // The scheme is not one whose hosts the URL standard reads as addresses.
    let host = url.host_str().and_then(|host| Host::parse(host).ok());
    match host {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn not_sent(error: &smtp::Error) -> NotSent {
    let reason = shortened(&error.to_string());
    let about_us = error
        .status()
        .is_some_and(|code| ABOUT_US.contains(&code.to_string().as_str()));
    if error.is_permanent() && !about_us {
        NotSent::Refused(reason)
    } else {
        NotSent::NotNow(reason)
    }
}

fn shortened(reason: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    reason.chars().map(plain).take(MAX_REASON).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_and_links_travel_in_clear_on_this_machine_alone() {
        for (given, used) in [
            ("smtps://u:p@mail.test", "smtps://u:p@mail.test"),
            (
                "smtp://mail.test:25",
                "smtp://mail.test:25?tls=opportunistic",
            ),
            ("smtp://u:p@mail.test", "smtp://u:p@mail.test?tls=required"),
            ("smtp://u:p@mail.test?tls=none", "smtp://u:p@mail.test"),
            (
                "smtp://mail.test?tls=required",
                "smtp://mail.test?tls=required",
            ),
            ("smtp://u:p@127.0.0.1:1025", "smtp://u:p@127.0.0.1:1025"),
            ("smtp://[::1]:1025", "smtp://[::1]:1025"),
            ("smtp://localhost", "smtp://localhost"),
            (
                "smtp://127.0.0.1.mail.test",
                "smtp://127.0.0.1.mail.test?tls=opportunistic",
            ),
        ] {
            let url = with_tls(Url::parse(given).unwrap());
            assert_eq!(url.as_str(), used, "{given}");
        }
    }

    #[test]
    fn settings_that_cannot_be_used_say_why() {
        assert!(Mailer::new("smtp://mail.test?tls=some", "a@acme.test", None).is_err());
        assert!(Mailer::new("smtp://mail.test", "nobody", None).is_err());
        let ours = "Acme <a@acme.test>";
        assert!(Mailer::new("smtp://mail.test", ours, None).is_ok());
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----";
        assert!(Mailer::new("smtp://mail.test", ours, Some(broken)).is_err());
    }

    #[test]
    fn a_message_has_two_bodies_one_id_and_no_header_but_ours() {
        let mailer = Mailer::new("smtp://127.0.0.1:1", "Acme <login@acme.test>", None).unwrap();
        let letter = Letter {
            to: "ana@acme.test".to_owned(),
            subject: "Grüße\r\nBcc: eve@acme.test".to_owned(),
            html: "<p>€</p>".to_owned(),
            text: "€\n.\n".to_owned(),
        };
        let (id, then) = (MailId::fresh(), DateTime::UNIX_EPOCH);
        let message = mailer.message(&letter, (id, then)).unwrap();
        let text = String::from_utf8(message.formatted()).unwrap();
        assert!(
            text.contains(&format!("Message-ID: <{id}@acme.test>\r\n")),
            "{text}"
        );
        assert!(text.contains("Date: Thu, 01 Jan 1970 00:00:00"), "{text}");
        assert!(
            text.contains("Content-Type: multipart/alternative"),
            "{text}"
        );
        assert!(
            text.contains("Auto-Submitted: auto-generated\r\n"),
            "{text}"
        );
        assert!(!text.contains("\nBcc:"), "{text}");
        let bad = Letter {
            to: "ana@acme.test>\r\nRCPT TO:<eve@acme.test".to_owned(),
            ..letter
        };
        assert!(mailer.message(&bad, (id, then)).is_err());
    }
}
