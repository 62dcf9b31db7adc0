//! Foreign software as a running process; `tests/peers/README.md` says what each one is.

use std::io::BufRead;
use std::io::BufReader;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;

use super::ports::free_port;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers");

/// A server of others on a free port of loopback; it ends when this is dropped.
pub struct Peer {
    pub origin: String,
    child: Child,
}

impl Peer {
    /// Starts one and waits until it is ready.
    pub async fn start(command: &'static [&'static str], settings: &[(&str, &str)]) -> Self {
        let port = free_port();
        let mut command = spawnable(command);
        command
            .current_dir(FOLDER)
            .env("PORT", port.to_string())
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        let mut child = command.spawn().expect("run scripts/setup --tests");
        let output = child.stdout.take().unwrap();
        let is_ready = actix_web::rt::task::spawn_blocking(move || {
            let mut lines = BufReader::new(output).lines();
            lines.any(|line| line.unwrap() == "ready")
        });
        let peer = Self {
            origin: format!("http://127.0.0.1:{port}"),
            child,
        };
        assert!(is_ready.await.unwrap(), "{command:?} did not become ready");
        peer
    }

    pub async fn samlp(certificate: &str, key: &str) -> Self {
        let files = [("CERT_FILE", certificate), ("KEY_FILE", key)];
        Self::start(&["node", "node/samlp.mjs"], &files).await
    }

    pub async fn oauth2_mock() -> Self {
        Self::start(&["node", "node/oauth2_mock.mjs"], &[]).await
    }

    pub async fn oidc_provider_mock() -> Self {
        Self::start(&["./python/oidc_provider_mock"], &[]).await
    }

    /// An SMTP server that writes what it takes into a file.
    pub async fn smtp(settings: &[(&str, &str)]) -> Self {
        let command = &["./python/.venv/bin/python", "python/smtp_server.py"];
        Self::start(command, settings).await
    }

    /// SimpleSAMLphp for the one service provider it is told about.
    pub async fn simplesamlphp(entity_id: &str, acs_url: &str, certificate: &str) -> Self {
        let settings = [
            ("SP_ENTITY_ID", entity_id),
            ("SP_ACS_URL", acs_url),
            ("CERT_FILE", certificate),
        ];
        Self::start(&["./simplesamlphp/start"], &settings).await
    }

    /// The same, which writes its certificate into a file and encrypts to one of ours, bare base64.
    pub async fn encrypting_simplesamlphp(acs_url: &str, certificates: (&str, &str)) -> Self {
        let (certificate, ours) = certificates;
        let settings = [
            ("SP_ENTITY_ID", acs_url),
            ("SP_ACS_URL", acs_url),
            ("CERT_FILE", certificate),
            ("SP_ENCRYPTION_CERTIFICATE", ours),
        ];
        Self::start(&["./simplesamlphp/start"], &settings).await
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawnable(words: &[&str]) -> Command {
    let (program, arguments) = words.split_first().unwrap();
    // A path is looked up before the folder is changed.
    let program = match program.strip_prefix("./") {
        Some(path) => format!("{FOLDER}/{path}"),
        None => (*program).to_owned(),
    };
    let mut command = Command::new(program);
    command.args(arguments);
    command
}
