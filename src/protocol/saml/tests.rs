//! Attacks on one connection, each refused by its own check, and honest responses, which pass.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::*;
use crate::demo::saml_response::Exchange;
use crate::demo::saml_response::ResponseDraft;
use crate::demo::saml_signature::KeyPair;

const IDP: &str = "https://idp.example/metadata";
const ACS: &str = "https://sp.example/v1/b2b/sso/callback/saml-connection-test-1";
const REQUEST: &str = "_request1";
const ANA: &str = "ana@acme.example";

pub(super) static KEY: LazyLock<KeyPair> = LazyLock::new(|| KeyPair::generate("IdP").unwrap());
pub(super) static STRANGER: LazyLock<KeyPair> = LazyLock::new(|| KeyPair::generate("IdP").unwrap());

const WEAK_CERTIFICATE: &str = "MIIB+jCCAWOgAwIBAgIUAtDq7HfAmkT+h5nwBZHTWCe4eFAwDQYJKoZIhvcNAQELBQAwDzENMAsGA1UEAwwEd2VhazAeFw0yNjExMjIwNzM0MDhaFw0zNjExMTkwNzM0MDhaMA8xDTALBgNVBAMMBHdlYWswgZ8wDQYJKoZIhvcNAQEBBQADgY0AMIGJAoGBALmEPFqsGqHd3x4QNEwOVB8fvMkZXbl/N3EmyT+dkwVxwQpvRB5CXtGG7WZjX/LrjCBTABvw3rOY5mr5F+QVygeHWtth2LwzldBXdjiQGCqyvoRuNgNOR3wzxHVk3amikeAYThc6MAYrNbhGqgfh/y/fd8xa3yhgIjbGlu4PArDNAgMBAAGjUzBRMB0GA1UdDgQWBBRLYPEc/n8Hv/WhE8Ejg4RPkTfehTAfBgNVHSMEGDAWgBRLYPEc/n8Hv/WhE8Ejg4RPkTfehTAPBgNVHRMBAf8EBTADAQH/MA0GCSqGSIb3DQEBCwUAA4GBAB2t7Y+zECDSk9gS1+zaelzcgB5AZ1unyjjoCajNw1XTjGyXftFXMltUsWayY8iz5xf776QKAX+22k3FO83kLkFxLQ5ZCarM/DZSpYF76v0Jv+S+imgR0TSCZPEsy2XvQg4NRP25b71VluMiF6p2QYSfFU/BpIt8xS76JbOT85zc";

pub(super) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_900_000_000, 0).unwrap()
}

fn seconds(count: i64) -> TimeDelta {
    TimeDelta::seconds(count)
}

pub(super) fn expected() -> Expected {
    Expected {
        certificates: vec![KEY.certificate_pem.clone()],
        decryption_keys: vec![],
        idp_entity_id: IDP.to_owned(),
        acs_urls: vec![ACS.to_owned()],
        audiences: vec![ACS.to_owned()],
        in_response_to: Some(REQUEST.to_owned()),
        clock_skew: seconds(60),
        want_response_signed: false,
        want_assertion_signed: false,
        authn_context: None,
        authenticated_since: None,
    }
}

pub(super) fn draft() -> ResponseDraft {
    let exchange = Exchange {
        issuer: IDP,
        acs_url: ACS,
        audience: ACS,
        in_response_to: Some(REQUEST),
        unique: "1",
    };
    let mut draft = ResponseDraft::new(exchange, ANA, now());
    draft.attributes = vec![
        ("email".to_owned(), vec![ANA.to_owned()]),
        (
            "groups".to_owned(),
            vec!["a & b".to_owned(), "<c>\r\n\"d\"".to_owned(), String::new()],
        ),
    ];
    draft
}

pub(super) fn response_signed() -> ResponseDraft {
    ResponseDraft {
        sign_assertion: false,
        sign_response: true,
        ..draft()
    }
}

pub(super) fn both_signed() -> ResponseDraft {
    ResponseDraft {
        sign_response: true,
        ..draft()
    }
}

fn honest_xml() -> String {
    draft().to_xml(&KEY).unwrap()
}

pub(super) fn verify_xml(xml: &str, expected: &Expected) -> Result<Assertion, Rejection> {
    verify(&STANDARD.encode(xml), expected, now())
}

fn code_of(xml: &str) -> &'static str {
    verify_xml(xml, &expected()).map_or_else(|rejection| rejection.code(), |_| "accepted")
}

