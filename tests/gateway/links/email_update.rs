use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;

use super::Acme;
use super::follow;
use super::inbox;
use super::link_to;
use super::refusal;
use super::refused;
use super::text;
use super::token_to;
use crate::support::Answer;

const ANA: &str = "ana@acme.test";
const ANNA: &str = "anna@acme.test";

impl Acme {
    /// A member who has proven its address.
    async fn proven(&self, address: &str) -> String {
        text(&self.sign_in(address).await["member_id"])
    }

    async fn start_update(&self, member: &str, address: &str) -> Answer {
        self.gateway.wait(TimeDelta::seconds(2));
        let path = format!("{}/{member}/start_email_update", self.members());
        self.gateway
            .post(&path, json!({ "email_address": address }))
            .await
    }
}

fn retired(member: &Value) -> Vec<&str> {
    let retired = member["retired_email_addresses"].as_array().unwrap();
    let addresses = retired
        .iter()
        .map(|it| it["email_address"].as_str().unwrap());
    addresses.collect()
}

#[actix_web::test]
async fn a_member_takes_another_address_once_it_has_proven_it() {
    let acme = Acme::open().await;
    let ana = acme.sign_in(ANA).await;
    let member = ana["member_id"].as_str().unwrap();
    let started = acme.start_update(member, ANNA).await;
    assert_eq!(started.status, 200, "{}", started.text);
    assert_eq!(started.body["member"]["email_address"], ANA);
    assert_eq!(
        inbox(&acme.gateway, ANA).await.len(),
        1,
        "only the sign-in's"
    );
    let link = link_to(&acme.gateway, ANNA).await;
    follow(&acme.gateway, &link).await;
    assert_eq!(
        acme.find(member).await["email_address"],
        ANA,
        "a visit proves nothing"
    );
    let token = token_to(&acme.gateway, ANNA).await;
    let other = acme.gateway.session_of(&acme.organization_id, member).await;
    let more = json!({ "session_token": ana["session_token"] });
    let answer = acme.authenticate(&token, more).await.body;
    assert_eq!(answer["member"]["email_address"], ANNA);
    assert_eq!(answer["member"]["email_address_verified"], true);
    assert_eq!(retired(&answer["member"]), [ANA]);
    assert_eq!(
        answer["member_session"]["member_session_id"],
        ana["member_session"]["member_session_id"]
    );
    let body = json!({ "session_token": other });
    let path = "/v1/b2b/sessions/authenticate";
    let ended = acme.gateway.post(path, body).await;
    assert_eq!(refusal(&ended), refused(404, "session_not_found"));
    let again = acme.authenticate(&token, json!({})).await;
    assert_eq!(refusal(&again), refused(401, "unable_to_auth_magic_link"));
}

#[actix_web::test]
async fn an_address_that_is_not_proven_within_five_minutes_stays_as_it_was() {
    let acme = Acme::open().await;
    let ana = acme.proven(ANA).await;
    acme.start_update(&ana, ANNA).await;
    let token = token_to(&acme.gateway, ANNA).await;
    acme.gateway.wait(TimeDelta::seconds(5 * 60 + 1));
    let late = acme.authenticate(&token, json!({})).await;
    assert_eq!(refusal(&late), refused(401, "unable_to_auth_magic_link"));
    assert_eq!(acme.find(&ana).await["email_address"], ANA);
}

#[actix_web::test]
async fn an_address_that_is_somebody_elses_is_refused_early_and_late() {
    let acme = Acme::open().await;
    acme.gateway
        .organization(json!({
            "organization_name": "Claimant",
            "claimed_email_domains": ["claimed.test"],
        }))
        .await;
    let ana = acme.proven(ANA).await;
    let ben = acme.proven("ben@acme.test").await;
    let moved = acme.member(json!({ "email_address": "was-moved@acme.test" }));
    let path = format!("{}/{}", acme.members(), moved.await);
    acme.gateway
        .put(&path, json!({ "email_address": "moved@acme.test" }))
        .await;
    let pending = json!({ "email_address": "late@acme.test", "create_member_as_pending": true });
    let late = acme.member(pending).await;
    let made = acme
        .member(json!({ "email_address": "made@acme.test" }))
        .await;
    acme.start_update(&ben, "wanted@acme.test").await;
    let table = [
        (&ana, "ben@acme.test", "duplicate_member_email"),
        (
            &ana,
            "was-moved@acme.test",
            "desired_email_deactivated_by_different_member",
        ),
        (
            &ana,
            "Wanted@acme.test",
            "desired_email_updating_for_different_member",
        ),
        (
            &ana,
            "ana@claimed.test",
            "action_not_allowed_email_domain_is_claimed",
        ),
        (&ana, "ana", "invalid_email"),
        (&made, ANNA, "member_has_no_active_verified_email"),
        (
            &late,
            ANNA,
            "email_updates_available_only_for_active_members",
        ),
    ];
    for (member, address, error_type) in table {
        let answer = acme.start_update(member, address).await;
        assert_eq!(refusal(&answer), refused(400, error_type), "{address}");
    }
    let unknown = acme.start_update("nobody", ANNA).await;
    assert_eq!(refusal(&unknown), refused(404, "member_not_found"));

    acme.start_update(&ana, ANNA).await;
    let token = token_to(&acme.gateway, ANNA).await;
    acme.member(json!({ "email_address": ANNA })).await;
    let answer = acme.authenticate(&token, json!({})).await;
    assert_eq!(refusal(&answer), refused(400, "duplicate_member_email"));
}

