//! How a SAML connection talks to its IdP beyond the contract's fields: how it asks, how it logs
//! out, and where the IdP's metadata is followed (contract 3.4).

use std::collections::HashSet;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;

use crate::domain::saml_keys::VerificationCertificate;

const BETWEEN_REFRESHES: TimeDelta = TimeDelta::hours(1);
const SPREAD_SECONDS: i64 = 600;

/// How a message reaches the IdP through the browser.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Binding {
    /// In the query of a redirect.
    #[default]
    Redirect,
    /// In a form that posts itself.
    Post,
}

impl Binding {
    /// The word on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Redirect => "redirect",
            Self::Post => "post",
        }
    }

    /// Reads the word back.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Redirect, Self::Post]
            .into_iter()
            .find(|binding| binding.name() == name)
    }
}

/// How the connection asks for a sign-in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RequestRules {
    /// By which binding.
    pub binding: Binding,
    /// Whether requests are signed; if not said, when there is a key.
    pub signed: Option<bool>,
    /// Whether the person has to prove themselves again each time.
    pub force_authn: bool,
    /// The authentication context class asked for; none if empty.
    pub authn_context: String,
}

/// Where the IdP takes logout messages; nowhere if the URL is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LogoutRules {
    /// Where requests go.
    pub url: String,
    /// Where responses go, if elsewhere.
    pub response_url: String,
    /// By which binding.
    pub binding: Binding,
}

impl LogoutRules {
    /// Where responses go.
    pub fn answers_to(&self) -> &str {
        if self.response_url.is_empty() {
            &self.url
        } else {
            &self.response_url
        }
    }
}

/// How groups are written in their attribute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupsSyntax {
    /// Each value is the name of a group.
    #[default]
    Names,
    /// Each value is a list of names, separated by semicolons or commas.
    Separated,
    /// Each value is a distinguished name, of which the first CN counts.
    DistinguishedNames,
    /// Each value is the path of a nested group, from the outermost down; who is in a group is in
    /// those around it.
    Paths,
}

impl GroupsSyntax {
    /// The word on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Names => "names",
            Self::Separated => "separated",
            Self::DistinguishedNames => "distinguished_names",
            Self::Paths => "paths",
        }
    }

    /// Reads the word back.
    pub fn from_name(name: &str) -> Option<Self> {
        [
            Self::Names,
            Self::Separated,
            Self::DistinguishedNames,
            Self::Paths,
        ]
        .into_iter()
        .find(|syntax| syntax.name() == name)
    }

    /// The groups in these values, each once.
    pub fn groups(self, values: &[String]) -> Vec<String> {
        let all = values.iter().flat_map(|value| match self {
            Self::Names => vec![value.clone()],
            Self::Separated => value.split([';', ',']).map(str::to_owned).collect(),
            Self::DistinguishedNames => vec![common_name(value)],
            Self::Paths => around(value.trim()),
        });
        let all = all.map(|group| group.trim().to_owned());
        let mut seen = HashSet::new();
        all.filter(|group| !group.is_empty() && seen.insert(group.clone()))
            .collect()
    }
}

/// The paths of a nested group and of those around it, the outermost first.
fn around(path: &str) -> Vec<String> {
    let inner = path.char_indices().filter(|(_, letter)| *letter == '/');
    let outer = inner.filter_map(|(end, _)| path.get(..end));
    let all = outer.chain(std::iter::once(path));
    all.filter(|path| !path.ends_with('/'))
        .map(str::to_owned)
        .collect()
}

/// The first CN of a distinguished name (RFC 4514), or the whole text if it has none.
fn common_name(value: &str) -> String {
    let parts = unescaped_parts(value);
    let named = parts.iter().find_map(|part| {
        let (kind, name) = part.split_once('=')?;
        kind.trim()
            .eq_ignore_ascii_case("cn")
            .then(|| name.trim().to_owned())
    });
    named.unwrap_or_else(|| value.to_owned())
}

fn unescaped_parts(value: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut letters = value.chars();
    while let Some(letter) = letters.next() {
        let taken = match letter {
            ',' => {
                parts.push(String::new());
                continue;
            }
            '\\' => letters.next(),
            other => Some(other),
        };
        if let Some(part) = parts.last_mut() {
            part.extend(taken);
        }
    }
    parts
}

