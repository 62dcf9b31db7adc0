use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;

use super::Acme;
use super::EMAIL;
use super::OTHER;
use super::PASSWORD;
use super::refusal;
use crate::support::Answer;

#[actix_web::test]
async fn the_right_password_opens_a_session_with_a_factor_of_knowledge() {
    let acme = Acme::with_ana().await;
    let answer = acme.authenticate("ANA@acme.test", PASSWORD).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.body["member_authenticated"], true);
    assert_eq!(answer.body["member"]["email_address"], EMAIL);
    let factor = &answer.body["member_session"]["authentication_factors"][0];
    assert_eq!(
        (&factor["type"], &factor["delivery_method"]),
        (&json!("password"), &json!("knowledge"))
    );
    let token = answer.body["session_token"].as_str().unwrap();
    assert!(acme.is_session(token).await);
}

#[actix_web::test]
async fn nothing_tells_whether_the_address_or_the_password_is_wrong() {
    let acme = Acme::with_ana().await;
    let path = format!("/v1/b2b/organizations/{}/members", acme.organization_id);
    let without = json!({ "email_address": "ben@acme.test" });
    assert_eq!(acme.gateway.post(&path, without).await.status, 200);
    let shown = |answer: &Answer| {
        let mut body = answer.body.clone();
        body.as_object_mut().unwrap().remove("request_id");
        (answer.status, body)
    };
    let wrong = acme.authenticate(EMAIL, OTHER).await;
    assert_eq!(refusal(&wrong), (401, "unauthorized_credentials"));
    for email in ["ben@acme.test", "nobody@acme.test", "no address", ""] {
        let other = acme.authenticate(email, PASSWORD).await;
        assert_eq!(shown(&other), shown(&wrong), "{email}");
    }
    assert_eq!(shown(&acme.authenticate(EMAIL, "").await), shown(&wrong));
}

#[actix_web::test]
async fn to_set_a_new_password_tells_no_more_than_to_sign_in() {
    let acme = Acme::with_ana().await;
    let shown = async |email: &str, existing: &str| {
        let body = json!({ "organization_id": "acme", "email_address": email,
            "existing_password": existing, "new_password": "a whole other set of words" });
        let mut answer = acme.post("existing_password/reset", body).await;
        answer.body["request_id"] = Value::Null;
        (answer.status, answer.body)
    };
    let wrong = shown(EMAIL, OTHER).await;
    assert_eq!(wrong.0, 401);
    for email in ["nobody@acme.test", "no address", ""] {
        assert_eq!(shown(email, PASSWORD).await, wrong, "{email}");
    }
}

#[actix_web::test]
async fn a_hash_from_elsewhere_is_replaced_at_the_first_sign_in_and_not_shown() {
    let acme = Acme::with_ana().await;
    let hash = || {
        let mut sql = acme.sql();
        sql.texts("SELECT hash AS value FROM member_passwords")
            .remove(0)
    };
    assert!(hash().starts_with("$2y$04$"));
    assert_eq!(acme.authenticate(EMAIL, OTHER).await.status, 401);
    assert!(hash().starts_with("$2y$04$"));
    acme.session(PASSWORD).await;
    let renewed = hash();
    assert!(renewed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    acme.session(PASSWORD).await;
    assert_eq!(hash(), renewed);
    let mut sql = acme.sql();
    for change in sql.texts("SELECT COALESCE(after_change, '') AS value FROM journal") {
        assert!(
            !change.contains("argon2id") && !change.contains("$2y$"),
            "{change}"
        );
    }
    let kinds =
        sql.texts("SELECT kind AS value FROM journal WHERE kind LIKE 'password.%' ORDER BY id");
    assert_eq!(kinds, ["password.set", "password.rehashed"]);
}

#[actix_web::test]
async fn everybody_who_comes_at_once_with_the_right_password_is_in() {
    let acme = std::rc::Rc::new(Acme::with_ana().await);
    let calls: Vec<_> = (0..6)
        .map(|_| {
            let acme = acme.clone();
            actix_web::rt::spawn(async move { acme.authenticate(EMAIL, PASSWORD).await.status })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap(), 200);
    }
}

#[actix_web::test]
async fn a_second_factor_is_asked_for_and_no_session_is_open_before() {
    let acme = Acme::with_ana().await;
    acme.require_second_factor().await;
    let answer = acme.authenticate(EMAIL, PASSWORD).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.body["member_authenticated"], false);
    assert_eq!(answer.body["session_token"], "");
    assert_eq!(answer.body["member_session"], Value::Null);
    assert_ne!(answer.body["intermediate_session_token"], "");
}