#[actix_web::test]
async fn members_prove_addresses_of_their_own_and_of_others_with_the_right_to() {
    let acme = Acme::open().await;
    let ana = acme.proven(ANA).await;
    let own = acme.gateway.session_of(&acme.organization_id, &ana).await;
    let plain = acme
        .gateway
        .member_session(&acme.organization_id, &[])
        .await;
    let admin = acme
        .gateway
        .member_session(&acme.organization_id, &["stytch_admin"])
        .await;
    let path = format!("{}/{ana}/start_email_update", acme.members());
    let body = json!({ "email_address": ANNA });
    for (session, status) in [(&own, 200), (&plain, 403), (&admin, 200)] {
        acme.gateway.wait(TimeDelta::seconds(2));
        let call = ("POST", path.as_str());
        let answer = acme
            .gateway
            .call_as(session, call, Some(body.clone()))
            .await;
        assert_eq!(answer.status, status, "{}", answer.text);
    }
}

/// The code in the newest mail of an address.
async fn code_to(acme: &Acme, address: &str) -> String {
    let letter = inbox(&acme.gateway, address).await.remove(0);
    let is_code = |word: &&str| word.len() == 6 && word.chars().all(|c| c.is_ascii_digit());
    let code = letter.text.split_whitespace().find(is_code).unwrap();
    code.to_owned()
}

impl Acme {
    async fn start_update_by_code(&self, member: &str, address: &str) -> Answer {
        self.gateway.wait(TimeDelta::seconds(2));
        let path = format!("{}/{member}/start_email_update", self.members());
        let body = json!({ "email_address": address, "delivery_method": "EMAIL_OTP" });
        self.gateway.post(&path, body).await
    }

    async fn enter_code(&self, address: &str, code: &str) -> Answer {
        let organization = &self.organization_id;
        let path = "/v1/b2b/otps/email/authenticate";
        let body = json!({ "organization_id": organization, "email_address": address,
            "code": code });
        self.gateway.post(path, body).await
    }
}

#[actix_web::test]
async fn a_code_to_another_address_makes_it_the_members_once() {
    let acme = Acme::open().await;
    let ana = acme.proven(ANA).await;
    let started = acme.start_update_by_code(&ana, ANNA).await;
    assert_eq!(started.status, 200, "{}", started.text);
    assert_eq!(started.body["member"]["email_address"], ANA);
    let code = code_to(&acme, ANNA).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let expected = refused(401, "unable_to_auth_otp_code");
    assert_eq!(refusal(&acme.enter_code(ANNA, wrong).await), expected);
    assert_eq!(refusal(&acme.enter_code(ANA, &code).await), expected);
    assert_eq!(acme.find(&ana).await["email_address"], ANA);
    let answer = acme.enter_code(ANNA, &code).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.body["member_id"], *ana);
    assert_eq!(answer.body["member"]["email_address"], ANNA);
    assert_eq!(answer.body["member"]["email_address_verified"], true);
    assert_eq!(retired(&answer.body["member"]), [ANA]);
    let factor = &answer.body["member_session"]["authentication_factors"][0];
    assert_eq!(factor["type"], "email_otp");
    assert_eq!(factor["email_factor"]["email_address"], ANNA);
    assert_eq!(refusal(&acme.enter_code(ANNA, &code).await), expected);
}

#[actix_web::test]
async fn a_code_to_another_address_is_good_for_five_minutes_and_holds_the_address() {
    let acme = Acme::open().await;
    let ana = acme.proven(ANA).await;
    let ben = acme.proven("ben@acme.test").await;
    acme.start_update_by_code(&ana, ANNA).await;
    let code = code_to(&acme, ANNA).await;
    let rival = acme.start_update_by_code(&ben, ANNA).await;
    assert_eq!(
        refusal(&rival),
        refused(400, "desired_email_updating_for_different_member")
    );
    acme.gateway.wait(TimeDelta::seconds(5 * 60 + 1));
    let late = acme.enter_code(ANNA, &code).await;
    assert_eq!(refusal(&late), refused(401, "unable_to_auth_otp_code"));
    assert_eq!(acme.find(&ana).await["email_address"], ANA);
    let again = acme.start_update_by_code(&ben, ANNA).await;
    assert_eq!(again.status, 200, "{}", again.text);
    let entered = acme.enter_code(ANNA, &code_to(&acme, ANNA).await).await;
    assert_eq!(entered.body["member_id"], *ben, "{}", entered.text);
}
