//! ID tokens: what is accepted was signed by a pinned key with its algorithm, and says what was
//! signed. The bytes choose header, claims and signature; what is left alters single characters.

#![no_main]

use std::sync::LazyLock;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::encoding::Pkcs8V1Der;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::rsa::KeySize;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::DateTime;
use chrono::Utc;
use jsonwebtoken::Algorithm;
use jsonwebtoken::EncodingKey;
use jsonwebtoken::jwk::Jwk;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use serde_json::json;
use vestibule::protocol::oidc;

const NOW: i64 = 1_900_000_000;
const ISSUER: &str = "https://idp.test";
const HEADERS: [&str; 10] = [
    "RS256", "ES256", "PS256", "RS512", "HS256", "none", "None", "", "EdDSA", "ES384",
];

struct World {
    keys: oidc::Jwks,
    pinned: EncodingKey,
    curve: EncodingKey,
    stranger: EncodingKey,
    /// The public key, which everybody knows, as a secret.
    public: EncodingKey,
}

static WORLD: LazyLock<World> = LazyLock::new(World::new);

fn rsa() -> EncodingKey {
    let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).unwrap();
    let body = BASE64_STANDARD.encode(der.as_ref());
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
    EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap()
}

fn public(key: &EncodingKey, algorithm: Algorithm, kid: &str) -> Value {
    let mut jwk = serde_json::to_value(Jwk::from_encoding_key(key, algorithm).unwrap()).unwrap();
    jwk["kid"] = json!(kid);
    jwk["use"] = json!("sig");
    jwk
}

impl World {
    fn new() -> Self {
        let pinned = rsa();
        let curve = rcgen::KeyPair::generate().unwrap().serialize_pem();
        let curve = EncodingKey::from_ec_pem(curve.as_bytes()).unwrap();
        let keys = [
            public(&pinned, Algorithm::RS256, "rsa"),
            public(&curve, Algorithm::ES256, "curve"),
        ];
        let modulus = keys[0]["n"].as_str().unwrap().as_bytes();
        Self {
            public: EncodingKey::from_secret(modulus),
            keys: serde_json::from_value(json!({ "keys": keys })).unwrap(),
            stranger: rsa(),
            pinned,
            curve,
        }
    }

    /// The signature, and the algorithm of a pinned key that made it.
    fn sign(&self, choice: u8, message: &[u8]) -> (String, Option<&'static str>) {
        let (key, algorithm, name) = match choice % 7 {
            0 => (&self.pinned, Algorithm::RS256, Some("RS256")),
            1 => (&self.curve, Algorithm::ES256, Some("ES256")),
            2 => (&self.pinned, Algorithm::PS256, Some("PS256")),
            3 => (&self.pinned, Algorithm::RS512, Some("RS512")),
            4 => (&self.stranger, Algorithm::RS256, None),
            5 => (&self.public, Algorithm::HS256, None),
            _ => return (String::new(), None),
        };
        let signature = jsonwebtoken::crypto::sign(message, key, algorithm).unwrap();
        (signature, name)
    }
}

fn claims(choice: u8) -> Value {
    let mut claims = json!({
        "iss": ISSUER, "sub": "1", "aud": "client", "nonce": "nonce", "iat": NOW, "exp": NOW + 300,
    });
    match choice % 16 {
        1 => claims["iss"] = json!("https://other.test"),
        2 => claims["aud"] = json!("other"),
        3 => claims["aud"] = json!(["client", "other"]),
        4 => claims["azp"] = json!("other"),
        5 => claims["nonce"] = json!("other"),
        6 => claims["exp"] = json!(NOW - 61),
        7 => claims["iat"] = json!(NOW + 301),
        8 => claims["sub"] = json!(null),
        9 => claims["aud"] = json!([]),
        10 => claims["nonce"] = json!(null),
        11 => claims["iss"] = json!("https://idp.test/"),
        _ => {}
    }
    claims
}

fuzz_target!(|data: &[u8]| {
    let [header, kid, said, signer, rest @ ..] = data else {
        return;
    };
    let named = HEADERS[usize::from(*header) % HEADERS.len()];
    let mut head = json!({ "alg": named, "typ": "JWT" });
    match kid % 4 {
        0 => head["kid"] = json!("rsa"),
        1 => head["kid"] = json!("curve"),
        2 => head["kid"] = json!("unknown"),
        _ => {}
    }
    let body = claims(*said);
    let encoded = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", encoded(&head), encoded(&body));
    let (signature, made_by) = WORLD.sign(*signer, message.as_bytes());
    let honest = format!("{message}.{signature}");
    let mut token = honest.clone().into_bytes();
    for pair in rest.chunks_exact(3) {
        let at = usize::from(u16::from_le_bytes([pair[0], pair[1]])) % token.len();
        token[at] = pair[2];
    }
    let Ok(token) = String::from_utf8(token) else {
        return;
    };
    let expectation = oidc::Expectation {
        issuer: ISSUER,
        client_id: "client",
        nonce: "nonce",
        access_token: None,
    };
    let now: DateTime<Utc> = DateTime::from_timestamp(NOW, 0).unwrap();
    if let Ok(accepted) = oidc::id_token::verify(&token, &expectation, &WORLD.keys, now) {
        assert_eq!(made_by, Some(named), "{token}");
        let parts = |token: &str| token.rsplit_once('.').map(|(signed, _)| signed.to_owned());
        assert_eq!(parts(&token), parts(&honest), "altered and accepted");
        assert_eq!(accepted.issuer(), ISSUER);
        assert_eq!(accepted.subject(), "1");
        assert_eq!(json!(accepted.all()), body);
    }
});
