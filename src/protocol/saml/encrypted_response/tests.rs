//! Encrypted assertions in every allowed way, and everything around them that is refused.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::demo::saml_encryption::ContentCipher;
use crate::demo::saml_encryption::Encryption;
use crate::demo::saml_encryption::KeyTransport;
use crate::demo::saml_response::ResponseDraft;
use crate::demo::saml_signature::KeyPair;
use crate::protocol::saml::Check;
use crate::protocol::saml::DecryptionKey;
use crate::protocol::saml::Expected;
use crate::protocol::saml::Rejection;
use crate::protocol::saml::tests::KEY;
use crate::protocol::saml::tests::STRANGER;
use crate::protocol::saml::tests::draft;
use crate::protocol::saml::tests::expected;
use crate::protocol::saml::tests::part;
use crate::protocol::saml::tests::replaced;
use crate::protocol::saml::tests::verify_xml;

static OURS: LazyLock<KeyPair> = LazyLock::new(|| KeyPair::generate("SP").unwrap());
static OLD: LazyLock<KeyPair> = LazyLock::new(|| KeyPair::generate("SP").unwrap());

const CIPHERS: [ContentCipher; 4] = [
    ContentCipher::Aes128Gcm,
    ContentCipher::Aes256Gcm,
    ContentCipher::Aes128Cbc,
    ContentCipher::Aes256Cbc,
];
const KEY_TRANSPORTS: [KeyTransport; 3] = [
    KeyTransport::Mgf1Sha1,
    KeyTransport::Sha1,
    KeyTransport::Sha256,
];

fn secret(pair: &KeyPair) -> DecryptionKey {
    DecryptionKey::from_pem(&STANDARD.encode(&pair.pkcs8)).unwrap()
}

fn with_key() -> Expected {
    Expected {
        decryption_keys: vec![secret(&OURS)],
        ..expected()
    }
}

fn encryption() -> Encryption {
    Encryption::to(&OURS.certificate_pem).unwrap()
}

/// A draft whose assertion is encrypted, signed (inside, outside).
fn signed((inside, outside): (bool, bool), encryption: Encryption) -> ResponseDraft {
    ResponseDraft {
        sign_assertion: inside,
        sign_response: outside,
        encryption: Some(encryption),
        ..draft()
    }
}

fn xml_of(draft: &ResponseDraft) -> String {
    draft.to_xml(&KEY).unwrap()
}

fn inside() -> String {
    xml_of(&signed((true, false), encryption()))
}

fn code_of(xml: &str) -> &'static str {
    verify_xml(xml, &with_key()).map_or_else(|rejection| rejection.code(), |_| "accepted")
}

#[test]
fn every_cipher_key_transport_and_place_is_read_whatever_is_signed() {
    for cipher in CIPHERS {
        for key_transport in KEY_TRANSPORTS {
            for key_is_beside in [false, true] {
                for places in [(true, false), (false, true), (true, true)] {
                    let encryption = Encryption {
                        cipher,
                        key_transport,
                        key_is_beside,
                        ..encryption()
                    };
                    let xml = xml_of(&signed(places, encryption));
                    let is_cbc = format!("{cipher:?}").ends_with("Cbc");
                    let wanted = if is_cbc && !places.1 {
                        "cipher_without_integrity"
                    } else {
                        "accepted"
                    };
                    let case = format!("{cipher:?} {key_transport:?} {key_is_beside} {places:?}");
                    assert_eq!(code_of(&xml), wanted, "{case}");
                }
            }
        }
    }
}

#[test]
fn what_was_encrypted_is_read_like_what_was_not() {
    let plain = verify_xml(&xml_of(&draft()), &expected()).unwrap();
    for places in [(true, false), (false, true), (true, true)] {
        let xml = xml_of(&signed(places, encryption()));
        assert!(!xml.contains("ana@acme.example"));
        assert_eq!(verify_xml(&xml, &with_key()), Ok(plain.clone()));
    }
}

#[test]
fn some_signature_must_be_by_a_pinned_key_inside_or_outside() {
    let neither = signed((false, false), encryption());
    assert_eq!(code_of(&xml_of(&neither)), "unsigned");
    for places in [(true, false), (false, true), (true, true)] {
        let strange = signed(places, encryption()).to_xml(&STRANGER).unwrap();
        assert_eq!(code_of(&strange), "signature_invalid", "{places:?}");
    }
    let mixed = signed((true, false), encryption());
    let mixed = mixed.to_xml(&STRANGER).unwrap();
    let mixed = KEY.sign_element(&mixed, "_r1").unwrap();
    assert_eq!(code_of(&mixed), "signature_invalid", "a stranger inside");
}

