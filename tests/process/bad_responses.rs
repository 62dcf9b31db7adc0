//! What it costs the server to refuse SAML responses that were made to hurt: CPU time and memory of
//! its process: letters of our own, most of which are what they should be but for the key, so that
//! they are refused late; and every attack of `fixtures/saml`.

use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use serde_json::json;
use url::form_urlencoded::Serializer;
use vestibule::demo::saml_encryption::Encryption;
use vestibule::demo::saml_response::Exchange;
use vestibule::demo::saml_response::ResponseDraft;
use vestibule::demo::saml_signature::KeyPair;

use super::Installation;
use super::Process;
use super::bad_scim::command;
use super::cost::cpu_ms;
use super::cost::memory_mb;
use super::saml::case::cases;
use super::saml::forge::World;
use super::saml::sign::SigningKey;

const CREDENTIALS: (&str, &str) = (
    "project-test-11111111-1111-4111-8111-111111111111",
    "secret-test-given",
);
const IDP: &str = "https://idp.test";
const STATUS: &str = "</samlp:Status>";
/// CPU time is counted in hundredths of a second.
const REPEATS: u32 = 20;
const REPEATS_EACH: u32 = 5;
/// The bound is 50 ms; our own code takes longer without optimization.
const MOST_CPU_MS: f64 = if cfg!(debug_assertions) { 100.0 } else { 50.0 };
const MOST_MEMORY_MB: f64 = 50.0;

/// Changes the connection with this address in the management API.
async fn change(url: &str, settings: &Value) {
    let put = reqwest::Client::new().put(url).body(settings.to_string());
    let put = put.header("content-type", "application/json");
    let put = put.basic_auth(CREDENTIALS.0, Some(CREDENTIALS.1));
    let answer = put.send().await.unwrap();
    let status = answer.status();
    assert_eq!(status, 200, "{}", answer.text().await.unwrap());
}

/// A browser that shows where it is led to instead of going there.
fn unled_browser() -> reqwest::Client {
    let redirects = reqwest::redirect::Policy::none();
    let browser = reqwest::Client::builder().redirect(redirects);
    browser.build().unwrap()
}

struct Target {
    acs_url: String,
    /// Of the connection, in the management API.
    url: String,
    /// What encrypts to the newest key of five.
    encryption: Encryption,
    idp: KeyPair,
}

impl Target {
    /// With so many keys of our own making.
    async fn make(installation: &Installation, keys: u8) -> Self {
        let idp = KeyPair::generate("idp").unwrap();
        let organization = json!({ "organization_name": "Letters" });
        let call = async |path: &str, body: Value| {
            let (status, answer) = installation.call(path, CREDENTIALS, Some(body)).await;
            assert_eq!(status, 200, "{path}: {answer}");
            answer
        };
        let made = call("/v1/b2b/organizations", organization).await;
        let organization = made
            .pointer("/organization/organization_id")
            .unwrap_or(&Value::Null)
            .as_str()
            .unwrap();
        let path = format!("/v1/b2b/sso/saml/{organization}");
        let made = call(&path, json!({})).await;
        let id = made
            .pointer("/connection/connection_id")
            .unwrap_or(&Value::Null)
            .as_str()
            .unwrap();
        let path = format!("{path}/connections/{id}");
        let settings = json!({
            "idp_entity_id": IDP,
            "idp_sso_url": format!("{IDP}/sso"),
            "x509_certificate": idp.certificate_pem,
            "attribute_mapping": { "email": "NameID", "full_name": "name" },
            "idp_initiated_auth_disabled": false,
        });
        let url = format!("http://127.0.0.1:{}{path}", installation.port);
        change(&url, &settings).await;
        let mut made = Value::Null;
        for _ in 0..keys {
            made = call(&format!("{path}/encryption_private_keys"), json!({})).await;
        }
        let keys = made
            .pointer("/connection/encryption_private_keys")
            .unwrap_or(&Value::Null)
            .as_array();
        let newest = keys.unwrap().last().unwrap()["certificate"].as_str();
        Self {
            acs_url: made
                .pointer("/connection/acs_url")
                .unwrap_or(&Value::Null)
                .as_str()
                .unwrap()
                .to_owned(),
            encryption: Encryption::to(newest.unwrap()).unwrap(),
            idp,
            url,
        }
    }

