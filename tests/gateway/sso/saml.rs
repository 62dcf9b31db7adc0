use serde_json::json;

use super::Acme;
use super::RETURN_URL;
use super::WELCOME_URL;
use super::authenticate;
use super::authn_request;
use super::redeem;
use super::roles;
use crate::support::private_key::rsa_key;

#[actix_web::test]
async fn a_person_signs_in_and_is_created_just_in_time() {
    let roles_given = json!({
        "attribute_mapping": {
            "email": "NameID", "full_name": "name", "groups": "groups", "department": "dept",
        },
        "saml_connection_implicit_role_assignments": [{ "role_id": "employee" }],
        "saml_group_implicit_role_assignments": [
            { "role_id": "editor", "group": "engineering" },
            { "role_id": "auditor", "group": "audit" },
        ],
    });
    let acme = Acme::with(json!({}), roles_given).await;
    let asked = acme.start().await;
    assert_eq!(acme.browser.cookie_names().len(), 1);
    let mut draft = acme.response(&asked, "ana@acme.test");
    let values = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
    draft.attributes.extend([
        ("groups".to_owned(), values(&["engineering", "everyone"])),
        ("dept".to_owned(), values(&["R&D"])),
    ]);
    let page = acme.post(&draft, &asked.relay_state).await;
    let target = page.location().unwrap();
    assert!(
        target
            .as_str()
            .starts_with(&format!("{WELCOME_URL}&slug=acme&"))
    );
    assert!(acme.browser.cookie_names().is_empty());
    let answer = authenticate(&acme.gateway, &page).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let (body, member) = (&answer.body, &answer.body["member"]);
    assert_eq!(body["member_authenticated"], true);
    assert_eq!(member["email_address"], "ana@acme.test");
    assert_eq!(member["name"], "Ana Anders");
    assert_eq!(
        (&member["status"], &member["email_address_verified"]),
        (&json!("active"), &json!(true))
    );
    assert_eq!(member["trusted_metadata"], json!({ "department": "R&D" }));
    let registration = &member["sso_registrations"][0];
    assert_eq!(registration["connection_id"], acme.connection_id.as_str());
    assert_eq!(registration["external_id"], "ana@acme.test");
    let source = |role: &str, source: &str| (role.to_owned(), vec![source.to_owned()]);
    assert_eq!(
        roles(member),
        [
            source("editor", "sso_connection_group"),
            source("employee", "sso_connection"),
            source("stytch_member", "direct_assignment"),
        ]
    );
    let session = &body["member_session"];
    assert_eq!(
        session["roles"],
        json!(["editor", "employee", "stytch_member"])
    );
    let factor = &session["authentication_factors"][0];
    assert_eq!(
        (&factor["type"], &factor["delivery_method"]),
        (&json!("sso"), &json!("sso_saml"))
    );
    let token = json!({ "session_token": body["session_token"] });
    let checked = acme
        .gateway
        .post("/v1/b2b/sessions/authenticate", token)
        .await;
    assert_eq!(checked.status, 200, "{}", checked.text);
    let journal = [
        "member.created",
        "sso_registration.created",
        "session.started",
    ];
    assert_eq!(acme.journal().await, journal);
}

#[actix_web::test]
async fn a_known_member_returns_to_the_login_url_and_is_not_changed_again() {
    let acme = Acme::open().await;
    let first = acme.sign_in("ana@acme.test").await;
    let asked = acme.start().await;
    let draft = acme.response(&asked, "ana@acme.test");
    let page = acme.post(&draft, &asked.relay_state).await;
    assert!(
        page.location()
            .unwrap()
            .as_str()
            .starts_with(&format!("{RETURN_URL}?slug=acme&"))
    );
    let again = authenticate(&acme.gateway, &page).await;
    assert_eq!(again.body["member_id"], first.body["member_id"]);
    let journal = [
        "member.created",
        "sso_registration.created",
        "session.started",
        "session.started",
    ];
    assert_eq!(acme.journal().await, journal);
}

#[actix_web::test]
async fn groups_that_the_idp_no_longer_reports_give_no_role_any_more() {
    let acme = Acme::with(
        json!({}),
        json!({
            "attribute_mapping": { "email": "email", "full_name": "name", "groups": "groups" },
            "saml_group_implicit_role_assignments": [{ "role_id": "editor", "group": "eng" }],
        }),
    )
    .await;
    let mut held = Vec::new();
    for group in ["eng", "sales"] {
        let asked = acme.start().await;
        let mut draft = acme.response(&asked, "ana@acme.test");
        let groups = vec![group.to_owned()];
        draft.attributes.push(("groups".to_owned(), groups));
        let answer = acme.finish(&draft, &asked).await;
        held.push(answer.body["member_session"]["roles"].clone());
    }
    assert_eq!(
        held,
        [json!(["editor", "stytch_member"]), json!(["stytch_member"])]
    );
    assert_eq!(
        acme.journal().await[3..],
        ["sso_registration.updated", "session.started"]
    );
}

