//! Sessions for whom another issuer vouches, or a system that people come from.

use serde_json::Value;
use serde_json::json;
use vestibule::domain::foreign_tokens::TrustedTokenProfile;
use vestibule::domain::id::RequestId;
use vestibule::storage::error::StorageError;
use vestibule::storage::project_settings;

use crate::journeys::bag::text;
use crate::journeys::bag::told;
use crate::support::Answer;
use crate::support::TestGateway;
use crate::support::oidc_stub::OidcStub;
use crate::support::stub_site::StubSite;

const ATTEST: &str = "/v1/b2b/sessions/attest";
const MIGRATE: &str = "/v1/b2b/sessions/migrate";

/// A project that trusts others.
pub struct World {
    pub gateway: TestGateway,
    pub partner: OidcStub,
    pub old: StubSite,
    pub organization: String,
    pub member: String,
}

impl World {
    /// A project that trusts a partner and comes from an old system, and one member.
    pub async fn begin() -> Self {
        Self::at(TestGateway::start().await).await
    }

    /// The same at a gateway that a test has made.
    pub async fn at(gateway: TestGateway) -> Self {
        let (partner, old) = (OidcStub::start(), StubSite::start());
        let profile = TrustedTokenProfile {
            issuer: partner.issuer(),
            audience: "vestibule".to_owned(),
            jwks_url: format!("{}/keys", partner.issuer()),
            ..TrustedTokenProfile::default()
        };
        let userinfo = format!("{}/userinfo", old.origin);
        let project = gateway.deployment.project_id.clone();
        let declared = gateway.storage.transaction(RequestId::fresh(), move |tx| {
            let mut settings = project_settings::find(tx, &project)?.unwrap_or_default();
            let profile = (String::from("partner"), profile.clone());
            settings.trusted_tokens.extend([profile]);
            settings.session_migration.userinfo_url = Some(userinfo.clone());
            project_settings::save(tx, &project, &settings)?;
            Ok::<_, StorageError>(())
        });
        declared.await.unwrap();
        let acme = json!({ "organization_name": "Acme", "organization_slug": "acme",
            "mfa_policy": "REQUIRED_FOR_ALL" });
        let organization = text(&gateway.organization(acme).await, "/organization_id");
        let path = format!("/v1/b2b/organizations/{organization}/members");
        let body = json!({ "email_address": "ana@acme.test", "create_member_as_pending": true });
        let member = text(&gateway.post(&path, body).await.body, "/member_id");
        Self {
            gateway,
            partner,
            old,
            organization,
            member,
        }
    }

    /// A token of the partner with these claims put over the right ones.
    pub fn token(&self, over: Value) -> String {
        let now = self.gateway.now().timestamp();
        let mut claims = json!({ "iss": self.partner.issuer(), "aud": "vestibule",
            "exp": now + 300, "iat": now, "jti": "t1", "email": "ana@acme.test" });
        claims
            .as_object_mut()
            .unwrap()
            .extend(over.as_object().cloned().unwrap());
        let key = self.partner.conduct(|conduct| conduct.signs.clone());
        key.sign(Some(key.kid), "JWT", &claims)
    }

    pub async fn attest(&self, body: Value) -> Answer {
        self.gateway.post(ATTEST, body).await
    }

    pub async fn migrate(&self, userinfo: (u16, Value)) -> Answer {
        self.old
            .set("/userinfo", userinfo.0, userinfo.1.to_string());
        let body = json!({ "session_token": "old", "organization_id": "acme" });
        self.gateway.post(MIGRATE, body).await
    }
}

#[actix_web::test]
async fn a_trusted_token_opens_a_session_of_a_member_that_is_there() {
    let world = World::begin().await;
    let token = world.token(json!({ "organization_id": "acme" }));
    let body = json!({ "profile_id": "partner", "token": token,
        "session_duration_minutes": 30, "session_custom_claims": { "plan": "pro" } });
    let answer = world.attest(body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.body["member_id"], *world.member);
    assert_eq!(answer.body["member"]["status"], "active");
    assert_eq!(answer.body["member"]["email_address_verified"], false);
    let session = &answer.body["member_session"];
    assert_eq!(session["custom_claims"], json!({ "plan": "pro" }));
    let factor = &session["authentication_factors"][0];
    assert_eq!(factor["type"], "trusted_auth_token");
    assert_eq!(factor["delivery_method"], "trusted_token_exchange");
    assert!(factor["trusted_auth_token_factor"]["token_id"].is_string());

    let again = json!({ "jti": "t2", "organization_id": "acme", "email_verified": "true" });
    let joined = json!({ "profile_id": "partner", "token": world.token(again),
        "organization_id": world.organization, "session_token": answer.body["session_token"] });
    let joined = world.attest(joined).await;
    assert_eq!(joined.status, 200, "{}", joined.text);
    assert_eq!(
        joined.body["member_session"]["member_session_id"],
        session["member_session_id"]
    );
}

