use serde_json::Value;
use serde_json::json;

use super::connections::acme;
use super::connections::created;
use crate::support::Answer;
use crate::support::TestGateway;
use crate::support::stub_site::StubSite;

async fn connection(gateway: &TestGateway) -> String {
    let path = format!("/v1/b2b/sso/saml/{}", acme(gateway).await);
    let created = created(gateway, &path, json!({})).await;
    let id = created["connection_id"].as_str().unwrap();
    format!("{path}/connections/{id}")
}

fn certificate() -> String {
    let made = rcgen::generate_simple_self_signed(vec!["idp.test".to_owned()]).unwrap();
    let pem = made.cert.pem();
    pem.lines().filter(|line| !line.starts_with('-')).collect()
}

fn metadata(binding: &str, certificates: &[&str]) -> String {
    let key = |certificate: &&str| {
        format!(
            "<KeyDescriptor use=\"signing\"><KeyInfo xmlns=\"http://www.w3.org/2000/09/xmldsig#\">\
             <X509Data><X509Certificate>{certificate}</X509Certificate></X509Data></KeyInfo>\
             </KeyDescriptor>"
        )
    };
    let keys: String = certificates.iter().map(key).collect();
    format!(
        "<EntityDescriptor xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"urn:idp\">\
         <IDPSSODescriptor protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">{keys}\
         <SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:{binding}\" \
         Location=\"https://idp.test/sso\"/></IDPSSODescriptor></EntityDescriptor>"
    )
}

async fn read(gateway: &TestGateway, path: &str, url: &str) -> Answer {
    let body = json!({ "metadata_url": url });
    gateway.put(&format!("{path}/url"), body).await
}

fn refused(answer: &Answer, error_type: &str) {
    let told = (answer.status, answer.body["error_type"].as_str());
    assert_eq!(told, (400, Some(error_type)), "{}", answer.text);
}

fn bodies(connection: &Value) -> Vec<String> {
    let known = connection["verification_certificates"].as_array().unwrap();
    let pem = known
        .iter()
        .map(|known| known["certificate"].as_str().unwrap());
    pem.map(|pem| pem.lines().filter(|line| !line.starts_with('-')).collect())
        .collect()
}

#[actix_web::test]
async fn metadata_fills_in_three_things_and_never_the_mapping() {
    let gateway = TestGateway::start().await;
    let (site, path) = (StubSite::start(), connection(&gateway).await);
    let (first, second, third) = (certificate(), certificate(), certificate());
    let url = site.set("/m", 200, metadata("HTTP-Redirect", &[&first, &second]));
    let answer = read(&gateway, &path, &url).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let filled = &answer.body["connection"];
    assert_eq!(filled["idp_entity_id"], "urn:idp");
    assert_eq!(filled["idp_sso_url"], "https://idp.test/sso");
    assert_eq!(filled["status"], "pending");
    assert_eq!(filled["attribute_mapping"], json!({}));
    assert_eq!(bodies(filled), [first, second.clone()]);
    let mapping = json!({ "attribute_mapping": { "email": "NameID", "full_name": "name" } });
    let active = gateway.put(&path, mapping.clone()).await.body["connection"].clone();
    assert_eq!(active["status"], "active");
    // Certificates that the IdP has dropped are believed no longer; the others stay the same.
    site.set("/m", 200, metadata("HTTP-Redirect", &[&second, &third]));
    let answer = read(&gateway, &path, &url).await;
    let rotated = &answer.body["connection"];
    assert_eq!(bodies(rotated), [second, third]);
    assert_eq!(
        rotated["verification_certificates"][0],
        active["verification_certificates"][1]
    );
    assert_eq!(rotated["attribute_mapping"], mapping["attribute_mapping"]);
    assert_eq!(rotated["status"], "active");
}

