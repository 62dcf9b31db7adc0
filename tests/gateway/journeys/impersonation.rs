//! An operator lets somebody act as a member.

use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;
use vestibule::domain::email::EmailAddress;
use vestibule::domain::event::Actor;
use vestibule::domain::id::RequestId;
use vestibule::domain::secret::SecretHash;
use vestibule::use_cases::impersonation;
use vestibule::use_cases::impersonation::Impersonation;
use vestibule::use_cases::operator_error::OperatorError;

use crate::journeys::bag::text;
use crate::journeys::bag::told;
use crate::support::Answer;
use crate::support::TestGateway;
use crate::support::raw_sql::RawSql;

const PATH: &str = "/v1/b2b/impersonation/authenticate";

/// A token that lets Oscar act as a member, as the command makes it.
pub async fn allow(
    gateway: &TestGateway,
    organization: &str,
    member: &str,
) -> Result<String, OperatorError> {
    let asked = Impersonation {
        organization: organization.to_owned(),
        member: member.to_owned(),
        impersonator_id: "oscar".to_owned(),
        impersonator_email: EmailAddress::parse("oscar@support.test").unwrap(),
    };
    let token = uuid::Uuid::new_v4().to_string();
    let (project, hash) = (
        gateway.deployment.project_id.clone(),
        SecretHash::of(&token),
    );
    let allowed = gateway.storage.transaction(RequestId::fresh(), move |tx| {
        tx.acts_as(Actor::Operator);
        impersonation::allow(tx, &project, (&asked, &hash))
    });
    allowed.await.map(|_| token)
}

async fn redeem(gateway: &TestGateway, token: &str) -> Answer {
    gateway
        .post(PATH, json!({ "impersonation_token": token }))
        .await
}

/// An organization that wants everything of its members, and one of them.
async fn strict(gateway: &TestGateway) -> (String, String) {
    let body = json!({ "organization_name": "Acme", "organization_slug": "acme",
        "mfa_policy": "REQUIRED_FOR_ALL", "auth_methods": "RESTRICTED",
        "allowed_auth_methods": ["sso"] });
    let organization = text(&gateway.organization(body).await, "/organization_id");
    let path = format!("/v1/b2b/organizations/{organization}/members");
    let body = json!({ "email_address": "ana@acme.test" });
    let member = gateway.post(&path, body).await;
    (organization, text(&member.body, "/member_id"))
}

#[actix_web::test]
async fn a_token_opens_a_session_of_an_hour_whatever_the_organization_asks() {
    let gateway = TestGateway::start().await;
    let (organization, member) = strict(&gateway).await;
    let token = allow(&gateway, "acme", "Ana@acme.test").await.unwrap();
    let answer = redeem(&gateway, &token).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.body["member_authenticated"], true);
    assert_eq!(answer.body["member_id"], *member);
    assert_eq!(answer.body["intermediate_session_token"], "");
    let factor = &answer.body["member_session"]["authentication_factors"][0];
    assert_eq!(factor["type"], "impersonated");
    assert_eq!(factor["delivery_method"], "impersonation");
    let who = &factor["impersonated_factor"];
    assert_eq!(who["impersonator_id"], "oscar");
    assert_eq!(who["impersonator_email_address"], "oscar@support.test");
    assert_eq!(
        told(&redeem(&gateway, &token).await),
        (404, "impersonation_token_not_found")
    );

    let session = text(&answer.body, "/session_token");
    let longer = json!({ "session_token": session, "session_duration_minutes": 600 });
    let extended = gateway.post("/v1/b2b/sessions/authenticate", longer).await;
    let ends = |body: &Value| body["member_session"]["expires_at"].clone();
    assert_eq!(
        ends(&extended.body),
        ends(&answer.body),
        "no longer than an hour"
    );
    gateway.wait(TimeDelta::minutes(61));
    let over = json!({ "session_token": session });
    let over = gateway.post("/v1/b2b/sessions/authenticate", over).await;
    assert_eq!(told(&over), (404, "session_not_found"));

    let mut sql = RawSql::open(gateway.storage.database());
    let key = organization.rsplit_once("-test-").unwrap().1;
    let events = format!(
        "SELECT kind || ' ' || actor || ' ' || coalesce(actor_id, '') AS value FROM journal \
         WHERE organization_id = '{key}' AND kind LIKE '%impersonation%' ORDER BY id"
    );
    assert_eq!(
        sql.texts(&events),
        [
            "impersonation.allowed operator ",
            "impersonation.started impersonator oscar"
        ]
    );
    let tokens = sql.texts("SELECT content AS value FROM one_time_tokens");
    assert!(!tokens.join(" ").contains(&token));
}

