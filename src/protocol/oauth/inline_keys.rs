//! A JWK set that is pasted instead of fetched (RFC 7517 §5).

use serde_json::Value;

use crate::protocol::oidc::Jwks;

const MOST_KEYS: usize = 20;
const PRIVATE_PARTS: [&str; 7] = ["d", "p", "q", "dp", "dq", "qi", "k"];

/// Reads a JWK set, as far as its keys are of kinds that verify signatures here.
///
/// # Errors
/// What is wrong with it and what would be right.
pub fn read(document: &Value) -> Result<Jwks, String> {
    let keys = document.get("keys").and_then(Value::as_array);
    let keys = keys.ok_or("it must be an object with the list \"keys\"")?;
    if keys.is_empty() || keys.len() > MOST_KEYS {
        return Err(format!("it must hold 1 to {MOST_KEYS} keys"));
    }
    let is_private = |key: &Value| PRIVATE_PARTS.iter().any(|part| key.get(part).is_some());
    if keys.iter().any(is_private) {
        return Err("it holds a private key; give the public keys alone".to_owned());
    }
    let usable: Jwks = serde_json::from_value(document.clone()).map_err(|it| it.to_string())?;
    if usable.keys().is_empty() {
        return Err("none of its keys is an RSA, P-256, P-384 or Ed25519 key".to_owned());
    }
    Ok(usable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_set_of_public_keys_is_taken_and_nothing_else() {
        let key = json!({ "kty": "OKP", "crv": "Ed25519", "kid": "1", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" });
        assert_eq!(read(&json!({ "keys": [key] })).unwrap().keys().len(), 1);
        let mut private = key.clone();
        private["d"] = json!("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A");
        let table = [
            (json!([]), "the list"),
            (json!({ "keys": "x" }), "the list"),
            (json!({ "keys": [] }), "1 to 20"),
            (json!({ "keys": vec![key.clone(); 21] }), "1 to 20"),
            (json!({ "keys": [key, private] }), "private key"),
            (
                json!({ "keys": [{ "kty": "oct", "k": "c2VjcmV0" }] }),
                "private key",
            ),
            (json!({ "keys": [{ "kty": "XYZ" }] }), "none of its keys"),
        ];
        for (document, expected) in table {
            let error = read(&document).unwrap_err();
            assert!(error.contains(expected), "{document}: {error}");
        }
    }
}