#[test]
fn connections_may_want_either_part_signed() {
    let wants = |response: bool, assertion: bool| Expected {
        want_response_signed: response,
        want_assertion_signed: assertion,
        ..with_key()
    };
    let refusal = |places, expected: &Expected| {
        let verdict = verify_xml(&xml_of(&signed(places, encryption())), expected);
        verdict.err().map(|rejection| rejection.check)
    };
    let response_unsigned = Some(Check::ResponseNotSigned);
    let assertion_unsigned = Some(Check::AssertionNotSigned);
    assert_eq!(
        refusal((true, false), &wants(true, false)),
        response_unsigned
    );
    assert_eq!(
        refusal((false, true), &wants(false, true)),
        assertion_unsigned
    );
    assert_eq!(refusal((true, true), &wants(true, true)), None);
}

#[test]
fn older_keys_are_tried_after_newer_ones() {
    let rotating = Expected {
        decryption_keys: vec![secret(&OURS), secret(&OLD)],
        ..expected()
    };
    for pair in [&OURS, &OLD] {
        let encryption = Encryption::to(&pair.certificate_pem).unwrap();
        let xml = xml_of(&signed((true, false), encryption));
        verify_xml(&xml, &rotating).unwrap();
    }
    assert_eq!(
        verify_xml(&inside(), &expected()).unwrap_err().check,
        Check::EncryptedAssertion,
        "a connection without a key"
    );
}

/// The base64 of the first CipherValue after `start`, changed.
fn with_cipher_value(xml: &str, start: &str, change: fn(&mut Vec<u8>)) -> String {
    let from = part(xml, start, "</xenc:CipherValue>");
    let value = from.rsplit_once('>').unwrap().0;
    let value = value.strip_suffix("</xenc:CipherValue").unwrap();
    let value = value.rsplit_once('>').unwrap().1;
    let mut bytes = STANDARD.decode(value).unwrap();
    change(&mut bytes);
    replaced(xml, value, &STANDARD.encode(bytes))
}

fn flip(bytes: &mut [u8], place: usize) {
    *bytes.get_mut(place).unwrap() ^= 1;
}

