//! Machines of the project that get access tokens by a secret (contract A.2, RFC 6749 §4.4).

use chrono::DateTime;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;

use crate::domain::id::opaque_uuid;
use crate::domain::metadata::Metadata;
use crate::domain::project::ProjectId;
use crate::domain::secret::CryptoFailure;
use crate::domain::secret::SecretHash;
use crate::domain::secret::equal;
use crate::domain::secret::fresh_token;
use crate::domain::secret::last_four;

/// How many seconds an access token is good for.
pub const TOKEN_SECONDS: i64 = 3600;
/// How many characters a name may have.
pub const MOST_NAME: usize = 128;
/// How many characters a description may have.
pub const MOST_DESCRIPTION: usize = 1024;
/// How many scopes a client may have.
pub const MOST_SCOPES: usize = 100;
/// How many characters an id and a scope may have.
pub const MOST_WORD: usize = 128;

const SHORTEST_SECRET: usize = 8;
const LONGEST_SECRET: usize = 256;
/// Below this much surprise, a copy of the database would tell a secret that somebody chose.
const LEAST_BITS: f64 = 40.0;

/// A machine that gets access tokens of the project.
#[derive(Clone, Debug, PartialEq)]
pub struct M2mClient {
    /// Its `client_id`, unique in the project.
    pub id: String,
    /// The project.
    pub project_id: ProjectId,
    /// What people call it.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Whether it gets tokens.
    pub active: bool,
    /// What its tokens may say, in the order given.
    pub scopes: Vec<String>,
    /// What the application keeps with it.
    pub trusted_metadata: Metadata,
    /// The secret that counts.
    pub secret: KeptSecret,
    /// The secret that takes over when a rotation is completed; it works already.
    pub next_secret: Option<KeptSecret>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// What is kept of a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptSecret {
    hash: String,
    /// Its end, which may be shown.
    pub last_four: String,
}

/// Why something of a client was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum M2mRefusal {
    /// The id given.
    Id,
    /// The secret given: too short, too long or too easy.
    Secret,
    /// The name is too long.
    Name,
    /// The description is too long.
    Description,
    /// More scopes than a client may have.
    TooManyScopes,
    /// Something that cannot be a scope.
    Scope(String),
}

impl KeptSecret {
    /// What is kept of this secret.
    pub fn of(secret: &str) -> Self {
        Self {
            hash: SecretHash::of(secret).as_str().to_owned(),
            last_four: last_four(secret),
        }
    }

    /// A new secret, and what is kept of it.
    pub fn fresh() -> Result<(Self, String), CryptoFailure> {
        let secret = fresh_token()?;
        Ok((Self::of(&secret), secret))
    }

    fn is(&self, presented: &SecretHash) -> bool {
        equal(&self.hash, presented.as_str())
    }
}

impl M2mClient {
    /// Whether this is one of its secrets.
    pub fn has_secret(&self, presented: &SecretHash) -> bool {
        let is_next = |next: &KeptSecret| next.is(presented);
        self.secret.is(presented) | self.next_secret.as_ref().is_some_and(is_next)
    }

    /// What is wrong with it.
    pub fn check(&self) -> Result<(), M2mRefusal> {
        if !is_id(&self.id) {
            return Err(M2mRefusal::Id);
        }
        if self.name.chars().count() > MOST_NAME {
            return Err(M2mRefusal::Name);
        }
        if self.description.chars().count() > MOST_DESCRIPTION {
            return Err(M2mRefusal::Description);
        }
        if self.scopes.len() > MOST_SCOPES {
            return Err(M2mRefusal::TooManyScopes);
        }
        let wrong = self.scopes.iter().find(|scope| !is_scope(scope));
        wrong.map_or(Ok(()), |scope| Err(M2mRefusal::Scope(scope.clone())))
    }
}

/// A new id.
pub fn fresh_id() -> String {
    format!("m2m-client-test-{}", opaque_uuid())
}

fn is_id(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._~-".contains(c);
    (1..=MOST_WORD).contains(&text.len()) && text.chars().all(plain)
}

/// A scope-token of RFC 6749 §3.3.
fn is_scope(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_graphic() && c != '"' && c != '\\';
    (1..=MOST_WORD).contains(&text.len()) && text.chars().all(allowed)
}

