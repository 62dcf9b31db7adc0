use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use serde_json::json;

use super::authenticate;
use super::callback_url;
use super::roles;
use super::start_url;
use super::text;
use crate::support::TestGateway;
use crate::support::browser::Browser;
use crate::support::peers::Peer;

/// An organization with a SAML connection that waits for its IdP.
pub(super) async fn waiting(gateway: &TestGateway) -> (String, String) {
    let acme = gateway
        .organization(json!({ "organization_name": "Acme" }))
        .await;
    let organization = text(&acme["organization_id"]);
    let path = format!("/v1/b2b/sso/saml/{organization}");
    let created = gateway.post(&path, json!({ "display_name": "SAML" })).await;
    (
        organization,
        text(&created.body["connection"]["connection_id"]),
    )
}

pub(super) async fn complete(
    gateway: &TestGateway,
    (organization, connection): (&str, &str),
    body: Value,
) {
    let path = format!("/v1/b2b/sso/saml/{organization}/connections/{connection}");
    let answer = gateway.put(&path, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.body["connection"]["status"], "active");
}

pub(super) struct Folder(std::path::PathBuf);

impl Folder {
    pub(super) fn fresh() -> Self {
        let folder = std::env::temp_dir().join(format!("vestibule-idp-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    pub(super) fn file(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[actix_web::test]
async fn simplesamlphp_signs_a_person_in_with_an_encrypted_assertion() {
    let (gateway, folder) = (TestGateway::start().await, Folder::fresh());
    let (organization, connection) = waiting(&gateway).await;
    let path = format!("/v1/b2b/sso/saml/{organization}/connections/{connection}");
    let made = gateway
        .call("POST", &format!("{path}/encryption_private_keys"), None)
        .await;
    let key = &made.body["connection"]["encryption_private_keys"][0];
    let lines = key["certificate"].as_str().unwrap().lines();
    let ours: String = lines.filter(|line| !line.starts_with('-')).collect();
    let acs_url = callback_url(&gateway, &connection);
    let certificate = folder.file("idp.crt");
    let peer = Peer::encrypting_simplesamlphp(&acs_url, (&certificate, &ours)).await;
    let saml2 = format!("{}/simplesaml/saml2/idp", peer.origin);
    let settings = json!({
        "idp_entity_id": format!("{saml2}/metadata.php"),
        "idp_sso_url": format!("{saml2}/SSOService.php"),
        "x509_certificate": std::fs::read_to_string(&certificate).unwrap(),
        "attribute_mapping": { "email": "email", "full_name": "displayName", "groups": "groups" },
    });
    complete(&gateway, (&organization, &connection), settings).await;

    let browser = Browser::new();
    let page = browser.get(&start_url(&gateway, &connection, &[])).await;
    let login = browser.follow(page).await.form();
    let login = login
        .with("username", "ana")
        .with("password", "ana-password");
    let answer = browser.submit(&login).await;
    let answer = browser.follow(answer).await.form();
    let response = answer
        .fields
        .iter()
        .find(|(name, _)| name == "SAMLResponse");
    let response = STANDARD.decode(&response.unwrap().1).unwrap();
    let response = String::from_utf8(response).unwrap();
    assert!(response.contains("EncryptedAssertion") && !response.contains("ana@"));
    let signed_in = authenticate(&gateway, &browser.submit(&answer).await).await;
    assert_eq!(signed_in.status, 200, "{}", signed_in.text);
    assert_eq!(signed_in.body["member"]["email_address"], "ana@acme.test");
}

#[actix_web::test]
async fn simplesamlphp_signs_a_person_in() {
    let (gateway, folder) = (TestGateway::start().await, Folder::fresh());
    let (organization, connection) = waiting(&gateway).await;
    let acs_url = callback_url(&gateway, &connection);
    let certificate = folder.file("idp.crt");
    let peer = Peer::simplesamlphp(&acs_url, &acs_url, &certificate).await;
    let saml2 = format!("{}/simplesaml/saml2/idp", peer.origin);
    let settings = json!({
        "idp_entity_id": format!("{saml2}/metadata.php"),
        "idp_sso_url": format!("{saml2}/SSOService.php"),
        "x509_certificate": std::fs::read_to_string(&certificate).unwrap(),
        "attribute_mapping": { "email": "email", "full_name": "displayName", "groups": "groups" },
        "saml_connection_implicit_role_assignments": [{ "role_id": "employee" }],
        "saml_group_implicit_role_assignments": [{ "role_id": "editor", "group": "engineering" }],
    });
    complete(&gateway, (&organization, &connection), settings).await;

    let browser = Browser::new();
    let page = browser.get(&start_url(&gateway, &connection, &[])).await;
    let login = browser.follow(page).await;
    let form = login
        .form()
        .with("username", "ana")
        .with("password", "ana-password");
    let answer = browser.submit(&form).await;
    let answer = browser.follow(answer).await.form();
    assert_eq!(answer.action, acs_url);
    let page = browser.submit(&answer).await;
    let signed_in = authenticate(&gateway, &page).await;
    assert_eq!(signed_in.status, 200, "{}", signed_in.text);
    let member = &signed_in.body["member"];
    assert_eq!(member["email_address"], "ana@acme.test");
    assert_eq!(member["name"], "Ana Anders");
    let source = |role: &str, source: &str| (role.to_owned(), vec![source.to_owned()]);
    assert_eq!(
        roles(member),
        [
            source("editor", "sso_connection_group"),
            source("employee", "sso_connection"),
            source("stytch_member", "direct_assignment"),
        ]
    );

    // She is signed in at the IdP now, so the second time it asks nothing.
    let page = browser.get(&start_url(&gateway, &connection, &[])).await;
    let answer = browser.follow(page).await.form();
    let again = authenticate(&gateway, &browser.submit(&answer).await).await;
    assert_eq!(again.body["member_id"], signed_in.body["member_id"]);
}

#[actix_web::test]
async fn simplesamlphp_and_the_gateway_sign_each_others_people_out() {
    let (gateway, folder) = (TestGateway::start().await, Folder::fresh());
    let (organization, connection) = waiting(&gateway).await;
    let acs_url = callback_url(&gateway, &connection);
    let certificate = folder.file("idp.crt");
    let peer = Peer::simplesamlphp(&acs_url, &acs_url, &certificate).await;
    let saml2 = format!("{}/simplesaml/saml2/idp", peer.origin);
    let settings = json!({
        "idp_entity_id": format!("{saml2}/metadata.php"),
        "idp_sso_url": format!("{saml2}/SSOService.php"),
        "idp_slo_url": format!("{saml2}/SingleLogoutService.php"),
        "x509_certificate": std::fs::read_to_string(&certificate).unwrap(),
        "attribute_mapping_preset": "generic",
        "authn_requests_signed": true,
        "force_authn": true,
    });
    complete(&gateway, (&organization, &connection), settings).await;
    let browser = Browser::new();
    let sign_in = async || {
        let page = browser.get(&start_url(&gateway, &connection, &[])).await;
        let login = browser.follow(page).await;
        let form = login.form().with("username", "ana");
        let answer = browser.submit(&form.with("password", "ana-password")).await;
        let answer = browser.follow(answer).await.form();
        let signed_in = authenticate(&gateway, &browser.submit(&answer).await).await;
        assert_eq!(signed_in.status, 200, "{}", signed_in.text);
        json!({ "session_token": signed_in.body["session_token"] })
    };
    // From the application: our session ends, then SimpleSAMLphp's, and it says so.
    let session = sign_in().await;
    let ended = gateway.post("/v1/b2b/sso/logout", session.clone()).await;
    let page = browser.get(&text(&ended.body["logout_url"])).await;
    let home = browser.follow(page).await;
    let target = home.location().map(String::from);
    assert_eq!(target.as_deref(), Some(super::RETURN_URL), "{}", home.text);
    // From SimpleSAMLphp, which wants everybody to sign in again after that.
    let session = sign_in().await;
    let check = async || {
        let checked = gateway
            .post("/v1/b2b/sessions/authenticate", session.clone())
            .await;
        checked.status
    };
    assert_eq!(check().await, 200);
    let out = format!(
        "{saml2}/SingleLogoutService.php?ReturnTo={}/simplesaml/",
        peer.origin
    );
    let page = browser.get(&out).await;
    browser.follow(page).await;
    assert_eq!(check().await, 404);
}

#[actix_web::test]
async fn samlp_signs_a_person_in_whichever_part_it_signs() {
    let (gateway, folder) = (TestGateway::start().await, Folder::fresh());
    let (organization, connection) = waiting(&gateway).await;
    let certificate = folder.file("idp.crt");
    let peer = Peer::samlp(&certificate, &folder.file("idp.key")).await;
    let claims = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims";
    let settings = json!({
        "idp_entity_id": format!("{}/metadata", peer.origin),
        "idp_sso_url": format!("{}/sso?groups=engineering", peer.origin),
        "x509_certificate": std::fs::read_to_string(&certificate).unwrap(),
        "attribute_mapping": {
            "email": "NameID",
            "first_name": format!("{claims}/givenname"),
            "last_name": format!("{claims}/surname"),
            "groups": "http://schemas.passportjs.com/groups",
        },
        "saml_group_implicit_role_assignments": [{ "role_id": "editor", "group": "engineering" }],
    });
    complete(&gateway, (&organization, &connection), settings).await;
    for (sign, code) in [
        ("assertion", ""),
        ("response", ""),
        ("both", ""),
        ("none", "missing_signature_saml_response"),
    ] {
        let browser = Browser::new();
        let page = browser.get(&start_url(&gateway, &connection, &[])).await;
        let idp = format!("{}&sign={sign}", page.location().unwrap());
        let answer = browser.get(&idp).await.form();
        let page = browser.submit(&answer).await;
        assert_eq!(page.code(), code, "{sign}: {}", page.text);
        if code.is_empty() {
            let signed_in = authenticate(&gateway, &page).await;
            assert_eq!(
                signed_in.body["member"]["name"], "Ana Anders",
                "{}",
                signed_in.text
            );
            let roles = &signed_in.body["member_session"]["roles"];
            assert_eq!(*roles, json!(["editor", "stytch_member"]));
        }
    }
}
