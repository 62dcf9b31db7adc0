//! Logout tokens, by which a provider ends sessions (OpenID Connect Back-Channel Logout 1.0 §2.4
//! and §2.6).

use std::fmt;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use serde_json::Value;

use crate::protocol::oidc::expectation::LEEWAY;
use crate::protocol::oidc::signed_jwt::JwtFault;
use crate::protocol::oidc::signed_jwt::SignedJwt;

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
const ISSUED_AHEAD: TimeDelta = TimeDelta::minutes(5);
/// How long before its expiry a token may be used, and has to be remembered.
const LONGEST: TimeDelta = TimeDelta::days(1);

/// What a logout token must say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoutExpectation {
    /// The connection's issuer.
    pub issuer: String,
    /// Our client id there.
    pub client_id: String,
}

/// Whose sessions end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoutToken {
    /// Its `jti`; it is good once.
    pub id: String,
    /// Until when it could be presented again.
    pub usable_until: DateTime<Utc>,
    /// The provider's session.
    pub session: Option<String>,
    /// The person at the provider.
    pub subject: Option<String>,
}

/// Why a logout token ends nothing: a variant for each check.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the text of each says what it is")]
pub enum LogoutRejection {
    Missing,
    Jwt(JwtFault),
    Type(String),
    Issuer { expected: String, received: String },
    Audience { expected: String },
    TimeUnreadable,
    IssuedAtMissing,
    IssuedInFuture,
    ExpiryMissing,
    Expired,
    TooLong,
    IdMissing,
    EventMissing,
    Nonce,
    NobodyNamed,
    Replayed,
}

impl From<JwtFault> for LogoutRejection {
    fn from(fault: JwtFault) -> Self {
        Self::Jwt(fault)
    }
}

impl fmt::Display for LogoutRejection {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Jwt(fault) => return write!(out, "the logout_token: {fault}"),
            Self::Type(given) => {
                return write!(
                    out,
                    "the logout_token's typ is {given:?}, expected logout+jwt"
                );
            }
            Self::Issuer { expected, received } => {
                return write!(
                    out,
                    "the logout_token's iss is {received}, expected {expected}"
                );
            }
            Self::Audience { expected } => {
                return write!(out, "the logout_token's aud must be {expected} alone");
            }
            Self::Missing => "the form has no logout_token",
            Self::TimeUnreadable => "a time in the logout_token is no number of seconds",
            Self::IssuedAtMissing => "the logout_token has no iat",
            Self::IssuedInFuture => "the logout_token's iat is over five minutes ahead",
            Self::ExpiryMissing => "the logout_token has no exp",
            Self::Expired => "the logout_token has expired",
            Self::TooLong => "the logout_token's exp is more than a day away",
            Self::IdMissing => "the logout_token has no jti",
            Self::EventMissing => {
                "the logout_token's events have no member for back-channel logout"
            }
            Self::Nonce => "the logout_token has a nonce, so it is an ID token or made like one",
            Self::NobodyNamed => "the logout_token has neither sub nor sid",
            Self::Replayed => "the logout_token's jti has been used before",
        };
        out.write_str(text)
    }
}

impl LogoutToken {
    /// Reads the claims of a token whose signature has been checked.
    ///
    /// # Errors
    /// One variant for each check that can fail.
    pub fn read(
        jwt: &SignedJwt,
        expected: &LogoutExpectation,
        now: DateTime<Utc>,
    ) -> Result<Self, LogoutRejection> {
        check_type(jwt)?;
        let received = jwt.text("iss");
        if received != expected.issuer {
            return Err(LogoutRejection::Issuer {
                expected: expected.issuer.clone(),
                received: received.to_owned(),
            });
        }
        if jwt.audience(&expected.client_id) != (true, 1) {
            let expected = expected.client_id.clone();
            return Err(LogoutRejection::Audience { expected });
        }
        let expiry = check_times(jwt, now)?;
        let event = jwt.claims().get("events").and_then(|it| it.get(EVENT));
        if !event.is_some_and(Value::is_object) {
            return Err(LogoutRejection::EventMissing);
        }
        if jwt.claims().contains_key("nonce") {
            return Err(LogoutRejection::Nonce);
        }
        let given = |claim| Some(jwt.text(claim).to_owned()).filter(|text| !text.is_empty());
        let (session, subject) = (given("sid"), given("sub"));
        if session.is_none() && subject.is_none() {
            return Err(LogoutRejection::NobodyNamed);
        }
        Ok(Self {
            id: given("jti").ok_or(LogoutRejection::IdMissing)?,
            usable_until: expiry + LEEWAY,
            session,
            subject,
        })
    }
}

