//! A project: the application that integrates Vestibule, with its credentials and redirect URLs.

use std::fmt;

use serde::Deserialize;
use serde::Serialize;
use url::Url;

use crate::domain::id::opaque_uuid;
use crate::domain::secret::CryptoFailure;
use crate::domain::secret::fresh_alphanumeric;

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

/// A new secret of a project, `secret-test-…`.
pub fn fresh_secret() -> Result<String, CryptoFailure> {
    Ok(format!("secret-test-{}", fresh_alphanumeric()?))
}

/// A new public token of a project, `public-token-test-<uuid>`.
pub fn fresh_public_token() -> String {
    format!("public-token-test-{}", opaque_uuid())
}

/// A project as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// Its id.
    pub id: ProjectId,
    /// Its display name.
    pub name: String,
}

/// URLs to which people may be sent back, by what they come from; matched exactly, and the first of
/// each list is the default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RedirectUrls {
    /// Of the return of known members.
    pub login: Vec<String>,
    /// Of the return of people who will be created.
    pub signup: Vec<String>,
    /// Of people who accept an invitation.
    pub invite: Vec<String>,
    /// Of people who look for their organizations.
    pub discovery: Vec<String>,
    /// Of people who set a new password.
    pub reset_password: Vec<String>,
}

/// What people come from when they are sent back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedirectKind {
    /// The return of known members.
    Login,
    /// The return of people who will be created.
    Signup,
    /// An invitation.
    Invite,
    /// The search for one's organizations.
    Discovery,
    /// A new password.
    ResetPassword,
}

impl RedirectKind {
    /// The word in error types and in the project file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Signup => "signup",
            Self::Invite => "invite",
            Self::Discovery => "discovery",
            Self::ResetPassword => "reset_password",
        }
    }
}

impl RedirectUrls {
    /// The registered URLs of a kind; the first is the default.
    pub fn of(&self, kind: RedirectKind) -> &[String] {
        match kind {
            RedirectKind::Login => &self.login,
            RedirectKind::Signup => &self.signup,
            RedirectKind::Invite => &self.invite,
            RedirectKind::Discovery => &self.discovery,
            RedirectKind::ResetPassword => &self.reset_password,
        }
    }

    /// The same list for every kind.
    pub fn for_all(urls: Vec<String>) -> Self {
        Self {
            login: urls.clone(),
            signup: urls.clone(),
            invite: urls.clone(),
            discovery: urls.clone(),
            reset_password: urls,
        }
    }

    /// The lists with the names of their kinds.
    pub fn by_kind(&self) -> [(&'static str, &[String]); 5] {
        [
            ("login", &self.login),
            ("signup", &self.signup),
            ("invite", &self.invite),
            ("discovery", &self.discovery),
            ("reset_password", &self.reset_password),
        ]
    }

    /// The login URL asked for if it is registered, the default if none was asked for.
    pub fn login(&self, asked: Option<&str>) -> Option<String> {
        pick(&self.login, asked)
    }

    /// The signup URL asked for if it is registered, the default if none was asked for.
    pub fn signup(&self, asked: Option<&str>) -> Option<String> {
        pick(&self.signup, asked)
    }

    /// The invite URL asked for if it is registered, the default if none was asked for.
    pub fn invite(&self, asked: Option<&str>) -> Option<String> {
        pick(&self.invite, asked)
    }

    /// The discovery URL asked for if it is registered, the default if none was asked for.
    pub fn discovery(&self, asked: Option<&str>) -> Option<String> {
        pick(&self.discovery, asked)
    }

    /// The password URL asked for if it is registered, the default if none was asked for.
    pub fn reset_password(&self, asked: Option<&str>) -> Option<String> {
        pick(&self.reset_password, asked)
    }
}

/// What a redirect URL must be.
pub const REDIRECT_URL: &str =
    "an absolute URL without a fragment, like https://app.example.com/in";

/// Whether a browser can be sent to a text as a redirect URL. Schemes without a host, like
/// `javascript:`, are none; an application's own, like `myapp://`, are.
pub fn is_redirect_url(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| url.fragment().is_none() && !url.cannot_be_a_base())
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

    #[test]
    fn each_kind_has_its_own_list() {
        let urls = RedirectUrls {
            invite: vec!["https://app.test/invited".into()],
            ..RedirectUrls::default()
        };
        assert_eq!(
            urls.invite(None).as_deref(),
            Some("https://app.test/invited")
        );
        assert_eq!(urls.login(None), None);
        assert_eq!(urls.discovery(Some("https://app.test/invited")), None);
        assert_eq!(urls.reset_password(None), None);
        let all = RedirectUrls::for_all(vec!["https://app.test/in".into()]);
        for (kind, registered) in all.by_kind() {
            let kinds = [
                RedirectKind::Login,
                RedirectKind::Signup,
                RedirectKind::Invite,
                RedirectKind::Discovery,
                RedirectKind::ResetPassword,
            ];
            let named = kinds.into_iter().find(|it| it.name() == kind).unwrap();
            assert_eq!(all.of(named), registered);
        }
    }

    #[test]
    fn a_redirect_url_is_absolute_and_runs_no_script() {
        for url in [
            "https://app.test/in",
            "http://127.0.0.1:3000/?next=1",
            "myapp://return",
        ] {
            assert!(is_redirect_url(url), "{url}");
        }
        for url in [
            "",
            "/in",
            "app.test/in",
            "https://app.test/#x",
            "javascript:alert(1)",
        ] {
            assert!(!is_redirect_url(url), "{url}");
        }
    }
}