#[actix_web::test]
async fn metadata_that_cannot_be_used_changes_nothing() {
    let gateway = TestGateway::start().await;
    let (site, path) = (StubSite::start(), connection(&gateway).await);
    let one = certificate();
    let six: Vec<_> = (0..6).map(|_| certificate()).collect();
    let six: Vec<_> = six.iter().map(String::as_str).collect();
    let (url, xml) = (
        "invalid_saml_metadata_url",
        "invalid_xml_from_saml_metadata_url",
    );
    let format = "saml_connection_metadata_invalid_format";
    let table = [
        (site.set("/404", 404, "absent"), url),
        (site.set("/302", 302, ""), url),
        (site.set("/large", 200, "x".repeat(1_100_000)), url),
        ("http://127.0.0.1:1/m".to_owned(), url),
        ("metadata".to_owned(), url),
        ("ftp://idp.test/m".to_owned(), url),
        (String::new(), url),
        (site.set("/text", 200, "no XML at all"), xml),
        (site.set("/page", 200, "<html><body/></html>"), xml),
        (
            site.set(
                "/dtd",
                200,
                "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>",
            ),
            xml,
        ),
        (
            site.set("/keyless", 200, metadata("HTTP-Redirect", &[])),
            format,
        ),
        (site.set("/post", 200, metadata("PAOS", &[&one])), format),
        (
            site.set("/six", 200, metadata("HTTP-Redirect", &six)),
            "too_many_sso_verification_certificates",
        ),
    ];
    let before = gateway.put(&path, json!({})).await.body["connection"].clone();
    for (url, error_type) in table {
        refused(&read(&gateway, &path, &url).await, error_type);
    }
    let after = gateway.put(&path, json!({})).await.body["connection"].clone();
    assert_eq!(after, before);
}

#[actix_web::test]
async fn metadata_in_the_private_network_is_not_fetched() {
    let gateway = TestGateway::start_guarded().await;
    let path = connection(&gateway).await;
    for url in [
        "https://127.0.0.1/m",
        "https://[::1]/m",
        "https://169.254.169.254/latest/meta-data",
        "https://10.1.2.3/m",
        "https://localhost/m",
        "http://example.com/m",
        "file:///etc/passwd",
    ] {
        let answer = read(&gateway, &path, url).await;
        refused(&answer, "invalid_saml_metadata_url");
    }
}

#[actix_web::test]
async fn nothing_is_fetched_for_somebody_who_may_not_change_the_connection() {
    let gateway = TestGateway::start().await;
    let (site, path) = (StubSite::start(), connection(&gateway).await);
    let organization = path.split('/').nth(5).unwrap();
    let url = site.set("/m", 200, metadata("HTTP-Redirect", &[&certificate()]));
    let body = json!({ "metadata_url": url, "issuer": site.origin });
    let token = gateway.member_session(organization, &["viewer"]).await;
    let by_url = format!("{path}/url");
    let answer = gateway
        .call_as(&token, ("PUT", &by_url), Some(body.clone()))
        .await;
    assert_eq!(answer.status, 403, "{}", answer.text);
    let created = created(
        &gateway,
        &format!("/v1/b2b/sso/oidc/{organization}"),
        json!({}),
    )
    .await;
    let id = created["connection_id"].as_str().unwrap();
    let oidc = format!("/v1/b2b/sso/oidc/{organization}/connections/{id}");
    let answer = gateway
        .call_as(&token, ("PUT", &oidc), Some(body.clone()))
        .await;
    assert_eq!(answer.status, 403, "{}", answer.text);
    let absent = path.replace("saml-connection-test-", "saml-connection-test-0");
    let answer = gateway.put(&format!("{absent}/url"), body.clone()).await;
    assert_eq!(answer.body["error_type"], "saml_connection_not_found");
    let mut wrong = gateway.http.put(format!("{}{by_url}", gateway.base_url));
    wrong = wrong.basic_auth(&gateway.project_id, Some("wrong"));
    let answer = gateway.send(wrong.json(&body)).await;
    assert_eq!(answer.status, 401);
    assert_eq!(site.requests(), Vec::<String>::new());
}