pub(super) fn replaced(xml: &str, from: &str, to: &str) -> String {
    assert!(xml.contains(from), "nothing to replace: {from}");
    xml.replacen(from, to, 1)
}

/// The text from the first `start` up to and including the next `end`.
pub(super) fn part<'a>(xml: &'a str, start: &str, end: &str) -> &'a str {
    let (_, from) = xml.split_at(xml.find(start).unwrap());
    from.split_at(from.find(end).unwrap() + end.len()).0
}

fn signature_of(xml: &str) -> &str {
    part(xml, "<ds:Signature xmlns", "</ds:Signature>")
}

fn assertion_of(xml: &str) -> &str {
    part(xml, "<saml:Assertion ", "</saml:Assertion>")
}

fn evil_assertion() -> String {
    let unsigned = ResponseDraft {
        assertion_id: "_evil".to_owned(),
        name_id: "eva@acme.example".to_owned(),
        sign_assertion: false,
        ..draft()
    };
    assertion_of(&unsigned.to_xml(&KEY).unwrap()).to_owned()
}

#[test]
fn honest_responses_are_accepted_whatever_part_is_signed() {
    let both = both_signed();
    for (name, draft) in [
        ("assertion", draft()),
        ("response", response_signed()),
        ("both", both),
    ] {
        let assertion = verify_xml(&draft.to_xml(&KEY).unwrap(), &expected());
        let assertion = assertion.unwrap_or_else(|rejection| panic!("{name}: {rejection}"));
        assert_eq!(assertion.id, "_a1");
        assert_eq!(assertion.issuer, IDP);
        assert_eq!(assertion.name_id.value, ANA);
        assert!(assertion.name_id.format.unwrap().ends_with("emailAddress"));
        assert_eq!(assertion.in_response_to.as_deref(), Some(REQUEST));
        assert_eq!(assertion.attributes.first("email"), Some(ANA));
        assert_eq!(
            assertion.attributes.all("groups"),
            ["a & b", "<c>\r\n\"d\"", ""]
        );
        assert_eq!(assertion.attributes.all("none"), [""; 0]);
        assert_eq!(assertion.session_index.as_deref(), Some("_s1"));
        assert_eq!(assertion.authn_instant, now());
        assert_eq!(assertion.not_on_or_after, now() + seconds(360));
    }
}

#[test]
fn clocks_may_differ_by_the_skew_and_no_more() {
    let draft = ResponseDraft {
        session_not_on_or_after: Some(now() + seconds(300)),
        ..draft()
    };
    let form_value = draft.to_form_value(&KEY).unwrap();
    let table = [
        (-61, "issued_in_future"),
        (-60, "accepted"),
        (-20, "accepted"),
        (299, "accepted"),
        (320, "accepted"),
        (359, "accepted"),
        (360, "not_on_or_after"),
        (361, "not_on_or_after"),
    ];
    for (offset, wanted) in table {
        let outcome = verify(&form_value, &expected(), now() + seconds(offset));
        assert_eq!(
            outcome.map_or_else(|it| it.code(), |_| "accepted"),
            wanted,
            "{offset}"
        );
    }
    let generous = Expected {
        clock_skew: seconds(100_000),
        ..expected()
    };
    let late = verify(&form_value, &generous, now() + seconds(600)).unwrap_err();
    assert_eq!(
        late.check,
        Check::NotOnOrAfter,
        "a skew above 300 seconds counts as 300"
    );
}

#[test]
fn rotation_accepts_old_and_new_keys_together() {
    let certificates = vec![
        WEAK_CERTIFICATE.to_owned(),
        STRANGER.certificate_pem.clone(),
        KEY.certificate_pem.clone(),
    ];
    let rotating = Expected {
        certificates,
        ..expected()
    };
    for key in [&KEY, &STRANGER] {
        for draft in [draft(), response_signed(), both_signed()] {
            verify_xml(&draft.to_xml(key).unwrap(), &rotating).unwrap();
        }
    }
    let old_inside = draft().to_xml(&STRANGER).unwrap();
    let new_outside = KEY.sign_element(&old_inside, "_r1").unwrap();
    verify_xml(&new_outside, &rotating).unwrap();
    assert_eq!(code_of(&new_outside), "signature_invalid");
}