#[test]
fn every_fault_of_decryption_is_one_and_the_same() {
    const KEY_VALUE: &str = "<xenc:EncryptedKey";
    const DATA_VALUE: &str = "</ds:KeyInfo>";
    type Case = (&'static str, fn(&mut Vec<u8>));
    let cases: [Case; 8] = [
        (KEY_VALUE, |it| flip(it, 0)),
        (KEY_VALUE, |it| flip(it, 255)),
        (KEY_VALUE, |it| it.truncate(255)),
        (KEY_VALUE, |it| it.push(0)),
        (DATA_VALUE, |it| flip(it, 0)),
        (DATA_VALUE, |it| flip(it, 40)),
        (DATA_VALUE, |it| it.truncate(11)),
        (DATA_VALUE, |it| it.truncate(27)),
    ];
    let honest = inside();
    let mut refusals: Vec<Rejection> = cases
        .iter()
        .map(|(start, change)| {
            let broken = with_cipher_value(&honest, start, *change);
            verify_xml(&broken, &with_key()).unwrap_err()
        })
        .collect();
    let cbc = Encryption {
        cipher: ContentCipher::Aes128Cbc,
        ..encryption()
    };
    // A signer that pads badly, or cuts a block, tells nothing either.
    let changes: [fn(&mut Vec<u8>); 2] = [
        |it| *it.iter_mut().nth_back(16).unwrap() ^= 0x80,
        |it| it.truncate(31),
    ];
    for change in changes {
        let unsigned = xml_of(&signed((false, false), cbc.clone()));
        let broken = with_cipher_value(&unsigned, DATA_VALUE, change);
        let resigned = KEY.sign_element(&broken, "_r1").unwrap();
        refusals.push(verify_xml(&resigned, &with_key()).unwrap_err());
    }
    let other = Encryption::to(&OLD.certificate_pem).unwrap();
    let wrong_key = xml_of(&signed((true, false), other));
    refusals.push(verify_xml(&wrong_key, &with_key()).unwrap_err());
    for refusal in &refusals {
        assert_eq!(refusal, refusals.first().unwrap());
        assert_eq!(refusal.code(), "decryption_failed");
    }
}

#[test]
fn algorithms_and_places_are_held_to_the_lists_before_anything_is_decrypted() {
    const OAEP: &str = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p";
    const GCM: &str = "http://www.w3.org/2009/xmlenc11#aes256-gcm";
    const DIGEST: &str = "<ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/>";
    let honest = inside();
    let key = part(&honest, "<xenc:EncryptedKey>", "</xenc:EncryptedKey>");
    let oaep = part(
        &honest,
        "<xenc:EncryptedKey><xenc:E",
        "</xenc:EncryptionMethod>",
    );
    let with_digest = oaep.replace(
        "></xenc:EncryptionMethod",
        &format!(">{DIGEST}</xenc:EncryptionMethod"),
    );
    let table = [
        ("key_transport", OAEP, "http://www.w3.org/2001/04/xmlenc#rsa-1_5".to_owned()),
        ("key_transport", OAEP, "http://www.w3.org/2001/04/xmlenc#kw-aes256".to_owned()),
        ("key_transport", oaep, with_digest),
        ("encryption_method", GCM, "http://www.w3.org/2001/04/xmlenc#tripledes-cbc".to_owned()),
        ("encryption_method", GCM, "http://www.w3.org/2009/xmlenc11#aes192-gcm".to_owned()),
        ("cipher_without_integrity", GCM, "http://www.w3.org/2001/04/xmlenc#aes256-cbc".to_owned()),
        ("encrypted_key_count", key, String::new()),
        (
            "encrypted_key_count",
            "</saml:EncryptedAssertion>",
            format!("{key}</saml:EncryptedAssertion>").replace(
                "<xenc:EncryptedKey>",
                "<xenc:EncryptedKey xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\" xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">",
            ),
        ),
        ("unexpected_element", key, "<ds:RetrievalMethod URI=\"#x\"/>".to_owned()),
        ("encryption_structure", "xmlenc#Element\"", "xmlenc#Content\"".to_owned()),
        ("encryption_structure", "<xenc:CipherValue>", "<xenc:CipherValue>?".to_owned()),
        (
            "assertion_count",
            "</samlp:Response>",
            "<saml:EncryptedAssertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\"/></samlp:Response>".to_owned(),
        ),
    ];
    for (wanted, from, to) in table {
        assert_eq!(code_of(&replaced(&honest, from, &to)), wanted, "{to}");
    }
}

#[test]
fn what_is_inside_passes_the_whole_gate_again() {
    let plain = draft().to_xml(&KEY).unwrap();
    let assertion = part(&plain, "<saml:Assertion ", "</saml:Assertion>");
    let around = replaced(&plain, assertion, "HERE");
    let deep = format!("{}{}", "<a>".repeat(50), "</a>".repeat(50));
    let encrypted_again = encryption().encrypt(assertion).unwrap();
    let id = |marked: &str| assertion.replace("ID=\"_a1\"", marked);
    let table = [
        ("accepted", assertion.to_owned()),
        ("accepted", format!("<?xml version=\"1.0\"?>{assertion}")),
        ("doctype_present", format!("<!DOCTYPE a>{assertion}")),
        ("comment_present", assertion.replace("ana@", "ana@<!---->")),
        ("document_too_deep", deep),
        ("not_well_formed", format!("{assertion}{assertion}")),
        ("not_well_formed", format!("{assertion}</samlp:Response>")),
        ("not_well_formed", "text".to_owned()),
        ("decrypted_content", plain.clone()),
        ("decrypted_content", encrypted_again),
        ("duplicate_id", id("ID=\"_r1\"")),
        (
            "unexpected_element",
            assertion.replace("saml:NameID", "saml:EncryptedID"),
        ),
        ("signature_invalid", assertion.replace("ana@", "eva@")),
    ];
    for (wanted, inside) in table {
        let sealed = encryption().encrypt(&inside).unwrap();
        let xml = replaced(&around, "HERE", &sealed);
        assert_eq!(code_of(&xml), wanted, "{inside}");
    }
}

#[test]
fn ciphertext_that_a_signature_covers_cannot_be_exchanged() {
    let honest = xml_of(&signed((false, true), encryption()));
    let sealed = part(
        &honest,
        "<saml:EncryptedAssertion",
        "</saml:EncryptedAssertion>",
    );
    let eva = ResponseDraft {
        name_id: "eva@acme.example".to_owned(),
        ..signed((false, false), encryption())
    };
    let evil = xml_of(&eva);
    let evil = part(
        &evil,
        "<saml:EncryptedAssertion",
        "</saml:EncryptedAssertion>",
    );
    assert_eq!(
        code_of(&replaced(&honest, sealed, evil)),
        "signature_invalid"
    );
}

#[test]
fn private_keys_are_never_shown() {
    assert_eq!(format!("{:?}", secret(&OURS)), "DecryptionKey");
    assert!(DecryptionKey::from_pem("-----BEGIN RSA PRIVATE KEY-----\n?\n-----END").is_none());
}

#[test]
fn keys_are_read_in_both_formats_and_what_is_no_key_only_decrypts_nothing() {
    let xml = xml_of(&signed((true, false), encryption()));
    let (_, pkcs1) = OURS.pkcs8.split_at(26);
    let with = |der: &[u8]| Expected {
        decryption_keys: vec![DecryptionKey::from_pem(&STANDARD.encode(der)).unwrap()],
        ..expected()
    };
    let verdict = |der: &[u8]| verify_xml(&xml, &with(der)).map(|_| ());
    assert_eq!(verdict(pkcs1), Ok(()));
    assert_eq!(verdict(&OURS.pkcs8), Ok(()));
    let refused = verdict(b"no key").unwrap_err();
    assert_eq!(refused.code(), "decryption_failed");
    let plain = xml_of(&ResponseDraft {
        encryption: None,
        ..signed((true, false), encryption())
    });
    assert!(verify_xml(&plain, &with(b"no key")).is_ok());
}
