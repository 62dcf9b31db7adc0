//! Plays `fixtures/saml` against a running server: each attack is refused by its own check and
//! leaves nothing behind, each honest response lets its person in.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use serde_json::json;
use vestibule::demo::saml_signature::KeyPair;

use super::Acme;
use super::Asked;
use super::IDP;
use super::authenticate;
use super::callback_url;
use super::events;
use super::idp_key;
use super::saml_connection;
use super::text;
use crate::support::browser::Page;
use crate::support::saml::case::Case;
use crate::support::saml::case::cases;
use crate::support::saml::forge::FORGED;
use crate::support::saml::forge::HONEST;
use crate::support::saml::forge::Letter;
use crate::support::saml::forge::World;
use crate::support::saml::sign::SigningKey;
use crate::support::saml::weak;
use crate::support::saml::weak::Harm;
use crate::support::stub_site::StubSite;

/// How many attacks no weak reader can show to do harm, as nobody and nothing is in them.
const EXCUSED: usize = 3;
const EXPANSION: usize = 1024 * 1024;

fn neighbour() -> &'static KeyPair {
    static KEY: OnceLock<KeyPair> = OnceLock::new();
    KEY.get_or_init(|| KeyPair::generate("neighbour").unwrap())
}

fn stranger() -> &'static KeyPair {
    static KEY: OnceLock<KeyPair> = OnceLock::new();
    KEY.get_or_init(|| KeyPair::generate("stranger").unwrap())
}

/// Our own key for encrypted assertions.
fn reader() -> &'static KeyPair {
    static KEY: OnceLock<KeyPair> = OnceLock::new();
    KEY.get_or_init(|| KeyPair::generate("reader").unwrap())
}

/// The same as administrators paste it: PKCS#1 sits in PKCS#8 behind 26 bytes.
fn pasted_reader() -> String {
    let label = "RSA PRIVATE KEY";
    let body = STANDARD.encode(&reader().pkcs8[26..]);
    format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
}

fn curves() -> &'static Vec<SigningKey> {
    static KEYS: OnceLock<Vec<SigningKey>> = OnceLock::new();
    let make = || {
        vec![
            SigningKey::elliptic(&rcgen::PKCS_ECDSA_P256_SHA256),
            SigningKey::elliptic(&rcgen::PKCS_ECDSA_P384_SHA384),
        ]
    };
    KEYS.get_or_init(make)
}

/// Acme's connection, with Globex's beside it and a site that nobody may ask anything.
struct Arena {
    acme: Acme,
    globex: String,
    listener: StubSite,
}

impl Arena {
    async fn open() -> Self {
        let acme = Acme::open().await;
        for key in curves() {
            acme.change_connection(json!({ "x509_certificate": key.certificate }))
                .await;
        }
        let key = json!({ "saml_encryption_private_key": pasted_reader() });
        acme.change_connection(key).await;
        let globex = json!({ "organization_name": "Globex" });
        let globex = text(&acme.gateway.organization(globex).await["organization_id"]);
        let theirs = json!({ "x509_certificate": neighbour().certificate_pem });
        let connection = saml_connection(&acme.gateway, &globex, theirs).await;
        Self {
            globex: connection,
            listener: StubSite::start(),
            acme,
        }
    }

    fn world(&self, asked: &Asked) -> World {
        World {
            issuer: IDP.to_owned(),
            acs_url: self.acme.acs_url(),
            request_id: asked.request_id.clone(),
            other_acs_url: callback_url(&self.acme.gateway, &self.globex),
            listener: self.listener.origin.clone(),
            now: self.acme.gateway.now(),
            idp: idp_key().clone(),
            neighbour: neighbour().clone(),
            stranger: stranger().clone(),
            reader: reader().clone(),
            curves: curves().clone(),
        }
    }

    async fn send(&self, letter: &Letter, asked: &Asked) -> Page {
        let value = letter.form_value.clone();
        self.acme.post_value(value, &asked.relay_state).await
    }

    /// Nobody signed in, nobody was created, and nobody was asked anything.
    async fn assert_untouched(&self) {
        let kinds = self.acme.journal().await;
        let refusals = kinds.iter().filter(|kind| *kind == "sign_in.refused");
        assert_eq!(refusals.count(), kinds.len(), "{kinds:?}");
        let members = "/v1/b2b/organizations/members/search";
        let all = json!({ "organization_ids": [self.acme.organization_id] });
        let found = self.acme.gateway.post(members, all).await;
        assert_eq!(found.body["members"], json!([]), "{}", found.text);
        assert_eq!(self.listener.requests(), Vec::<String>::new());
    }
}

/// What is wrong with the answer to an attack.
fn complaint(case: &Case, page: &Page) -> Option<String> {
    let check = match page.shown("Check") {
        check if check.is_empty() => page.code(),
        check => check,
    };
    let wanted = case.check.as_deref();
    let is_refused = page.status == 400 && wanted == Some(check.as_str());
    (!is_refused).then(|| format!("{wanted:?} wanted, not {} {check}", page.status))
}