#[actix_web::test]
async fn a_token_works_once_and_for_five_minutes() {
    let acme = Acme::open().await;
    let asked = acme.start().await;
    let draft = acme.response(&asked, "ana@acme.test");
    let page = acme.post(&draft, &asked.relay_state).await;
    assert_eq!(authenticate(&acme.gateway, &page).await.status, 200);
    let again = authenticate(&acme.gateway, &page).await;
    assert_eq!(
        (again.status, &again.body["error_type"]),
        (404, &json!("sso_token_not_found"))
    );

    let asked = acme.start().await;
    let draft = acme.response(&asked, "ana@acme.test");
    let page = acme.post(&draft, &asked.relay_state).await;
    acme.gateway.wait(chrono::TimeDelta::seconds(301));
    let late = authenticate(&acme.gateway, &page).await;
    assert_eq!(late.body["error_type"], "sso_token_not_found");
}

#[actix_web::test]
async fn a_token_is_of_no_use_to_another_project() {
    let acme = Acme::open().await;
    let (other, secret) = acme.gateway.another_project().await;
    let asked = acme.start().await;
    let draft = acme.response(&asked, "ana@acme.test");
    let page = acme.post(&draft, &asked.relay_state).await;
    let request = acme
        .gateway
        .http
        .post(format!("{}/v1/b2b/sso/authenticate", acme.gateway.base_url))
        .basic_auth(other, Some(secret))
        .header("content-type", "application/json")
        .body(json!({ "sso_token": page.parameter("token") }).to_string());
    let answer = acme.gateway.send(request).await;
    assert_eq!(
        (answer.status, &answer.body["error_type"]),
        (401, &json!("unauthorized_credentials"))
    );
    assert_eq!(authenticate(&acme.gateway, &page).await.status, 200);
}

#[actix_web::test]
async fn an_action_is_checked_in_the_organization_that_the_name_means() {
    let acme = Acme::open().await;
    let globex = json!({ "organization_name": "Globex", "organization_external_id": "acme" });
    acme.gateway.organization(globex).await;
    let session = acme.sign_in("ana@acme.test").await.body;
    let ask = async |organization: &str, action: &str| {
        let body = json!({
            "session_token": session["session_token"],
            "authorization_check": {
                "organization_id": organization, "resource_id": "stytch.self", "action": action,
            },
        });
        let answer = acme
            .gateway
            .post("/v1/b2b/sessions/authenticate", body)
            .await;
        (answer.status, answer.body)
    };
    let allowed = ask(&acme.organization_id, "update.info.name").await;
    assert_eq!(
        (allowed.0, &allowed.1["verdict"]["authorized"]),
        (200, &json!(true))
    );
    assert_eq!(
        allowed.1["verdict"]["granting_roles"],
        json!(["stytch_member"])
    );
    // Globex has the name of Acme's slug as its external id, and external ids come first.
    for name in ["acme", "", "nobody"] {
        let (status, body) = ask(name, "update.info.name").await;
        let expected = json!("session_authorization_tenancy_error");
        assert_eq!((status, &body["error_type"]), (403, &expected), "{name}");
    }
}

#[actix_web::test]
async fn a_code_challenge_asks_for_its_verifier() {
    // The pair of RFC 7636, appendix B.
    let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let acme = Acme::open().await;
    let asked = acme.start_with(&[("pkce_code_challenge", challenge)]).await;
    let draft = acme.response(&asked, "ana@acme.test");
    let page = acme.post(&draft, &asked.relay_state).await;
    let token = page.parameter("token").unwrap();
    let without = redeem(&acme.gateway, json!({ "sso_token": token })).await;
    assert_eq!(without.body["error_type"], "pkce_expected_code_verifier");
    let with = |verifier: &str| json!({ "sso_token": token, "pkce_code_verifier": verifier });
    let wrong = redeem(&acme.gateway, with(challenge)).await;
    assert_eq!(wrong.body["error_type"], "pkce_mismatch");
    let journal = acme.journal().await;
    assert!(
        journal.iter().all(|kind| kind == "sign_in.refused"),
        "{journal:?}"
    );
    let right = redeem(&acme.gateway, with(verifier)).await;
    assert_eq!(right.status, 200, "{}", right.text);

    let asked = acme.start().await;
    let draft = acme.response(&asked, "ana@acme.test");
    let page = acme.post(&draft, &asked.relay_state).await;
    let token = page.parameter("token").unwrap();
    let body = json!({ "sso_token": token, "pkce_code_verifier": verifier });
    let unexpected = redeem(&acme.gateway, body).await;
    assert_eq!(
        unexpected.body["error_type"],
        "pkce_did_not_expect_code_verifier"
    );
}