/// A token that says what it is must say the right thing, so that one made for another purpose is
/// no logout token (§4).
fn check_type(jwt: &SignedJwt) -> Result<(), LogoutRejection> {
    let given = jwt.header("typ").unwrap_or("JWT");
    let bare = given.strip_prefix("application/").unwrap_or(given);
    if ["logout+jwt", "jwt"]
        .iter()
        .any(|known| bare.eq_ignore_ascii_case(known))
    {
        Ok(())
    } else {
        Err(LogoutRejection::Type(given.to_owned()))
    }
}

fn check_times(jwt: &SignedJwt, now: DateTime<Utc>) -> Result<DateTime<Utc>, LogoutRejection> {
    let time = |claim, missing: LogoutRejection| match jwt.time(claim) {
        Ok(time) => time.ok_or(missing),
        Err(_) => Err(LogoutRejection::TimeUnreadable),
    };
    let issued_at = time("iat", LogoutRejection::IssuedAtMissing)?;
    let expiry = time("exp", LogoutRejection::ExpiryMissing)?;
    let checks = [
        (
            issued_at > now + ISSUED_AHEAD,
            LogoutRejection::IssuedInFuture,
        ),
        (expiry + LEEWAY <= now, LogoutRejection::Expired),
        (expiry > now + LONGEST + LEEWAY, LogoutRejection::TooLong),
    ];
    match checks.into_iter().find(|(fails, _)| *fails) {
        Some((_, rejection)) => Err(rejection),
        None => Ok(expiry),
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_750_000_000;

    fn good() -> Value {
        json!({
            "iss": "https://idp.example", "aud": "us", "iat": NOW, "exp": NOW + 120, "jti": "1",
            "events": { EVENT: {} }, "sub": "ana", "sid": "s",
        })
    }

    fn read(header: &Value, claims: &Value) -> Result<LogoutToken, LogoutRejection> {
        let part = |json: &Value| BASE64_URL_SAFE_NO_PAD.encode(json.to_string());
        let jwt = format!("{}.{}.", part(header), part(claims));
        let expected = LogoutExpectation {
            issuer: "https://idp.example".to_owned(),
            client_id: "us".to_owned(),
        };
        let now = DateTime::from_timestamp(NOW, 0).unwrap();
        LogoutToken::read(&SignedJwt::read(&jwt).unwrap(), &expected, now)
    }

    #[test]
    fn each_claim_is_checked() {
        use LogoutRejection as R;
        let audience = || R::Audience {
            expected: "us".to_owned(),
        };
        let issuer = R::Issuer {
            expected: "https://idp.example".to_owned(),
            received: "https://idp.example/".to_owned(),
        };
        let table = [
            ("iss", json!("https://idp.example/"), issuer),
            ("aud", json!("them"), audience()),
            ("aud", json!(["us", "them"]), audience()),
            ("aud", Value::Null, audience()),
            ("iat", Value::Null, R::IssuedAtMissing),
            ("iat", json!("now"), R::TimeUnreadable),
            ("iat", json!(NOW + 301), R::IssuedInFuture),
            ("exp", Value::Null, R::ExpiryMissing),
            ("exp", json!(NOW - 60), R::Expired),
            ("exp", json!(NOW + 86_461), R::TooLong),
            ("jti", Value::Null, R::IdMissing),
            ("jti", json!(""), R::IdMissing),
            ("events", Value::Null, R::EventMissing),
            ("events", json!({ EVENT: true }), R::EventMissing),
            ("events", json!([EVENT]), R::EventMissing),
            ("nonce", json!("n"), R::Nonce),
        ];
        for (claim, value, rejection) in table {
            let mut claims = good();
            let fields = claims.as_object_mut().unwrap();
            fields.shift_remove(claim);
            if !value.is_null() {
                fields.insert(claim.to_owned(), value.clone());
            }
            let refused = read(&json!({ "alg": "RS256" }), &claims);
            assert_eq!(refused, Err(rejection), "{claim} {value}");
        }
    }

    #[test]
    fn a_session_a_person_or_both_are_named() {
        let table = [("sub", Some("s"), None), ("sid", None, Some("ana"))];
        for (without, session, subject) in table {
            let mut claims = good();
            claims.as_object_mut().unwrap().shift_remove(without);
            let token = read(&json!({}), &claims).unwrap();
            assert_eq!(
                (token.session.as_deref(), token.subject.as_deref()),
                (session, subject)
            );
        }
        let mut claims = good();
        claims
            .as_object_mut()
            .unwrap()
            .retain(|name, _| name != "sid" && name != "sub");
        assert_eq!(read(&json!({}), &claims), Err(LogoutRejection::NobodyNamed));
    }

    #[test]
    fn a_token_for_another_purpose_is_none() {
        for (typ, is_taken) in [
            ("logout+jwt", true),
            ("application/logout+jwt", true),
            ("JWT", true),
            ("at+jwt", false),
            ("dpop+jwt", false),
        ] {
            let token = read(&json!({ "typ": typ }), &good());
            assert_eq!(token.is_ok(), is_taken, "{typ}");
        }
    }
}