    /// What the attacks are made of, with a request that waits for them, its state and its cookie.
    async fn world(&self) -> (World, String, String) {
        let curves = [
            &rcgen::PKCS_ECDSA_P256_SHA256,
            &rcgen::PKCS_ECDSA_P384_SHA384,
        ];
        let curves = curves.map(SigningKey::elliptic).to_vec();
        for key in &curves {
            change(&self.url, &json!({ "x509_certificate": key.certificate })).await;
        }
        let reader = KeyPair::generate("reader").unwrap();
        // PKCS#1 sits in PKCS#8 behind 26 bytes.
        let body = STANDARD.encode(reader.pkcs8.get(26..).unwrap());
        let label = "RSA PRIVATE KEY";
        let pasted = format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n");
        change(&self.url, &json!({ "saml_encryption_private_key": pasted })).await;
        let (start, connection) = self.acs_url.split_once("/v1/b2b/sso/callback/").unwrap();
        let start = format!(
            "{start}/v1/public/sso/start?connection_id={connection}&public_token=public-token-test-given"
        );
        let page = unled_browser().get(start).send().await.unwrap();
        let headers = page.headers().clone();
        assert_eq!(page.status(), 302, "{}", page.text().await.unwrap());
        let cookie = headers.get("set-cookie").unwrap().to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let target = url::Url::parse(headers.get("location").unwrap().to_str().unwrap()).unwrap();
        let field = |wanted: &str| {
            let mut pairs = target.query_pairs();
            let found = pairs.find(|(name, _)| name == wanted).unwrap();
            found.1.into_owned()
        };
        let deflated = STANDARD.decode(field("SAMLRequest")).unwrap();
        let mut request = String::new();
        flate2::read::DeflateDecoder::new(deflated.as_slice())
            .read_to_string(&mut request)
            .unwrap();
        let (_, id) = request.split_once(" ID=\"").unwrap();
        let world = World {
            issuer: IDP.to_owned(),
            acs_url: self.acs_url.clone(),
            request_id: id.split_once('"').unwrap().0.to_owned(),
            other_acs_url: format!("{}2", self.acs_url),
            listener: "http://listener.test".to_owned(),
            now: std::time::SystemTime::now().into(),
            idp: self.idp.clone(),
            neighbour: KeyPair::generate("neighbour").unwrap(),
            stranger: KeyPair::generate("stranger").unwrap(),
            reader,
            curves,
        };
        (world, field("RelayState"), cookie)
    }

    fn draft(&self) -> ResponseDraft {
        let exchange = Exchange {
            issuer: IDP,
            acs_url: &self.acs_url,
            audience: &self.acs_url,
            in_response_to: None,
            unique: "1",
        };
        ResponseDraft::new(
            exchange,
            "ana@acme.test",
            std::time::SystemTime::now().into(),
        )
    }

    /// Each with its name and the check that refuses it.
    #[expect(clippy::too_many_lines, reason = "a table, a row for each letter")]
    fn letters(&self) -> Vec<(&'static str, &'static str, String)> {
        let stranger = KeyPair::generate("stranger").unwrap();
        let strange = self.draft().to_xml(&stranger).unwrap();
        let stuffed = |stuffing: String| {
            let detail = format!("<samlp:StatusDetail>{stuffing}</samlp:StatusDetail>{STATUS}");
            strange.replacen(STATUS, &detail, 1)
        };
        let mut many = self.draft();
        many.attributes = vec![(
            "many".to_owned(),
            vec!["a value of its own".to_owned(); 1_000],
        )];
        many.sign_response = true;
        let nested = format!("{}x{}", "<g>".repeat(30), "</g>".repeat(30)).repeat(600);
        let mut nesting = self.draft();
        nesting.attributes = vec![("nested".to_owned(), vec!["NESTED".to_owned()])];
        let nesting = nesting
            .to_xml(&stranger)
            .unwrap()
            .replace("NESTED", &nested);
        let encrypted = |encryption: Encryption| {
            let mut draft = self.draft();
            draft.encryption = Some(encryption);
            draft.to_xml(&stranger).unwrap()
        };
        let to_stranger = Encryption::to(&stranger.certificate_pem).unwrap();
        let entity = |level: usize| {
            let references = format!("&a{};", level - 1).repeat(10);
            format!("<!ENTITY a{level} \"{references}\">")
        };
        let entities = (1..9).map(entity).collect::<Vec<_>>().concat();
        let style = "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xslt-19991116\"/>";
        let styled = strange.replacen("<ds:Transform ", &format!("{style}<ds:Transform "), 1);
        let swapped = many.to_xml(&self.idp).unwrap().replace("ana@", "eva@");
        vec![
            ("a stranger's", "signature_invalid", strange.clone()),
            (
                "a changed one with 1,000 values",
                "signature_invalid",
                swapped,
            ),
            (
                "1,000 values",
                "signature_invalid",
                many.to_xml(&stranger).unwrap(),
            ),
            ("18,000 nested elements", "signature_invalid", nesting),
            (
                "18,000 elements",
                "signature_invalid",
                stuffed("<b/>".repeat(18_000)),
            ),
            (
                "180 KB of text",
                "signature_invalid",
                stuffed("x".repeat(180_000)),
            ),
            (
                "to one of our keys",
                "signature_invalid",
                encrypted(self.encryption.clone()),
            ),
            (
                "to none of our keys",
                "decryption_failed",
                encrypted(to_stranger),
            ),
            (
                "40,000 elements",
                "too_many_elements",
                stuffed("<b/>".repeat(40_000)),
            ),
            (
                "10,000 levels",
                "document_too_deep",
                stuffed("<b>".repeat(10_000)),
            ),
            (
                "30,000 attributes",
                "too_many_attributes",
                stuffed(format!("<b{}/>", " a=\"\"".repeat(30_000))),
            ),
            (
                "entities",
                "doctype_present",
                format!("<!DOCTYPE r [{entities}]>{strange}"),
            ),
            ("a style sheet", "transforms", styled),
            (
                "too much",
                "response_too_large",
                stuffed("x".repeat(230_000)),
            ),
        ]
    }
}

