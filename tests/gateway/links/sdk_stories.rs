//! The official SDKs send links and redeem them, with a test between the two who reads the mails.

use chrono::TimeDelta;
use stytch::b2b::magic_links;
use stytch::b2b::magic_links_discovery;
use stytch::b2b::magic_links_email;
use stytch::b2b::magic_links_email_discovery;

use super::Acme;
use super::link_to;
use super::text;
use super::token_to;
use crate::management::rust_sdk::connect;
use crate::support::sdk;

const PEOPLE: [(&str, &str); 4] = [
    ("STORY_LOGIN_TOKEN", "login@acme.test"),
    ("STORY_INVITE_TOKEN", "invited@acme.test"),
    ("STORY_DISCOVERY_TOKEN", "discovery@acme.test"),
    ("STORY_UPDATE_TOKEN", "updated@acme.test"),
];

async fn tell(program: &str, script: &str) {
    let acme = Acme::open().await;
    let member = text(&acme.sign_in("member@acme.test").await["member_id"]);
    acme.gateway.wait(TimeDelta::seconds(2));
    let named = [
        ("STORY_ORGANIZATION", acme.organization_id.as_str()),
        ("STORY_MEMBER", member.as_str()),
    ];
    sdk::tell(&acme.gateway, (program, script), &named).await;
    let mut tokens = Vec::new();
    for (name, address) in PEOPLE {
        tokens.push((name, token_to(&acme.gateway, address).await));
    }
    let given = tokens.iter().map(|(name, token)| (*name, token.as_str()));
    let more: Vec<_> = named.into_iter().chain(given).collect();
    sdk::tell(&acme.gateway, (program, script), &more).await;
}

#[actix_web::test]
async fn the_node_sdk_sends_links_and_redeems_them() {
    tell(sdk::NODE, "node/links.mjs").await;
}

#[actix_web::test]
async fn the_python_sdk_sends_links_and_redeems_them() {
    tell(sdk::PYTHON, "python/links.py").await;
}

#[actix_web::test]
async fn the_rust_sdk_sends_links_and_redeems_them() {
    let acme = Acme::open().await;
    let client = connect(&acme.gateway, &acme.gateway.secret);
    let links = &client.magic_links;
    let invite = magic_links_email::InviteRequest {
        organization_id: acme.organization_id.clone(),
        email_address: "ana@acme.test".to_owned(),
        name: Some("Ana".to_owned()),
        roles: Some(vec!["editor".to_owned()]),
        invite_expiration_minutes: Some(60),
        ..Default::default()
    };
    let invited = links.email.invite(invite).await.unwrap();
    assert_eq!(invited.member.status, "invited");
    let send = magic_links_email::LoginOrSignupRequest {
        organization_id: acme.organization_id.clone(),
        email_address: "ben@acme.test".to_owned(),
        ..Default::default()
    };
    assert!(
        links
            .email
            .login_or_signup(send)
            .await
            .unwrap()
            .member_created
    );
    for address in ["ana@acme.test", "ben@acme.test"] {
        let redeem = magic_links::AuthenticateRequest {
            magic_links_token: token_to(&acme.gateway, address).await,
            ..Default::default()
        };
        let answer = links.authenticate(redeem).await.unwrap();
        assert!(answer.member_authenticated);
        assert_eq!(answer.member.email_address, address);
        assert!(answer.method_id.starts_with("email-test-"));
    }
    let send = magic_links_email_discovery::SendRequest {
        email_address: "cleo@acme.test".to_owned(),
        ..Default::default()
    };
    links.email.discovery.send(send).await.unwrap();
    assert!(
        link_to(&acme.gateway, "cleo@acme.test")
            .await
            .contains("discovery")
    );
    let redeem = magic_links_discovery::AuthenticateRequest {
        discovery_magic_links_token: token_to(&acme.gateway, "cleo@acme.test").await,
        ..Default::default()
    };
    let answer = links.discovery.authenticate(redeem).await.unwrap();
    assert_eq!(answer.email_address, "cleo@acme.test");
}