#[actix_web::test]
async fn every_attack_is_refused_by_its_own_check_and_leaves_nothing_behind() {
    let arena = Arena::open().await;
    let asked = arena.acme.start().await;
    let world = arena.world(&asked);
    let attacks = cases("attacks");
    let mut failures = Vec::new();
    for (name, case) in &attacks {
        let page = arena.send(&world.letter(case), &asked).await;
        failures.extend(complaint(case, &page).map(|complaint| format!("{name}: {complaint}")));
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
    arena.assert_untouched().await;
    let told = events(&arena.acme.gateway, &arena.acme.organization_id).await;
    let refused: Vec<Value> = told
        .iter()
        .filter(|event| event.kind == "sign_in.refused")
        .filter_map(|event| Some(event.after.as_ref()?["check"].clone()))
        .collect();
    let wanted: Vec<Value> = attacks.iter().map(|(_, case)| json!(case.check)).collect();
    let mut sent = wanted.iter();
    let is_in_order = refused
        .iter()
        .all(|check| sent.any(|wanted| wanted == check));
    assert!(is_in_order, "the journal names the checks: {refused:?}");
    assert!(
        refused.len() >= 30,
        "and keeps so many of them of one minute"
    );

    let honest = world.letter(&Case::default());
    let page = arena.send(&honest, &asked).await;
    let answer = authenticate(&arena.acme.gateway, &page).await;
    assert_eq!(answer.body["member"]["email_address"], HONEST);
}

#[actix_web::test]
async fn every_honest_response_lets_its_person_in_and_reaches_for_nothing() {
    let arena = Arena::open().await;
    let mut failures = Vec::new();
    for (name, case) in cases("honest") {
        let asked = arena.acme.start().await;
        let world = arena.world(&asked);
        let letter = world.letter(&case);
        if !letter.xml.contains("EncryptedAssertion") {
            let read = weak::complete("sound", &letter, &world);
            assert_eq!(read.as_deref(), Some(HONEST), "{name}, as others verify it");
        }
        let page = arena.send(&letter, &asked).await;
        if page.status != 302 {
            failures.push(format!("{name}: {} {}", page.code(), page.shown("Check")));
            continue;
        }
        let answer = authenticate(&arena.acme.gateway, &page).await;
        assert_eq!(answer.body["member"]["email_address"], HONEST, "{name}");
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
    assert_eq!(arena.listener.requests(), Vec::<String>::new());
}

fn pretended() -> World {
    let acs_url = "https://sp.test/v1/b2b/sso/callback/saml-connection-test-1";
    World {
        issuer: IDP.to_owned(),
        acs_url: acs_url.to_owned(),
        request_id: "_request".to_owned(),
        other_acs_url: format!("{acs_url}2"),
        listener: "http://listener.test".to_owned(),
        now: chrono::Utc::now(),
        idp: idp_key().clone(),
        neighbour: neighbour().clone(),
        stranger: stranger().clone(),
        reader: reader().clone(),
        curves: curves().clone(),
    }
}

fn is_real(harm: Option<&Harm>, letter: &Letter, world: &World) -> bool {
    match harm {
        Some(Harm::Identity(person)) => person == FORGED,
        Some(Harm::Fetches(url)) => url.starts_with(&world.listener) || url.starts_with("file:"),
        Some(Harm::Expands(size)) => *size > EXPANSION && letter.xml.len() < EXPANSION / 4,
        Some(Harm::Runs(_) | Harm::Tells(_) | Harm::Falls) => true,
        None => false,
    }
}

#[test]
fn every_attack_deceives_the_weak_reader_it_is_made_for() {
    let world = pretended();
    let (mut failures, mut excused) = (Vec::new(), 0);
    for (name, case) in cases("attacks") {
        let letter = world.letter(&case);
        let (Some(reader), None) = (case.fools.as_deref(), &case.because) else {
            let says = case.because.as_deref().is_some_and(|it| !it.is_empty());
            assert!(says && case.fools.is_none(), "{name} names neither");
            excused += 1;
            continue;
        };
        let sound = if weak::is_complete(reader) {
            weak::complete("sound", &letter, &world)
        } else {
            weak::SOUND.identity(&letter.xml, &world)
        };
        let harm = weak::harm(reader, &letter, &world);
        if !is_real(harm.as_ref(), &letter, &world) {
            failures.push(format!("{name}: {reader} comes to {harm:?}"));
        }
        if reader != "checks_no_profile" && sound.as_deref() == Some(FORGED) {
            failures.push(format!("{name}: not for the weakness of {reader}"));
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
    assert_eq!(excused, EXCUSED);
}

#[test]
fn every_class_of_attack_has_its_cases() {
    let cases = cases("attacks");
    let folders: BTreeSet<&str> = cases
        .iter()
        .filter_map(|(name, _)| name.split('/').nth(1))
        .collect();
    let wanted = [
        "encoding",
        "encryption",
        "markup",
        "profile",
        "signature",
        "size",
        "text",
        "wrapping",
    ];
    assert_eq!(folders, wanted.into());
    assert!(cases.len() >= 90, "{}", cases.len());
    for (name, case) in &cases {
        assert!(!case.about.is_empty() && !case.source.is_empty(), "{name}");
    }
}
