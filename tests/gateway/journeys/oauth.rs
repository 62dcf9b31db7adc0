//! Sign-ins with OAuth providers, each conducted by a test.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::json;
use vestibule::domain::oauth_client::Endpoints;
use vestibule::domain::oauth_client::OauthClient;
use vestibule::domain::oauth_provider::OauthProvider;

use crate::journeys::bag::text;
use crate::journeys::bag::told;
use crate::support::Answer;
use crate::support::TestGateway;
use crate::support::browser::Browser;
use crate::support::browser::Page;
use crate::support::oidc_stub::OidcStub;
use crate::support::raw_sql::RawSql;

pub const AUTHENTICATE: &str = "/v1/b2b/oauth/authenticate";
pub const DISCOVER: &str = "/v1/b2b/oauth/discovery/authenticate";
pub const EXCHANGE: &str = "/v1/b2b/discovery/intermediate_sessions/exchange";
pub const ENTRA_TENANT: &str = "7f0c3a2e-1b5d-4c6f-8a9b-0c1d2e3f4a5b";

/// A gateway that all providers know, which are one stub.
pub struct House {
    pub gateway: TestGateway,
    pub provider: OidcStub,
}

/// What we are to a provider at an origin.
pub fn client(origin: &str, keys: &str) -> OauthClient {
    OauthClient {
        client_id: "vestibule".to_owned(),
        client_secret: "a-secret-of-some-length".to_owned(),
        endpoints: Endpoints {
            issuer: origin.to_owned(),
            authorization_url: format!("{origin}/authorize"),
            token_url: format!("{origin}/token"),
            keys_url: format!("{origin}/{keys}"),
            api_url: origin.to_owned(),
        },
    }
}

fn clients(origin: &str) -> BTreeMap<OauthProvider, OauthClient> {
    let clients = OauthProvider::ALL.map(|named| {
        let mut client = client(origin, "keys");
        if named == OauthProvider::Microsoft {
            client.endpoints.issuer = format!("{origin}/{{tenantid}}/v2.0");
        }
        (named, client)
    });
    clients.into()
}

impl House {
    pub async fn open() -> Self {
        let provider = OidcStub::start();
        let gateway = TestGateway::start_known_to(clients(&provider.origin)).await;
        Self { gateway, provider }
    }

    /// The same, which reaches public addresses alone: not the stub's.
    pub async fn guarded() -> Self {
        let provider = OidcStub::start();
        let gateway = TestGateway::start_guarded_known_to(clients(&provider.origin)).await;
        Self { gateway, provider }
    }

    pub async fn organization(&self, slug: &str, more: Value) -> String {
        let mut body = json!({ "organization_name": slug, "organization_slug": slug });
        let fields = body.as_object_mut().unwrap();
        fields.extend(more.as_object().unwrap().clone());
        text(&self.gateway.organization(body).await, "/organization_id")
    }