#[test]
fn idp_initiated_responses_answer_no_request() {
    let unsolicited = Expected {
        in_response_to: None,
        ..expected()
    };
    let draft = ResponseDraft {
        in_response_to: None,
        confirmation_in_response_to: None,
        ..draft()
    };
    let xml = draft.to_xml(&KEY).unwrap();
    assert_eq!(verify_xml(&xml, &unsolicited).unwrap().in_response_to, None);
    assert_eq!(
        verify_xml(&xml, &expected()).unwrap_err().check,
        Check::InResponseToMissing
    );
    let claims = verify_xml(&honest_xml(), &unsolicited).unwrap_err();
    assert_eq!(claims.check, Check::Unsolicited);
    assert_eq!(claims.error_type(), "unsolicited_saml_response");
    let half = ResponseDraft {
        in_response_to: None,
        ..self::draft()
    };
    let half = verify_xml(&half.to_xml(&KEY).unwrap(), &unsolicited).unwrap_err();
    assert_eq!(half.check, Check::Unsolicited);
}

#[test]
fn alternative_acs_and_audience_are_accepted() {
    let moved = Expected {
        acs_urls: vec!["https://new.example/acs".to_owned(), ACS.to_owned()],
        audiences: vec!["urn:new".to_owned(), ACS.to_owned()],
        ..expected()
    };
    verify_xml(&honest_xml(), &moved).unwrap();
}

#[test]
fn connection_may_want_either_part_signed() {
    let response = Expected {
        want_response_signed: true,
        ..expected()
    };
    let assertion = Expected {
        want_assertion_signed: true,
        ..expected()
    };
    let refusal = |draft: ResponseDraft, expected| {
        verify_xml(&draft.to_xml(&KEY).unwrap(), expected)
            .err()
            .map(|it| it.check)
    };
    assert_eq!(refusal(draft(), &response), Some(Check::ResponseNotSigned));
    assert_eq!(
        refusal(response_signed(), &assertion),
        Some(Check::AssertionNotSigned)
    );
    assert_eq!(refusal(both_signed(), &response), None);
    assert_eq!(refusal(both_signed(), &assertion), None);
}

#[test]
fn certificates_are_judged_before_any_xml() {
    let table = [
        (vec![], "no_verification_certificate"),
        (vec!["no certificate".to_owned()], "unreadable_certificate"),
        (vec![WEAK_CERTIFICATE.to_owned()], "weak_certificate_key"),
    ];
    for (certificates, wanted) in table {
        let rejection = verify(
            "%%%",
            &Expected {
                certificates,
                ..expected()
            },
            now(),
        );
        let rejection = rejection.unwrap_err();
        assert_eq!(rejection.code(), wanted);
        assert_eq!(rejection.error_type(), "invalid_signature_saml_response");
    }
    let elliptic = rcgen::generate_simple_self_signed(vec![])
        .unwrap()
        .cert
        .pem();
    let other_kind = Expected {
        certificates: vec![elliptic],
        ..expected()
    };
    assert_eq!(
        verify_xml(&honest_xml(), &other_kind).unwrap_err().check,
        Check::Signature
    );
}

type Change = fn(&mut ResponseDraft);

fn assert_refused(table: &[(&str, Change)]) {
    for (wanted, change) in table {
        let mut draft = draft();
        change(&mut draft);
        assert_eq!(&code_of(&draft.to_xml(&KEY).unwrap()), wanted);
    }
}

fn other() -> String {
    "https://other.example".to_owned()
}

#[test]
fn validly_signed_responses_for_somebody_else_are_refused() {
    assert_refused(&[
        ("issuer", |it| it.issuer = other()),
        ("response_issuer", |it| it.response_issuer = Some(other())),
        ("audience", |it| it.audiences = vec![other()]),
        ("audience", |it| it.audiences.push(other())),
        ("audience_missing", |it| it.audiences.clear()),
        ("recipient", |it| it.recipient = Some(other())),
        ("recipient", |it| it.recipient = Some(format!("{ACS}/"))),
        ("recipient_missing", |it| it.recipient = None),
        ("destination", |it| it.destination = Some(other())),
        ("in_response_to", |it| it.in_response_to = Some(other())),
        ("in_response_to", |it| {
            it.confirmation_in_response_to = Some(other());
        }),
        ("in_response_to_missing", |it| it.in_response_to = None),
        ("in_response_to_missing", |it| {
            it.confirmation_in_response_to = None;
        }),
    ]);
}

