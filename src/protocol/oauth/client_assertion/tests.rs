//! The checks of a client assertion, one table or forgery at a time.

use std::sync::LazyLock;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::encoding::Pkcs8V1Der;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::rsa::KeySize;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use jsonwebtoken::EncodingKey;
use jsonwebtoken::Header;
use jsonwebtoken::jwk::Jwk;
use serde_json::Value;
use serde_json::json;

use super::*;

const NOW: i64 = 1_750_000_000;
const ISSUER: &str = "https://login.example/tenant/v2.0";
const SUBJECT: &str = "7d3a9f1e-0000-4000-8000-000000000000";
const AUDIENCE: &str = "api://vestibule";

const EXPECTED: AssertionExpectation<'static> = AssertionExpectation {
    issuer: ISSUER,
    subject: SUBJECT,
    audience: AUDIENCE,
};

struct Key(EncodingKey);

impl Key {
    fn rsa() -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let der = AsDer::<Pkcs8V1Der>::as_der(&pair).unwrap();
        let text = BASE64_STANDARD.encode(der.as_ref());
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n");
        Self(EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap())
    }

    fn ec(algorithm: &'static rcgen::SignatureAlgorithm) -> Self {
        let pair = rcgen::KeyPair::generate_for(algorithm).unwrap();
        Self(EncodingKey::from_ec_pem(pair.serialize_pem().as_bytes()).unwrap())
    }

    fn ed() -> Self {
        let pair = aws_lc_rs::signature::Ed25519KeyPair::generate().unwrap();
        let der = pair.to_pkcs8v1().unwrap();
        Self(EncodingKey::from_ed_der(der.as_ref()))
    }

    fn public(&self, algorithm: Algorithm, kid: Option<&str>) -> Value {
        let public = Jwk::from_encoding_key(&self.0, algorithm).unwrap();
        let mut public = serde_json::to_value(public).unwrap();
        let fields = public.as_object_mut().unwrap();
        fields.remove("alg");
        if let Some(kid) = kid {
            fields.insert("kid".to_owned(), json!(kid));
        }
        public
    }

    fn sign(&self, algorithm: Algorithm, kid: Option<&str>, claims: &Value) -> String {
        let mut header = Header::new(algorithm);
        header.kid = kid.map(str::to_owned);
        jsonwebtoken::encode(&header, claims, &self.0).unwrap()
    }
}

static RSA: LazyLock<Key> = LazyLock::new(Key::rsa);

fn claims() -> Value {
    json!({
        "iss": ISSUER, "sub": SUBJECT, "aud": AUDIENCE,
        "exp": NOW + 3600, "nbf": NOW, "iat": NOW, "jti": "one",
    })
}

