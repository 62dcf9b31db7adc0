//! The checks of ID token verification, one table or forgery at a time.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::encoding::Pkcs8V1Der;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::rsa::KeySize;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use jsonwebtoken::EncodingKey;
use jsonwebtoken::Header;
use jsonwebtoken::jwk::Jwk;
use serde_json::Value;
use serde_json::json;
use std::sync::LazyLock;

use super::*;

const NOW: i64 = 1_750_000_000;
const ISSUER: &str = "https://idp.example/t/1";

struct Key {
    algorithm: Algorithm,
    private: EncodingKey,
    public: Value,
}

impl Key {
    fn new(algorithm: Algorithm, private: EncodingKey) -> Self {
        let public = Jwk::from_encoding_key(&private, algorithm).unwrap();
        let mut public = serde_json::to_value(public).unwrap();
        public["use"] = json!("sig");
        Self {
            algorithm,
            private,
            public,
        }
    }

    fn sign(&self, kid: Option<&str>, claims: &Value) -> String {
        let mut header = Header::new(self.algorithm);
        header.kid = kid.map(str::to_owned);
        jsonwebtoken::encode(&header, claims, &self.private).unwrap()
    }

    fn named(&self, kid: &str) -> Value {
        let mut public = self.public.clone();
        public["kid"] = json!(kid);
        public
    }
}

fn rsa_private() -> EncodingKey {
    let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let der = AsDer::<Pkcs8V1Der>::as_der(&pair).unwrap();
    let text = base64::prelude::BASE64_STANDARD.encode(der.as_ref());
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n");
    EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap()
}

static RSA: LazyLock<Key> = LazyLock::new(|| Key::new(Algorithm::RS256, rsa_private()));
static OTHER_RSA: LazyLock<Key> = LazyLock::new(|| Key::new(Algorithm::RS256, rsa_private()));

fn ec(algorithm: Algorithm) -> Key {
    let curve = match algorithm {
        Algorithm::ES384 => &aws_lc_rs::signature::ECDSA_P384_SHA384_FIXED_SIGNING,
        _ => &aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED_SIGNING,
    };
    let random = aws_lc_rs::rand::SystemRandom::new();
    let der = aws_lc_rs::signature::EcdsaKeyPair::generate_pkcs8(curve, &random).unwrap();
    Key::new(algorithm, EncodingKey::from_ec_der(der.as_ref()))
}

fn ed() -> Key {
    let pair = aws_lc_rs::signature::Ed25519KeyPair::generate().unwrap();
    let der = pair.to_pkcs8v1().unwrap();
    Key::new(Algorithm::EdDSA, EncodingKey::from_ed_der(der.as_ref()))
}

fn jwks(keys: &[Value]) -> Jwks {
    serde_json::from_value(json!({"keys": keys})).unwrap()
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(NOW, 0).unwrap()
}

fn expectation() -> Expectation<'static> {
    Expectation {
        issuer: ISSUER,
        client_id: "us",
        nonce: "n-1",
        access_token: None,
    }
}

fn good_claims() -> Value {
    json!({
        "iss": ISSUER, "aud": "us", "sub": "ana", "nonce": "n-1",
        "iat": NOW - 5, "exp": NOW + 300,
        "email": "ana@acme.test", "email_verified": true, "groups": ["staff"],
    })
}

fn with(changes: Value) -> Value {
    let mut claims = good_claims();
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

fn without(name: &str) -> Value {
    let mut claims = good_claims();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

fn verdict(claims: &Value) -> Result<Claims, Rejection> {
    let keys = jwks(&[RSA.named("k1")]);
    verify(&RSA.sign(Some("k1"), claims), &expectation(), &keys, now())
}

fn code(verdict: Result<Claims, Rejection>) -> &'static str {
    verdict.map_or_else(|rejection| rejection.code(), |_| "accepted")
}

fn encode_part(part: &Value) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(part.to_string())
}

#[test]
fn a_good_token_gives_its_claims() {
    let claims = verdict(&good_claims()).unwrap();
    assert_eq!(claims.issuer(), ISSUER);
    assert_eq!(claims.subject(), "ana");
    assert_eq!(claims.email(), Some("ana@acme.test"));
    assert_eq!(claims.email_verified(), Some(true));
    assert_eq!(claims.strings("groups"), ["staff"]);
    assert_eq!(claims.issued_at().timestamp(), NOW - 5);
    assert_eq!(claims.expires_at().timestamp(), NOW + 300);
}