#[actix_web::test]
async fn a_token_that_is_not_right_in_everything_opens_nothing() {
    let world = World::begin().await;
    let now = world.gateway.now().timestamp();
    let forged = OidcStub::start().conduct(|conduct| conduct.signs.clone());
    let right = json!({ "iss": world.partner.issuer(), "aud": "vestibule", "exp": now + 300,
        "email": "ana@acme.test" });
    let refused = (401, "unable_to_auth_foreign_token");
    let globex = json!({ "organization_name": "Globex", "organization_slug": "globex" });
    world.gateway.organization(globex).await;
    let table = [
        (forged.sign(Some(forged.kid), "JWT", &right), refused),
        ("a.b.c".to_owned(), refused),
        (world.token(json!({ "iss": "https://other.test" })), refused),
        (world.token(json!({ "aud": "other" })), refused),
        (world.token(json!({ "exp": now - 61 })), refused),
        (world.token(json!({ "nbf": now + 120 })), refused),
        (world.token(json!({ "email_verified": false })), refused),
        (world.token(json!({ "email_verified": "false" })), refused),
        (world.token(json!({ "organization_id": "globex" })), refused),
        (
            world.token(json!({ "organization_id": "nowhere" })),
            refused,
        ),
        (world.token(json!({ "email": "nobody" })), refused),
        (
            world.token(json!({ "email": "ben@acme.test" })),
            (404, "member_not_found"),
        ),
    ];
    for (token, expected) in table {
        let body = json!({ "profile_id": "partner", "token": token, "organization_id": "acme" });
        let answer = world.attest(body).await;
        assert_eq!(told(&answer), expected, "{}", answer.text);
    }
    let token = world.token(json!({}));
    let unknown = json!({ "profile_id": "nobody", "token": token, "organization_id": "acme" });
    assert_eq!(
        told(&world.attest(unknown).await),
        (404, "trusted_auth_token_profile_not_found")
    );
    let nowhere = json!({ "profile_id": "partner", "token": token });
    assert_eq!(
        told(&world.attest(nowhere).await),
        (404, "organization_not_found")
    );
    let path = format!(
        "/v1/b2b/sessions?organization_id=acme&member_id={}",
        world.member
    );
    let sessions = world.gateway.get(&path).await;
    assert_eq!(sessions.body["member_sessions"], json!([]));
}

#[actix_web::test]
async fn a_session_of_the_old_system_becomes_one_of_a_member_that_is_there() {
    let world = World::begin().await;
    let ana = json!({ "sub": "1", "email": "ana@acme.test", "email_verified": true });
    let answer = world.migrate((200, ana)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.body["member_id"], *world.member);
    let session = json!({ "session_token": answer.body["session_token"] });
    let alive = world
        .gateway
        .post("/v1/b2b/sessions/authenticate", session)
        .await;
    assert_eq!(alive.status, 200, "{}", alive.text);
    let refused = (401, "unable_to_auth_foreign_token");
    let unverified = json!({ "email": "ana@acme.test", "email_verified": false });
    let table = [
        ((401, json!({})), refused),
        ((200, json!({ "sub": "1" })), refused),
        ((200, unverified), refused),
        ((200, json!([])), (503, "service_unavailable")),
        ((500, json!({})), (503, "service_unavailable")),
        (
            (200, json!({ "email": "ben@acme.test" })),
            (404, "member_not_found"),
        ),
    ];
    for (userinfo, expected) in table {
        let shown = format!("{userinfo:?}");
        let answer = world.migrate(userinfo).await;
        assert_eq!(told(&answer), expected, "{shown}: {}", answer.text);
    }
}

#[actix_web::test]
async fn nothing_is_migrated_where_nothing_is_declared() {
    let gateway = TestGateway::start().await;
    let body = json!({ "session_token": "old", "organization_id": "acme" });
    let answer = gateway.post(MIGRATE, body).await;
    assert_eq!(told(&answer), (400, "session_migration_not_configured"));
}
