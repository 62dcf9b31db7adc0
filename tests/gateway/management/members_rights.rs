use serde_json::Value;
use serde_json::json;

use super::members_acme::Acme;
use super::members_acme::refusal;
use super::members_acme::refused;

const MEMBER: &str = "stytch.member";

/// A member that is done to, and sessions of three others and of itself: with the right on others,
/// with the right on oneself, with nothing but the default role.
struct People {
    acme: Acme,
    target: String,
}

impl People {
    async fn start() -> Self {
        let acme = Acme::start().await;
        let target = acme
            .member(json!({
                "email_address": "ana@acme.test",
                "external_id": "hr-7",
                "roles": ["editor"],
                "trusted_metadata": { "plan": "free" },
            }))
            .await;
        acme.updated(&target, json!({ "email_address": "ann@acme.test" }))
            .await;
        Self { acme, target }
    }

    /// A session of the member that is done to.
    async fn own(&self) -> String {
        let gateway = &self.acme.gateway;
        gateway
            .session_of(&self.acme.organization_id, &self.target)
            .await
    }

    /// A session of somebody else who may do only this to members, or nothing.
    async fn other(&self, action: Option<&str>) -> String {
        let gateway = &self.acme.gateway;
        let mut roles = Vec::new();
        if let Some(action) = action {
            gateway.declare_role("deputy", &[(MEMBER, action)]).await;
            roles.push("deputy");
        }
        gateway
            .member_session(&self.acme.organization_id, &roles)
            .await
    }

    async fn call(&self, session: &str, call: (&str, &str), body: Value) -> (u16, String) {
        let path = format!("{}{}", self.acme.members, call.1);
        let answer = self
            .acme
            .gateway
            .call_as(session, (call.0, &path), Some(body))
            .await;
        if answer.status == 200 {
            (200, String::new())
        } else {
            refusal(&answer)
        }
    }

    /// What a call that is refused leaves: nothing.
    async fn state(&self) -> (Value, usize) {
        (
            self.acme.any(&self.target).await,
            self.acme.journal().await.len(),
        )
    }
}

fn allowed() -> (u16, String) {
    (200, String::new())
}

fn forbidden() -> (u16, String) {
    refused(403, "session_authorization_error")
}

/// Each field of an update: the action that it needs, and what comes of setting it on oneself by
/// the default role alone.
fn fields() -> Vec<(Value, &'static str, (u16, String))> {
    let own_address = refused(400, "member_cannot_update_their_email_address");
    vec![
        (json!({ "name": "Ann" }), "update.info.name", allowed()),
        (
            json!({ "untrusted_metadata": { "a": 1 } }),
            "update.info.untrusted-metadata",
            allowed(),
        ),
        (
            json!({ "mfa_phone_number": "+15551234567" }),
            "update.info.mfa-phone",
            allowed(),
        ),
        (
            json!({ "mfa_enrolled": true }),
            "update.settings.mfa-enrolled",
            allowed(),
        ),
        (
            json!({ "default_mfa_method": "sms_otp" }),
            "update.settings.default-mfa-method",
            allowed(),
        ),
        (
            json!({ "is_breakglass": true }),
            "update.settings.is-breakglass",
            forbidden(),
        ),
        (
            json!({ "roles": ["stytch_admin"] }),
            "update.settings.roles",
            forbidden(),
        ),
        (
            json!({ "email_address": "anna@acme.test" }),
            "update.info.email",
            own_address,
        ),
    ]
}

#[actix_web::test]
async fn each_field_needs_its_right_on_others_and_some_are_not_for_oneself() {
    let people = People::start().await;
    let target = format!("/{}", people.target);
    let put = ("PUT", target.as_str());
    let (own, stranger) = (people.own().await, people.other(None).await);
    for (body, action, on_oneself) in fields() {
        let before = people.state().await;
        assert_eq!(
            people.call(&stranger, put, body.clone()).await,
            forbidden(),
            "{body}"
        );
        for (_, other_action, _) in fields().iter().filter(|field| field.1 != action).take(2) {
            let wrong = people.other(Some(other_action)).await;
            assert_eq!(
                people.call(&wrong, put, body.clone()).await,
                forbidden(),
                "{body}"
            );
        }
        let known = people.state().await;
        assert_eq!(known.0, before.0, "{body}");
        if on_oneself.0 == 200 {
            // The one who may do it to others sends it first, so that it changes something.
            let deputy = people.other(Some(action)).await;
            assert_eq!(
                people.call(&deputy, put, body.clone()).await,
                allowed(),
                "{body}"
            );
            assert_eq!(
                people.call(&own, put, body.clone()).await,
                allowed(),
                "{body}"
            );
        } else {
            assert_eq!(
                people.call(&own, put, body.clone()).await,
                on_oneself,
                "{body}"
            );
            assert_eq!(people.state().await, known, "{body}");
            let deputy = people.other(Some(action)).await;
            assert_eq!(
                people.call(&deputy, put, body.clone()).await,
                allowed(),
                "{body}"
            );
        }
    }
}