/// Refuses a secret that somebody chose and others could find.
pub fn check_secret(secret: &str) -> Result<(), M2mRefusal> {
    let length = secret.chars().count();
    if (SHORTEST_SECRET..=LONGEST_SECRET).contains(&length) && bits(secret) >= LEAST_BITS {
        Ok(())
    } else {
        Err(M2mRefusal::Secret)
    }
}

/// How surprising a text is by how often it has each of its characters (Shannon).
fn bits(text: &str) -> f64 {
    let mut counts = std::collections::BTreeMap::<char, u32>::new();
    for character in text.chars() {
        *counts.entry(character).or_default() += 1;
    }
    let length: f64 = counts.values().copied().map(f64::from).sum();
    counts
        .into_values()
        .map(f64::from)
        .map(|count| count * (length / count).log2())
        .sum()
}

/// Scopes without those that are there twice, in the order given.
pub fn distinct(scopes: &[String]) -> Vec<String> {
    let mut distinct: Vec<String> = Vec::new();
    for scope in scopes {
        if !distinct.contains(scope) {
            distinct.push(scope.clone());
        }
    }
    distinct
}

#[cfg(test)]
mod tests {
    use super::*;

    type Change = fn(&mut M2mClient);

    fn client() -> M2mClient {
        M2mClient {
            id: fresh_id(),
            project_id: ProjectId::new("project-test-1"),
            name: "Reports".to_owned(),
            description: String::new(),
            active: true,
            scopes: vec!["read:users".to_owned()],
            trusted_metadata: Metadata::new(),
            secret: KeptSecret::of("first"),
            next_secret: None,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn while_a_secret_is_rotated_both_work_and_no_other() {
        let mut client = client();
        let works = |client: &M2mClient, secret| client.has_secret(&SecretHash::of(secret));
        assert!(works(&client, "first") && !works(&client, "second"));
        client.next_secret = Some(KeptSecret::of("second"));
        assert!(works(&client, "first") && works(&client, "second"));
        assert!(!works(&client, "") && !works(&client, "third"));
    }

    #[test]
    fn what_cannot_be_part_of_a_client_is_named() {
        let with = |change: Change| {
            let mut client = client();
            change(&mut client);
            client.check()
        };
        let table: [(Change, Result<(), M2mRefusal>); 9] = [
            (|_| {}, Ok(())),
            (|it| it.id = "billing.v2_~-".to_owned(), Ok(())),
            (|it| it.id = String::new(), Err(M2mRefusal::Id)),
            (|it| it.id = "a/b".to_owned(), Err(M2mRefusal::Id)),
            (|it| it.id = "x".repeat(129), Err(M2mRefusal::Id)),
            (|it| it.name = "n".repeat(129), Err(M2mRefusal::Name)),
            (
                |it| it.description = "d".repeat(1025),
                Err(M2mRefusal::Description),
            ),
            (
                |it| it.scopes = vec!["s".to_owned(); 101],
                Err(M2mRefusal::TooManyScopes),
            ),
            (
                |it| it.scopes.push("read users".to_owned()),
                Err(M2mRefusal::Scope("read users".to_owned())),
            ),
        ];
        for (change, expected) in table {
            assert_eq!(with(change), expected);
        }
        for wrong in ["", "a\"b", "a\\b", "ü", "a\tb"] {
            assert!(!is_scope(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_secret_that_others_could_find_is_refused() {
        for weak in [
            "",
            "short",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "12341234",
            "password",
        ] {
            assert_eq!(check_secret(weak), Err(M2mRefusal::Secret), "{weak}");
        }
        assert_eq!(check_secret(&"aB3$".repeat(100)), Err(M2mRefusal::Secret));
        for strong in [
            "correct horse battery",
            "9f86d081884c7d65",
            &fresh_token().unwrap(),
        ] {
            assert_eq!(check_secret(strong), Ok(()), "{strong}");
        }
    }

    #[test]
    fn a_scope_is_kept_once() {
        let scopes = ["b", "a", "b"].map(str::to_owned);
        assert_eq!(distinct(&scopes), ["b", "a"]);
    }
}
