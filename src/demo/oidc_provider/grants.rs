//! What the demo provider has granted: codes that are used once, and access tokens.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::PoisonError;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;

use crate::demo::oidc_provider::error::DemoProviderError;
use crate::demo::people::DemoPerson;

const CODE_LIFE: TimeDelta = TimeDelta::seconds(60);
const ACCESS_TOKEN_LIFE: TimeDelta = TimeDelta::minutes(10);

/// What a code stands for.
#[derive(Clone)]
pub(crate) struct Grant {
    /// Who signed in.
    pub(crate) person: DemoPerson,
    /// Where the code was sent.
    pub(crate) redirect_uri: String,
    /// The PKCE challenge of the request.
    pub(crate) code_challenge: String,
    /// The nonce of the request.
    pub(crate) nonce: Option<String>,
}

/// Codes and access tokens, each with its end.
#[derive(Default)]
pub(crate) struct Grants {
    codes: Expiring<Grant>,
    access_tokens: Expiring<DemoPerson>,
}

impl Grants {
    /// Makes a code for a grant.
    pub(crate) fn code(
        &self,
        grant: Grant,
        now: DateTime<Utc>,
    ) -> Result<String, DemoProviderError> {
        self.codes.insert(grant, now, CODE_LIFE)
    }

    /// Takes the grant of a code, which cannot be used again.
    pub(crate) fn redeem(&self, code: &str, now: DateTime<Utc>) -> Option<Grant> {
        self.codes.remove(code, now)
    }

    /// Makes an access token for a person.
    pub(crate) fn access_token(
        &self,
        person: DemoPerson,
        now: DateTime<Utc>,
    ) -> Result<String, DemoProviderError> {
        self.access_tokens.insert(person, now, ACCESS_TOKEN_LIFE)
    }

    /// The person of an access token.
    pub(crate) fn person(&self, access_token: &str, now: DateTime<Utc>) -> Option<DemoPerson> {
        self.access_tokens.find(access_token, now)
    }
}

struct Expiring<T>(Mutex<HashMap<String, (T, DateTime<Utc>)>>);

impl<T> Default for Expiring<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Expiring<T> {
    fn insert(
        &self,
        value: T,
        now: DateTime<Utc>,
        life: TimeDelta,
    ) -> Result<String, DemoProviderError> {
        let key = random_text()?;
        let mut values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        values.retain(|_, (_, ends_at)| now < *ends_at);
        values.insert(key.clone(), (value, now + life));
        Ok(key)
    }

    fn remove(&self, key: &str, now: DateTime<Utc>) -> Option<T> {
        let mut values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (value, ends_at) = values.remove(key)?;
        (now < ends_at).then_some(value)
    }

    fn find(&self, key: &str, now: DateTime<Utc>) -> Option<T> {
        let values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (value, ends_at) = values.get(key)?;
        (now < *ends_at).then(|| value.clone())
    }
}

fn random_text() -> Result<String, DemoProviderError> {
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes)
        .map_err(|error| DemoProviderError::new("random bytes", error))?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}