#[actix_web::test]
async fn a_response_that_was_made_to_hurt_costs_little_to_refuse() {
    let installation = Installation::new();
    let process = Process::start(command(&installation));
    process.until("Health and metrics");
    let target = Target::make(&installation, 5).await;
    let pid = process.child.id();
    let browser = reqwest::Client::new();
    let letters = target.letters();
    let resting = memory_mb(pid, "VmRSS");
    let mut failures = Vec::new();
    for (name, check, xml) in letters {
        let form = Serializer::new(String::new())
            .append_pair("SAMLResponse", &STANDARD.encode(xml))
            .finish();
        let before = cpu_ms(pid);
        for _ in 0..REPEATS {
            let post = browser.post(&target.acs_url).body(form.clone());
            let post = post.header("content-type", "application/x-www-form-urlencoded");
            let page = post.send().await.unwrap();
            let status = page.status().as_u16();
            let text = page.text().await.unwrap();
            assert!(
                text.contains(&format!("<dd>{check}</dd>")),
                "{name}: {status} {text}"
            );
        }
        let cost = (cpu_ms(pid) - before) / f64::from(REPEATS);
        if cost > MOST_CPU_MS {
            failures.push(format!("{name}: {cost} ms"));
        }
    }
    assert!(failures.is_empty(), "{failures:?}");
    let most = memory_mb(pid, "VmHWM") - resting;
    assert!(most < MOST_MEMORY_MB, "{most} MB");
}

#[actix_web::test]
async fn every_attack_of_the_corpus_costs_little_to_refuse() {
    let installation = Installation::new();
    let mut command = command(&installation);
    command.env("VESTIBULE_REDIRECT_URLS", "https://app.test/authenticate");
    let process = Process::start(command);
    process.until("Health and metrics");
    // One more is pasted, of which the attacks know the other half.
    let target = Target::make(&installation, 4).await;
    let (mut world, relay_state, cookie) = target.world().await;
    let pid = process.child.id();
    let (browser, resting) = (unled_browser(), memory_mb(pid, "VmRSS"));
    let attacks = cases("attacks");
    assert!(attacks.len() >= 90, "{}", attacks.len());
    let mut failures = Vec::new();
    for (name, case) in attacks {
        // What is too early at the start of the corpus would be in time at its end.
        world.now = std::time::SystemTime::now().into();
        let form = Serializer::new(String::new())
            .append_pair("SAMLResponse", &world.letter(&case).form_value)
            .append_pair("RelayState", &relay_state)
            .finish();
        let before = cpu_ms(pid);
        for _ in 0..REPEATS_EACH {
            let post = browser.post(&target.acs_url).body(form.clone());
            let post = post.header("content-type", "application/x-www-form-urlencoded");
            let page = post.header("cookie", &cookie).send().await.unwrap();
            let (status, text) = (page.status().as_u16(), page.text().await.unwrap());
            let check = case.check.clone().unwrap_or_default();
            let is_refused = text.contains(&format!("<dd>{check}</dd>"));
            assert!(
                status == 400 && is_refused,
                "{name}: {check} wanted: {text}"
            );
        }
        let cost = (cpu_ms(pid) - before) / f64::from(REPEATS_EACH);
        if cost > MOST_CPU_MS {
            failures.push(format!("{name}: {cost} ms"));
        }
    }
    assert!(failures.is_empty(), "{failures:?}");
    let most = memory_mb(pid, "VmHWM") - resting;
    assert!(most < MOST_MEMORY_MB, "{most} MB");
}