#[actix_web::test]
async fn a_token_is_over_after_five_minutes_and_with_its_member() {
    let gateway = TestGateway::start().await;
    let (organization, member) = strict(&gateway).await;
    let token = allow(&gateway, &organization, &member).await.unwrap();
    gateway.wait(TimeDelta::seconds(301));
    let gone = (404, "impersonation_token_not_found");
    assert_eq!(told(&redeem(&gateway, &token).await), gone);

    let token = allow(&gateway, &organization, &member).await.unwrap();
    let path = format!("/v1/b2b/organizations/{organization}/members/{member}");
    assert_eq!(gateway.call("DELETE", &path, None).await.status, 200);
    assert_eq!(told(&redeem(&gateway, &token).await), gone);

    let again = allow(&gateway, &organization, &member).await;
    assert_eq!(again, Err(OperatorError::MemberNotActive));
    let nobody = allow(&gateway, &organization, "nobody@acme.test").await;
    let unknown = OperatorError::UnknownMember("nobody@acme.test".to_owned());
    assert_eq!(nobody, Err(unknown));
    let nowhere = allow(&gateway, "nowhere", &member).await;
    let unknown = OperatorError::UnknownOrganization("nowhere".to_owned());
    assert_eq!(nowhere, Err(unknown));
}

#[actix_web::test]
async fn of_fifty_tries_at_once_on_two_nodes_one_opens_a_session() {
    let gateway = TestGateway::start().await;
    let node = gateway.another_node();
    let (organization, member) = strict(&gateway).await;
    let token = allow(&gateway, &organization, &member).await.unwrap();
    let nodes = [gateway.base_url.clone(), node.base_url.clone()];
    let tries = (0..50).map(|number| {
        let url = format!("{}{PATH}", nodes[number % 2]);
        let request = gateway.http.post(url);
        let request = request.basic_auth(&gateway.project_id, Some(&gateway.secret));
        let request = request.json(&json!({ "impersonation_token": token }));
        actix_web::rt::spawn(async move { request.send().await.unwrap().status().as_u16() })
    });
    let tries: Vec<_> = tries.collect();
    let mut opened = 0;
    for one in tries {
        match one.await.unwrap() {
            200 => opened += 1,
            status => assert_eq!(status, 404),
        }
    }
    assert_eq!(opened, 1);
}

#[actix_web::test]
async fn an_impersonated_session_goes_to_no_other_organization() {
    let gateway = TestGateway::start().await;
    let (organization, member) = strict(&gateway).await;
    let globex = json!({ "organization_name": "Globex" });
    let globex = text(&gateway.organization(globex).await, "/organization_id");
    let path = format!("/v1/b2b/organizations/{globex}/members");
    let body = json!({ "email_address": "ana@acme.test" });
    assert_eq!(gateway.post(&path, body).await.status, 200);
    let token = allow(&gateway, &organization, &member).await.unwrap();
    let session = text(&redeem(&gateway, &token).await.body, "/session_token");
    let body = json!({ "session_token": session, "organization_id": globex });
    let answer = gateway.post("/v1/b2b/sessions/exchange", body).await;
    assert_eq!(
        told(&answer),
        (400, "insufficient_factors_for_session_exchange")
    );
}

/// A member of an organization that asks for nothing, and the session of somebody who acts as it.
async fn acting(gateway: &TestGateway) -> (String, String, String) {
    let body = json!({ "organization_name": "Acme", "organization_slug": "acme" });
    let organization = text(&gateway.organization(body).await, "/organization_id");
    let path = format!("/v1/b2b/organizations/{organization}/members");
    let member = json!({ "email_address": "ana@acme.test", "mfa_phone_number": "+15551234567" });
    let member = text(&gateway.post(&path, member).await.body, "/member_id");
    let token = allow(gateway, &organization, &member).await.unwrap();
    let session = text(&redeem(gateway, &token).await.body, "/session_token");
    (organization, member, session)
}

