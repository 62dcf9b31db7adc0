//! The wizards of single sign-on: set up, tested, turned on, with no script and nobody let in.

use serde_json::json;
use vestibule::demo::saml_response::Exchange;
use vestibule::demo::saml_response::ResponseDraft;
use vestibule::demo::saml_signature::KeyPair;

use crate::support::TestGateway;
use crate::support::browser::Browser;
use crate::support::browser::Page;
use crate::support::oidc_stub::OidcStub;
use crate::support::portal::Portal;
use crate::support::portal::lasting_link;
use crate::support::raw_sql::RawSql;

const IDP: &str = "https://idp.acme.test/saml";

/// An IT admin of Acme in a browser of their own.
struct Admin {
    gateway: TestGateway,
    browser: Browser,
    organization_id: String,
}

impl Admin {
    async fn open() -> Self {
        let gateway = TestGateway::start().await;
        let acme = json!({ "organization_name": "Acme", "organization_slug": "acme" });
        let acme = gateway.organization(acme).await;
        let (_, token) = lasting_link(&gateway, "acme", 30).await;
        let admin = Self {
            gateway,
            browser: Browser::new(),
            organization_id: acme["organization_id"].as_str().unwrap().to_owned(),
        };
        let home = admin.send("/portal/open", &[("token", &token)]).await;
        assert_eq!(home.status, 303, "{}", home.text);
        admin
    }

    async fn page(&self, path: &str) -> Page {
        self.browser
            .get(&format!("{}{path}", self.gateway.base_url))
            .await
    }

    async fn send(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let fields: Vec<_> = fields.iter().map(own).collect();
        let url = format!("{}{path}", self.gateway.base_url);
        let origin = &self.gateway.base_url;
        self.browser.post_from(origin, &url, &fields).await
    }

    /// Chooses a tile; the path of the wizard that begins.
    async fn choose(&self, guide: &str) -> String {
        let made = self.send("/portal/sso", &[("guide", guide)]).await;
        assert_eq!(made.status, 303, "{}", made.text);
        made.location().unwrap().path().to_owned()
    }

    fn acs_url(&self, wizard: &str) -> String {
        let id = wizard.rsplit_once('/').unwrap().1;
        format!("{}/v1/b2b/sso/callback/{id}", self.gateway.base_url)
    }

    async fn status(&self) -> String {
        let path = format!("/v1/b2b/sso/{}", self.organization_id);
        let found = self.gateway.get(&path).await.body;
        let all = [&found["saml_connections"][0], &found["oidc_connections"][0]];
        let status = all.iter().find_map(|it| it["status"].as_str());
        status.unwrap_or("none").to_owned()
    }

    /// What the identity provider answers to a request, unless it is changed.
    fn draft(&self, (acs_url, request): (&str, &str), unique: &str) -> ResponseDraft {
        let exchange = Exchange {
            issuer: IDP,
            acs_url,
            audience: acs_url,
            in_response_to: Some(request),
            unique,
        };
        let mut draft = ResponseDraft::new(exchange, "ana@acme.test", self.gateway.now());
        draft.attributes = vec![("email".to_owned(), vec!["ana@acme.test".to_owned()])];
        draft
    }

    /// Begins a test and answers it as the identity provider.
    async fn test(&self, wizard: &str, key: &KeyPair, change: impl Fn(&mut ResponseDraft)) -> Page {
        let left = self.send(&format!("{wizard}/test"), &[]).await;
        assert_eq!(left.status, 302, "{}", left.text);
        let (request, relay_state) = asked(&left);
        let acs_url = self.acs_url(wizard);
        let unique = uuid::Uuid::new_v4().simple().to_string();
        let mut draft = self.draft((&acs_url, &request), &unique);
        draft.attributes = vec![
            ("email".to_owned(), vec!["ana@acme.test".to_owned()]),
            ("firstName".to_owned(), vec!["Ana".to_owned()]),
            (
                "lastName".to_owned(),
                vec!["<script>alert(1)</script>".to_owned()],
            ),
            ("groups".to_owned(), vec!["eng".to_owned()]),
        ];
        change(&mut draft);
        let fields = [
            ("SAMLResponse".to_owned(), draft.to_form_value(key).unwrap()),
            ("RelayState".to_owned(), relay_state),
        ];
        self.browser.post(&acs_url, &fields).await
    }

