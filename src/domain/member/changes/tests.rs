use serde_json::Value;
use serde_json::json;

use super::*;
use crate::domain::metadata::MetadataRefusal;

fn draft(body: Value) -> MemberDraft {
    serde_json::from_value(body).unwrap()
}

fn create(body: Value) -> Result<Member, MemberRefusal> {
    Member::create(OrganizationId::fresh(), &draft(body), DateTime::UNIX_EPOCH)
}

fn ana() -> Member {
    let mut member = create(json!({
        "email_address": "Ana@acme.test",
        "name": "Ana",
        "trusted_metadata": { "a": 1, "b": 2 },
        "roles": ["editor"],
        "external_id": "hr-7",
    }))
    .unwrap();
    member.email_address_verified = true;
    member
}

fn later() -> DateTime<Utc> {
    DateTime::from_timestamp(60, 0).unwrap()
}

fn update(member: &Member, body: Value) -> Result<Member, MemberRefusal> {
    member.update(&serde_json::from_value(body).unwrap(), later())
}

#[test]
fn a_member_is_active_unless_asked_to_be_pending() {
    let member = create(json!({ "email_address": "ana@acme.test" })).unwrap();
    let state = (member.status, member.email_address_verified);
    assert_eq!(state, (MemberStatus::Active, false));
    let pending = json!({ "email_address": "b@acme.test", "create_member_as_pending": true });
    assert_eq!(create(pending).unwrap().status, MemberStatus::Pending);
}

#[test]
fn what_breaks_a_rule_is_refused_by_name() {
    let many: Metadata = (0..21).map(|n| (n.to_string(), json!(n))).collect();
    let cases = [
        (
            json!({ "name": "x".repeat(257) }),
            MemberRefusal::NameTooLong,
        ),
        (
            json!({ "roles": ["stytch_member"] }),
            MemberRefusal::DefaultRole,
        ),
        (
            json!({ "mfa_phone_number": "0049" }),
            MemberRefusal::InvalidPhoneNumber("0049".into()),
        ),
        (
            json!({ "external_id": "member-test-1" }),
            MemberRefusal::InvalidExternalId("member-test-1".into()),
        ),
        (
            json!({ "untrusted_metadata": many }),
            MemberRefusal::Metadata(MetadataRefusal::TooManyKeys),
        ),
    ];
    for (body, refusal) in cases {
        assert_eq!(update(&ana(), body.clone()), Err(refusal.clone()), "{body}");
        let mut whole = body;
        whole["email_address"] = json!("ana@acme.test");
        assert_eq!(create(whole), Err(refusal));
    }
    assert_eq!(create(json!({})), Err(MemberRefusal::EmailMissing));
}

#[test]
fn only_what_is_named_changes() {
    let before = ana();
    let after = update(
        &before,
        json!({ "name": "Ann", "trusted_metadata": { "a": null } }),
    )
    .unwrap();
    let expected = Member {
        name: "Ann".into(),
        trusted_metadata: json!({ "b": 2 }).as_object().cloned().unwrap(),
        updated_at: later(),
        ..before.clone()
    };
    assert!(after.is_as(&expected), "{after:?}");
    for nothing in [
        json!({}),
        json!({ "name": "Ana", "roles": ["editor", "editor"], "external_id": "hr-7" }),
        json!({ "trusted_metadata": { "c": null } }),
    ] {
        assert!(
            update(&before, nothing.clone()).unwrap().is_as(&before),
            "{nothing}"
        );
    }
}

#[test]
fn a_new_address_has_yet_to_be_proven_and_another_spelling_has_not() {
    let moved = update(&ana(), json!({ "email_address": "ann@acme.test" })).unwrap();
    assert!(!moved.email_address_verified);
    let spelled = update(&ana(), json!({ "email_address": "ANA@acme.test" })).unwrap();
    assert!(spelled.email_address_verified);
    assert_eq!(spelled.email_address.as_str(), "ANA@acme.test");
    assert_eq!(spelled.updated_at, later());
}

#[test]
fn roles_are_replaced_whole_and_each_is_given_once() {
    let roles = |body| update(&ana(), body).unwrap().explicit_roles;
    assert_eq!(
        roles(json!({ "roles": ["viewer", "owner", "viewer"] })),
        ["viewer", "owner"]
    );
    assert!(roles(json!({ "roles": [] })).is_empty());
}

#[test]
fn a_second_factor_can_be_the_default_only_once_it_is_there() {
    let sms = json!({ "default_mfa_method": "sms_otp" });
    let missing = |method| Err(MemberRefusal::MissingFactor(method));
    assert_eq!(update(&ana(), sms.clone()), missing(MfaMethod::SmsOtp));
    let totp = json!({ "default_mfa_method": "totp" });
    assert_eq!(update(&ana(), totp), missing(MfaMethod::Totp));
    let word = json!({ "default_mfa_method": "SMS" });
    let refusal = MemberRefusal::InvalidDefaultMfaMethod("SMS".into());
    assert_eq!(update(&ana(), word), Err(refusal));
    let both = json!({ "default_mfa_method": "sms_otp", "mfa_phone_number": "+15551234567" });
    let member = update(&ana(), both.clone()).unwrap();
    assert_eq!(member.default_mfa_method, Some(MfaMethod::SmsOtp));
    assert!(update(&member, both).unwrap().is_as(&member));
    let other = json!({ "mfa_phone_number": "+15557654321" });
    assert_eq!(
        update(&member, other),
        Err(MemberRefusal::PhoneNumberAlreadySet)
    );
}