    pub async fn member(&self, organization: &str, body: Value) -> String {
        let path = format!("/v1/b2b/organizations/{organization}/members");
        let answer = self.gateway.post(&path, body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        text(&answer.body, "/member_id")
    }

    /// The link that an application shows.
    pub fn link(&self, place: &str, more: &[(&str, &str)]) -> String {
        let url = format!("{}/v1/b2b/public/oauth/{place}", self.gateway.base_url);
        let mut url = url::Url::parse(&url).unwrap();
        url.query_pairs_mut()
            .append_pair("public_token", &self.gateway.public_token)
            .extend_pairs(more);
        url.into()
    }

    /// A sign-in in a browser of its own, up to the page that comes.
    pub async fn visit(&self, place: &str, more: &[(&str, &str)]) -> Page {
        let browser = Browser::new();
        let page = browser.get(&self.link(place, more)).await;
        browser.follow(page).await
    }

    /// A sign-in to an organization, whatever comes of it.
    pub async fn sign_in(&self, provider: &str, organization: &str) -> Answer {
        let place = format!("{provider}/start");
        let page = self
            .visit(&place, &[("organization_id", organization)])
            .await;
        assert_eq!(page.status, 302, "{}", page.text);
        assert_eq!(page.parameter("stytch_token_type").unwrap(), "oauth");
        let body = json!({ "oauth_token": page.parameter("token").unwrap() });
        self.gateway.post(AUTHENTICATE, body).await
    }

    /// The code of the page on which a sign-in ends.
    pub async fn refusal(&self, provider: &str, organization: &str) -> String {
        let place = format!("{provider}/start");
        let page = self
            .visit(&place, &[("organization_id", organization)])
            .await;
        page.code()
    }

    pub async fn discover(&self, provider: &str) -> Answer {
        let page = self
            .visit(&format!("{provider}/discovery/start"), &[])
            .await;
        assert_eq!(page.status, 302, "{}", page.text);
        let kind = page.parameter("stytch_token_type").unwrap();
        assert_eq!(kind, "discovery_oauth");
        let body = json!({ "discovery_oauth_token": page.parameter("token").unwrap() });
        let answer = self.gateway.post(DISCOVER, body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer
    }

    /// What the API of a provider says from now on.
    pub fn api(&self, path: &'static str, body: Value) {
        let answer = (200, "content-type: application/json", body.to_string());
        self.provider
            .conduct(|conduct| conduct.answers.insert(path, answer));
    }

    pub fn github(&self, id: u64, email: &str, organizations: &[u64]) {
        self.api("/user", json!({ "id": id, "login": "ana", "name": "Ana" }));
        let address = json!({ "email": email, "primary": true, "verified": true });
        self.api("/user/emails", json!([address]));
        let organizations = organizations.iter().map(|id| json!({ "id": id }));
        self.api("/user/orgs", organizations.collect());
    }

    pub fn hubspot(&self, user: u64, email: &str, hub: u64) {
        let about = json!({ "user": email, "user_id": user, "hub_id": hub });
        self.api("/the-access-token", about);
    }

    pub fn slack(&self, user: &str, email: &str, team: &str) {
        self.provider.says(json!({ "sub": user, "email": email,
            "https://slack.com/team_id": team }));
    }

    /// As Microsoft says it; a tenant owns the domain of the address or does not.
    pub fn microsoft(&self, object: &str, email: &str, owns_domain: bool) {
        let issuer = format!("{}/{ENTRA_TENANT}/v2.0", self.provider.origin);
        self.provider
            .says(json!({ "iss": issuer, "tid": ENTRA_TENANT, "oid": object,
            "email": email, "email_verified": null, "xms_edov": owns_domain }));
    }
}

#[actix_web::test]
async fn google_opens_a_session_by_a_proven_address_and_knows_the_subject_from_then_on() {
    let house = House::open().await;
    let acme = house.organization("acme", json!({})).await;
    let pending = json!({ "email_address": "ana@acme.test", "create_member_as_pending": true });
    let ana = house.member(&acme, pending).await;
    let more = json!({ "picture": "https://pictures.test/ana", "locale": "pt" });
    house.provider.says(more);
    let page = house.visit("google/start", &[("slug", "acme")]).await;
    assert_eq!(page.parameter("slug").unwrap(), "acme");
    let answer = house.sign_in("google", &acme).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let body = &answer.body;
    assert_eq!(body["member_id"], *ana);
    assert_eq!(body["member_authenticated"], true);
    assert_eq!(body["member"]["status"], "active");
    assert_eq!(body["member"]["email_address_verified"], true);
    assert_eq!(body["provider_type"], "Google");
    assert_eq!(body["provider_subject"], "ana");
    assert_eq!(body["provider_values"]["access_token"], "the-access-token");
    assert_eq!(
        body["provider_values"]["scopes"],
        json!(["openid", "email", "profile"])
    );
    assert!(text(body, "/provider_values/id_token").starts_with("ey"));
    assert_eq!(body["reset_sessions"], false);
    let factor = &body["member_session"]["authentication_factors"][0];
    assert_eq!(factor["type"], "oauth");
    assert_eq!(factor["delivery_method"], "oauth_google");
    assert_eq!(factor["google_oauth_factor"]["provider_subject"], "ana");
    let registered = &body["member"]["oauth_registrations"][0];
    assert_eq!(registered["provider_type"], "Google");
    assert_eq!(registered["provider_subject"], "ana");
    assert_eq!(
        registered["profile_picture_url"],
        "https://pictures.test/ana"
    );
    assert_eq!(registered["locale"], "pt");
    assert_eq!(
        registered["member_oauth_registration_id"],
        factor["google_oauth_factor"]["id"]
    );

    // The subject decides: another address at the provider changes nothing.
    let moved = json!({ "email": "ana@elsewhere.test", "email_verified": false });
    house.provider.says(moved);
    let again = house.sign_in("google", &acme).await;
    assert_eq!(again.status, 200, "{}", again.text);
    assert_eq!(again.body["member_id"], *ana);
    assert_eq!(again.body["member"]["email_address"], "ana@acme.test");
    assert_eq!(
        again.body["member"]["oauth_registrations"]
            .as_array()
            .unwrap()
            .len(),
        1
    );

    // Another subject with her old address is somebody else.
    house.provider.says(json!({ "sub": "ben" }));
    assert_eq!(house.refusal("google", &acme).await, "email_taken");

    // Once the member is gone, nobody is known any more.
    let path = format!("/v1/b2b/organizations/{acme}/members/{ana}");
    assert_eq!(house.gateway.call("DELETE", &path, None).await.status, 200);
    house.provider.says(json!({}));
    assert_eq!(house.refusal("google", &acme).await, "member_deleted");
}

#[actix_web::test]
async fn people_join_by_the_domain_of_an_address_that_google_proves() {
    let house = House::open().await;
    let jit =
        json!({ "email_jit_provisioning": "RESTRICTED", "email_allowed_domains": ["acme.test"] });
    let acme = house.organization("acme", jit).await;
    let closed = house.organization("closed", json!({})).await;
    assert_eq!(
        house.refusal("google", &closed).await,
        "email_jit_not_allowed"
    );
    let answer = house.sign_in("google", &acme).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.body["member"]["name"], "Ana Anders");
    assert_eq!(answer.body["member"]["status"], "active");
    assert_eq!(answer.body["member"]["email_address_verified"], true);
    house
        .provider
        .says(json!({ "sub": "eve", "email": "eve@acme.test", "email_verified": false }));
    let refusal = house.refusal("google", &acme).await;
    assert_eq!(refusal, "oauth_tenant_jit_not_allowed");
    house
        .provider
        .says(json!({ "sub": "eve", "email": "eve@globex.test" }));
    let refusal = house.refusal("google", &acme).await;
    assert_eq!(refusal, "email_not_allowed_for_jit");

    // What the rules are when the token is redeemed decides.
    house
        .provider
        .says(json!({ "sub": "ben", "email": "ben@acme.test" }));
    let page = house
        .visit("google/start", &[("organization_id", &acme)])
        .await;
    let path = format!("/v1/b2b/organizations/{acme}");
    let shut = json!({ "email_jit_provisioning": "NOT_ALLOWED" });
    assert_eq!(house.gateway.put(&path, shut).await.status, 200);
    let body = json!({ "oauth_token": page.parameter("token").unwrap() });
    let refused = house.gateway.post(AUTHENTICATE, body.clone()).await;
    assert_eq!(told(&refused), (400, "email_jit_provisioning_not_allowed"));
    let again = house.gateway.post(AUTHENTICATE, body).await;
    assert_eq!(told(&again), (404, "oauth_token_not_found"));
}

#[actix_web::test]
async fn microsoft_proves_addresses_of_domains_that_the_tenant_owns_and_no_others() {
    let house = House::open().await;
    let acme = house.organization("acme", json!({})).await;
    let ana = house
        .member(&acme, json!({ "email_address": "ana@acme.test" }))
        .await;
    // Anybody's tenant may write her address into a profile.
    house.microsoft("eve", "ana@acme.test", false);
    let named = house.sign_in("microsoft", &acme).await;
    assert_eq!(named.status, 200, "{}", named.text);
    assert_eq!(named.body["member_authenticated"], false);
    assert_eq!(named.body["session_token"], "");
    assert!(!named.body["primary_required"].is_null());

    house.microsoft("ana", "ana@acme.test", true);
    let answer = house.sign_in("microsoft", &acme).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.body["member_id"], *ana);
    assert_eq!(answer.body["member_authenticated"], true);
    let subject = format!("ana.{ENTRA_TENANT}");
    assert_eq!(answer.body["provider_subject"], *subject);

