//! How many SAML responses one core verifies in a second, beside the bare verification of one RSA-2048 signature.

use std::time::Duration;
use std::time::Instant;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair as RsaKey;
use aws_lc_rs::signature::KeyPair as _;
use aws_lc_rs::signature::ParsedPublicKey;
use aws_lc_rs::signature::RSA_PKCS1_2048_8192_SHA256;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bergshamra::DsigContext;
use bergshamra::KeysManager;
use bergshamra::keys::loader::load_spki_der;
use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use vestibule::demo::saml_encryption::Encryption;
use vestibule::demo::saml_response::Exchange;
use vestibule::demo::saml_response::ResponseDraft;
use vestibule::demo::saml_signature::KeyPair;
use vestibule::protocol::saml;
use vestibule::protocol::saml::Certificate;
use vestibule::protocol::saml::DecryptionKey;
use vestibule::protocol::saml::Expected;

use crate::Outcome;
use crate::figures;

const ROUNDS: usize = 3;
const IDP: &str = "https://idp.example/metadata";
const ACS: &str = "https://sp.example/v1/b2b/sso/callback/saml-connection-test-1";
const REQUEST: &str = "_request1";

/// Prints the rate of each row in each round, every time beside the limit.
pub(crate) fn measure(seconds: u64) -> Outcome<()> {
    let time = Duration::from_secs(seconds);
    let bench = Bench::new()?;
    for _ in 0..ROUNDS {
        let limit = rate(time, || bench.bare())?;
        for (name, draft) in bench.drafts() {
            let form_value = draft.to_form_value(&bench.idp).map_err(said)?;
            let rps = rate(time, || bench.whole(&form_value))?;
            figures::print(&figures::verification(name, rps, limit))?;
        }
        let xml = bench.draft().to_xml(&bench.idp).map_err(said)?;
        let rps = rate(time, || bench.bergshamra(&xml))?;
        figures::print(&figures::verification("saml_verify_bergshamra", rps, limit))?;
        #[cfg(feature = "xmlsec")]
        {
            let rps = rate(time, || bench.xmlsec(&xml))?;
            figures::print(&figures::verification("saml_verify_xmlsec", rps, limit))?;
        }
    }
    Ok(())
}

fn rate(time: Duration, verify: impl Fn() -> Outcome<()>) -> Outcome<f64> {
    let run = |time: Duration| {
        let (start, mut count) = (Instant::now(), 0_u32);
        while start.elapsed() < time {
            verify()?;
            count += 1;
        }
        Ok(f64::from(count) / start.elapsed().as_secs_f64())
    };
    run(time / 10)?;
    run(time)
}

struct Bench {
    idp: KeyPair,
    idp_certificate: Certificate,
    encryption: Encryption,
    expected: Expected,
    now: DateTime<Utc>,
    bare_key: ParsedPublicKey,
    message: Vec<u8>,
    signature: Vec<u8>,
}

impl Bench {
    fn new() -> Outcome<Self> {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let idp = KeyPair::generate("IdP").map_err(said)?;
        let own = KeyPair::generate("SP").map_err(said)?;
        let secret = DecryptionKey::from_pem(&STANDARD.encode(&own.pkcs8));
        let expected = Expected {
            certificates: vec![idp.certificate_pem.clone()],
            decryption_keys: secret.into_iter().collect(),
            idp_entity_id: IDP.to_owned(),
            acs_urls: vec![ACS.to_owned()],
            audiences: vec![ACS.to_owned()],
            in_response_to: Some(REQUEST.to_owned()),
            clock_skew: TimeDelta::seconds(60),
            want_response_signed: false,
            want_assertion_signed: false,
            authn_context: None,
            authenticated_since: None,
        };
        let key = RsaKey::from_pkcs8(&idp.pkcs8).map_err(said)?;
        // As long as a SignedInfo is.
        let message = vec![b'x'; 700];
        let mut signature = vec![0; key.public_modulus_len()];
        key.sign(
            &RSA_PKCS1_SHA256,
            &SystemRandom::new(),
            &message,
            &mut signature,
        )
        .map_err(said)?;
        let public = key.public_key().as_ref();
        Ok(Self {
            idp_certificate: Certificate::parse(&idp.certificate_pem).map_err(said)?,
            encryption: Encryption::to(&own.certificate_pem).map_err(said)?,
            bare_key: ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public).map_err(said)?,
            idp,
            expected,
            now,
            message,
            signature,
        })
    }

    /// About 8 KB, as products write it for somebody in many groups.
    fn draft(&self) -> ResponseDraft {
        let exchange = Exchange {
            issuer: IDP,
            acs_url: ACS,
            audience: ACS,
            in_response_to: Some(REQUEST),
            unique: "1",
        };
        let mut draft = ResponseDraft::new(exchange, "ana@acme.example", self.now);
        let groups = (0..60).map(|number| format!("engineering of region {number:03}"));
        draft.attributes = vec![("groups".to_owned(), groups.collect())];
        for name in ["email", "firstName", "lastName", "department", "title"] {
            let value = format!("the {name} of ana@acme.example");
            draft.attributes.push((name.to_owned(), vec![value]));
        }
        draft
    }

    fn drafts(&self) -> [(&'static str, ResponseDraft); 3] {
        let both = ResponseDraft {
            sign_response: true,
            ..self.draft()
        };
        let encrypted = ResponseDraft {
            encryption: Some(self.encryption.clone()),
            ..self.draft()
        };
        [
            ("saml_verify", self.draft()),
            ("saml_verify_both_signed", both),
            ("saml_verify_encrypted", encrypted),
        ]
    }

    fn bare(&self) -> Outcome<()> {
        let verdict = self.bare_key.verify_sig(&self.message, &self.signature);
        verdict.map_err(said)
    }

    fn whole(&self, form_value: &str) -> Outcome<()> {
        let verdict = saml::verify(form_value, &self.expected, self.now);
        verdict.map(|_| ()).map_err(said)
    }

    fn bergshamra(&self, xml: &str) -> Outcome<()> {
        let mut manager = KeysManager::new();
        manager.add_key(load_spki_der(&self.idp_certificate.public_key_info).map_err(said)?);
        let verdicts = bergshamra::verify_all(&DsigContext::new(manager), xml).map_err(said)?;
        let is_valid = verdicts.iter().all(bergshamra::VerifyResult::is_valid);
        is_valid.then_some(()).ok_or_else(|| said("refused"))
    }

    #[cfg(feature = "xmlsec")]
    fn xmlsec(&self, xml: &str) -> Outcome<()> {
        use samael::crypto::CertificateDer;
        use samael::crypto::Crypto;
        use samael::crypto::CryptoProvider;
        use samael::crypto::ReduceMode;
        let keys = [CertificateDer::from(self.idp_certificate.der.clone())];
        let reduced = Crypto::reduce_xml_to_signed(xml, &keys, ReduceMode::PreDigest);
        reduced.map(|_| ()).map_err(said)
    }
}

fn said(error: impl ToString) -> String {
    error.to_string()
}
