use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;
use vestibule::demo::saml_signature::KeyPair;
use vestibule::domain::event::Event;

use super::Acme;
use super::IDP;
use super::events;
use super::idp_key;
use crate::support::stub_site::StubSite;

fn bare(key: &KeyPair) -> String {
    let lines = key.certificate_pem.lines();
    lines.filter(|line| !line.starts_with('-')).collect()
}

fn metadata(entity_id: &str, sso: &str, keys: &[&KeyPair]) -> String {
    let key = |key: &&KeyPair| {
        format!(
            "<md:KeyDescriptor><KeyInfo xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><X509Data>\
             <X509Certificate>{}</X509Certificate></X509Data></KeyInfo></md:KeyDescriptor>",
            bare(key)
        )
    };
    let keys: String = keys.iter().map(key).collect();
    let bindings = "urn:oasis:names:tc:SAML:2.0:bindings";
    format!(
        "<!-- made by hand --><md:EntitiesDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\">\
         <md:EntityDescriptor entityID=\"{entity_id}\"><md:IDPSSODescriptor \
         protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">{keys}\
         <md:SingleLogoutService Binding=\"{bindings}:HTTP-POST\" Location=\"{IDP}/slo\" \
         ResponseLocation=\"{IDP}/slo/done\"/>\
         <md:SingleSignOnService Binding=\"{bindings}:HTTP-POST\" Location=\"{IDP}/post\"/>\
         <md:SingleSignOnService Binding=\"{bindings}:HTTP-Redirect\" Location=\"{sso}\"/>\
         </md:IDPSSODescriptor></md:EntityDescriptor></md:EntitiesDescriptor>"
    )
}

/// What Acme's IdP says of itself.
pub fn metadata_of_acme() -> String {
    metadata(IDP, &format!("{IDP}/sso"), &[idp_key()])
}

/// Acme, whose connection follows metadata at a site that can be changed.
struct Following {
    acme: Acme,
    site: StubSite,
    path: String,
}

impl Following {
    async fn open() -> Self {
        let acme = Acme::open().await;
        let path = format!(
            "/v1/b2b/sso/saml/{}/connections/{}",
            acme.organization_id, acme.connection_id
        );
        let following = Self {
            acme,
            site: StubSite::start(),
            path,
        };
        let url = following.serve(&metadata(IDP, &format!("{IDP}/sso"), &[idp_key()]));
        let body = json!({ "metadata_url": url });
        let read = following
            .acme
            .gateway
            .put(&format!("{}/url", following.path), body)
            .await;
        assert_eq!(read.status, 200, "{}", read.text);
        following
    }

    fn serve(&self, xml: &str) -> String {
        self.site.set("/m", 200, xml)
    }

    /// Lets an hour pass and the worker come by.
    async fn hour(&self) {
        self.acme.gateway.wait(TimeDelta::minutes(71));
        self.acme.gateway.keep_up().await;
    }

    async fn connection(&self) -> Value {
        let path = format!("/v1/b2b/sso/{}", self.acme.organization_id);
        self.acme.gateway.get(&path).await.body["saml_connections"][0].clone()
    }

    async fn certificates(&self) -> Vec<String> {
        let connection = self.connection().await;
        let all = connection["verification_certificates"]
            .as_array()
            .unwrap()
            .iter();
        all.map(|it| it["certificate"].as_str().unwrap().to_owned())
            .collect()
    }

    async fn told(&self, kind: &str) -> Vec<Event> {
        let all = events(&self.acme.gateway, &self.acme.organization_id).await;
        all.into_iter().filter(|event| event.kind == kind).collect()
    }
}

#[actix_web::test]
async fn metadata_says_where_to_sign_in_and_out() {
    let following = Following::open().await;
    let connection = following.connection().await;
    assert_eq!(connection["idp_sso_url"], format!("{IDP}/sso"));
    assert_eq!(connection["authn_request_binding"], "redirect");
    assert_eq!(connection["idp_slo_url"], format!("{IDP}/slo"));
    assert_eq!(
        connection["idp_slo_response_url"],
        format!("{IDP}/slo/done")
    );
    assert_eq!(connection["slo_binding"], "post");
    assert!(connection["metadata_refreshed_at"].is_string());
    // Where the connection posts its requests, the other URL is the one.
    let gateway = &following.acme.gateway;
    let post = json!({ "authn_request_binding": "post" });
    assert_eq!(gateway.put(&following.path, post).await.status, 200);
    following.hour().await;
    assert_eq!(
        following.connection().await["idp_sso_url"],
        format!("{IDP}/post")
    );
}

