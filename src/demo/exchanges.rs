//! What the demo's identity providers were asked and answered, for the page that shows it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use chrono::DateTime;
use chrono::Utc;

use crate::demo::company::Profile;
use crate::demo::fault::Fault;

const KEPT: usize = 40;

/// A SAML sign-in, as the identity provider saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SamlExchange {
    /// Whose identity provider it was.
    pub(crate) company: &'static Profile,
    /// Who signed in.
    pub(crate) email: String,
    /// The request, as XML.
    pub(crate) request: String,
    /// The id of the request.
    pub(crate) request_id: String,
    /// Where the answer went.
    pub(crate) acs_url: String,
    /// For whom it was meant.
    pub(crate) audience: String,
    /// The answer, as the form carries it.
    pub(crate) form_value: String,
    /// What the request wanted back unchanged.
    pub(crate) relay_state: String,
    /// When it was answered.
    pub(crate) at: DateTime<Utc>,
    /// What was made wrong on purpose.
    pub(crate) fault: Option<Fault>,
}

/// An OpenID Connect sign-in, as the provider saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OidcExchange {
    /// Who signed in.
    pub(crate) email: String,
    /// The authorization request, one parameter a line.
    pub(crate) request: String,
    /// The claims of the ID token, as JSON; none before the code is redeemed.
    pub(crate) claims: Option<String>,
}

/// The latest of both.
#[derive(Debug, Default)]
pub(crate) struct Exchanges {
    saml: Mutex<VecDeque<Arc<SamlExchange>>>,
    oidc: Mutex<VecDeque<OidcExchange>>,
}

impl Exchanges {
    pub(crate) fn keep_saml(&self, exchange: SamlExchange) {
        let mut kept = self.saml.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_front(Arc::new(exchange));
        kept.truncate(KEPT);
    }

    /// The latest answer that fits.
    pub(crate) fn saml(&self, fits: impl Fn(&SamlExchange) -> bool) -> Option<Arc<SamlExchange>> {
        let kept = self.saml.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|exchange| fits(exchange)).cloned()
    }

    pub(crate) fn keep_oidc(&self, exchange: OidcExchange) {
        let mut kept = self.oidc.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_front(exchange);
        kept.truncate(KEPT);
    }

    /// Adds the claims to the latest sign-in of this person.
    pub(crate) fn add_claims(&self, email: &str, claims: String) {
        let mut kept = self.oidc.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(exchange) = kept.iter_mut().find(|exchange| exchange.email == email) {
            exchange.claims = Some(claims);
        }
    }

    /// The latest sign-in of this person.
    pub(crate) fn oidc(&self, email: &str) -> Option<OidcExchange> {
        let kept = self.oidc.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter()
            .find(|exchange| exchange.email == email)
            .cloned()
    }
}
