//! The official SDKs, unpatched, telling their story against a running gateway.

use std::io::BufRead;
use std::io::BufReader;
use std::io::Lines;
use std::io::Write;
use std::process::Child;
use std::process::ChildStdin;
use std::process::ChildStdout;
use std::process::Command;
use std::process::Stdio;

use crate::support::TestGateway;

const PEERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers");

pub const NODE: &str = "node";
pub const PYTHON: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/peers/python/.venv/bin/python"
);

/// Runs a story to its end and gives what it told; a step that is not ok fails the test.
pub async fn tell(gateway: &TestGateway, story: (&str, &str), more: &[(&str, &str)]) -> String {
    let told = run(gateway, story, more).await;
    assert!(told.contains("steps: "), "{told}");
    told
}

/// Runs a script against the gateway and gives what it told; a failure fails the test.
pub async fn run(
    gateway: &TestGateway,
    (program, script): (&str, &str),
    more: &[(&str, &str)],
) -> String {
    let mut command = Command::new(program);
    command
        .arg(format!("{PEERS}/{script}"))
        .env("VESTIBULE_BASE_URL", &gateway.base_url)
        .env("VESTIBULE_PROJECT_ID", &gateway.project_id)
        .env("VESTIBULE_SECRET", &gateway.secret)
        .envs(more.iter().copied())
        .stdin(Stdio::null());
    let output = actix_web::rt::task::spawn_blocking(move || command.output());
    let output = output.await.unwrap().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}\n{complaints}");
    told
}

/// An SDK's process that goes on: it answers each line with one.
pub struct Listener {
    child: Child,
    questions: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Listener {
    pub fn start(gateway: &TestGateway, (program, script): (&str, &str)) -> Self {
        let mut child = Command::new(program)
            .arg(format!("{PEERS}/{script}"))
            .env("VESTIBULE_BASE_URL", &gateway.base_url)
            .env("VESTIBULE_PROJECT_ID", &gateway.project_id)
            .env("VESTIBULE_SECRET", &gateway.secret)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("run scripts/setup --tests");
        Self {
            questions: child.stdin.take().unwrap(),
            answers: BufReader::new(child.stdout.take().unwrap()).lines(),
            child,
        }
    }

    /// Asks, and lets the gateway answer what the SDK asks in its turn.
    pub async fn ask(mut self, question: String) -> (Self, String) {
        let asked = actix_web::rt::task::spawn_blocking(move || {
            writeln!(self.questions, "{question}").unwrap();
            let answer = self.answers.next().unwrap().unwrap();
            (self, answer)
        });
        asked.await.unwrap()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
