//! Logout tokens, held against the keys that their provider publishes.

use chrono::DateTime;
use chrono::Utc;

use crate::outbound::oidc_provider::KeySource;
use crate::outbound::oidc_provider::OidcProviders;
use crate::outbound::oidc_provider::ProviderError;
use crate::protocol::oidc::logout_token::LogoutExpectation;
use crate::protocol::oidc::logout_token::LogoutRejection;
use crate::protocol::oidc::logout_token::LogoutToken;
use crate::protocol::oidc::signed_jwt::SignedJwt;

/// Why a logout token ends nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogoutFailure {
    /// The provider's keys cannot be had.
    Keys(ProviderError),
    /// A check failed.
    Rejected(LogoutRejection),
}

impl From<ProviderError> for LogoutFailure {
    fn from(error: ProviderError) -> Self {
        Self::Keys(error)
    }
}

impl<R: Into<LogoutRejection>> From<R> for LogoutFailure {
    fn from(rejection: R) -> Self {
        Self::Rejected(rejection.into())
    }
}

impl OidcProviders {
    /// Verifies a logout token, asking for fresh keys once if the provider may have changed them.
    ///
    /// # Errors
    /// The keys cannot be fetched or a check fails.
    pub async fn verify_logout_token(
        &self,
        raw: &str,
        expected: &LogoutExpectation,
        jwks_url: &str,
        now: DateTime<Utc>,
    ) -> Result<LogoutToken, LogoutFailure> {
        let jwt = SignedJwt::read(raw)?;
        let source = KeySource {
            issuer: expected.issuer.clone(),
            jwks_url: jwks_url.to_owned(),
        };
        self.check_signature(&jwt, &source, now).await??;
        Ok(LogoutToken::read(&jwt, expected, now)?)
    }
}