#[test]
fn every_claim_is_checked() {
    let table = [
        (with(json!({"iss": "https://idp.example/t/2"})), "issuer"),
        (with(json!({"iss": "https://idp.example/t/1/"})), "issuer"),
        (without("iss"), "id_token_malformed"),
        (with(json!({"aud": "them"})), "audience"),
        (with(json!({"aud": []})), "audience"),
        (without("aud"), "audience"),
        (
            with(json!({"aud": ["us", "them"], "azp": "us"})),
            "extra_audience",
        ),
        (with(json!({"aud": ["us", "us"]})), "authorized_party"),
        (with(json!({"aud": ["us", "us"], "azp": "us"})), "accepted"),
        (with(json!({"aud": ["us"]})), "accepted"),
        (with(json!({"azp": "us"})), "accepted"),
        (with(json!({"azp": "them"})), "authorized_party"),
        (without("sub"), "subject_missing"),
        (with(json!({"sub": ""})), "subject_missing"),
        (with(json!({"sub": 7})), "subject_missing"),
        (without("nonce"), "nonce_missing"),
        (with(json!({"nonce": "n-2"})), "nonce_mismatch"),
        (without("iat"), "issued_at_missing"),
        (with(json!({"iat": NOW + 300})), "accepted"),
        (with(json!({"iat": NOW + 301})), "issued_in_future"),
        (with(json!({"iat": "soon"})), "id_token_malformed"),
        (without("exp"), "expiry_missing"),
        (with(json!({"exp": NOW - 59})), "accepted"),
        (with(json!({"exp": NOW - 61})), "expired"),
        (with(json!({"exp": i64::MAX})), "id_token_malformed"),
    ];
    for (claims, expected) in table {
        assert_eq!(code(verdict(&claims)), expected, "{claims}");
    }
}

#[test]
fn a_rejection_names_what_was_expected_and_what_came() {
    let expired = verdict(&with(json!({"exp": NOW - 61}))).unwrap_err();
    let received = DateTime::from_timestamp(NOW - 61, 0).unwrap();
    assert_eq!(
        expired,
        Rejection::Expired {
            now: now(),
            received
        }
    );
    assert_eq!(expired.error_type(), "expired_oidc_response");
    let audience = verdict(&with(json!({"aud": ["a", "b"]}))).unwrap_err();
    let received = vec!["a".to_owned(), "b".to_owned()];
    assert_eq!(
        audience,
        Rejection::Audience {
            expected: "us".to_owned(),
            received
        }
    );
}

#[test]
fn every_accepted_algorithm_verifies() {
    let rsa = |algorithm| Key::new(algorithm, RSA.private.clone());
    let keys = [
        rsa(Algorithm::RS256),
        rsa(Algorithm::RS384),
        rsa(Algorithm::RS512),
        rsa(Algorithm::PS256),
        rsa(Algorithm::PS384),
        rsa(Algorithm::PS512),
        ec(Algorithm::ES256),
        ec(Algorithm::ES384),
        ed(),
    ];
    for key in keys {
        let token = key.sign(Some("k"), &good_claims());
        let verdict = verify(&token, &expectation(), &jwks(&[key.named("k")]), now());
        assert_eq!(code(verdict), "accepted", "{:?}", key.algorithm);
    }
}

#[test]
fn a_token_without_signature_is_refused() {
    let claims = encode_part(&good_claims());
    let keys = jwks(&[RSA.named("k1")]);
    for algorithm in ["none", "None", "nOnE", ""] {
        let header = encode_part(&json!({"alg": algorithm, "kid": "k1"}));
        let token = format!("{header}.{claims}.");
        let refused = verify(&token, &expectation(), &keys, now());
        assert_eq!(code(refused), "algorithm_refused", "{algorithm}");
    }
}

#[test]
fn a_token_signed_with_the_public_key_as_shared_secret_is_refused() {
    let modulus = RSA.public["n"].as_str().unwrap();
    let secrets = [
        modulus.as_bytes().to_vec(),
        BASE64_URL_SAFE_NO_PAD.decode(modulus).unwrap(),
        RSA.public.to_string().into_bytes(),
    ];
    for secret in secrets {
        for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            let mut header = Header::new(algorithm);
            header.kid = Some("k1".to_owned());
            let key = EncodingKey::from_secret(&secret);
            let token = jsonwebtoken::encode(&header, &good_claims(), &key).unwrap();
            let refused = verify(&token, &expectation(), &jwks(&[RSA.named("k1")]), now());
            assert_eq!(code(refused), "algorithm_refused");
        }
    }
}

#[test]
fn a_token_whose_algorithm_is_not_its_keys_is_refused() {
    let keys = jwks(&[RSA.named("k1")]);
    let token = ec(Algorithm::ES256).sign(Some("k1"), &good_claims());
    assert_eq!(
        code(verify(&token, &expectation(), &keys, now())),
        "key_unknown"
    );
    let token = Key::new(Algorithm::PS256, RSA.private.clone()).sign(Some("k1"), &good_claims());
    assert_eq!(
        code(verify(&token, &expectation(), &keys, now())),
        "key_unknown"
    );
}

