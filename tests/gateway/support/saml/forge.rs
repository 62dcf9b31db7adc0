//! Makes the response of a case: a seed is drafted and signed, then forged step by step.

use std::collections::BTreeMap;
use std::io::Write;

use aws_lc_rs::rsa;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use base64::engine::general_purpose::URL_SAFE;
use chrono::DateTime;
use chrono::Utc;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use vestibule::demo::saml_encryption::ContentCipher;
use vestibule::demo::saml_encryption::Encryption;
use vestibule::demo::saml_encryption::KeyTransport;
use vestibule::demo::saml_response::Exchange;
use vestibule::demo::saml_response::ResponseDraft;
use vestibule::demo::saml_signature::KeyPair;

use super::canonical::canonical;
use super::case::Case;
use super::case::MannerOf;
use super::case::Sealing;
use super::case::Step;
use super::sign::Algorithm;
use super::sign::Digest;
use super::sign::Manner;
use super::sign::SigningKey;
use super::sign::hashed;
use super::sign::place_of;
use super::tree::parse;

/// Who signs in honestly.
pub const HONEST: &str = "ana@acme.test";
/// Whom every attack pretends to be.
pub const FORGED: &str = "eva@acme.test";

/// The connection under attack and who takes part.
#[derive(Clone)]
pub struct World {
    pub issuer: String,
    pub acs_url: String,
    pub request_id: String,
    /// The ACS of another connection.
    pub other_acs_url: String,
    /// A site that nobody may ask anything.
    pub listener: String,
    pub now: DateTime<Utc>,
    /// The key that the connection trusts.
    pub idp: KeyPair,
    /// The key that the other connection trusts.
    pub neighbour: KeyPair,
    /// A key that nobody trusts.
    pub stranger: KeyPair,
    /// Our key for encrypted assertions.
    pub reader: KeyPair,
    /// The keys on curves that the connection trusts besides.
    pub curves: Vec<SigningKey>,
}

/// What a browser posts.
#[derive(Clone, Debug)]
pub struct Letter {
    pub xml: String,
    pub form_value: String,
}

struct Forge<'a> {
    world: &'a World,
    pieces: BTreeMap<String, String>,
    document: String,
    form: Option<String>,
}

impl World {
    /// The honest draft of a case.
    fn draft(&self, case: &Case, unique: &str, person: &str) -> ResponseDraft {
        let exchange = Exchange {
            issuer: &self.issuer,
            acs_url: &self.acs_url,
            audience: &self.acs_url,
            in_response_to: Some(&self.request_id),
            unique,
        };
        let mut draft = ResponseDraft::new(exchange, person, self.now);
        let attribute = |name: &str, value: &str| (name.to_owned(), vec![value.to_owned()]);
        draft.attributes = vec![attribute("email", person), attribute("name", "Ana Anders")];
        case.draft
            .apply(&mut draft, self.now, |text| self.filled(text));
        let signed = case.signed.as_deref().unwrap_or("assertion");
        assert!(["assertion", "response", "both", "none"].contains(&signed));
        draft.sign_assertion = ["assertion", "both"].contains(&signed);
        draft.sign_response = ["response", "both"].contains(&signed);
        let sealing = case.encrypted.as_ref();
        draft.encryption = sealing.map(|sealing| self.encryption(sealing));
        draft
    }

    fn encryption(&self, sealing: &Sealing) -> Encryption {
        let to = if sealing.to_stranger {
            &self.stranger
        } else {
            &self.reader
        };
        let mut encryption = Encryption::to(&to.certificate_pem).unwrap();
        encryption.cipher = match sealing.cipher.as_deref().unwrap_or("aes256-gcm") {
            "aes128-gcm" => ContentCipher::Aes128Gcm,
            "aes256-gcm" => ContentCipher::Aes256Gcm,
            "aes128-cbc" => ContentCipher::Aes128Cbc,
            "aes256-cbc" => ContentCipher::Aes256Cbc,
            other => panic!("no cipher is called {other}"),
        };
        encryption.key_transport = match sealing.transport.as_deref().unwrap_or("mgf1p") {
            "mgf1p" => KeyTransport::Mgf1Sha1,
            "sha1" => KeyTransport::Sha1,
            "sha256" => KeyTransport::Sha256,
            other => panic!("no key transport is called {other}"),
        };
        encryption.key_is_beside = sealing.key_is_beside;
        encryption
    }

