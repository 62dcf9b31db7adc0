//! Assertions of OAuth clients, held against keys that their issuers publish; those are remembered
//! together with the keys of OpenID providers.

use chrono::DateTime;
use chrono::Utc;

use crate::outbound::oidc_provider::KeySource;
use crate::outbound::oidc_provider::OidcProviders;
use crate::outbound::oidc_provider::ProviderError;
use crate::protocol::oauth::client_assertion::AssertionExpectation;
use crate::protocol::oauth::client_assertion::AssertionRefusal;
use crate::protocol::oauth::client_assertion::ClientAssertion;
use crate::protocol::oauth::client_assertion::VerifiedAssertion;

/// Why an assertion proves nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AssertionFailure {
    /// The issuer's keys cannot be had.
    Keys(ProviderError),
    /// A check failed.
    Refused(AssertionRefusal),
}

impl From<ProviderError> for AssertionFailure {
    fn from(error: ProviderError) -> Self {
        Self::Keys(error)
    }
}

impl From<AssertionRefusal> for AssertionFailure {
    fn from(refusal: AssertionRefusal) -> Self {
        Self::Refused(refusal)
    }
}

impl OidcProviders {
    /// Verifies an assertion, asking for fresh keys once if the issuer may have changed them.
    ///
    /// # Errors
    /// The keys cannot be fetched or a check fails.
    pub async fn verify_client_assertion(
        &self,
        assertion: &ClientAssertion,
        expected: &AssertionExpectation<'_>,
        jwks_url: &str,
        now: DateTime<Utc>,
    ) -> Result<VerifiedAssertion, AssertionFailure> {
        let source = KeySource {
            issuer: expected.issuer.to_owned(),
            jwks_url: jwks_url.to_owned(),
        };
        let keys = self.keys(&source, now).await?;
        match assertion.verify(expected, &keys, now) {
            Err(refusal) if refusal.may_be_key_rotation() => {
                let keys = self.fresh_keys(&source, now).await?;
                Ok(assertion.verify(expected, &keys, now)?)
            }
            verdict => Ok(verdict?),
        }
    }
}
