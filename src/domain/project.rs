//! A project: the application that integrates Vestibule, with its credentials and redirect URLs.

use std::fmt;

use serde::Deserialize;
use serde::Serialize;

/// `project-test-<uuid>`; the user name of the management API.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ProjectId(String);

impl ProjectId {
    /// Adopts a project id as given.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A project as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// Its id.
    pub id: ProjectId,
    /// Its display name.
    pub name: String,
}

/// URLs to which a sign-in may return, matched exactly.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RedirectUrls {
    /// Registered for the return of known members; the first is the default.
    pub login: Vec<String>,
    /// Registered for the return of people who will be created; the first is the default.
    pub signup: Vec<String>,
}

impl RedirectUrls {
    /// The same list for every kind.
    pub fn for_all(urls: Vec<String>) -> Self {
        Self {
            login: urls.clone(),
            signup: urls,
        }
    }

    /// The login URL asked for if it is registered, the default if none was asked for.
    pub fn login(&self, asked: Option<&str>) -> Option<String> {
        pick(&self.login, asked)
    }

    /// The signup URL asked for if it is registered, the default if none was asked for.
    pub fn signup(&self, asked: Option<&str>) -> Option<String> {
        pick(&self.signup, asked)
    }
}

fn pick(registered: &[String], asked: Option<&str>) -> Option<String> {
    match asked {
        None => registered.first().cloned(),
        Some(url) => registered.iter().find(|known| *known == url).cloned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_registered_urls_are_picked_and_matching_is_exact() {
        let urls = RedirectUrls::for_all(vec!["https://app.test/in".into()]);
        assert_eq!(urls.login(None).as_deref(), Some("https://app.test/in"));
        assert_eq!(
            urls.login(Some("https://app.test/in")).as_deref(),
            Some("https://app.test/in")
        );
        for other in [
            "https://app.test/in/",
            "https://app.test.evil/in",
            "//evil",
            "https://app.test/in?x=1",
        ] {
            assert_eq!(urls.login(Some(other)), None, "{other}");
        }
    }
}