    fn filled(&self, text: &str) -> String {
        text.replace("{{acs}}", &self.acs_url)
            .replace("{{other_acs}}", &self.other_acs_url)
            .replace("{{listener}}", &self.listener)
            .replace("{{request_id}}", &self.request_id)
            .replace("{{issuer}}", &self.issuer)
    }

    fn key(&self, by: Option<&str>) -> &KeyPair {
        match by.unwrap_or("idp") {
            "idp" => &self.idp,
            "neighbour" => &self.neighbour,
            "stranger" => &self.stranger,
            other => panic!("nobody is called {other}"),
        }
    }

    fn signing_key(&self, by: Option<&str>, manner: &Manner) -> SigningKey {
        let pair = self.key(by);
        let of_pair = SigningKey::of(&pair.certificate_pem, &pair.pkcs8);
        match manner.algorithm {
            Algorithm::EcdsaSha256 => self.curves[0].clone(),
            Algorithm::EcdsaSha384 => self.curves[1].clone(),
            _ => of_pair,
        }
    }

    /// The letter of a case.
    pub fn letter(&self, case: &Case) -> Letter {
        let unique = uuid::Uuid::new_v4().simple().to_string();
        let person = case.person.as_deref().unwrap_or(HONEST);
        let draft = self.draft(case, &unique, person);
        let seed = match &case.manner {
            None => draft.to_xml(self.key(case.by.as_deref())).unwrap(),
            Some(manner) => self.signed_otherwise(&draft, case, manner),
        };
        let mut forge = Forge {
            world: self,
            pieces: self.pieces(&draft, &seed),
            document: seed,
            form: None,
        };
        for step in &case.steps {
            forge.take(step);
        }
        Letter {
            form_value: forge
                .form
                .unwrap_or_else(|| STANDARD.encode(&forge.document)),
            xml: forge.document,
        }
    }

    /// Unsigned first, then laid out by the steps up to where one signs.
    fn signed_otherwise(&self, draft: &ResponseDraft, case: &Case, manner: &MannerOf) -> String {
        let manner = manner.whole();
        let key = self.signing_key(case.by.as_deref(), &manner);
        let bare = ResponseDraft {
            sign_assertion: false,
            sign_response: false,
            encryption: None,
            ..draft.clone()
        };
        let mut xml = bare.to_xml(&self.idp).unwrap();
        for (is_signed, id) in [
            (draft.sign_assertion, &draft.assertion_id),
            (draft.sign_response, &draft.response_id),
        ] {
            if is_signed {
                xml = key.sign_element(&xml, id, &manner);
            }
        }
        xml
    }

    /// The pieces that steps may name.
    fn pieces(&self, draft: &ResponseDraft, seed: &str) -> BTreeMap<String, String> {
        let forged = ResponseDraft {
            assertion_id: "_evil".to_owned(),
            response_id: "_evil_response".to_owned(),
            name_id: FORGED.to_owned(),
            attributes: vec![("email".to_owned(), vec![FORGED.to_owned()])],
            encryption: None,
            ..draft.clone()
        };
        let unsigned = ResponseDraft {
            sign_assertion: false,
            sign_response: false,
            ..forged.clone()
        };
        let evil = unsigned.to_xml(&self.idp).unwrap();
        let strange = forged.to_xml(&self.stranger).unwrap();
        let assertion = cut(seed, "<saml:Assertion ", "</saml:Assertion>");
        let signature = cut(seed, "<ds:Signature ", "</ds:Signature>");
        let evil_assertion = cut(&evil, "<saml:Assertion ", "</saml:Assertion>");
        let bare = ResponseDraft {
            encryption: None,
            sign_response: false,
            ..draft.clone()
        };
        let plain = cut(
            &bare.to_xml(&self.idp).unwrap(),
            "<saml:Assertion ",
            "</saml:Assertion>",
        );
        let own = [
            ("plain", plain),
            ("seed", seed.to_owned()),
            ("bare", seed.replacen(&signature, "", 1)),
            ("bare_assertion", assertion.replacen(&signature, "", 1)),
            ("assertion", assertion),
            ("signature", signature),
            ("evil", evil_assertion),
            ("evil_response", evil),
            ("strange_response", strange),
            ("assertion_id", draft.assertion_id.clone()),
            ("response_id", draft.response_id.clone()),
            (
                "idp_certificate",
                super::sign::bare(&self.idp.certificate_pem),
            ),
            (
                "stranger_certificate",
                super::sign::bare(&self.stranger.certificate_pem),
            ),
            ("honest", HONEST.to_owned()),
            ("forged", FORGED.to_owned()),
        ];
        own.map(|(name, text)| (name.to_owned(), text)).into()
    }
}