#[actix_web::test]
async fn no_member_makes_itself_an_administrator_and_an_administrator_may_change_its_own_roles() {
    let people = People::start().await;
    let target = format!("/{}", people.target);
    let put = ("PUT", target.as_str());
    let own = people.own().await;
    for body in [
        json!({ "roles": ["stytch_admin"] }),
        json!({ "roles": ["editor"] }),
        json!({ "roles": [] }),
        json!({ "name": "Ann", "is_breakglass": false }),
    ] {
        let before = people.state().await;
        assert_eq!(
            people.call(&own, put, body.clone()).await,
            forbidden(),
            "{body}"
        );
        assert_eq!(people.state().await, before, "{body}");
    }
    people
        .acme
        .updated(&people.target, json!({ "roles": ["stytch_admin"] }))
        .await;
    let roles = json!({ "roles": ["stytch_admin", "owner"], "is_breakglass": true });
    assert_eq!(people.call(&own, put, roles).await, allowed());
    let address = json!({ "email_address": "anna@acme.test" });
    let own_address = refused(400, "member_cannot_update_their_email_address");
    assert_eq!(people.call(&own, put, address).await, own_address);
}

#[actix_web::test]
async fn no_right_on_oneself_reaches_roles_break_glass_the_address_or_deletion() {
    let people = People::start().await;
    let actions = [
        "update.settings.roles",
        "update.settings.is-breakglass",
        "update.info.email",
        "delete",
        "create",
        "*",
    ];
    let on_oneself = actions.map(|action| ("stytch.self", action));
    let gateway = &people.acme.gateway;
    gateway.declare_role("oneself", &on_oneself).await;
    let given = json!({ "roles": ["oneself"] });
    people.acme.updated(&people.target, given).await;
    let own = people.own().await;
    let before = people.state().await;
    let target = format!("/{}", people.target);
    for (method, path, body) in [
        ("PUT", target.clone(), json!({ "roles": ["stytch_admin"] })),
        ("PUT", target.clone(), json!({ "is_breakglass": true })),
        ("PUT", target.clone(), json!({ "external_id": "hr-1" })),
        ("DELETE", target.clone(), json!({})),
        ("DELETE", format!("{target}/external_id"), json!({})),
        (
            "POST",
            String::new(),
            json!({ "email_address": "new@acme.test" }),
        ),
    ] {
        let answer = people.call(&own, (method, &path), body.clone()).await;
        assert_eq!(answer, forbidden(), "{method} {path} {body}");
    }
    let address = json!({ "email_address": "anna@acme.test" });
    let own_address = refused(400, "member_cannot_update_their_email_address");
    assert_eq!(
        people.call(&own, ("PUT", &target), address).await,
        own_address
    );
    assert_eq!(people.state().await, before);
}

#[actix_web::test]
async fn trusted_metadata_and_external_ids_are_the_backends_alone() {
    let people = People::start().await;
    let target = format!("/{}", people.target);
    let admin = people
        .acme
        .gateway
        .member_session(&people.acme.organization_id, &["stytch_admin"])
        .await;
    let before = people.state().await.0;
    for (session, who) in [(&admin, "admin"), (&people.own().await, "oneself")] {
        let trusted = json!({ "name": "Ann", "trusted_metadata": { "plan": "gold" } });
        let refused = refused(401, "cannot_update_trusted_metadata");
        let answer = people.call(session, ("PUT", &target), trusted).await;
        assert_eq!(answer, refused, "{who}");
        let external_id = json!({ "external_id": "hr-1" });
        let answer = people.call(session, ("PUT", &target), external_id).await;
        assert_eq!(answer, forbidden(), "{who}");
        let path = format!("{target}/external_id");
        let answer = people.call(session, ("DELETE", &path), json!({})).await;
        assert_eq!(answer, forbidden(), "{who}");
    }
    assert_eq!(people.state().await.0, before);
    let draft = json!({ "email_address": "new@acme.test", "trusted_metadata": {} });
    let answer = people.call(&admin, ("POST", ""), draft).await;
    assert_eq!(answer, refused(401, "cannot_update_trusted_metadata"));
}

#[actix_web::test]
async fn each_other_call_needs_its_right() {
    let people = People::start().await;
    let target = &people.target;
    let stranger = people.other(None).await;
    let own = people.own().await;
    let not_found = |error_type: &str| refused(404, error_type);
    // Method and path, the action, what the right leads to, and what the default role leads to on
    // oneself. What must not happen to oneself comes last, since it works for others.
    for (method, path, action, expected, on_oneself) in [
        (
            "DELETE",
            format!("/mfa_phone_numbers/{target}"),
            "update.info.delete.mfa-phone",
            allowed(),
            allowed(),
        ),
        (
            "DELETE",
            format!("/{target}/totp"),
            "update.info.delete.mfa-totp",
            not_found("totp_not_found"),
            not_found("totp_not_found"),
        ),
        (
            "DELETE",
            "/passwords/member-password-test-1".to_owned(),
            "update.info.delete.password",
            not_found("member_password_not_found"),
            not_found("member_password_not_found"),
        ),
        ("PUT", format!("/{target}"), "search", allowed(), allowed()),
        (
            "PUT",
            format!("/{target}/reactivate"),
            "create",
            refused(400, "no_deleted_member_found_for_reactivation"),
            forbidden(),
        ),
        (
            "DELETE",
            format!("/{target}"),
            "delete",
            allowed(),
            forbidden(),
        ),
    ] {
        let call = (method, path.as_str());
        if !path.contains("passwords") {
            assert_eq!(
                people.call(&stranger, call, json!({})).await,
                forbidden(),
                "{call:?}"
            );
        }
        assert_eq!(
            people.call(&own, call, json!({})).await,
            on_oneself,
            "{call:?}"
        );
        let deputy = people.other(Some(action)).await;
        assert_eq!(
            people.call(&deputy, call, json!({})).await,
            expected,
            "{call:?}"
        );
    }
}

