use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;

use super::Acme;
use super::INVITE;
use super::RETURN_URL;
use super::WELCOME_URL;
use super::follow;
use super::inbox;
use super::journal;
use super::link_to;
use super::merge;
use super::refusal;
use super::refused;
use super::text;
use super::token_to;

const ANA: &str = "ana@acme.test";

#[actix_web::test]
async fn somebody_invited_comes_with_what_the_invitation_gave() {
    let acme = Acme::open().await;
    let boss = acme
        .member(json!({ "email_address": "boss@acme.test" }))
        .await;
    let asked = json!({
        "name": "Ana Anders",
        "roles": ["editor"],
        "trusted_metadata": { "plan": "pro" },
        "untrusted_metadata": { "theme": "dark" },
        "invited_by_member_id": boss,
        "invite_redirect_url": WELCOME_URL,
        "invite_template_id": "none",
        "locale": "en",
    });
    let invited = acme.asked(INVITE, ANA, asked).await;
    assert_eq!(invited["member"]["status"], "invited");
    assert_eq!(invited["member"]["name"], "Ana Anders");
    let letters = inbox(&acme.gateway, ANA).await;
    assert!(
        letters[0].subject.contains("Acme"),
        "{}",
        letters[0].subject
    );
    let link = link_to(&acme.gateway, ANA).await;
    assert!(follow(&acme.gateway, &link).await.starts_with(WELCOME_URL));
    let token = token_to(&acme.gateway, ANA).await;
    let answer = acme.authenticate(&token, json!({})).await.body;
    assert_eq!(answer["member"]["status"], "active");
    assert_eq!(answer["member"]["email_address_verified"], true);
    assert_eq!(answer["member"]["trusted_metadata"]["plan"], "pro");
    let roles = answer["member_session"]["roles"].as_array().unwrap();
    assert!(roles.contains(&json!("editor")), "{roles:?}");
    let told = journal(&acme.gateway, &acme.organization_id).await;
    let event = told.iter().find(|event| event.0 == "member.invited");
    let event = &event.unwrap().1;
    assert_eq!(event["invited_by_member_id"], json!(boss));
    let secret = told
        .iter()
        .any(|event| event.1.to_string().contains(&token));
    assert!(!secret, "{told:?}");
}

#[actix_web::test]
async fn inviting_again_sends_again_until_somebody_comes() {
    let acme = Acme::open().await;
    let first = acme.asked(INVITE, ANA, json!({ "name": "Ana" })).await;
    let early = token_to(&acme.gateway, ANA).await;
    let again = acme
        .asked(INVITE, ANA, json!({ "roles": ["viewer"] }))
        .await;
    assert_eq!(again["member_id"], first["member_id"]);
    assert_eq!(again["member"]["name"], "Ana", "what was not given stays");
    assert_eq!(inbox(&acme.gateway, ANA).await.len(), 2);
    assert_eq!(acme.authenticate(&early, json!({})).await.status, 200);
    let late = acme.ask(INVITE, ANA, json!({})).await;
    assert_eq!(refusal(&late), refused(400, "duplicate_member_email"));
}

#[actix_web::test]
async fn an_invitation_lasts_a_week_and_ends_with_its_member() {
    let acme = Acme::open().await;
    let invited = acme.asked(INVITE, ANA, json!({})).await;
    let link = link_to(&acme.gateway, ANA).await;
    let token = token_to(&acme.gateway, ANA).await;
    acme.gateway.wait(TimeDelta::days(6));
    assert!(follow(&acme.gateway, &link).await.starts_with(RETURN_URL));
    let path = format!("{}/{}", acme.members(), text(&invited["member_id"]));
    acme.gateway.call("DELETE", &path, None).await;
    let visit = acme.gateway.send(acme.gateway.http.get(&link)).await;
    assert_eq!(visit.status, 404);
    let spent = refused(401, "unable_to_auth_magic_link");
    assert_eq!(refusal(&acme.authenticate(&token, json!({})).await), spent);

    let again = acme.asked(INVITE, ANA, json!({})).await;
    assert_ne!(
        again["member_id"], invited["member_id"],
        "the address is free"
    );
    let token = token_to(&acme.gateway, ANA).await;
    acme.gateway.wait(TimeDelta::minutes(7 * 24 * 60 + 1));
    assert_eq!(refusal(&acme.authenticate(&token, json!({})).await), spent);
}

#[actix_web::test]
async fn the_organizations_door_for_invitations_decides() {
    let table = [
        ("ALL_ALLOWED", "ana@acme.test", true),
        ("ALL_ALLOWED", "ana@elsewhere.test", true),
        ("RESTRICTED", "ana@acme.test", true),
        ("RESTRICTED", "ana@elsewhere.test", false),
        ("NOT_ALLOWED", "ana@acme.test", false),
    ];
    let acme = Acme::open().await;
    for (number, (door, address, is_open)) in table.into_iter().enumerate() {
        acme.change(json!({ "email_invites": door })).await;
        let address = format!("{number}{address}");
        let answer = acme.ask(INVITE, &address, json!({})).await;
        if is_open {
            assert_eq!(answer.status, 200, "{door} {address}: {}", answer.text);
        } else {
            let error = refused(400, "invalid_email_for_invites");
            assert_eq!(refusal(&answer), error, "{door} {address}");
        }
    }
}

type Row<'r> = (&'r [&'r str], &'r str, Value, (u16, &'r str));

#[actix_web::test]
async fn whoever_acts_as_a_member_invites_within_their_rights() {
    let acme = Acme::open().await;
    let create = ("stytch.member", "create");
    acme.gateway.declare_role("host", &[create]).await;
    let roles = ("stytch.member", "update.settings.roles");
    acme.gateway.declare_role("head", &[create, roles]).await;
    let elsewhere = json!({ "organization_name": "Elsewhere", "email_invites": "ALL_ALLOWED" });
    let elsewhere = acme.gateway.organization(elsewhere).await;
    let own = acme.organization_id.as_str();
    let other = elsewhere["organization_id"].as_str().unwrap();
    let no_right = (403, "session_authorization_error");
    let tenancy = (403, "session_authorization_tenancy_error");
    let table: [Row<'_>; 7] = [
        (&[], own, json!({}), no_right),
        (&["host"], own, json!({}), (200, "")),
        (&["host"], own, json!({ "roles": ["editor"] }), no_right),
        (&["head"], own, json!({ "roles": ["editor"] }), (200, "")),
        (&["host"], other, json!({}), tenancy),
        (
            &["stytch_admin"],
            own,
            json!({ "trusted_metadata": { "plan": "pro" } }),
            (401, "cannot_update_trusted_metadata"),
        ),
        (&["stytch_admin"], own, json!({ "name": "Ana" }), (200, "")),
    ];
    for (number, (roles, organization, more, expected)) in table.into_iter().enumerate() {
        let session = acme.gateway.member_session(own, roles).await;
        let address = format!("guest-{number}@acme.test");
        let mut body = json!({ "organization_id": organization, "email_address": address });
        merge(&mut body, more);
        let answer = acme.gateway.call_as(&session, ("POST", INVITE), Some(body));
        let answer = answer.await;
        let error_type = answer.body["error_type"].as_str().unwrap_or_default();
        assert_eq!((answer.status, error_type), expected, "{number}");
        let mails = inbox(&acme.gateway, &address).await.len();
        assert_eq!(mails, usize::from(answer.status == 200), "{number}");
    }
}