impl MannerOf {
    pub fn whole(&self) -> Manner {
        let usual = Manner::default();
        let algorithm = self.algorithm.as_deref().map(Algorithm::named);
        let digest = self.digest.as_deref().map(Digest::named);
        Manner {
            algorithm: algorithm.map_or(usual.algorithm, Option::unwrap),
            digest: digest.map_or(usual.digest, Option::unwrap),
            prefix: self.prefix.clone().unwrap_or(usual.prefix),
            inclusive: self.inclusive.clone(),
            canonicalization: self
                .canonicalization
                .clone()
                .unwrap_or(usual.canonicalization),
            has_key_info: !self.no_key_info,
            instead: self.instead.clone(),
        }
    }
}

/// The text from the first `start` up to and including the next `end`; nothing if there is none.
fn cut(text: &str, start: &str, end: &str) -> String {
    let Some((_, rest)) = text.split_once(start) else {
        return String::new();
    };
    let (inside, _) = rest.split_once(end).unwrap();
    format!("{start}{inside}{end}")
}

/// The value of the form when a document is posted in another way.
fn posted(document: &str, form: &str) -> String {
    match form {
        "latin-1" => {
            let bytes: Vec<u8> = document
                .chars()
                .map(|it| u8::try_from(it).unwrap())
                .collect();
            STANDARD.encode(bytes)
        }
        "utf-16" => {
            let units = document.encode_utf16().flat_map(u16::to_le_bytes);
            let bytes: Vec<u8> = [0xff, 0xfe].into_iter().chain(units).collect();
            STANDARD.encode(bytes)
        }
        "url-safe" => URL_SAFE.encode(document),
        // Bytes in threes need no padding: a line more behind the document brings it about.
        "without-padding" if document.len().is_multiple_of(3) => {
            STANDARD_NO_PAD.encode(format!("{document}\n"))
        }
        "without-padding" => STANDARD_NO_PAD.encode(document),
        other => panic!("no form is called {other}"),
    }
}

fn deflated(text: &str) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