    // The issuer of a token is that of the tenant that it names.
    let other = ENTRA_TENANT.replace('7', "8");
    let issuer = format!("{}/{ENTRA_TENANT}/v2.0", house.provider.origin);
    house
        .provider
        .says(json!({ "iss": issuer, "tid": other, "oid": "ana" }));
    let page = house.visit("microsoft/start", &[("slug", "acme")]).await;
    assert_eq!(page.shown("Check"), "issuer");
    house
        .provider
        .says(json!({ "iss": issuer, "tid": "common", "oid": "ana" }));
    let page = house.visit("microsoft/start", &[("slug", "acme")]).await;
    assert_eq!(page.shown("Check"), "tenant");
}

#[actix_web::test]
async fn an_address_that_is_only_named_opens_nothing_until_something_proves_it() {
    let house = House::open().await;
    let acme = house.organization("acme", json!({})).await;
    let ana = house
        .member(
            &acme,
            json!({ "email_address": "ana@acme.test", "name": "Ana", "external_id": "ana-1",
                "trusted_metadata": { "plan": "secret" }, "mfa_phone_number": "+15551234567" }),
        )
        .await;
    house.github(7, "ana@acme.test", &[]);
    house.hubspot(7, "ana@acme.test", 99);
    for provider in ["github", "hubspot", "slack"] {
        house.slack("U7", "ana@acme.test", "T1");
        let named = house.sign_in(provider, &acme).await;
        assert_eq!(named.status, 200, "{provider}: {}", named.text);
        assert_eq!(named.body["member_authenticated"], false, "{provider}");
        assert_eq!(named.body["session_token"], "");
        assert_eq!(named.body["member"]["oauth_registrations"], json!([]));
        assert_eq!(named.body["member_id"], *ana);
        for told in ["secret", "+1555", "ana-1", "\"Ana\""] {
            assert!(!named.body["member"].to_string().contains(told), "{told}");
        }
        let token = text(&named.body, "/intermediate_session_token");
        // Neither does choosing the organization that it was for.
        let body = json!({ "intermediate_session_token": token, "organization_id": acme });
        let chosen = house.gateway.post(EXCHANGE, body).await;
        assert_eq!(chosen.status, 200, "{}", chosen.text);
        assert_eq!(chosen.body["member_authenticated"], false, "{provider}");
        assert_eq!(chosen.body["member"]["name"], "");
        let body = json!({ "intermediate_session_token": token });
        let path = "/v1/b2b/discovery/organizations";
        let listed = house.gateway.post(path, body).await;
        assert!(!listed.text.contains("secret"), "{}", listed.text);
    }
    // Together with what proves the address, the subject is known from then on.
    let named = house.sign_in("github", &acme).await;
    let token = text(&named.body, "/intermediate_session_token");
    house.provider.says(json!({}));
    let page = house.visit("google/start", &[("slug", "acme")]).await;
    let body = json!({ "oauth_token": page.parameter("token").unwrap(),
        "intermediate_session_token": token });
    let answer = house.gateway.post(AUTHENTICATE, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.body["member_authenticated"], true);
    let factors = &answer.body["member_session"]["authentication_factors"];
    assert_eq!(factors.as_array().unwrap().len(), 2);
    let known = house.sign_in("github", &acme).await;
    assert_eq!(known.body["member_authenticated"], true, "{}", known.text);
    assert_eq!(known.body["member_id"], *ana);
    assert_eq!(known.body["provider_subject"], "7");
}

