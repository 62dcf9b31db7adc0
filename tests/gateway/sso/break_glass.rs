//! Break glass frees its members of the rules about methods, never of the second factor, and each
//! use of it is in the journal.

use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;

use super::Acme;
use super::events;
use super::text;
use crate::links::inbox;
use crate::links::token_to;
use crate::passwords::BCRYPT;
use crate::passwords::PASSWORD;

const METHODS: [&str; 4] = ["sso", "magic_link", "email_otp", "password"];
const ROOT: &str = "root@acme.test";
const ANA: &str = "ana@acme.test";

/// What becomes of a sign-in by this method.
async fn come(acme: &Acme, method: &str, address: &str) -> Value {
    let gateway = &acme.gateway;
    gateway.wait(TimeDelta::minutes(3));
    let asked = json!({ "organization_id": acme.organization_id, "email_address": address });
    if method == "sso" {
        let asked = acme.start().await;
        let draft = acme.response(&asked, address);
        let page = acme.post(&draft, &asked.relay_state).await;
        return if page.status == 302 {
            super::authenticate(gateway, &page).await.body
        } else {
            json!({ "refused": page.code() })
        };
    }
    if method == "password" {
        let mut body = asked;
        body["password"] = json!(PASSWORD);
        let answer = gateway.post("/v1/b2b/passwords/authenticate", body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        return answer.body;
    }
    let kind = if method == "magic_link" {
        "magic_links"
    } else {
        "otps"
    };
    let path = format!("/v1/b2b/{kind}/email/login_or_signup");
    let sent = gateway.post(&path, asked.clone()).await;
    assert_eq!(sent.status, 200, "{}", sent.text);
    let answer = if method == "magic_link" {
        let token = token_to(gateway, address).await;
        let body = json!({ "magic_links_token": token });
        gateway.post("/v1/b2b/magic_links/authenticate", body).await
    } else {
        let letter = inbox(gateway, address).await.remove(0);
        let is_code = |word: &&str| word.len() == 6 && word.chars().all(|c| c.is_ascii_digit());
        let code = letter.text.split_whitespace().find(is_code).unwrap();
        let mut body = asked;
        body["code"] = json!(code);
        gateway.post("/v1/b2b/otps/email/authenticate", body).await
    };
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body
}

/// In one word.
fn outcome(answer: &Value) -> &'static str {
    if answer["member_authenticated"] == true {
        "in"
    } else if answer["mfa_required"].is_object() {
        "second factor owed"
    } else if answer["primary_required"].is_object() || answer["refused"].is_string() {
        "another method wanted"
    } else {
        panic!("{answer}")
    }
}

#[actix_web::test]
async fn break_glass_frees_of_methods_and_of_nothing_else() {
    let acme = Acme::open().await;
    acme.change(json!({ "email_allowed_domains": ["acme.test"] }))
        .await;
    acme.create_member(json!({ "email_address": ROOT, "is_breakglass": true }))
        .await;
    acme.create_member(json!({ "email_address": ANA })).await;
    for address in [ROOT, ANA] {
        let kept = json!({ "organization_id": acme.organization_id, "email_address": address,
            "hash_type": "bcrypt", "hash": BCRYPT });
        let kept = acme.gateway.post("/v1/b2b/passwords/migrate", kept).await;
        assert_eq!(kept.status, 200, "{}", kept.text);
    }
    let mut used = 0;
    for method in METHODS {
        for is_allowed in [true, false] {
            for mfa in ["OPTIONAL", "REQUIRED_FOR_ALL"] {
                let only = match (is_allowed, method) {
                    (true, _) => method,
                    (false, "password") => "sso",
                    (false, _) => "password",
                };
                acme.change(json!({
                    "auth_methods": "RESTRICTED",
                    "allowed_auth_methods": [only],
                    "mfa_policy": mfa,
                }))
                .await;
                let owes = mfa == "REQUIRED_FOR_ALL";
                let inside = if owes { "second factor owed" } else { "in" };
                let others = if is_allowed {
                    inside
                } else {
                    "another method wanted"
                };
                let row = format!("{method} {only} {mfa}");
                let root = come(&acme, method, ROOT).await;
                assert_eq!(outcome(&root), inside, "break glass: {row}");
                let ana = come(&acme, method, ANA).await;
                assert_eq!(outcome(&ana), others, "{row}");
                used += usize::from(!is_allowed);
                let told = events(&acme.gateway, &acme.organization_id).await;
                let told = told.iter().filter(|event| event.kind == "break_glass.used");
                assert_eq!(told.count(), used, "{row}");
            }
        }
    }
}

#[actix_web::test]
async fn each_use_of_break_glass_says_who_and_by_what() {
    let acme = Acme::open().await;
    let root = json!({ "email_address": ROOT, "is_breakglass": true });
    let root = acme.create_member(root).await;
    acme.change(json!({ "auth_methods": "RESTRICTED", "allowed_auth_methods": ["sso"] }))
        .await;
    let answer = come(&acme, "magic_link", ROOT).await;
    assert_eq!(outcome(&answer), "in");
    let told = events(&acme.gateway, &acme.organization_id).await;
    let event = told.iter().find(|event| event.kind == "break_glass.used");
    let event = event.unwrap();
    assert_eq!(event.object_id, text(&root["member_id"]));
    assert_eq!(event.actor, "sign_in");
    let after = event.after.as_ref().unwrap();
    assert_eq!(
        *after,
        json!({
            "email_address": ROOT,
            "methods": ["magic_link"],
            "allowed_auth_methods": ["sso"],
        })
    );
}