#[actix_web::test]
async fn pasted_metadata_is_taken_and_not_followed() {
    let following = Following::open().await;
    let gateway = &following.acme.gateway;
    let path = format!("{}/metadata", following.path);
    let key = KeyPair::generate("new").unwrap();
    let pasted = metadata(IDP, &format!("{IDP}/new"), &[&key]);
    let answer = gateway.put(&path, json!({ "metadata": pasted })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let connection = &answer.body["connection"];
    assert_eq!(connection["idp_sso_url"], format!("{IDP}/new"));
    assert_eq!(connection["metadata_url"], "");
    following.hour().await;
    assert_eq!(
        following.connection().await["idp_sso_url"],
        format!("{IDP}/new")
    );
    for (xml, error_type) in [
        ("<html/>", "invalid_xml_from_saml_metadata_url"),
        ("", "invalid_xml_from_saml_metadata_url"),
        (
            &metadata(IDP, "ftp://x", &[&key]),
            "saml_connection_metadata_invalid_format",
        ),
    ] {
        let answer = gateway.put(&path, json!({ "metadata": xml })).await;
        let told = (answer.status, answer.body["error_type"].as_str());
        assert_eq!(told, (400, Some(error_type)), "{xml}");
    }
}

#[actix_web::test]
async fn a_certificate_that_joins_is_believed_beside_the_old_one() {
    let following = Following::open().await;
    let (new, sso) = (KeyPair::generate("new").unwrap(), format!("{IDP}/sso"));
    following.serve(&metadata(IDP, &sso, &[idp_key(), &new]));
    following.hour().await;
    assert_eq!(following.certificates().await.len(), 2);
    // The IdP drops the old one: it is kept until it ends or somebody removes it.
    following.serve(&metadata(IDP, &sso, &[&new]));
    following.hour().await;
    assert_eq!(following.certificates().await.len(), 2);
    assert_eq!(following.acme.sign_in("ana@acme.test").await.status, 200);
    let updates = following.told("connection.updated").await.len();
    following.hour().await;
    following.hour().await;
    assert_eq!(following.told("connection.updated").await.len(), updates);
    assert_eq!(following.told("saml_metadata.waits").await.len(), 0);
}

#[actix_web::test]
async fn a_change_of_every_certificate_waits_for_an_administrator() {
    let following = Following::open().await;
    let gateway = &following.acme.gateway;
    let accept = format!("{}/metadata/accept", following.path);
    let none = gateway.post(&accept, json!({})).await;
    assert_eq!(
        (none.status, none.body["error_type"].as_str()),
        (404, Some("no_saml_metadata_waiting"))
    );
    let other = KeyPair::generate("other").unwrap();
    following.serve(&metadata(IDP, "https://evil.test/sso", &[&other]));
    following.hour().await;
    following.hour().await;
    let connection = following.connection().await;
    assert_eq!(connection["idp_sso_url"], format!("{IDP}/sso"));
    assert_eq!(
        following.certificates().await,
        [idp_key().certificate_pem.replace("\r\n", "\n")]
    );
    let waiting = &connection["waiting_metadata"];
    assert_eq!(waiting["idp_sso_url"], "https://evil.test/sso");
    assert_eq!(waiting["certificates"].as_array().unwrap().len(), 1);
    assert_eq!(following.told("saml_metadata.waits").await.len(), 1);
    assert_eq!(following.acme.sign_in("ana@acme.test").await.status, 200);
    // The old certificate back in the document is the end of the waiting.
    following.serve(&metadata(IDP, &format!("{IDP}/sso"), &[idp_key()]));
    following.hour().await;
    assert!(following.connection().await["waiting_metadata"].is_null());

    following.serve(&metadata(IDP, &format!("{IDP}/moved"), &[&other]));
    following.hour().await;
    let accepted = gateway.post(&accept, json!({})).await;
    assert_eq!(accepted.status, 200, "{}", accepted.text);
    let connection = &accepted.body["connection"];
    assert_eq!(connection["idp_sso_url"], format!("{IDP}/moved"));
    assert!(connection["waiting_metadata"].is_null());
    assert_eq!(
        following.certificates().await,
        [other.certificate_pem.replace("\r\n", "\n")]
    );
}

#[actix_web::test]
async fn a_failed_refresh_keeps_everything_and_is_told_once() {
    let following = Following::open().await;
    let before = following.certificates().await;
    let sso = format!("{IDP}/sso");
    let other = metadata("urn:other", &sso, &[idp_key()]);
    let six: Vec<KeyPair> = (0..6).map(|_| KeyPair::generate("six").unwrap()).collect();
    let six = metadata(IDP, &sso, &six.iter().collect::<Vec<_>>());
    for (status, body) in [
        (404, "absent".to_owned()),
        (302, String::new()),
        (200, "x".repeat(1_100_000)),
        (200, "<html/>".to_owned()),
        (200, other),
        (200, six),
    ] {
        following.site.set("/m", status, body);
        following.hour().await;
    }
    assert_eq!(following.certificates().await, before);
    let told = following.told("saml_metadata.failed").await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].actor, "system");
    assert_ne!(following.connection().await["metadata_failure"], "");
    assert_eq!(following.acme.sign_in("ana@acme.test").await.status, 200);
    following.serve(&metadata(IDP, &sso, &[idp_key()]));
    following.hour().await;
    assert_eq!(following.connection().await["metadata_failure"], "");
    following.site.set("/m", 500, "");
    following.hour().await;
    assert_eq!(following.told("saml_metadata.failed").await.len(), 2);
}