fn set(keys: &[Value]) -> Jwks {
    serde_json::from_value(json!({ "keys": keys })).unwrap()
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn verify(raw: &str, keys: &Jwks) -> Result<VerifiedAssertion, AssertionRefusal> {
    ClientAssertion::read(raw)?.verify(&EXPECTED, keys, at(NOW))
}

/// The verdict on claims that are rightly signed.
fn verdict(claims: &Value) -> Result<VerifiedAssertion, AssertionRefusal> {
    let keys = set(&[RSA.public(Algorithm::RS256, Some("1"))]);
    verify(&RSA.sign(Algorithm::RS256, Some("1"), claims), &keys)
}

#[test]
fn each_algorithm_without_a_shared_secret_is_verified() {
    let (p256, p384, ed) = (
        Key::ec(&rcgen::PKCS_ECDSA_P256_SHA256),
        Key::ec(&rcgen::PKCS_ECDSA_P384_SHA384),
        Key::ed(),
    );
    let table = [
        (Algorithm::RS256, &*RSA),
        (Algorithm::RS384, &*RSA),
        (Algorithm::RS512, &*RSA),
        (Algorithm::PS256, &*RSA),
        (Algorithm::PS384, &*RSA),
        (Algorithm::PS512, &*RSA),
        (Algorithm::ES256, &p256),
        (Algorithm::ES384, &p384),
        (Algorithm::EdDSA, &ed),
    ];
    let public = |(algorithm, key): &(Algorithm, &Key)| key.public(*algorithm, Some("1"));
    for (algorithm, key) in table {
        let raw = key.sign(algorithm, Some("1"), &claims());
        let own = set(&[public(&(algorithm, key))]);
        assert!(verify(&raw, &own).is_ok(), "{algorithm:?}");
        let others = table.iter().filter(|row| !std::ptr::eq(row.1, key));
        let others: Vec<Value> = others.map(public).collect();
        // A key of the other curve is of the right kind, and verifies nothing.
        let refused = verify(&raw, &set(&others)).unwrap_err();
        let by_curve = [AssertionRefusal::KeyUnknown, AssertionRefusal::Signature];
        assert!(by_curve.contains(&refused), "{algorithm:?}: {refused}");
    }
}

#[test]
fn what_is_right_leaves_its_id_and_the_end_of_its_use() {
    let verified = verdict(&claims()).unwrap();
    assert_eq!(verified.id, AssertionId::Jti("one".to_owned()));
    assert_eq!(verified.usable_until, at(NOW + 3660));
}

#[test]
fn each_claim_is_checked() {
    use AssertionRefusal as R;
    let day = 24 * 3600;
    let table = [
        ("iss", json!("https://login.example/other/v2.0"), R::Issuer),
        ("iss", json!(null), R::Issuer),
        ("iss", json!(format!("{ISSUER}/")), R::Issuer),
        ("sub", json!("somebody"), R::Subject),
        ("sub", json!(""), R::Subject),
        ("aud", json!("api://other"), R::Audience),
        ("aud", json!(null), R::Audience),
        ("aud", json!([]), R::Audience),
        ("aud", json!([AUDIENCE, "api://other"]), R::Audience),
        ("aud", json!([AUDIENCE, AUDIENCE]), R::Audience),
        ("aud", json!("API://vestibule"), R::Audience),
        ("exp", json!(null), R::ExpiryMissing),
        ("exp", json!("soon"), R::ExpiryMissing),
        ("exp", json!(i64::MAX), R::ExpiryMissing),
        ("exp", json!(1e300), R::ExpiryMissing),
        ("exp", json!(NOW - 60), R::Expired),
        ("exp", json!(NOW + day + 61), R::TooLong),
        ("nbf", json!(NOW + 61), R::NotYetValid),
        ("nbf", json!(null), R::NotYetValid),
        ("iat", json!(NOW + 61), R::IssuedInFuture),
        ("iat", json!("now"), R::IssuedInFuture),
    ];
    for (claim, value, expected) in table {
        let mut claims = claims();
        claims[claim] = value.clone();
        let refusal = verdict(&claims).unwrap_err();
        assert_eq!(refusal, expected, "{claim} {value}");
        assert!(refusal.is_signed(), "{claim} {value}");
    }
    let mut without = claims();
    without.as_object_mut().unwrap().remove("exp");
    assert_eq!(verdict(&without), Err(R::ExpiryMissing));
}

#[test]
fn clocks_may_differ_by_a_minute_and_times_may_have_fractions() {
    let table = [
        ("exp", json!(NOW - 59)),
        ("exp", json!(NOW + 24 * 3600 + 60)),
        ("exp", json!(1_750_000_010.5)),
        ("nbf", json!(NOW + 60)),
        ("iat", json!(NOW + 60)),
        ("aud", json!([AUDIENCE])),
    ];
    for (claim, value) in table {
        let mut claims = claims();
        claims[claim] = value.clone();
        assert!(verdict(&claims).is_ok(), "{claim} {value}");
    }
    let least = json!({ "iss": ISSUER, "sub": SUBJECT, "aud": AUDIENCE, "exp": NOW + 60 });
    let id = verdict(&least).unwrap().id;
    assert!(matches!(id, AssertionId::Signed(signed) if signed.matches('.').count() == 1));
}

#[test]
fn the_key_is_found_by_its_kid_or_is_the_only_one() {
    use AssertionRefusal as R;
    let other = Key::rsa();
    let (first, second) = (
        RSA.public(Algorithm::RS256, Some("1")),
        other.public(Algorithm::RS256, Some("2")),
    );
    let mut for_encryption = first.clone();
    for_encryption["use"] = json!("enc");
    let mut for_another = first.clone();
    for_another["alg"] = json!("RS512");
    let nameless = RSA.public(Algorithm::RS256, None);
    let both = vec![first.clone(), second.clone()];
    let table = [
        (Some("1"), both.clone(), None),
        (Some("2"), both.clone(), Some(R::Signature)),
        (Some("3"), both.clone(), Some(R::KeyUnknown)),
        (None, both, Some(R::KeyAmbiguous)),
        (None, vec![first.clone()], None),
        (None, vec![nameless.clone()], None),
        (Some("1"), vec![nameless], Some(R::KeyUnknown)),
        (
            Some("1"),
            vec![first.clone(), first.clone()],
            Some(R::KeyAmbiguous),
        ),
        (Some("1"), vec![for_encryption], Some(R::KeyUnknown)),
        (Some("1"), vec![for_another], Some(R::KeyUnknown)),
        (Some("1"), vec![], Some(R::KeyUnknown)),
    ];
    for (number, (kid, keys, expected)) in table.into_iter().enumerate() {
        let raw = RSA.sign(Algorithm::RS256, kid, &claims());
        assert_eq!(verify(&raw, &set(&keys)).err(), expected, "row {number}");
    }
}

#[test]
fn forgeries_are_refused_before_anything_in_them_is_believed() {
    let public = RSA.public(Algorithm::RS256, Some("1"));
    let keys = set(std::slice::from_ref(&public));
    let right = RSA.sign(Algorithm::RS256, Some("1"), &claims());
    let (signed, signature) = right.rsplit_once('.').unwrap();
    let (head, body) = signed.split_once('.').unwrap();
    let part = |json: Value| BASE64_URL_SAFE_NO_PAD.encode(json.to_string());
    let mut taken_over = claims();
    taken_over["sub"] = json!("somebody");
    let modulus = public["n"].as_str().unwrap();
    let shared = EncodingKey::from_secret(modulus.as_bytes());
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some("1".to_owned());
    let by_public_key = jsonwebtoken::encode(&header, &claims(), &shared).unwrap();
    let none = part(json!({ "alg": "none" }));
    let critical = part(json!({ "alg": "RS256", "kid": "1", "crit": ["exp"], "exp": 1 }));
    let table = [
        String::new(),
        "..".to_owned(),
        "a.b".to_owned(),
        format!("{head}.{body}"),
        format!("{right}.x"),
        format!("{signed}."),
        format!("{signed}.!!!"),
        format!("{head}.{}.{signature}", part(taken_over)),
        format!("{none}.{body}."),
        format!("{none}.{body}.{signature}"),
        format!("{critical}.{body}.{signature}"),
        format!("{}.{body}.{signature}", part(json!({ "kid": "1" }))),
        format!("{head}.{}.{signature}", part(json!([1]))),
        by_public_key,
        Key::rsa().sign(Algorithm::RS256, Some("1"), &claims()),
    ];
    for raw in table {
        let refusal = verify(&raw, &keys).unwrap_err();
        assert!(!refusal.is_signed(), "{raw}: {refusal}");
    }
}
