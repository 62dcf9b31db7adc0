//! The identity providers, judged by the service provider's own checks.

use chrono::DateTime;
use chrono::TimeDelta;

use super::*;
use crate::demo::inbox::Inbox;
use crate::protocol::saml::Expected;
use crate::protocol::saml::IdentityProvider;
use crate::protocol::saml::verify;

fn idp() -> SamlIdp {
    let (inbox, origin) = (Arc::new(Inbox::default()), "http://127.0.0.1:8080");
    let stage = Stage::new(origin, inbox, || DateTime::UNIX_EPOCH);
    SamlIdp::new(Arc::new(stage), KeyPair::generate("IdP").unwrap())
}

fn asked() -> Asked {
    Asked {
        id: "_1".to_owned(),
        issuer: "http://127.0.0.1:8080/sp".to_owned(),
        acs_url: "http://127.0.0.1:8080/acs".to_owned(),
        xml: String::new(),
    }
}

fn expected(idp: &SamlIdp, company: &Profile) -> Expected {
    Expected {
        certificates: vec![idp.key.certificate_pem.clone()],
        decryption_keys: Vec::new(),
        idp_entity_id: idp.url(company, "metadata"),
        acs_urls: vec![asked().acs_url],
        audiences: vec![asked().issuer],
        in_response_to: Some(asked().id),
        clock_skew: TimeDelta::seconds(60),
        want_response_signed: false,
        want_assertion_signed: false,
        authn_context: None,
        authenticated_since: None,
    }
}

#[test]
fn its_metadata_is_what_a_connection_needs() {
    let idp = idp();
    for company in ["acme", "globex"].map(|slug| Profile::find(slug).unwrap()) {
        let read = IdentityProvider::from_metadata(&idp.metadata(company)).unwrap();
        assert_eq!(read.entity_id, idp.url(company, "metadata"));
        assert_eq!(read.sso_redirect_url, Some(idp.url(company, "sso")));
        assert_eq!(read.certificates.len(), 1);
    }
}

#[test]
fn each_fault_is_refused_by_the_check_that_it_is_meant_for() {
    let (idp, acme) = (idp(), Profile::find("acme").unwrap());
    let person = acme.people().remove(0);
    let answer = |fault| {
        idp.answer((acme, &asked()), (&person, "state"), fault)
            .unwrap()
    };
    let judged = |exchange: &SamlExchange| {
        verify(
            &exchange.form_value,
            &expected(&idp, acme),
            DateTime::UNIX_EPOCH,
        )
    };
    let good = answer(None);
    assert_eq!(judged(&good).unwrap().name_id.value, "ana@acme.test");
    for (fault, check) in [
        (Fault::Expired, Some("not_on_or_after")),
        (Fault::WrongAudience, Some("audience")),
        (Fault::AlteredSignature, Some("signature_invalid")),
        (Fault::Unsigned, Some("unsigned")),
        (Fault::SecondAssertion, Some("assertion_count")),
        // The answer itself is good; that it was used before is known to the database alone.
        (Fault::Replayed, None),
    ] {
        let refused = judged(&answer(Some(fault))).err();
        assert_eq!(refused.map(|refused| refused.code()), check, "{fault:?}");
    }
    assert_eq!(idp.copy(&asked(), &person), None);
    idp.stage.exchanges.keep_saml(good.clone());
    let copy = idp.copy(&asked(), &person).unwrap();
    assert_eq!(
        (&copy.form_value, copy.fault),
        (&good.form_value, Some(Fault::Replayed))
    );
}

#[test]
fn entra_names_groups_by_their_ids_and_okta_by_their_names() {
    let group = |slug: &str| {
        let company = Profile::find(slug).unwrap();
        let person = company.people().remove(0);
        let groups = attributes(company, &person).pop().unwrap();
        (groups.0, groups.1[0].clone())
    };
    assert_eq!(
        group("acme"),
        ("groups".to_owned(), "Engineering".to_owned())
    );
    let (name, value) = group("globex");
    assert!(name.starts_with("http://schemas.microsoft.com/"), "{name}");
    assert!(uuid::Uuid::parse_str(&value).is_ok(), "{value}");
}