impl Forge<'_> {
    /// A text with its pieces put in.
    fn filled(&self, text: &str) -> String {
        let mut filled = self.world.filled(text);
        for (name, piece) in &self.pieces {
            filled = filled.replace(&format!("{{{{{name}}}}}"), piece);
        }
        assert!(!filled.contains("{{"), "an unknown piece: {text}");
        filled
    }

    fn text_of(&self, piece: Option<&String>) -> String {
        match piece {
            None => self.document.clone(),
            Some(name) => self.pieces[name].clone(),
        }
    }

    fn take(&mut self, step: &Step) {
        if let Some(old) = &step.replace {
            let (old, new) = (self.filled(old), self.filled(&step.with));
            let text = self.text_of(step.inside.as_ref());
            assert!(text.contains(&old), "nothing to replace: {old}");
            let text = if step.all {
                text.replace(&old, &new)
            } else {
                text.replacen(&old, &new, 1)
            };
            match &step.inside {
                None => self.document = text,
                Some(name) => drop(self.pieces.insert(name.clone(), text)),
            }
        } else if let Some(name) = &step.keep {
            let text = self.text_of(step.inside.as_ref());
            let piece = cut(&text, &self.filled(&step.from), &self.filled(&step.to));
            assert!(!piece.is_empty(), "nothing to keep: {}", step.from);
            self.pieces.insert(name.clone(), piece);
        } else if let Some(name) = &step.name {
            let text = self.filled(&step.be).repeat(step.times.unwrap_or(1));
            self.pieces.insert(name.clone(), text);
        } else if let Some(document) = &step.document {
            self.document = self.filled(document);
        } else {
            self.calculate(step);
        }
    }

    fn calculate(&mut self, step: &Step) {
        if let Some(name) = &step.digest {
            let document = parse(&self.document).unwrap();
            let place = place_of(&document, &self.filled(&step.of)).unwrap();
            let target = document.at(&place).unwrap();
            let own = target.children.iter().position(|child| {
                matches!(child, super::tree::Node::Element(it) if it.local_name() == "Signature")
            });
            let own = own.map(|index| [place.as_slice(), &[index]].concat());
            let text = canonical(&document, (&place, own.as_deref()), &[]).unwrap();
            let digest = hashed(Digest::Sha256, &text);
            self.pieces.insert(name.clone(), digest);
        } else if let Some(name) = &step.signature {
            let manner = step.manner.whole();
            let key = self.world.signing_key(step.by.as_deref(), &manner);
            let signed = key.sign(manner.algorithm, self.filled(&step.over).as_bytes());
            self.pieces.insert(name.clone(), STANDARD.encode(signed));
        } else if let Some(id) = &step.sign {
            let manner = step.manner.whole();
            let key = self.world.signing_key(step.by.as_deref(), &manner);
            self.document = key.sign_element(&self.document, &self.filled(id), &manner);
        } else if let Some(name) = &step.encrypt {
            let encryption = self.world.encryption(&step.sealing);
            let sealed = encryption.encrypt(&self.filled(&step.text)).unwrap();
            self.pieces.insert(name.clone(), sealed);
        } else if let Some(length) = step.truncate {
            self.change_ciphertext(|bytes| bytes.truncate(length));
        } else if let Some(place) = step.flip {
            self.change_ciphertext(|bytes| {
                let index = bytes.len() - 1 - place;
                bytes[index] ^= 1;
            });
        } else if let Some(form) = &step.form {
            self.form = Some(self.filled(form));
        } else if step.deflate {
            self.document = STANDARD.encode(deflated(&self.document));
            self.form = Some(self.document.clone());
        } else if let Some(form) = &step.posted {
            self.form = Some(posted(&self.document, form));
        } else if step.rewrap {
            self.rewrap();
        } else if let Some(bytes) = &step.bytes {
            self.form = Some(STANDARD.encode(bytes));
        } else {
            panic!("a step that does nothing: {step:?}");
        }
    }

    fn rewrap(&mut self) {
        const START: &str = "<xenc:CipherValue>";
        let (before, rest) = self.document.split_once(START).unwrap();
        let (value, after) = rest.split_once('<').unwrap();
        let reader = &self.world.reader;
        let key = Encryption::to(&reader.certificate_pem).unwrap().public_key;
        let private = rsa::PrivateDecryptingKey::from_pkcs8(&reader.pkcs8).unwrap();
        let private = rsa::OaepPrivateDecryptingKey::new(private).unwrap();
        let public = rsa::PublicEncryptingKey::from_der(&key).unwrap();
        let public = rsa::Pkcs1PublicEncryptingKey::new(public).unwrap();
        let (mut key, mut room) = (vec![0; 512], vec![0; 512]);
        let wrapped = STANDARD.decode(value).unwrap();
        let by = &rsa::OAEP_SHA1_MGF1SHA1;
        let key = private.decrypt(by, &wrapped, &mut key, None).unwrap();
        let wrapped = STANDARD.encode(public.encrypt(key, &mut room).unwrap());
        self.document = format!("{before}{START}{wrapped}<{after}");
    }

    fn change_ciphertext(&mut self, change: impl FnOnce(&mut Vec<u8>)) {
        const START: &str = "<xenc:CipherValue>";
        let (before, rest) = self.document.rsplit_once(START).unwrap();
        let (value, after) = rest.split_once('<').unwrap();
        let mut bytes = STANDARD.decode(value).unwrap();
        change(&mut bytes);
        self.document = format!("{before}{START}{}<{after}", STANDARD.encode(bytes));
    }
}
