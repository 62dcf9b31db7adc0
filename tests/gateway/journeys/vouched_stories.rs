//! The official SDKs, unpatched, take people in for whom an operator, another issuer or the system
//! before vouches.

use serde_json::json;
use stytch::b2b::impersonation::AuthenticateRequest;
use stytch::b2b::sessions::AttestRequest;
use stytch::b2b::sessions::MigrateRequest;

use crate::journeys::foreign_tokens::World;
use crate::journeys::impersonation::allow;
use crate::management::rust_sdk::connect;
use crate::support::sdk;

/// A world where the system before knows Ana, and who vouches for her: an operator, a partner.
async fn vouching() -> (World, String, String) {
    let world = World::begin().await;
    let ana = json!({ "sub": "1", "email": "ana@acme.test", "email_verified": true });
    world.old.set("/userinfo", 200, ana.to_string());
    // Who is only expected is let in by others, and is not there to be acted as.
    let trusted = world.token(json!({}));
    let body = json!({ "profile_id": "partner", "token": world.token(json!({ "jti": "t0" })),
        "organization_id": "acme" });
    let first = world.attest(body).await;
    assert_eq!(first.status, 200, "{}", first.text);
    let acting = allow(&world.gateway, &world.organization, &world.member).await;
    (world, acting.unwrap(), trusted)
}

async fn tell(story: (&str, &str)) {
    let (world, acting, trusted) = vouching().await;
    let given = [
        ("STORY_ORGANIZATION", world.organization.as_str()),
        ("STORY_MEMBER", &world.member),
        ("STORY_IMPERSONATION_TOKEN", &acting),
        ("STORY_TRUSTED_TOKEN", &trusted),
        ("STORY_OLD_TOKEN", "old"),
    ];
    let told = sdk::tell(&world.gateway, story, &given).await;
    assert!(told.contains("steps: 3"), "{told}");
}

#[actix_web::test]
async fn the_node_sdk_takes_in_who_is_vouched_for() {
    tell((sdk::NODE, "node/vouched.mjs")).await;
}

#[actix_web::test]
async fn the_python_sdk_takes_in_who_is_vouched_for() {
    tell((sdk::PYTHON, "python/vouched.py")).await;
}

#[actix_web::test]
async fn the_rust_sdk_takes_in_who_is_vouched_for() {
    let (world, acting, trusted) = vouching().await;
    let client = connect(&world.gateway, &world.gateway.secret);
    let acting = AuthenticateRequest {
        impersonation_token: acting,
    };
    let acting = client.impersonation.authenticate(acting).await.unwrap();
    let attest = AttestRequest {
        profile_id: "partner".into(),
        token: trusted,
        organization_id: Some("acme".into()),
        ..Default::default()
    };
    let attested = client.sessions.attest(attest).await.unwrap();
    let migrate = MigrateRequest {
        session_token: "old".into(),
        organization_id: "acme".into(),
        ..Default::default()
    };
    let migrated = client.sessions.migrate(migrate).await.unwrap();
    let members = [acting.member_id, attested.member_id, migrated.member_id];
    assert_eq!(members, [(); 3].map(|()| world.member.clone()));
}