#[test]
fn validly_signed_responses_at_the_wrong_time_are_refused() {
    fn at(offset: i64) -> DateTime<Utc> {
        now() + seconds(offset)
    }
    assert_refused(&[
        ("conditions_missing", |it| it.has_conditions = false),
        ("conditions_missing", |it| it.not_on_or_after = None),
        ("not_before", |it| it.not_before = Some(at(61))),
        ("not_on_or_after", |it| it.not_on_or_after = Some(at(-61))),
        ("lifetime_too_long", |it| {
            it.not_on_or_after = Some(at(86_461));
        }),
        ("issued_in_future", |it| {
            it.issue_instant = at(61);
        }),
        ("confirmation_without_end", |it| {
            it.confirmation_not_on_or_after = None;
        }),
        ("confirmation_not_on_or_after", |it| {
            it.confirmation_not_on_or_after = Some(at(-61));
        }),
        ("authn_in_future", |it| it.authn_instant = Some(at(61))),
        ("session_ended", |it| {
            it.session_not_on_or_after = Some(at(-60));
        }),
    ]);
}

#[test]
fn validly_signed_responses_that_lack_something_are_refused() {
    assert_refused(&[
        ("version", |it| it.version = "1.1".to_owned()),
        ("bearer_confirmation_missing", |it| {
            it.confirmation_method.push('x');
        }),
        ("authn_statement_missing", |it| it.authn_instant = None),
        ("status_not_success", |it| it.status = None),
        ("status_not_success", |it| it.status = Some(other())),
        ("missing_element", |it| it.name_id.clear()),
        ("name_id_too_long", |it| it.name_id = "x".repeat(1_025)),
        ("too_many_values", |it| {
            it.attributes.push((other(), vec![other(); 1_000]));
        }),
        ("unsigned", |it| it.sign_assertion = false),
    ]);
}

#[test]
fn signed_response_must_name_its_destination_and_issuer() {
    let without = ResponseDraft {
        destination: None,
        ..response_signed()
    };
    assert_eq!(
        code_of(&without.to_xml(&KEY).unwrap()),
        "destination_missing"
    );
    let unsigned_envelope = ResponseDraft {
        destination: None,
        response_issuer: None,
        ..draft()
    };
    assert_eq!(
        code_of(&unsigned_envelope.to_xml(&KEY).unwrap()),
        "accepted"
    );
}

#[test]
fn failed_sign_in_at_the_idp_is_reported_in_its_own_words() {
    let xml = format!(
        "<samlp:Response xmlns:samlp=\"{}\" ID=\"_r\"><samlp:Status><samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Responder\"><samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:AuthnFailed\"/></samlp:StatusCode><samlp:StatusMessage>not assigned</samlp:StatusMessage></samlp:Status></samlp:Response>",
        xml::PROTOCOL
    );
    let rejection = verify_xml(&xml, &expected()).unwrap_err();
    assert_eq!(rejection.error_type(), "failed_saml_response");
    assert_eq!(rejection.received, "Responder, AuthnFailed, not assigned");
}

#[test]
fn altered_and_foreign_signatures_are_refused() {
    for draft in [draft(), response_signed(), both_signed()] {
        assert_eq!(
            code_of(&draft.to_xml(&STRANGER).unwrap()),
            "signature_invalid"
        );
        let xml = draft.to_xml(&KEY).unwrap();
        let altered = replaced(&xml, "a &amp; b", "admins");
        assert_eq!(code_of(&altered), "signature_invalid");
        assert_eq!(
            code_of(&replaced(
                &xml,
                "Version=\"2.0\"><saml:I",
                "Version=\"2.0\" X=\"\"><saml:I"
            )),
            if draft.sign_response {
                "signature_invalid"
            } else {
                "accepted"
            }
        );
    }
    let evil = ResponseDraft {
        name_id: "eva@acme.example".to_owned(),
        ..draft()
    };
    let evil = evil.to_xml(&STRANGER).unwrap();
    let honest = honest_xml();
    let stolen = replaced(&evil, signature_of(&evil), signature_of(&honest));
    assert_eq!(code_of(&stolen), "signature_invalid");
}

fn after_issuer(xml: &str, what: &str) -> String {
    replaced(xml, "</saml:Issuer>", &format!("</saml:Issuer>{what}"))
}

fn with_object(signature: &str, inner: &str) -> String {
    let object = format!("<ds:Object>{inner}</ds:Object></ds:Signature>");
    replaced(signature, "</ds:Signature>", &object)
}