#[actix_web::test]
async fn a_retired_address_is_freed_by_oneself_or_with_the_right() {
    let people = People::start().await;
    let target = &people.target;
    let path = format!("/{target}/unlink_retired_email");
    let body = json!({ "email_address": "ana@acme.test" });
    let call = ("POST", path.as_str());
    let stranger = people.other(None).await;
    assert_eq!(
        people.call(&stranger, call, body.clone()).await,
        forbidden()
    );
    let own = people.own().await;
    assert_eq!(people.call(&own, call, body.clone()).await, allowed());
    let deputy = people.other(Some("update.info.unlink.retired-email")).await;
    let gone = refused(404, "email_not_found");
    assert_eq!(people.call(&deputy, call, body).await, gone);
}

#[actix_web::test]
async fn who_may_create_members_may_not_create_administrators() {
    let people = People::start().await;
    let creator = people.other(Some("create")).await;
    let create = async |session: &str, more: Value| {
        let mut body = json!({ "email_address": "new@acme.test" });
        for (field, value) in more.as_object().unwrap() {
            body[field] = value.clone();
        }
        people.call(session, ("POST", ""), body).await
    };
    let stranger = people.other(None).await;
    assert_eq!(create(&stranger, json!({})).await, forbidden());
    for more in [
        json!({ "roles": ["stytch_admin"] }),
        json!({ "is_breakglass": true }),
        json!({ "external_id": "hr-1" }),
    ] {
        assert_eq!(create(&creator, more.clone()).await, forbidden(), "{more}");
    }
    let plain = json!({ "name": "New", "create_member_as_pending": true, "mfa_enrolled": true });
    assert_eq!(create(&creator, plain).await, allowed());
    let journal = people.acme.journal().await;
    let last = journal.last().unwrap();
    assert_eq!(
        (last.kind.as_str(), last.actor.as_str()),
        ("member.created", "member")
    );
    assert!(
        last.actor_id
            .as_deref()
            .unwrap()
            .starts_with("member-test-")
    );
}

#[actix_web::test]
async fn who_may_do_nothing_to_others_does_not_learn_who_is_there() {
    let people = People::start().await;
    let stranger = people.other(None).await;
    for named in [people.target.as_str(), "hr-7", "hr-8", "member-test-1"] {
        for (method, rest, body) in [
            ("PUT", "", json!({ "name": "Eve" })),
            ("PUT", "", json!({})),
            ("PUT", "/reactivate", json!({})),
            ("DELETE", "", json!({})),
            ("DELETE", "/totp", json!({})),
        ] {
            let path = format!("/{named}{rest}");
            let answer = people.call(&stranger, (method, &path), body).await;
            assert_eq!(answer, forbidden(), "{method} {path}");
        }
    }
}

#[actix_web::test]
async fn a_session_of_another_organization_reaches_nobody() {
    let people = People::start().await;
    let globex = people
        .acme
        .gateway
        .organization(json!({ "organization_name": "Globex" }))
        .await;
    let globex = globex["organization_id"].as_str().unwrap();
    let admin = people
        .acme
        .gateway
        .member_session(globex, &["stytch_admin"])
        .await;
    let before = people.state().await;
    let target = format!("/{}", people.target);
    let tenancy = refused(403, "session_authorization_tenancy_error");
    for (method, path, body) in [
        (
            "POST",
            String::new(),
            json!({ "email_address": "eve@acme.test" }),
        ),
        ("PUT", target.clone(), json!({ "name": "Eve" })),
        ("DELETE", target.clone(), json!({})),
        ("PUT", format!("{target}/reactivate"), json!({})),
        ("DELETE", format!("{target}/external_id"), json!({})),
        ("DELETE", format!("{target}/totp"), json!({})),
        ("POST", format!("{target}/unlink_retired_email"), json!({})),
        ("DELETE", format!("/mfa_phone_numbers{target}"), json!({})),
        (
            "DELETE",
            "/passwords/member-password-test-1".to_owned(),
            json!({}),
        ),
    ] {
        let answer = people.call(&admin, (method, &path), body).await;
        assert_eq!(answer, tenancy, "{method} {path}");
    }
    assert_eq!(people.state().await, before);
}