/// The metadata that the connection follows, if it does.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FollowedMetadata {
    /// Where it is; empty if none is followed.
    pub url: String,
    /// When it was read last.
    pub refreshed_at: Option<DateTime<Utc>>,
    /// Why it could not be read or taken the last time, since when.
    pub failure: Option<MetadataFailure>,
    /// A change that waits for an administrator.
    pub waiting: Option<WaitingMetadata>,
}

/// A refresh that failed; what was there before stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetadataFailure {
    /// Why.
    pub reason: String,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// What the metadata says now, where none of the certificates known before is left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WaitingMetadata {
    /// When this was seen first.
    pub noticed_at: DateTime<Utc>,
    /// Its single sign-on URL.
    pub idp_sso_url: String,
    /// By which binding.
    pub binding: Binding,
    /// Where it takes logout messages.
    pub logout: LogoutRules,
    /// Its certificates.
    pub certificates: Vec<VerificationCertificate>,
}

impl FollowedMetadata {
    /// Following this URL, just read.
    pub fn read(url: &str, now: DateTime<Utc>) -> Self {
        Self {
            url: url.to_owned(),
            refreshed_at: Some(now),
            failure: None,
            waiting: None,
        }
    }

    /// Whether it was not read for so long that it should be.
    pub fn is_due(&self, now: DateTime<Utc>) -> bool {
        self.refreshed_at
            .is_none_or(|at| now - at >= BETWEEN_REFRESHES)
    }

    /// When to read it again, if it is followed: an hour from now, spread by its own name, so that
    /// not all connections are read at once.
    pub fn next_refresh(&self, spread_by: u8, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let spread = i64::from(spread_by) * SPREAD_SECONDS / 255;
        (!self.url.is_empty()).then(|| now + BETWEEN_REFRESHES + TimeDelta::seconds(spread))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_read_as_the_connection_says() {
        let read = |syntax: GroupsSyntax, value: &str| syntax.groups(&[value.to_owned()]);
        let table: [(GroupsSyntax, &str, &[&str]); 13] = [
            (GroupsSyntax::Separated, "a,b,a", &["a", "b"]),
            (
                GroupsSyntax::Paths,
                "/eng/back end/db",
                &["/eng", "/eng/back end", "/eng/back end/db"],
            ),
            (GroupsSyntax::Paths, "eng/db", &["eng", "eng/db"]),
            (GroupsSyntax::Paths, "//eng/", &["//eng"]),
            (GroupsSyntax::Paths, "eng", &["eng"]),
            (GroupsSyntax::Names, "a;b, c", &["a;b, c"]),
            (GroupsSyntax::Names, " ", &[]),
            (GroupsSyntax::Separated, "a; b,,c ;", &["a", "b", "c"]),
            (
                GroupsSyntax::DistinguishedNames,
                "CN=Eng,OU=Groups,DC=acme",
                &["Eng"],
            ),
            (GroupsSyntax::DistinguishedNames, "ou=x, cn = R&D", &["R&D"]),
            (
                GroupsSyntax::DistinguishedNames,
                "CN=Eng\\, all,OU=Groups",
                &["Eng, all"],
            ),
            (GroupsSyntax::DistinguishedNames, "plain", &["plain"]),
            (GroupsSyntax::DistinguishedNames, "OU=x", &["OU=x"]),
        ];
        for (syntax, value, groups) in table {
            assert_eq!(read(syntax, value), groups, "{value}");
        }
    }

    #[test]
    fn each_word_is_read_back() {
        for binding in [Binding::Redirect, Binding::Post] {
            assert_eq!(Binding::from_name(binding.name()), Some(binding));
        }
        for syntax in [
            GroupsSyntax::Names,
            GroupsSyntax::Separated,
            GroupsSyntax::DistinguishedNames,
            GroupsSyntax::Paths,
        ] {
            assert_eq!(GroupsSyntax::from_name(syntax.name()), Some(syntax));
        }
        assert_eq!(Binding::from_name(""), None);
    }

    #[test]
    fn only_what_is_followed_is_refreshed_and_not_all_at_once() {
        let now = DateTime::UNIX_EPOCH;
        assert_eq!(FollowedMetadata::default().next_refresh(0, now), None);
        let followed = FollowedMetadata::read("https://idp.test/m", now);
        let minutes = |spread| (followed.next_refresh(spread, now).unwrap() - now).num_minutes();
        assert_eq!((minutes(0), minutes(255)), (60, 70));
    }
}
