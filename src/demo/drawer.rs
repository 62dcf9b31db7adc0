//! What happened on the way in: the request, the answer, and what the product's checks made of it.

use crate::demo::exchanges::OidcExchange;
use crate::demo::stage::Stage;
use crate::demo::standing::Standing;
use crate::demo::verdict::Line;
use crate::demo::verdict::Outcome;
use crate::demo::verdict::pretty;
use crate::demo::verdict::pretty_form_value;
use crate::demo::verdict::verdict;

/// The latest sign-in of somebody, by either protocol.
pub(crate) struct Drawer {
    /// By SAML.
    pub(crate) saml: Option<SamlDrawer>,
    /// By OpenID Connect.
    pub(crate) oidc: Option<OidcExchange>,
}

/// A sign-in by SAML.
pub(crate) struct SamlDrawer {
    /// The request.
    pub(crate) request: String,
    /// The answer.
    pub(crate) answer: String,
    /// Each check.
    pub(crate) verdict: Vec<Line>,
}

impl Drawer {
    /// What is known of the person who stands there.
    pub(crate) fn of(stage: &Stage, standing: &Standing, certificate: &str) -> Self {
        let exchanges = &stage.exchanges;
        let own = exchanges.saml(|it| it.fault.is_none() && it.email == standing.email);
        let saml = own.map(|exchange| SamlDrawer {
            request: pretty(&exchange.request),
            answer: pretty_form_value(&exchange.form_value),
            verdict: verdict(&exchange, &stage.origin, certificate),
        });
        let oidc = exchanges.oidc(&standing.email);
        Self { saml, oidc }
    }
}

impl Line {
    /// The class of its sign.
    pub(crate) fn kind(&self) -> &'static str {
        match self.outcome {
            Outcome::Kept => "good",
            Outcome::Broken => "bad",
            Outcome::NotReached => "off",
        }
    }

    /// Its sign in a word.
    pub(crate) fn word(&self) -> &'static str {
        match self.outcome {
            Outcome::Kept => "kept",
            Outcome::Broken => "broken",
            Outcome::NotReached => "not reached",
        }
    }
}