#[actix_web::test]
async fn the_session_ends_when_the_idp_says_so() {
    let acme = Acme::open().await;
    let asked = acme.start().await;
    let mut draft = acme.response(&asked, "ana@acme.test");
    let end = acme.gateway.now() + chrono::TimeDelta::minutes(20);
    draft.session_not_on_or_after = Some(end);
    let answer = acme.finish(&draft, &asked).await;
    let ends = answer.body["member_session"]["expires_at"]
        .as_str()
        .unwrap();
    let ends: chrono::DateTime<chrono::Utc> = ends.parse().unwrap();
    assert!(ends <= end && ends > end - chrono::TimeDelta::seconds(2));
}

#[actix_web::test]
async fn a_member_that_owes_a_second_factor_gets_no_session() {
    let acme = Acme::with(json!({ "mfa_policy": "REQUIRED_FOR_ALL" }), json!({})).await;
    let answer = acme.sign_in("ana@acme.test").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let body = &answer.body;
    assert_eq!(body["member_authenticated"], false);
    assert_eq!(
        (&body["session_token"], &body["session_jwt"]),
        (&json!(""), &json!(""))
    );
    assert!(body["member_session"].is_null() && body["mfa_required"].is_object());
    assert_eq!(
        body["intermediate_session_token"].as_str().unwrap().len(),
        43
    );
    assert!(!acme.journal().await.contains(&"session.started".to_owned()));
}

#[actix_web::test]
async fn requests_are_signed_when_the_connection_has_a_key() {
    let acme = Acme::open().await;
    let url = acme.start_url(&[]);
    assert!(
        acme.browser
            .get(&url)
            .await
            .parameter("Signature")
            .is_none()
    );
    let (_, key) = rsa_key();
    acme.change_connection(json!({ "signing_private_key": key }))
        .await;
    let page = acme.browser.get(&url).await;
    assert!(page.parameter("Signature").is_some(), "{}", page.text);
    assert!(authn_request(&page.location().unwrap()).contains(&acme.acs_url()));
    let metadata = acme
        .browser
        .get(&format!("{}/metadata", acme.acs_url()))
        .await;
    assert_eq!(metadata.status, 200);
    assert!(
        metadata.text.contains("AuthnRequestsSigned=\"true\""),
        "{}",
        metadata.text
    );
    assert!(
        metadata
            .text
            .contains(&format!("entityID=\"{}\"", acme.acs_url()))
    );
    acme.change_connection(json!({ "authn_requests_signed": false }))
        .await;
    assert!(
        acme.browser
            .get(&url)
            .await
            .parameter("Signature")
            .is_none()
    );
    let url = format!("{}/metadata", acme.acs_url());
    let metadata = acme.browser.get(&url).await.text;
    // Logout messages are signed all the same.
    for part in ["AuthnRequestsSigned=\"false\"", "use=\"signing\""] {
        assert!(metadata.contains(part), "{metadata}");
    }
}

#[actix_web::test]
async fn a_sign_in_that_began_at_the_idp_is_accepted_where_the_connection_allows_it() {
    let acme = Acme::with(json!({}), json!({ "idp_initiated_auth_disabled": false })).await;
    for relay_state in ["", "/some/page"] {
        let draft = acme.draft(None, "ana@acme.test");
        let page = acme.post(&draft, relay_state).await;
        assert!(
            page.location().unwrap().as_str().starts_with(RETURN_URL),
            "{}",
            page.text
        );
        assert_eq!(authenticate(&acme.gateway, &page).await.status, 200);
        let again = acme.post(&draft, relay_state).await;
        assert_eq!(
            (again.status, again.code().as_str()),
            (400, "duplicate_saml_response")
        );
    }
    let asked = acme.start().await;
    let stolen = acme.response(&asked, "ana@acme.test");
    let page = acme.post(&stolen, "").await;
    assert_eq!(
        (page.status, page.code().as_str()),
        (400, "unsolicited_saml_response")
    );
}