/// The first two variants of Somorovsky et al., on the signature of the Response.
#[test]
fn wrapping_a_signed_response_is_refused() {
    let honest = response_signed().to_xml(&KEY).unwrap();
    let signature = signature_of(&honest);
    let bare = replaced(&honest, signature, "");
    let evil = replaced(&bare, assertion_of(&bare), &evil_assertion());
    let evil = replaced(&evil, "ID=\"_r1\"", "ID=\"_evil_r\"");
    let first = after_issuer(&evil, &with_object(signature, &bare));
    let second = after_issuer(&evil, &format!("{bare}{signature}"));
    assert_eq!(code_of(&first), "assertion_count", "XSW 1");
    assert_eq!(code_of(&second), "assertion_count", "XSW 2");
}

/// The other six variants, on the signature of the Assertion.
#[test]
fn wrapping_a_signed_assertion_is_refused() {
    let honest = honest_xml();
    let assertion = assertion_of(&honest);
    let signature = signature_of(&honest);
    let bare = replaced(assertion, signature, "");
    let evil = evil_assertion();
    let variants = [
        format!("{evil}{assertion}"),
        replaced(
            &evil,
            "</saml:Assertion>",
            &format!("{assertion}</saml:Assertion>"),
        ),
        format!("{}{bare}", after_issuer(&evil, signature)),
        after_issuer(&evil, &with_object(signature, &bare)),
        format!("<samlp:Extensions>{evil}</samlp:Extensions>{assertion}"),
        after_issuer(&evil, &with_object(signature, assertion)),
    ];
    for (number, variant) in (3..).zip(&variants) {
        let xml = replaced(&honest, assertion, variant);
        assert_eq!(code_of(&xml), "assertion_count", "XSW {number}");
    }
}

#[test]
fn wrapping_without_a_second_assertion_is_refused() {
    let honest = honest_xml();
    let signature = signature_of(&honest).to_owned();
    let unsigned = replaced(&honest, &signature, "");
    let in_response = replaced(
        &unsigned,
        "</saml:Issuer>",
        &format!("</saml:Issuer>{signature}"),
    );
    assert_eq!(code_of(&in_response), "reference_uri");
    let in_status = replaced(
        &unsigned,
        "</samlp:Status>",
        &format!("{signature}</samlp:Status>"),
    );
    assert_eq!(code_of(&in_status), "misplaced_signature");
    let at_end = replaced(
        &unsigned,
        "</saml:Assertion>",
        &format!("{signature}</saml:Assertion>"),
    );
    assert_eq!(code_of(&at_end), "misplaced_signature");
    let detail = format!("<samlp:StatusDetail>{signature}</samlp:StatusDetail></samlp:Status>");
    assert_eq!(
        code_of(&replaced(&unsigned, "</samlp:Status>", &detail)),
        "misplaced_signature"
    );
    let twice = replaced(&honest, &signature, &format!("{signature}{signature}"));
    assert_eq!(code_of(&twice), "repeated_signature");
    let swapped = replaced(
        &honest,
        "</samlp:Status>",
        "</samlp:Status><saml:Subject xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\"></saml:Subject>",
    );
    assert_eq!(code_of(&swapped), "unexpected_element");
}

fn assert_surgery_refused(table: &[(&str, &str, &str)]) {
    let honest = honest_xml();
    for (wanted, from, to) in table {
        assert_eq!(&code_of(&replaced(&honest, from, to)), wanted, "{to}");
    }
}