#[actix_web::test]
async fn break_glass_opens_by_an_address_of_the_organization_s_own_domains_alone() {
    let house = House::open().await;
    let acme = house.organization("acme", json!({})).await;
    let glass = json!({ "email_address": "ana@acme.test", "is_breakglass": true });
    house.member(&acme, glass).await;
    assert_eq!(house.refusal("google", &acme).await, "email_taken");
    let path = format!("/v1/b2b/organizations/{acme}");
    let ours = json!({ "email_allowed_domains": ["acme.test"] });
    assert_eq!(house.gateway.put(&path, ours).await.status, 200);
    let answer = house.sign_in("google", &acme).await;
    assert_eq!(answer.body["member_authenticated"], true, "{}", answer.text);
}

#[actix_web::test]
async fn break_glass_frees_of_methods_and_never_of_the_second_factor() {
    let house = House::open().await;
    let ours = json!({ "email_allowed_domains": ["acme.test"] });
    let acme = house.organization("acme", ours).await;
    let glass = json!({ "email_address": "ana@acme.test", "is_breakglass": true });
    house.member(&acme, glass).await;
    let path = format!("/v1/b2b/organizations/{acme}");
    for (is_breakglass, only, mfa, expected) in [
        (true, "google_oauth", "OPTIONAL", "in"),
        (true, "sso", "OPTIONAL", "in"),
        (true, "sso", "REQUIRED_FOR_ALL", "second factor owed"),
        (false, "google_oauth", "OPTIONAL", "in"),
        (
            false,
            "google_oauth",
            "REQUIRED_FOR_ALL",
            "second factor owed",
        ),
        (false, "sso", "OPTIONAL", "another method wanted"),
        (false, "sso", "REQUIRED_FOR_ALL", "another method wanted"),
    ] {
        let body = json!({ "auth_methods": "RESTRICTED", "allowed_auth_methods": [only],
            "mfa_policy": mfa });
        assert_eq!(house.gateway.put(&path, body).await.status, 200);
        let found = format!("{path}/member?email_address=ana@acme.test");
        let found = house.gateway.get(&found).await;
        let id = text(&found.body, "/member/member_id");
        let flag = json!({ "is_breakglass": is_breakglass });
        let member = format!("{path}/members/{id}");
        assert_eq!(house.gateway.put(&member, flag).await.status, 200);
        let answer = house.sign_in("google", &acme).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let outcome = if answer.body["member_authenticated"] == true {
            "in"
        } else if answer.body["mfa_required"].is_object() {
            "second factor owed"
        } else {
            "another method wanted"
        };
        assert_eq!(outcome, expected, "{is_breakglass} {only} {mfa}");
    }
    let mut sql = RawSql::open(house.gateway.storage.database());
    let used = "SELECT kind AS value FROM journal WHERE kind = 'break_glass.used'";
    assert_eq!(
        sql.texts(used).len(),
        2,
        "each use is told, and no other sign-in"
    );
}

#[actix_web::test]
async fn an_organization_that_wants_another_method_says_so() {
    let house = House::open().await;
    let sso = json!({ "auth_methods": "RESTRICTED", "allowed_auth_methods": ["github_oauth"] });
    let acme = house.organization("acme", sso).await;
    house
        .member(&acme, json!({ "email_address": "ana@acme.test" }))
        .await;
    let answer = house.sign_in("google", &acme).await;
    assert_eq!(
        answer.body["member_authenticated"], false,
        "{}",
        answer.text
    );
    assert_eq!(
        answer.body["primary_required"],
        json!({ "allowed_auth_methods": ["github_oauth"] })
    );
    house.github(7, "ana@acme.test", &[]);
    let place = [("organization_id", acme.as_str())];
    let page = house.visit("github/start", &place).await;
    let token = text(&answer.body, "/intermediate_session_token");
    let body = json!({ "oauth_token": page.parameter("token").unwrap(),
        "intermediate_session_token": token });
    let answer = house.gateway.post(AUTHENTICATE, body).await;
    assert_eq!(answer.body["member_authenticated"], true, "{}", answer.text);
}
