//! Signed responses to start mutations from, each with what it says.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use vestibule::demo::saml_encryption::Encryption;
use vestibule::demo::saml_response::Exchange;
use vestibule::demo::saml_response::ResponseDraft;
use vestibule::demo::saml_signature::KeyPair;
use vestibule::protocol::saml;
use vestibule::protocol::saml::DecryptionKey;

use super::forge::FORGED;
use super::forge::HONEST;
use super::mutate::mutated;

const IDP: &str = "https://idp.acme.test/saml";
const ACS: &str = "https://sp.test/v1/b2b/sso/callback/saml-connection-test-1";
const REQUEST: &str = "_request";

static READER: LazyLock<KeyPair> = LazyLock::new(|| KeyPair::generate("sp").unwrap());

/// A response, what is expected of it, and what it says.
pub struct Seed {
    pub xml: String,
    /// A forged assertion of the same make.
    evil: String,
    expected: saml::Expected,
    now: DateTime<Utc>,
    pub signed: saml::Assertion,
}

/// How many seeds there are.
pub const SEEDS: usize = 5;

/// One seed with a signed assertion, one with a signed response, one with both; and one encrypted
/// around what is signed, one inside it.
pub fn seeds() -> [Seed; SEEDS] {
    let key = KeyPair::generate("idp").unwrap();
    let encryption = || Encryption::to(&READER.certificate_pem).ok();
    [
        Seed::new(&key, (true, false), None),
        Seed::new(&key, (false, true), None),
        Seed::new(&key, (true, true), None),
        Seed::new(&key, (true, false), encryption()),
        Seed::new(&key, (false, true), encryption()),
    ]
}

fn reader() -> DecryptionKey {
    let body = STANDARD.encode(&READER.pkcs8);
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
    DecryptionKey::from_pem(&pem).unwrap()
}

impl Seed {
    fn new(
        key: &KeyPair,
        (sign_assertion, sign_response): (bool, bool),
        encryption: Option<Encryption>,
    ) -> Self {
        let now = DateTime::from_timestamp(1_900_000_000, 0).unwrap();
        let draft = ResponseDraft {
            sign_assertion,
            sign_response,
            encryption,
            ..draft(HONEST, now)
        };
        let forged = ResponseDraft {
            sign_assertion: false,
            assertion_id: "_evil".to_owned(),
            ..self::draft(FORGED, now)
        };
        let evil = forged.to_xml(key).unwrap();
        let (_, evil) = evil.split_once("<saml:Assertion").unwrap();
        let (evil, _) = evil.split_once("</samlp:Response>").unwrap();
        let expected = saml::Expected {
            certificates: vec![key.certificate_pem.clone()],
            idp_entity_id: IDP.to_owned(),
            acs_urls: vec![ACS.to_owned()],
            audiences: vec![ACS.to_owned()],
            in_response_to: Some(REQUEST.to_owned()),
            clock_skew: TimeDelta::seconds(60),
            decryption_keys: vec![reader()],
            want_response_signed: false,
            want_assertion_signed: false,
            authn_context: None,
            authenticated_since: None,
        };
        let xml = draft.to_xml(key).unwrap();
        let signed = saml::verify(&STANDARD.encode(&xml), &expected, now).unwrap();
        Self {
            xml,
            evil: format!("<saml:Assertion{evil}"),
            expected,
            now,
            signed,
        }
    }

    /// The response, changed as the bytes say.
    pub fn mutated(&self, bytes: &[u8]) -> String {
        mutated(&self.xml, &self.evil, bytes)
    }

    pub fn verify(&self, form_value: &str) -> Result<saml::Assertion, saml::Rejection> {
        saml::verify(form_value, &self.expected, self.now)
    }

    /// What each signature engine alone accepts, also of what another refuses.
    #[cfg(feature = "fuzzing")]
    pub fn accepted_by_each_engine(&self, form_value: &str) -> Vec<Option<saml::Assertion>> {
        let verdicts = saml::verify_by_each_engine(form_value, &self.expected, self.now);
        verdicts.into_iter().map(Result::ok).collect()
    }
}

fn draft(person: &str, now: DateTime<Utc>) -> ResponseDraft {
    let exchange = Exchange {
        issuer: IDP,
        acs_url: ACS,
        audience: ACS,
        in_response_to: Some(REQUEST),
        unique: "1",
    };
    let mut draft = ResponseDraft::new(exchange, person, now);
    draft.attributes = vec![
        ("email".to_owned(), vec![person.to_owned()]),
        ("groups".to_owned(), vec!["a & b".to_owned(), String::new()]),
    ];
    draft
}