    /// Fills in what the identity provider gives, and has a test pass.
    async fn ready(&self, wizard: &str, key: &KeyPair) {
        let fields = [
            ("idp_entity_id", IDP),
            ("idp_sso_url", "https://idp.acme.test/saml/sso"),
            ("x509_certificate", &key.certificate_pem),
        ];
        let saved = self.send(&format!("{wizard}/fields"), &fields).await;
        assert_eq!(saved.status, 303, "{}", saved.text);
    }

    fn rows(&self, sql: &str) -> Vec<String> {
        RawSql::open(self.gateway.storage.database()).texts(sql)
    }

    fn nobody_is_in(&self) {
        for table in [
            "members",
            "sessions",
            "one_time_tokens",
            "sso_registrations",
        ] {
            let rows = self.rows(&format!("SELECT 'x' AS value FROM {table}"));
            assert!(rows.is_empty(), "{table}");
        }
    }
}

/// The request that a browser was sent away with, and its relay state.
fn asked(left: &Page) -> (String, String) {
    let xml = crate::sso::authn_request(&left.location().unwrap());
    let (_, rest) = xml.split_once(" ID=\"").unwrap();
    let (request, _) = rest.split_once('"').unwrap();
    (request.to_owned(), left.parameter("RelayState").unwrap())
}

#[actix_web::test]
async fn a_saml_connection_is_set_up_tested_and_turned_on() {
    let (admin, key) = (Admin::open().await, KeyPair::generate("idp").unwrap());
    let wizard = admin.choose("okta-saml").await;
    let page = admin.page(&wizard).await;
    assert_eq!(page.status, 200, "{}", page.text);
    for shown in [
        admin.acs_url(&wizard).as_str(),
        "Single sign-on URL",
        "Audience URI",
    ] {
        assert!(page.text.contains(shown), "{shown}");
    }
    admin.ready(&wizard, &key).await;
    assert_eq!(admin.status().await, "pending");
    let done = admin.test(&wizard, &key, |_| {}).await;
    assert_eq!(done.status, 303, "{}", done.text);
    assert_eq!(done.location().unwrap().path(), wizard);
    let page = admin.browser.follow(done).await;
    assert!(page.text.contains("The test passed"), "{}", page.text);
    assert!(page.text.contains("ana@acme.test") && !page.text.contains("<script>alert"));
    admin.nobody_is_in();
    assert_eq!(admin.status().await, "pending");
    let on = admin.send(&format!("{wizard}/on"), &[]).await;
    assert_eq!(on.status, 303, "{}", on.text);
    assert_eq!(admin.status().await, "active");
    let off = admin.send(&format!("{wizard}/off"), &[]).await;
    assert_eq!(
        (off.status, admin.status().await.as_str()),
        (303, "pending")
    );
    let kinds = admin.rows("SELECT kind || ' by ' || actor AS value FROM journal ORDER BY id");
    assert!(
        kinds.contains(&"connection.tested by portal_link".to_owned()),
        "{kinds:?}"
    );
    assert!(
        kinds.contains(&"connection.updated by portal_link".to_owned()),
        "{kinds:?}"
    );
}

#[actix_web::test]
async fn a_test_that_fails_shows_what_was_expected_and_what_came() {
    let (admin, key) = (Admin::open().await, KeyPair::generate("idp").unwrap());
    let wizard = admin.choose("entra-saml").await;
    admin.ready(&wizard, &key).await;
    let other = KeyPair::generate("other").unwrap();
    let refused = admin.test(&wizard, &other, |_| {}).await;
    let page = admin.browser.follow(refused).await;
    assert!(page.text.contains("The test failed") && page.text.contains("signature_invalid"));
    let refused = admin
        .test(&wizard, &key, |draft| {
            draft.audiences = vec!["https://evil.test/<b>".to_owned()];
        })
        .await;
    let page = admin.browser.follow(refused).await;
    for shown in [
        "audience",
        "https://evil.test/&#60;b&#62;",
        &admin.acs_url(&wizard),
    ] {
        assert!(page.text.contains(shown), "{shown}: {}", page.text);
    }
    admin.nobody_is_in();
    let kinds = admin.rows("SELECT kind AS value FROM journal");
    assert_eq!(
        kinds.iter().filter(|it| *it == "connection.tested").count(),
        2
    );
    assert!(!kinds.contains(&"sign_in.refused".to_owned()));
}

