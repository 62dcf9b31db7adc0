//! How far somebody has come on the hosted pages: sealed into a cookie of their browser, so that any
//! node can go on with it, and what they have proven stays in the database under a token in it.

use actix_web::HttpRequest;
use actix_web::cookie::Cookie;
use actix_web::cookie::time::Duration;
use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;

use crate::domain::id::MemberId;
use crate::domain::id::OrganizationId;
use crate::domain::organization::Organization;
use crate::domain::secret;
use crate::domain::secret::CryptoFailure;
use crate::http::pages::cookies;
use crate::use_cases::Deployment;
use crate::use_cases::hosted_sign_in::Place;
use crate::use_cases::hosted_sign_in::request::HostedRequest;

const COOKIE: &str = "vestibule_sign_in";
const SEALED_AT: &str = "hosted sign-in";
const MINUTES: i64 = 30;

/// A sign-in that is under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Flow {
    /// What the application asked for.
    pub(super) request: HostedRequest,
    /// The organization, once one is chosen.
    pub(super) organization: Option<Chosen>,
    /// The address that was typed.
    pub(super) email: String,
    /// Stands for what was proven.
    pub(super) proven: Option<String>,
    /// Whose second factor is owed.
    pub(super) member: Option<MemberId>,
    /// A link that is shown and not used up: its type and its token.
    pub(super) link: Option<(String, String)>,
    /// An authenticator application that is being set up.
    pub(super) application: Option<Application>,
    /// Proves to ourselves that this browser left for an identity provider.
    pub(super) verifier: String,
    until: DateTime<Utc>,
}

/// An organization as it was chosen. Its slug makes addresses of pages; what is done there goes by
/// its id, because another one may have the slug for an external id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Chosen {
    /// Its id.
    pub(super) id: OrganizationId,
    /// Its slug.
    pub(super) slug: String,
}

/// An authenticator application that has yet to prove itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Application {
    /// The shared secret.
    pub(super) secret: String,
    /// The address that its QR code tells.
    pub(super) address: String,
    /// The codes that stand in for it.
    pub(super) recovery_codes: Vec<String>,
}

impl From<&Organization> for Chosen {
    fn from(organization: &Organization) -> Self {
        Self {
            id: organization.id,
            slug: organization.slug.clone(),
        }
    }
}

impl Flow {
    pub(super) fn new(request: HostedRequest, now: DateTime<Utc>) -> Result<Self, CryptoFailure> {
        Ok(Self {
            request,
            organization: None,
            email: String::new(),
            proven: None,
            member: None,
            link: None,
            application: None,
            verifier: secret::fresh_token()?,
            until: now + TimeDelta::minutes(MINUTES),
        })
    }

    /// The PKCE challenge of the verifier.
    pub(super) fn challenge(&self) -> String {
        let hash = digest::digest(&digest::SHA256, self.verifier.as_bytes());
        URL_SAFE_NO_PAD.encode(hash.as_ref())
    }

    /// What its forms name it by, so that a form of another one is noticed.
    pub(super) fn id(&self) -> String {
        self.challenge().chars().take(12).collect()
    }

    /// Where the browser is sent in the end.
    pub(super) fn leads_to(&self) -> &str {
        &self.request.redirect_url
    }

    /// Where the person goes on to, as the page tells it.
    pub(super) fn destination(&self) -> String {
        let url = url::Url::parse(&self.request.redirect_url).ok();
        let host = url.as_ref().and_then(url::Url::host_str);
        host.unwrap_or("the application").to_owned()
    }

    /// Whose second factor is owed, with what stands for the first.
    pub(super) fn place(&self) -> Option<Place> {
        let chosen = self.organization.clone()?;
        Some(Place {
            organization_id: chosen.id,
            slug: chosen.slug,
            member_id: self.member?,
            token: self.proven.clone()?,
        })
    }

    /// The organization as calls name it, once one is chosen.
    pub(super) fn organization_id(&self) -> Option<String> {
        let chosen = self.organization.as_ref();
        chosen.map(|chosen| chosen.id.to_string())
    }

    /// The address that was typed, as identity providers are told it.
    pub(super) fn hint(&self) -> Option<String> {
        Some(self.email.clone()).filter(|email| !email.is_empty())
    }

    /// From the start, for the same application.
    pub(super) fn again(self, now: DateTime<Utc>) -> Result<Self, CryptoFailure> {
        Self::new(self.request, now)
    }

    /// What this browser has of one, if it is not over.
    pub(super) fn of(
        deployment: &Deployment,
        request: &HttpRequest,
        now: DateTime<Utc>,
    ) -> Option<Self> {
        let sealed = cookies::brought(deployment, request, COOKIE)?;
        let opened = deployment.master_key.open(&sealed, SEALED_AT).ok()?;
        let flow: Self = serde_json::from_slice(&opened).ok()?;
        (now < flow.until).then_some(flow)
    }

    /// The cookie that keeps it.
    pub(super) fn cookie(&self, deployment: &Deployment) -> Result<Cookie<'static>, CryptoFailure> {
        let content = serde_json::to_vec(self).map_err(|_| CryptoFailure)?;
        let sealed = deployment.master_key.seal(&content, SEALED_AT)?;
        let lifetime = Duration::minutes(MINUTES);
        Ok(cookies::of_page(deployment, COOKIE, sealed, lifetime))
    }
}

/// The cookie, taken back.
pub(super) fn ended(deployment: &Deployment) -> Cookie<'static> {
    cookies::taken_back(deployment, COOKIE)
}