#[test]
fn algorithms_references_and_transforms_are_held_to_the_lists() {
    const RSA: &str = "xmldsig-more#rsa-sha256";
    const SHA: &str = "xmlenc#sha256";
    const C14N: &str = "CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#";
    const ENVELOPED: &str = "<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"></ds:Transform>";
    const XSLT: &str = "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xslt-19991116\"><x/></ds:Transform>";
    const URI: &str = "URI=\"#_a1\"";
    assert_surgery_refused(&[
        ("signature_method", RSA, "xmldsig-more#hmac-sha256"),
        ("signature_method", RSA, "xmldsig-more#rsa-md5"),
        (
            "signature_method",
            "2001/04/xmldsig-more#rsa-sha256",
            "2000/09/xmldsig#rsa-sha1",
        ),
        ("digest_method", SHA, "xmlenc#ripemd160"),
        (
            "digest_method",
            "2001/04/xmlenc#sha256",
            "2000/09/xmldsig#sha1",
        ),
        ("signature_structure", SHA, "xmlenc#sha512"),
        ("transforms", ENVELOPED, XSLT),
        ("transforms", ENVELOPED, &format!("{ENVELOPED}{XSLT}")),
        ("transforms", ENVELOPED, &format!("{ENVELOPED}{ENVELOPED}")),
        ("transforms", ENVELOPED, ""),
        (
            "canonicalization_method",
            C14N,
            &format!("{C14N}WithComments"),
        ),
        (
            "canonicalization_method",
            C14N,
            "CanonicalizationMethod Algorithm=\"urn:x",
        ),
        ("reference_uri", URI, "URI=\"http://attacker.example/\""),
        ("reference_uri", URI, "URI=\"\""),
        ("reference_uri", URI, "URI=\"#xpointer(id('_a1'))\""),
        ("reference_uri", URI, "URI=\"#_r1\""),
        ("reference_uri", URI, ""),
    ]);
}

#[test]
fn doubled_or_empty_parts_of_a_signature_are_refused() {
    let honest = honest_xml();
    for name in [
        "SignedInfo",
        "Reference",
        "DigestValue",
        "SignatureValue",
        "DigestMethod",
    ] {
        let element = part(&honest, &format!("<ds:{name}"), &format!("</ds:{name}>"));
        let doubled = replaced(&honest, element, &format!("{element}{element}"));
        assert_eq!(code_of(&doubled), "signature_structure", "two {name}");
        let missing = replaced(&honest, element, "");
        assert_eq!(code_of(&missing), "signature_structure", "no {name}");
    }
    for name in ["DigestValue", "SignatureValue"] {
        let element = part(&honest, &format!("<ds:{name}"), &format!("</ds:{name}>"));
        let empty = replaced(&honest, element, &format!("<ds:{name}></ds:{name}>"));
        assert_eq!(code_of(&empty), "signature_structure", "empty {name}");
    }
}

#[test]
fn xml_that_readers_disagree_on_is_refused() {
    const ROOT: &str = "<samlp:Response ";
    const END: &str = "</samlp:Response>";
    assert_surgery_refused(&[
        (
            "comment_present",
            ANA,
            "ana@acme.example<!---->.evil.example",
        ),
        (
            "comment_present",
            "<ds:DigestValue>",
            "<ds:DigestValue><!--x-->",
        ),
        ("cdata_present", ANA, "<![CDATA[ana@acme.example]]>"),
        (
            "processing_instruction_present",
            ANA,
            "ana<?x?>@acme.example",
        ),
        (
            "doctype_present",
            ROOT,
            "<!DOCTYPE x [<!ENTITY e \"v\">]><samlp:Response ",
        ),
        ("not_well_formed", ANA, "&e;"),
        ("not_well_formed", END, ""),
        ("not_well_formed", END, "</samlp:Response>x"),
        ("not_well_formed", END, "</samlp:Response><a/>"),
        ("not_well_formed", "ID=\"_a1\"", "ID=\"_a1\" ID=\"_a1\""),
        (
            "response_not_utf8",
            ROOT,
            "<?xml version=\"1.0\" encoding=\"UTF-7\"?><samlp:Response ",
        ),
    ]);
}

#[test]
fn identifiers_names_and_places_mean_one_thing() {
    const SUBJECT: &str = "<saml:Subject>";
    const STATUS: &str = "<samlp:Status>";
    const ENCRYPTED: &str = "<saml:EncryptedAssertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\"/></samlp:Response>";
    assert_surgery_refused(&[
        ("missing_id", "ID=\"_a1\" ", ""),
        ("duplicate_id", "ID=\"_r1\"", "ID=\"_a1\""),
        (
            "duplicate_id",
            "<ds:SignedInfo>",
            "<ds:SignedInfo Id=\"_a1\">",
        ),
        ("malformed_id", "ID=\"_a1\"", "ID=\"element(/1/2)\""),
        ("malformed_id", SUBJECT, "<saml:Subject ID=\"_x\">"),
        ("malformed_id", SUBJECT, "<saml:Subject id=\"_x\">"),
        ("namespaced_id", SUBJECT, "<saml:Subject xml:id=\"_x\">"),
        ("namespaced_id", "ID=\"_r1\"", "samlp:ID=\"_r1\""),
        (
            "rebound_prefix",
            STATUS,
            "<samlp:Status xmlns:saml=\"urn:other\">",
        ),
        ("relative_namespace", STATUS, "<samlp:Status xmlns:x=\"1\">"),
        (
            "unexpected_element",
            SUBJECT,
            "<saml:Advice></saml:Advice><saml:Subject>",
        ),
        (
            "unexpected_element",
            "</ds:KeyInfo>",
            "<ds:RetrievalMethod/></ds:KeyInfo>",
        ),
        ("unexpected_text", SUBJECT, "<saml:Subject>x"),
        ("assertion_count", "</samlp:Response>", ENCRYPTED),
        ("missing_element", "Version=\"2.0\"", ""),
        (
            "malformed_instant",
            "IssueInstant=\"2030",
            "IssueInstant=\"then",
        ),
    ]);
    let honest = honest_xml();
    let alone = assertion_of(&honest);
    assert_eq!(code_of(alone), "unexpected_root");
}

