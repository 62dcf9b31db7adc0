//! What a token of a trusted issuer must say, at a given instant, once its signature holds (RFC 7519
//! §4.1).

use chrono::DateTime;
use chrono::Utc;

use crate::protocol::oidc::expectation::LEEWAY;
use crate::protocol::oidc::signed_jwt::SignedJwt;

/// Checks issuer, audience and times.
///
/// # Errors
/// What is wrong, and what would be right.
pub fn check(
    token: &SignedJwt,
    (issuer, audience): (&str, &str),
    now: DateTime<Utc>,
) -> Result<(), String> {
    if token.text("iss") != issuer {
        return Err(format!("its iss must be {issuer:?}"));
    }
    if !token.audience(audience).0 {
        return Err(format!("its aud must name {audience:?}"));
    }
    let time = |claim| token.time(claim).map_err(|fault| fault.to_string());
    let expiry = time("exp")?.ok_or("it has no exp")?;
    if expiry + LEEWAY <= now {
        return Err("it has expired".to_owned());
    }
    for claim in ["nbf", "iat"] {
        if time(claim)?.is_some_and(|time| time > now + LEEWAY) {
            return Err(format!("its {claim} is in the future"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;
    use serde_json::Value;
    use serde_json::json;

    fn token(claims: &Value) -> SignedJwt {
        let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let header = part(&json!({ "alg": "RS256" }));
        SignedJwt::read(&format!("{header}.{}.AA", part(claims))).unwrap()
    }

    #[test]
    fn each_claim_is_held_against_what_it_must_be() {
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let right = json!({ "iss": "i", "aud": ["a", "b"], "exp": now.timestamp() + 60 });
        let with = |name: &str, value: Value| {
            let mut claims = right.clone();
            claims[name] = value;
            claims
        };
        let table = [
            (right.clone(), ""),
            (with("aud", json!("a")), ""),
            (with("iss", json!("other")), "its iss"),
            (with("iss", Value::Null), "its iss"),
            (with("aud", json!(["b"])), "its aud"),
            (with("exp", Value::Null), "NumericDate"),
            (with("exp", json!(now.timestamp() - 60)), "expired"),
            (with("exp", json!(now.timestamp() - 59)), ""),
            (with("nbf", json!(now.timestamp() + 61)), "its nbf"),
            (with("iat", json!(now.timestamp() + 61)), "its iat"),
        ];
        for (claims, expected) in table {
            let told = check(&token(&claims), ("i", "a"), now).err();
            let told = told.unwrap_or_default();
            assert_eq!(told.is_empty(), expected.is_empty(), "{claims}: {told}");
            assert!(told.contains(expected), "{claims}: {told}");
        }
        let without = json!({ "iss": "i", "aud": "a" });
        assert!(check(&token(&without), ("i", "a"), now).is_err());
    }
}
