use std::sync::OnceLock;

use super::*;
use crate::protocol::saml::LogoutEnvelope;
use crate::protocol::saml::Message;
use crate::protocol::saml::RequestSigner;

const URL: &str = "https://sp.test/logout";

struct Idp {
    certificate: String,
    signer: RequestSigner,
}

fn idp() -> &'static Idp {
    static IDP: OnceLock<Idp> = OnceLock::new();
    IDP.get_or_init(fresh_idp)
}

fn fresh_idp() -> Idp {
    let size = rcgen::RsaKeySize::_2048;
    let key = rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, size).unwrap();
    let certificate = rcgen::CertificateParams::default().self_signed(&key);
    Idp {
        certificate: certificate.unwrap().pem(),
        signer: RequestSigner::from_pem(&key.serialize_pem()).unwrap(),
    }
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_900_000_000, 0).unwrap()
}

fn expected() -> LogoutExpected {
    LogoutExpected {
        certificates: vec![idp().certificate.clone()],
        idp_entity_id: "urn:idp".to_owned(),
        url: URL.to_owned(),
        clock_skew: TimeDelta::seconds(60),
    }
}

fn ana() -> NameId {
    NameId {
        value: "ana@acme.test".to_owned(),
        format: Some("urn:f".to_owned()),
        name_qualifier: None,
        sp_name_qualifier: None,
    }
}

fn envelope(destination: &str, issue_instant: DateTime<Utc>) -> LogoutEnvelope {
    LogoutEnvelope {
        id: "_1".to_owned(),
        issue_instant,
        issuer: "urn:idp".to_owned(),
        destination: destination.to_owned(),
    }
}

fn request() -> Message {
    envelope(URL, now()).request(&ana(), Some("_s1"))
}

fn query(message: &Message, signer: &RequestSigner) -> String {
    let url = message.redirect_url("state&1", Some(signer)).unwrap();
    url.split_once('?').unwrap().1.to_owned()
}

fn by_query(query: &str, now: DateTime<Utc>) -> Result<(LogoutMessage, String), Check> {
    verify_logout_query(query, &expected(), now).map_err(|rejection| rejection.check)
}

fn by_form(message: &Message, is_request: bool) -> Result<LogoutMessage, Check> {
    let form = message.post_form("", Some(&idp().signer)).unwrap();
    let read = verify_logout_form(&form.message, is_request, &expected(), now());
    read.map_err(|rejection| rejection.check)
}

#[test]
fn a_signed_request_is_read_from_either_binding() {
    let wanted = LogoutMessage::Request {
        id: "_1".to_owned(),
        name_id: ana(),
        session_indexes: vec!["_s1".to_owned()],
        not_on_or_after: now() + TimeDelta::seconds(360),
    };
    let query = query(&request(), &idp().signer);
    assert_eq!(
        by_query(&query, now()),
        Ok((wanted.clone(), "state&1".to_owned()))
    );
    assert_eq!(by_form(&request(), true), Ok(wanted));
    assert_eq!(by_form(&request(), false), Err(Check::UnexpectedMessage));
}

#[test]
fn a_response_is_read_with_its_status() {
    let message = envelope(URL, now()).response("_2");
    let read = |is_success| LogoutMessage::Response {
        in_response_to: "_2".to_owned(),
        is_success,
    };
    assert_eq!(by_form(&message, false), Ok(read(true)));
    let partial = Message {
        xml: message.xml.replace("status:Success", "status:Responder"),
        ..message
    };
    let query = query(&partial, &idp().signer);
    assert_eq!(by_query(&query, now()).map(|(it, _)| it), Ok(read(false)));
}