#[actix_web::test]
async fn the_answer_to_a_test_opens_no_session_however_it_is_brought() {
    let (admin, key) = (Admin::open().await, KeyPair::generate("idp").unwrap());
    let wizard = admin.choose("generic-saml").await;
    admin.ready(&wizard, &key).await;
    admin.send(&format!("{wizard}/on"), &[]).await;
    let left = admin.send(&format!("{wizard}/test"), &[]).await;
    let (request, relay_state) = asked(&left);
    let acs_url = admin.acs_url(&wizard);
    let draft = admin.draft((&acs_url, &request), "once");
    let fields = |relay_state: &str| {
        [
            (
                "SAMLResponse".to_owned(),
                draft.to_form_value(&key).unwrap(),
            ),
            ("RelayState".to_owned(), relay_state.to_owned()),
        ]
    };
    let elsewhere = Browser::new().post(&acs_url, &fields(&relay_state)).await;
    assert_eq!(elsewhere.status, 400, "{}", elsewhere.text);
    let passed = admin.browser.post(&acs_url, &fields(&relay_state)).await;
    assert_eq!(passed.status, 303, "{}", passed.text);
    for state in [relay_state.as_str(), ""] {
        let again = admin.browser.post(&acs_url, &fields(state)).await;
        assert_eq!(again.status, 400, "{}", again.text);
    }
    admin.nobody_is_in();
}

#[actix_web::test]
async fn only_the_browser_that_left_ends_a_test() {
    let (admin, key) = (Admin::open().await, KeyPair::generate("idp").unwrap());
    let stranger = KeyPair::generate("another idp").unwrap();
    let wizard = admin.choose("generic-saml").await;
    admin.ready(&wizard, &key).await;
    // Even where a gateway may bring the answers to sign-ins.
    let id = wizard.rsplit_once('/').unwrap().1;
    let path = format!(
        "/v1/b2b/sso/saml/{}/connections/{id}",
        admin.organization_id
    );
    let allowed = json!({ "allow_gateway_callback": true });
    assert_eq!(admin.gateway.put(&path, allowed).await.status, 200);
    let left = admin.send(&format!("{wizard}/test"), &[]).await;
    let (request, relay_state) = asked(&left);
    let acs_url = admin.acs_url(&wizard);
    let draft = admin.draft((&acs_url, &request), "once");
    let fields = |response: String| {
        let named = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        [
            named("SAMLResponse", &response),
            named("RelayState", &relay_state),
        ]
    };
    let forged = draft.to_form_value(&stranger).unwrap();
    let right = draft.to_form_value(&key).unwrap();
    for response in ["", "PGEvPg==", &forged, &right] {
        let fields = fields(response.to_owned());
        let elsewhere = Browser::new().post(&acs_url, &fields).await;
        assert_eq!(elsewhere.status, 400, "{response}: {}", elsewhere.text);
    }
    let kinds = admin.rows("SELECT kind AS value FROM journal");
    assert!(!kinds.contains(&"connection.tested".to_owned()));
    let passed = admin.browser.post(&acs_url, &fields(right)).await;
    assert_eq!(passed.status, 303, "{}", passed.text);
}