#[actix_web::test]
async fn whoever_sets_a_url_by_hand_follows_no_longer() {
    let following = Following::open().await;
    let gateway = &following.acme.gateway;
    let same = json!({ "idp_sso_url": format!("{IDP}/sso"), "display_name": "Acme" });
    let answer = gateway.put(&following.path, same).await;
    assert_ne!(answer.body["connection"]["metadata_url"], "");
    let own = json!({ "idp_sso_url": format!("{IDP}/own") });
    let answer = gateway.put(&following.path, own).await;
    assert_eq!(answer.body["connection"]["metadata_url"], "");
    following.hour().await;
    assert_eq!(
        following.connection().await["idp_sso_url"],
        format!("{IDP}/own")
    );
}

#[actix_web::test]
async fn a_certificate_that_ends_is_warned_of_three_times() {
    let acme = Acme::open().await;
    let mut parameters = rcgen::CertificateParams::default();
    let end = (acme.gateway.now() + TimeDelta::days(62)).date_naive();
    let (year, month, day) = (
        chrono::Datelike::year(&end),
        u8::try_from(chrono::Datelike::month(&end)).unwrap(),
        u8::try_from(chrono::Datelike::day(&end)).unwrap(),
    );
    parameters.not_after = rcgen::date_time_ymd(year, month, day);
    let key = rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048);
    let certificate = parameters.self_signed(&key.unwrap()).unwrap().pem();
    acme.change_connection(json!({ "x509_certificate": certificate }))
        .await;
    let mut warned = Vec::new();
    for days in [0, 3, 1, 20, 10, 20, 2, 20] {
        acme.gateway.wait(TimeDelta::days(days));
        acme.gateway.keep_up().await;
        acme.gateway.keep_up().await;
        let all = events(&acme.gateway, &acme.organization_id).await;
        let all = all
            .into_iter()
            .filter(|event| event.kind == "saml_certificate.expiring");
        let days = all.map(|event| event.after.unwrap()["days"].as_i64().unwrap());
        warned = days.collect::<Vec<_>>();
    }
    assert_eq!(warned, [60, 30, 7]);
}

#[actix_web::test]
async fn of_two_nodes_at_once_one_reads_the_metadata() {
    let following = Following::open().await;
    let gateway = &following.acme.gateway;
    let (second, third) = (gateway.another_node(), gateway.another_node());
    for hours in 1..=5 {
        gateway.wait(TimeDelta::minutes(71));
        tokio::join!(
            gateway.keep_up(),
            second.keep_up(),
            third.keep_up(),
            second.keep_up()
        );
        // Once when the connection was made to follow it.
        assert_eq!(following.site.requests().len(), 1 + hours);
    }
    assert_eq!(following.told("saml_metadata.failed").await.len(), 0);
}