/// ECDSA as XML Signature has it: the two numbers side by side, over the same canonical SignedInfo.
#[test]
fn elliptic_curve_signatures_are_accepted() {
    let key = rcgen::generate_simple_self_signed(vec![]).unwrap();
    let rsa = honest_xml();
    let xml = replaced(&rsa, "xmldsig-more#rsa-sha256", "xmldsig-more#ecdsa-sha256");
    let info = part(&xml, "<ds:SignedInfo", "</ds:SignedInfo>");
    let namespace = format!("<ds:SignedInfo xmlns:ds=\"{}\"", xml::SIGNATURE);
    let message = replaced(info, "<ds:SignedInfo", &namespace);
    let algorithm = &aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED_SIGNING;
    let pkcs8 = key.signing_key.serialize_der();
    let pair = aws_lc_rs::signature::EcdsaKeyPair::from_pkcs8(algorithm, &pkcs8).unwrap();
    let random = aws_lc_rs::rand::SystemRandom::new();
    let value = STANDARD.encode(pair.sign(&random, message.as_bytes()).unwrap());
    let old = part(&xml, "<ds:SignatureValue>", "</ds:SignatureValue>");
    let signed = replaced(
        &xml,
        old,
        &format!("<ds:SignatureValue>{value}</ds:SignatureValue>"),
    );
    let certificates = vec![KEY.certificate_pem.clone(), key.cert.pem()];
    let both = Expected {
        certificates,
        ..expected()
    };
    assert_eq!(verify_xml(&signed, &both).unwrap().name_id.value, ANA);
    assert_eq!(code_of(&signed), "signature_invalid");
}

#[test]
fn oversized_letters_are_refused_quickly() {
    let honest = honest_xml();
    let stuffed = |stuffing: String| {
        replaced(
            &honest,
            "</samlp:Status>",
            &format!("<samlp:StatusDetail>{stuffing}</samlp:StatusDetail></samlp:Status>"),
        )
    };
    let attributes: Vec<String> = (0..41).map(|number| format!(" a{number}=\"\"")).collect();
    let namespaces: Vec<String> = (0..35)
        .map(|number| format!("<b xmlns:n{number}=\"u:n\" xmlns:m{number}=\"u:m\">"))
        .collect();
    let table = [
        ("response_too_large", "x".repeat(262_144)),
        ("document_too_deep", "<b>".repeat(38)),
        ("too_many_elements", "<b/>".repeat(20_000)),
        (
            "too_many_attributes",
            format!("<b{}/>", attributes.concat()),
        ),
        ("too_many_namespaces", namespaces.concat()),
    ];
    for (wanted, stuffing) in table {
        assert_eq!(code_of(&stuffed(stuffing)), wanted);
    }
}

#[test]
fn rejections_never_quote_the_document_at_length() {
    let long = ResponseDraft {
        issuer: "x".repeat(5_000),
        ..draft()
    };
    let rejection = verify_xml(&long.to_xml(&KEY).unwrap(), &expected()).unwrap_err();
    assert_eq!(rejection.check, Check::Issuer);
    assert!(rejection.to_string().len() < 500);
}

#[test]
fn many_threads_get_right_verdicts() {
    let (good, bad) = (honest_xml(), draft().to_xml(&STRANGER).unwrap());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..25 {
                    assert_eq!(code_of(&good), "accepted");
                    assert_eq!(code_of(&bad), "signature_invalid");
                }
            });
        }
    });
}