#[test]
fn the_key_is_found_by_its_id_or_by_being_the_only_one() {
    let one = jwks(&[RSA.named("k1")]);
    let two = jwks(&[RSA.named("k1"), OTHER_RSA.named("k2")]);
    let other_kind = jwks(&[RSA.named("k1"), ec(Algorithm::ES256).named("k2")]);
    let anonymous = jwks(std::slice::from_ref(&RSA.public));
    let table = [
        (Some("k1"), &one, "accepted"),
        (Some("k1"), &two, "accepted"),
        (Some("k2"), &two, "signature_invalid"),
        (Some("k3"), &two, "key_unknown"),
        (None, &one, "accepted"),
        (None, &two, "key_ambiguous"),
        (None, &other_kind, "accepted"),
        (None, &anonymous, "accepted"),
        (Some("k1"), &anonymous, "key_unknown"),
    ];
    for (kid, keys, expected) in table {
        let token = RSA.sign(kid, &good_claims());
        let verdict = verify(&token, &expectation(), keys, now());
        assert_eq!(code(verdict), expected, "{kid:?}");
    }
}

#[test]
fn only_key_rotation_asks_for_fresh_keys() {
    let kid = || Some("k".to_owned());
    let table = [
        (Rejection::KeyUnknown { kid: kid() }, true),
        (Rejection::KeyUnknown { kid: None }, true),
        (Rejection::SignatureInvalid { kid: None }, true),
        (Rejection::SignatureInvalid { kid: kid() }, false),
        (Rejection::KeyAmbiguous { kid: None }, false),
        (Rejection::NonceMismatch, false),
    ];
    for (rejection, expected) in table {
        assert_eq!(rejection.may_be_key_rotation(), expected, "{rejection}");
    }
}

#[test]
fn changed_claims_or_signature_are_noticed() {
    let keys = jwks(&[RSA.named("k1")]);
    let token = RSA.sign(Some("k1"), &good_claims());
    let mut parts = token.split('.');
    let (header, _, signature) = (
        parts.next().unwrap(),
        parts.next().unwrap(),
        parts.next().unwrap(),
    );
    let changed = encode_part(&with(json!({"email": "bo@acme.test"})));
    let forged = format!("{header}.{changed}.{signature}");
    assert_eq!(
        code(verify(&forged, &expectation(), &keys, now())),
        "signature_invalid"
    );
    let stranger = OTHER_RSA.sign(Some("k1"), &good_claims());
    assert_eq!(
        code(verify(&stranger, &expectation(), &keys, now())),
        "signature_invalid"
    );
}

#[test]
fn the_access_token_hash_is_compared_when_there_is_one() {
    // OpenID Connect Core 1.0, appendix A.3.
    let access_token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
    let hashed = with(json!({"at_hash": "77QmUPtjPfzWtF2AnpK9RQ"}));
    let keys = jwks(&[RSA.named("k1")]);
    let table = [
        (&hashed, Some(access_token), "accepted"),
        (&hashed, Some("another"), "access_token_hash"),
        (&hashed, None, "accepted"),
        (&good_claims(), Some("another"), "accepted"),
    ];
    for (claims, access_token, expected) in table {
        let expectation = Expectation {
            access_token,
            ..expectation()
        };
        let verdict = verify(&RSA.sign(Some("k1"), claims), &expectation, &keys, now());
        assert_eq!(code(verdict), expected, "{access_token:?}");
    }
}

#[test]
fn an_encryption_key_does_not_verify() {
    let mut key = RSA.named("k1");
    key["use"] = json!("enc");
    let token = RSA.sign(Some("k1"), &good_claims());
    let refused = verify(&token, &expectation(), &jwks(&[key]), now());
    assert_eq!(code(refused), "key_unknown");
}

#[test]
fn header_extensions_and_foreign_types_are_refused() {
    let headers = [
        json!({"alg": "RS256", "kid": "k1", "crit": ["b64"]}),
        json!({"alg": "RS256", "kid": "k1", "typ": "at+jwt"}),
        json!({"alg": "RS256", "kid": "k1", "cty": "JWT"}),
    ];
    for header in headers {
        let token = format!(
            "{}.{}.c2ln",
            encode_part(&header),
            encode_part(&good_claims())
        );
        let refused = verify(&token, &expectation(), &jwks(&[RSA.named("k1")]), now());
        assert_eq!(code(refused), "header_refused", "{header}");
    }
}

#[test]
fn what_is_no_token_is_malformed() {
    let claims = encode_part(&good_claims());
    let header = encode_part(&json!({"alg": "RS256"}));
    let five_parts = format!("{header}.a.b.c.d");
    let bad_claims = format!("{header}.***.c2ln");
    let list = format!("{header}.{}.c2ln", encode_part(&json!([])));
    let bad_signature = format!("{header}.{claims}.***");
    for token in [
        "",
        "a",
        "a.b",
        "a.b.c",
        &five_parts,
        &bad_claims,
        &list,
        &bad_signature,
    ] {
        let refused = verify(token, &expectation(), &jwks(&[RSA.named("k1")]), now());
        assert_eq!(code(refused), "id_token_malformed", "{token}");
    }
}

#[test]
fn timestamps_and_booleans_written_as_strings_are_understood() {
    let claims = with(json!({
        "email_verified": "true", "updated_at": "2025-06-15T12:00:00.000Z",
    }));
    assert_eq!(verdict(&claims).unwrap().email_verified(), Some(true));
}
