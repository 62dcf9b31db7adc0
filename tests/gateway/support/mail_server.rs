//! An SMTP server of others (aiosmtpd), and what it took.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;
use vestibule::outbound::smtp::Mailer;

use crate::support::TestGateway;
use crate::support::peers::Peer;

/// Who writes.
pub const FROM: &str = "Acme Sign-in <login@acme.test>";

/// An SMTP server and what it took.
pub struct MailServer {
    peer: Peer,
    mailbox: PathBuf,
}

impl MailServer {
    pub async fn start(settings: &[(&str, &str)]) -> Self {
        let mailbox = std::env::temp_dir().join(format!("mailbox-{}", uuid::Uuid::new_v4()));
        let mut all = vec![("MAILBOX", mailbox.to_str().unwrap())];
        all.extend(settings);
        Self {
            peer: Peer::smtp(&all).await,
            mailbox,
        }
    }

    /// Our side of it, with what stands before the host in the URL and what at the end.
    pub fn mailer(&self, user: &str, query: &str) -> Mailer {
        self.mailer_believing(user, query, None)
    }

    /// The same, which believes what these authorities say.
    pub fn mailer_believing(&self, user: &str, query: &str, pem: Option<&str>) -> Mailer {
        let host = self.peer.origin.strip_prefix("http://").unwrap();
        Mailer::new(&format!("smtp://{user}{host}{query}"), FROM, pem).unwrap()
    }

    /// The file to which each mail that it takes adds a line.
    pub fn mailbox(&self) -> &str {
        self.mailbox.to_str().unwrap()
    }

    /// Sends what is queued, as the worker does, while something else happens.
    pub async fn deliver_while<T>(
        &self,
        gateway: &TestGateway,
        something: impl Future<Output = T>,
    ) -> T {
        let mailer = self.mailer("", "");
        let deliver = async {
            loop {
                gateway.send_mails(&mailer).await;
                actix_web::rt::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::select! {
            outcome = something => outcome,
            () = deliver => unreachable!("it never ends"),
        }
    }

    pub fn taken(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(&self.mailbox).unwrap_or_default();
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
        lines.collect()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.mailbox);
    }
}