#[test]
fn a_query_is_believed_as_it_came_and_in_one_reading_only() {
    let good = query(&request(), &idp().signer);
    let stranger = query(&request(), &fresh_idp().signer);
    let (message, rest) = good.split_once('&').unwrap();
    let response = message.replace("SAMLRequest", "SAMLResponse");
    let (signed, signature) = good.split_once("&Signature=").unwrap();
    let sha1 = "http%3A%2F%2Fwww.w3.org%2F2000%2F09%2Fxmldsig%23rsa-sha1";
    let table: [(String, Check); 14] = [
        (stranger, Check::Signature),
        (message.to_owned(), Check::Unsigned),
        (signed.to_owned(), Check::Unsigned),
        (
            good.replace("RelayState=state", "RelayState=other"),
            Check::Signature,
        ),
        (good.replace("RelayState=state%261&", ""), Check::Signature),
        // The same text, other octets.
        (good.replace("state%261", "stat%65%261"), Check::Signature),
        (good.replace("rsa-sha256", "rsa-sha512"), Check::Signature),
        (
            format!("{message}&SigAlg={sha1}&Signature={signature}"),
            Check::SignatureMethod,
        ),
        (format!("{good}&SAMLRequest=x"), Check::QueryParameters),
        (format!("{response}&{good}"), Check::QueryParameters),
        (format!("{good}&relaystate=x"), Check::QueryParameters),
        (
            good.replace("SAMLRequest", "SAML%52equest"),
            Check::QueryParameters,
        ),
        (rest.to_owned(), Check::QueryParameters),
        (format!("{good}&SAMLEncoding=urn:x"), Check::NotDeflate),
    ];
    for (query, check) in table {
        assert_eq!(by_query(&query, now()), Err(check), "{query}");
    }
    // What no SAML parameter is may be there.
    assert!(by_query(&format!("lang=en&{good}&x"), now()).is_ok());
}

#[test]
fn a_query_that_unpacks_to_megabytes_is_not_unpacked() {
    let bomb = Message {
        xml: " ".repeat(40 * 1024 * 1024),
        ..request()
    };
    let query = query(&bomb, &idp().signer);
    assert_eq!(by_query(&query, now()), Err(Check::TooLarge));
}

#[test]
fn each_rule_refuses_by_its_own_check() {
    let changed = |from: &str, to: &str| Message {
        xml: request().xml.replace(from, to),
        ..request()
    };
    let table = [
        (changed("urn:idp", "urn:other"), Check::LogoutIssuer),
        (
            changed(URL, "https://sp.test/other"),
            Check::LogoutDestination,
        ),
        (
            changed(&format!(" Destination=\"{URL}\""), ""),
            Check::MissingElement,
        ),
        (changed("\"2.0\"", "\"1.1\""), Check::Version),
        (changed("ana@acme.test", ""), Check::MissingElement),
        (
            changed("2030-03-17T17:46:40Z", "2030-03-17T17:40:39Z"),
            Check::LogoutAge,
        ),
        (
            changed("2030-03-17T17:46:40Z", "2030-03-17T17:47:41Z"),
            Check::LogoutAge,
        ),
        (
            changed("2030-03-17T17:51:40Z", "2030-03-17T17:45:40Z"),
            Check::LogoutAge,
        ),
        (
            changed("saml:NameID", "saml:EncryptedID"),
            Check::UnexpectedElement,
        ),
        (
            changed("ana@acme.test", "ana<!-- -->@acme.test"),
            Check::CommentPresent,
        ),
    ];
    for (message, check) in table {
        let query = query(&message, &idp().signer);
        assert_eq!(by_query(&query, now()), Err(check), "{}", message.xml);
    }
    for (seconds, is_fine) in [(-60, true), (-61, false), (359, true), (360, false)] {
        let query = query(&request(), &idp().signer);
        let at = now() + TimeDelta::seconds(seconds);
        assert_eq!(by_query(&query, at).is_ok(), is_fine, "{seconds}");
    }
}

#[test]
fn a_form_is_believed_only_if_its_message_is_signed_by_the_idp() {
    let unsigned = request().post_form("", None).unwrap();
    let read = |form: &str| verify_logout_form(form, true, &expected(), now());
    assert_eq!(read(&unsigned.message).unwrap_err().check, Check::Unsigned);
    let stranger = request().post_form("", Some(&fresh_idp().signer)).unwrap();
    assert_eq!(read(&stranger.message).unwrap_err().check, Check::Signature);
    let (plain, signed) = (
        request(),
        request().post_form("", Some(&idp().signer)).unwrap(),
    );
    let decoded =
        base64::Engine::decode(&base64::engine::general_purpose::STANDARD, signed.message);
    let signed = String::from_utf8(decoded.unwrap()).unwrap();
    let encode =
        |xml: String| base64::Engine::encode(&base64::engine::general_purpose::STANDARD, xml);
    let altered = encode(signed.replace("ana@acme.test", "eve@acme.test"));
    assert_eq!(read(&altered).unwrap_err().check, Check::Signature);
    let wrapped = encode(signed.replace("<saml:NameID", "<samlp:Extensions/><saml:NameID"));
    assert_eq!(read(&wrapped).unwrap_err().check, Check::UnexpectedElement);
    // In a query the signature stands beside the message, never in it.
    let both = Message {
        xml: signed,
        ..plain
    };
    let query = query(&both, &idp().signer);
    assert_eq!(by_query(&query, now()), Err(Check::MisplacedSignature));
}