#[actix_web::test]
async fn who_acts_as_a_member_changes_nothing_that_the_member_signs_in_with() {
    let gateway = TestGateway::start().await;
    let (organization, member, session) = acting(&gateway).await;
    let refused = (400, "session_not_mutable");
    let whose = json!({ "organization_id": organization, "member_id": member,
        "session_token": session, "code": "000000", "recovery_code": "a" });
    for path in [
        "totp",
        "totp/authenticate",
        "otps/sms/send",
        "otps/sms/authenticate",
        "recovery_codes/recover",
    ] {
        let tried = gateway
            .post(&format!("/v1/b2b/{path}"), whose.clone())
            .await;
        assert_eq!(told(&tried), refused, "{path}");
    }
    let password = json!({ "organization_id": organization, "session_token": session,
        "password": "seven mild otters knit socks" });
    let tried = gateway.post("/v1/b2b/passwords/session/reset", password);
    assert_eq!(told(&tried.await), refused);
    let members = format!("/v1/b2b/organizations/{organization}/members");
    let own = format!("{members}/{member}");
    let calls = [
        (
            "PUT",
            own.clone(),
            json!({ "mfa_phone_number": "+15557654321" }),
        ),
        ("PUT", own.clone(), json!({ "mfa_enrolled": true })),
        ("PUT", own.clone(), json!({ "default_mfa_method": "totp" })),
        (
            "POST",
            format!("{own}/start_email_update"),
            json!({ "email_address": "oscar@acme.test" }),
        ),
        (
            "DELETE",
            format!("{members}/mfa_phone_numbers/{member}"),
            Value::Null,
        ),
        ("DELETE", format!("{own}/totp"), Value::Null),
    ];
    for (method, path, body) in calls {
        let body = Some(body).filter(|body| !body.is_null());
        let tried = gateway.call_as(&session, (method, &path), body.clone());
        assert_eq!(told(&tried.await), refused, "{path} {body:?}");
        let own_session = gateway.session_of(&organization, &member).await;
        let themselves = gateway.call_as(&own_session, (method, &path), body);
        assert_ne!(told(&themselves.await), refused, "{path}");
    }
    let name = json!({ "name": "Ana" });
    let named = gateway.call_as(&session, ("PUT", &own), Some(name)).await;
    assert_eq!(named.status, 200, "{}", named.text);
}

#[actix_web::test]
async fn a_session_exchanged_in_its_own_organization_ends_with_the_impersonation() {
    let gateway = TestGateway::start().await;
    let (organization, _, session) = acting(&gateway).await;
    let shown = json!({ "session_token": session });
    let shown = gateway.post("/v1/b2b/sessions/authenticate", shown).await;
    gateway.wait(TimeDelta::minutes(30));
    let body = json!({ "session_token": session, "organization_id": organization,
        "session_duration_minutes": 600 });
    let answer = gateway.post("/v1/b2b/sessions/exchange", body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let ends = |body: &Value| body["member_session"]["expires_at"].clone();
    assert_eq!(ends(&answer.body), ends(&shown.body));
    let factor = &answer.body["member_session"]["authentication_factors"][0];
    assert_eq!(factor["type"], "impersonated");
}

#[actix_web::test]
async fn an_impersonated_session_leaves_no_way_in_behind() {
    let gateway = TestGateway::start().await;
    let acme = json!({ "organization_name": "Acme" });
    let acme = text(&gateway.organization(acme).await, "/organization_id");
    let admin = gateway.member_with_roles(&acme, &["stytch_admin"]).await;
    let token = allow(&gateway, &acme, &admin).await.unwrap();
    let session = text(&redeem(&gateway, &token).await.body, "/session_token");
    let organization = format!("/v1/b2b/organizations/{acme}");
    let members = format!("{organization}/members");
    let own = format!("{members}/{admin}");
    let refused = (400, "session_not_mutable");
    let oscar = json!({ "email_address": "oscar@support.test" });
    let table = [
        ("PUT", own.clone(), json!({ "mfa_enrolled": false })),
        (
            "PUT",
            own.clone(),
            json!({ "mfa_phone_number": "+4915112345678" }),
        ),
        ("PUT", own.clone(), json!({ "roles": ["stytch_admin"] })),
        ("POST", format!("{own}/start_email_update"), oscar.clone()),
        ("DELETE", format!("{own}/totp"), json!({})),
        (
            "DELETE",
            format!("{members}/mfa_phone_numbers/{admin}"),
            json!({}),
        ),
        ("POST", members.clone(), oscar),
        ("PUT", organization, json!({ "mfa_policy": "OPTIONAL" })),
        ("POST", format!("/v1/b2b/sso/saml/{acme}"), json!({})),
        (
            "POST",
            format!("/v1/b2b/scim/{acme}/connection"),
            json!({ "identity_provider": "okta" }),
        ),
    ];
    for (method, path, body) in table {
        let answer = gateway.call_as(&session, (method, &path), Some(body)).await;
        assert_eq!(told(&answer), refused, "{method} {path}");
    }
    let renamed = Some(json!({ "name": "Ana" }));
    let renamed = gateway.call_as(&session, ("PUT", &own), renamed).await;
    assert_eq!(renamed.status, 200, "{}", renamed.text);

    let proof = json!({ "organization_id": acme, "member_id": admin, "session_token": session });
    let answer = gateway.post("/v1/b2b/totp", proof).await;
    assert_eq!(told(&answer), refused);
    let body = json!({ "organization_id": acme, "session_token": session,
        "password": "seven mild otters knit socks" });
    let answer = gateway.post("/v1/b2b/passwords/session/reset", body).await;
    assert_eq!(told(&answer), refused);
}