#[actix_web::test]
async fn an_organization_that_allows_no_passwords_asks_for_another_method() {
    let acme = Acme::with_ana().await;
    let path = format!("/v1/b2b/organizations/{}", acme.organization_id);
    let only =
        json!({ "auth_methods": "RESTRICTED", "allowed_auth_methods": ["sso", "magic_link"] });
    assert_eq!(acme.gateway.put(&path, only).await.status, 200);
    let answer = acme.authenticate(EMAIL, PASSWORD).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.body["member_authenticated"], false);
    let allowed = &answer.body["primary_required"]["allowed_auth_methods"];
    assert_eq!(*allowed, json!(["sso", "magic_link"]));
}

#[actix_web::test]
async fn the_old_password_sets_a_new_one_and_ends_every_other_session() {
    let acme = Acme::with_ana().await;
    let before = acme.session(PASSWORD).await;
    let body = |existing: &str, new: &str| {
        json!({
            "organization_id": "acme",
            "email_address": EMAIL,
            "existing_password": existing,
            "new_password": new,
        })
    };
    let call = "existing_password/reset";
    let wrong = acme
        .post(call, body(OTHER, "a whole other set of words"))
        .await;
    assert_eq!(refusal(&wrong), (401, "unauthorized_credentials"));
    let weak = acme.post(call, body(PASSWORD, "password1")).await;
    assert_eq!(refusal(&weak), (400, "weak_password"));
    assert!(acme.is_session(&before).await);
    let answer = acme.post(call, body(PASSWORD, OTHER)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(!acme.is_session(&before).await);
    assert!(
        acme.is_session(answer.body["session_token"].as_str().unwrap())
            .await
    );
    assert_eq!(acme.authenticate(EMAIL, PASSWORD).await.status, 401);
    assert_eq!(acme.authenticate(EMAIL, OTHER).await.status, 200);
}

#[actix_web::test]
async fn a_session_sets_a_password_while_its_factor_is_fresh_and_stays_alone() {
    let acme = Acme::with_ana().await;
    let other = acme.session(PASSWORD).await;
    let session = acme.session(PASSWORD).await;
    let body = |token: &str, password: &str| json!({ "organization_id": "acme", "session_token": token, "password": password });
    let call = "session/reset";
    let weak = acme.post(call, body(&session, "ana@acme.test")).await;
    assert_eq!(refusal(&weak), (400, "weak_password"));
    let nobody = acme.post(call, body("nobody", OTHER)).await;
    assert_eq!(refusal(&nobody), (404, "session_not_found"));
    let none = acme
        .post(
            call,
            json!({ "organization_id": "acme", "password": OTHER }),
        )
        .await;
    assert_eq!(refusal(&none), (400, "no_session_arguments"));
    let answer = acme.post(call, body(&session, OTHER)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(acme.is_session(&session).await && !acme.is_session(&other).await);
    assert_eq!(answer.body["session_token"], session);
    acme.gateway.wait(TimeDelta::minutes(6));
    let late = acme.post(call, body(&session, PASSWORD)).await;
    assert_eq!(refusal(&late), (400, "session_too_old_to_reset_password"));
}

#[actix_web::test]
async fn a_session_sets_no_password_in_another_organization() {
    let acme = Acme::with_ana().await;
    let globex = json!({ "organization_name": "Globex", "organization_slug": "globex" });
    acme.gateway.organization(globex).await;
    let session = acme.session(PASSWORD).await;
    let body = json!({ "organization_id": "globex", "session_token": session, "password": OTHER });
    let answer = acme.post("session/reset", body).await;
    assert_eq!(
        refusal(&answer),
        (403, "session_authorization_tenancy_error")
    );
}

#[actix_web::test]
async fn a_password_goes_when_it_is_deleted_when_its_address_changes_and_with_its_member() {
    let acme = Acme::with_ana().await;
    let members = format!("/v1/b2b/organizations/{}/members", acme.organization_id);
    let member = acme.authenticate(EMAIL, PASSWORD).await.body["member"].clone();
    let id = member["member_password_id"].as_str().unwrap();
    let path = format!("{members}/passwords/{id}");
    let deleted = acme.gateway.call("DELETE", &path, None).await;
    assert_eq!(
        deleted.body["member"]["member_password_id"], "",
        "{}",
        deleted.text
    );
    let again = acme.gateway.call("DELETE", &path, None).await;
    assert_eq!(refusal(&again), (404, "member_password_not_found"));
    assert_eq!(acme.authenticate(EMAIL, PASSWORD).await.status, 401);

    assert_eq!(acme.migrate(json!({})).await.status, 200);
    let path = format!("{members}/{}", member["member_id"].as_str().unwrap());
    let renamed = acme
        .gateway
        .put(&path, json!({ "email_address": "an@acme.test" }))
        .await;
    assert_eq!(
        renamed.body["member"]["member_password_id"], "",
        "{}",
        renamed.text
    );
    assert_eq!(
        acme.authenticate("an@acme.test", PASSWORD).await.status,
        401
    );

    let new = acme
        .migrate(json!({ "email_address": "an@acme.test" }))
        .await;
    assert_eq!(new.status, 200, "{}", new.text);
    assert_eq!(acme.gateway.call("DELETE", &path, None).await.status, 200);
    assert_eq!(
        acme.authenticate("an@acme.test", PASSWORD).await.status,
        401
    );
    let mut sql = acme.sql();
    assert!(
        sql.texts("SELECT hash AS value FROM member_passwords")
            .is_empty()
    );
}

#[actix_web::test]
async fn who_is_guessed_at_is_locked_and_refused_like_anybody_whose_password_is_wrong() {
    let acme = Acme::with_ana().await;
    for turn in 0..9 {
        assert_eq!(acme.authenticate(EMAIL, OTHER).await.status, 401, "{turn}");
    }
    acme.session(PASSWORD).await;
    for turn in 0..10 {
        assert_eq!(acme.authenticate(EMAIL, OTHER).await.status, 401, "{turn}");
    }
    let locked = acme.authenticate(EMAIL, PASSWORD).await;
    assert_eq!(refusal(&locked), (401, "unauthorized_credentials"));
    let path = format!(
        "/v1/b2b/organizations/{}/member?email_address={EMAIL}",
        acme.organization_id
    );
    let shown = acme.gateway.get(&path).await;
    assert_eq!(shown.body["member"]["is_locked"], true, "{}", shown.text);
    acme.gateway.wait(TimeDelta::minutes(61));
    acme.session(PASSWORD).await;
}

#[actix_web::test]
async fn a_wrong_password_is_written_down_whoever_it_is_of() {
    let acme = Acme::with_ana().await;
    let path = format!("/v1/b2b/organizations/{}/members", acme.organization_id);
    let without = json!({ "email_address": "ben@acme.test" });
    assert_eq!(acme.gateway.post(&path, without).await.status, 200);
    let rows = || {
        let mut sql = acme.sql();
        let known = sql.texts("SELECT CAST(failures AS TEXT) AS value FROM member_failures");
        // Without the allowance of refusals that are kept, which is counted later.
        let others = "SELECT CAST(tries_left AS TEXT) AS value FROM email_codes";
        let others = sql.texts(&format!("{others} WHERE tries_left > 1000"));
        (known.len(), others.len())
    };
    let table = [
        (EMAIL, (1, 0)),
        ("ben@acme.test", (1, 1)),
        ("nobody@acme.test", (1, 2)),
        ("NOBODY@acme.test", (1, 2)),
        ("no address", (1, 3)),
    ];
    for (email, expected) in table {
        assert_eq!(acme.authenticate(email, OTHER).await.status, 401);
        assert_eq!(rows(), expected, "{email}");
    }
}