#[actix_web::test]
async fn an_openid_connection_is_set_up_tested_and_turned_on() {
    let (admin, provider) = (Admin::open().await, OidcStub::start());
    let wizard = admin.choose("generic-oidc").await;
    let (issuer, save) = (provider.issuer(), format!("{wizard}/provider"));
    let fields = [
        ("issuer", issuer.as_str()),
        ("client_id", "vestibule"),
        ("client_secret", "a-secret-of-some-length"),
    ];
    let saved = admin.send(&save, &fields).await;
    assert_eq!(saved.status, 303, "{}", saved.text);
    assert_eq!(admin.status().await, "pending");
    let page = admin.page(&wizard).await;
    assert!(!page.text.contains("a-secret-of-some-length") && page.text.contains("ends in ngth"));
    let left = admin.send(&format!("{wizard}/test"), &[]).await;
    let page = admin.browser.follow(left).await;
    assert!(page.text.contains("The test passed"), "{}", page.text);
    admin.nobody_is_in();
    provider.conduct(|it| it.claims = json!({ "aud": "somebody-else" }));
    let left = admin.send(&format!("{wizard}/test"), &[]).await;
    let page = admin.browser.follow(left).await;
    for shown in [
        "The test failed",
        "<bdi>vestibule</bdi>",
        "<bdi>somebody-else</bdi>",
    ] {
        assert!(page.text.contains(shown), "{shown}: {}", page.text);
    }
    assert_eq!(admin.send(&format!("{wizard}/on"), &[]).await.status, 303);
    assert_eq!(admin.status().await, "active");
    admin.nobody_is_in();
}

#[actix_web::test]
async fn what_is_wrong_about_a_form_is_said_on_its_page() {
    let admin = Admin::open().await;
    let wizard = admin.choose("keycloak-saml").await;
    let bad = [
        (
            "fields",
            vec![("idp_entity_id", "x"), ("idp_sso_url", "ftp://x")],
        ),
        ("fields", vec![("idp_entity_id", ""), ("idp_sso_url", "")]),
        (
            "metadata",
            vec![("metadata", "<script>no metadata</script>")],
        ),
        (
            "metadata_url",
            vec![("metadata_url", "https://127.0.0.1:1/none")],
        ),
        ("metadata_url", vec![("metadata_url", "")]),
        ("test", vec![]),
    ];
    for (form, fields) in bad {
        let page = admin.send(&format!("{wizard}/{form}"), &fields).await;
        assert_eq!(page.status, 422, "{form} {fields:?}: {}", page.text);
        assert!(page.text.contains("data-focus") && !page.text.contains("<script>no"));
    }
    let unknown = admin.send("/portal/sso", &[("guide", "nobody")]).await;
    assert_eq!(unknown.status, 400, "{}", unknown.text);
    assert_eq!(admin.status().await, "pending");
}

#[actix_web::test]
async fn another_organizations_connections_do_not_exist_here() {
    let admin = Admin::open().await;
    let globex = json!({ "organization_name": "Globex", "organization_slug": "globex" });
    admin.gateway.organization(globex).await;
    let globex = Portal::open(&admin.gateway, "globex").await;
    let wizard = admin.choose("okta-saml").await;
    let oidc = admin.choose("generic-oidc").await;
    let before = admin.rows("SELECT settings AS value FROM connections ORDER BY id");
    for own in [&wizard, &oidc] {
        let seen = globex.get(&admin.gateway, own).await;
        assert_eq!(seen.status, 404, "{}", seen.text);
        assert!(!seen.text.contains("Acme"));
        let fields = [
            ("idp_entity_id", "x"),
            ("idp_sso_url", "https://x.test"),
            ("metadata", "<x/>"),
            ("metadata_url", "https://x.test"),
            ("issuer", "https://x.test"),
            ("client_id", "x"),
        ];
        for form in [
            "fields",
            "metadata",
            "metadata_url",
            "provider",
            "test",
            "on",
            "off",
        ] {
            let path = format!("{own}/{form}");
            let refused = globex.post(&admin.gateway, &path, &fields).await;
            assert_eq!(refused.status, 404, "{path}: {}", refused.text);
        }
    }
    assert_eq!(
        admin.rows("SELECT settings AS value FROM connections ORDER BY id"),
        before
    );
    let list = globex.get(&admin.gateway, "/portal/sso").await;
    assert!(!list.text.contains("connection-test-"));
}
