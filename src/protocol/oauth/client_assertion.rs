//! A client's assertion of who it is, verified at a given instant (RFC 7523 §3).

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;

use crate::protocol::oidc::Jwks;
use crate::protocol::oidc::expectation::LEEWAY;
use crate::protocol::oidc::signed_jwt::SignedJwt;

pub use crate::protocol::oauth::client_assertion::refusal::AssertionRefusal;

mod refusal;

/// How long before its expiry an assertion may be used.
const LONGEST: TimeDelta = TimeDelta::days(1);

/// What an assertion must say.
#[derive(Clone, Copy, Debug)]
pub struct AssertionExpectation<'a> {
    /// Its `iss`.
    pub issuer: &'a str,
    /// Its `sub`.
    pub subject: &'a str,
    /// Its one `aud`.
    pub audience: &'a str,
}

/// What of a verified assertion is still of use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedAssertion {
    /// What tells it from others.
    pub id: AssertionId,
    /// Until when it could be presented again.
    pub usable_until: DateTime<Utc>,
}

/// What tells an assertion from others, so that it is good once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AssertionId {
    /// Its `jti`.
    Jti(String),
    /// What is signed of one without `jti`: header and claims, since some signatures can be made
    /// anew without the key.
    Signed(String),
}

/// An assertion as anybody could have written it.
#[derive(Clone)]
pub struct ClientAssertion(SignedJwt);

impl ClientAssertion {
    /// Takes a compact JWS apart (RFC 7515 §7.1).
    ///
    /// # Errors
    /// It is none.
    pub fn read(raw: &str) -> Result<Self, AssertionRefusal> {
        Ok(Self(SignedJwt::read(raw)?))
    }

    /// Who claims to have issued it.
    pub fn issuer(&self) -> &str {
        self.0.text("iss")
    }

    /// Whom it claims to be about.
    pub fn subject(&self) -> &str {
        self.0.text("sub")
    }

    /// Checks signature and claims.
    ///
    /// # Errors
    /// One variant for each check that can fail; the signature comes first.
    pub fn verify(
        &self,
        expected: &AssertionExpectation<'_>,
        keys: &Jwks,
        now: DateTime<Utc>,
    ) -> Result<VerifiedAssertion, AssertionRefusal> {
        self.0.check_signature(keys)?;
        // An assertion that is good elsewhere too is not good here.
        let is_for_us = self.0.audience(expected.audience) == (true, 1);
        let checks = [
            (self.issuer() == expected.issuer, AssertionRefusal::Issuer),
            (
                self.subject() == expected.subject,
                AssertionRefusal::Subject,
            ),
            (is_for_us, AssertionRefusal::Audience),
        ];
        if let Some((_, refusal)) = checks.into_iter().find(|(holds, _)| !holds) {
            return Err(refusal);
        }
        let usable_until = self.check_times(now)?;
        let id = match self.0.text("jti") {
            "" => AssertionId::Signed(self.0.signed().to_owned()),
            jti => AssertionId::Jti(jti.to_owned()),
        };
        Ok(VerifiedAssertion { id, usable_until })
    }

    fn check_times(&self, now: DateTime<Utc>) -> Result<DateTime<Utc>, AssertionRefusal> {
        let expiry = self.time("exp", AssertionRefusal::ExpiryMissing)?;
        let expiry = expiry.ok_or(AssertionRefusal::ExpiryMissing)?;
        let not_before = self.time("nbf", AssertionRefusal::NotYetValid)?;
        let issued_at = self.time("iat", AssertionRefusal::IssuedInFuture)?;
        let is_ahead = |time: Option<DateTime<Utc>>| time.is_some_and(|time| time > now + LEEWAY);
        let checks = [
            (expiry + LEEWAY <= now, AssertionRefusal::Expired),
            (expiry > now + LONGEST + LEEWAY, AssertionRefusal::TooLong),
            (is_ahead(not_before), AssertionRefusal::NotYetValid),
            (is_ahead(issued_at), AssertionRefusal::IssuedInFuture),
        ];
        match checks.into_iter().find(|(fails, _)| *fails) {
            Some((_, refusal)) => Err(refusal),
            None => Ok(expiry + LEEWAY),
        }
    }

    /// A time; one that cannot be read fails the check it is for.
    fn time(
        &self,
        claim: &str,
        unreadable: AssertionRefusal,
    ) -> Result<Option<DateTime<Utc>>, AssertionRefusal> {
        self.0.time(claim).map_err(|_| unreadable)
    }
}

#[cfg(test)]
mod tests;
