use chrono::DateTime;

use super::*;
use crate::domain::email::EmailAddress;
use crate::domain::member::changes::MemberDraft;
use crate::domain::organization_draft::OrganizationDraft;
use crate::domain::project::ProjectId;

fn template(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}

fn acme() -> Organization {
    let draft = json!({
        "organization_name": "Acme", "organization_slug": "acme",
        "trusted_metadata": { "plan": "pro", "seats": 5, "flags": ["beta"], "deep": { "er": true } },
    });
    let draft: OrganizationDraft = serde_json::from_value(draft).unwrap();
    Organization::create(
        ProjectId::new("project-test-1"),
        &draft,
        DateTime::UNIX_EPOCH,
    )
    .unwrap()
}

fn ana(acme: &Organization) -> Member {
    let draft = MemberDraft {
        email_address: EmailAddress::parse("ana@acme.test"),
        name: Some("Ana".to_owned()),
        untrusted_metadata: Some(template(json!({ "theme": "{{ member.member_id }}" }))),
        ..MemberDraft::default()
    };
    Member::create(acme.id, &draft, DateTime::UNIX_EPOCH).unwrap()
}

#[test]
fn a_claim_has_the_type_of_what_it_names() {
    let acme = acme();
    let given = claims(
        &template(json!({
            "plan": "{{ organization.trusted_metadata.plan }}",
            "seats": "{{organization.trusted_metadata.seats}}",
            "flags": "{{ organization.trusted_metadata.flags }}",
            "deep": { "is": "{{ organization.trusted_metadata.deep.er }}", "fixed": 1 },
            "label": "{{ member.name }} of {{ organization.organization_slug }}, {{ organization.trusted_metadata.seats }}",
            "missing": "{{ member.external_id }}",
            "missing_in_text": "id:{{ member.trusted_metadata.erp }}",
            "list": ["a", "{{ member.email_address }}", "{{ member.trusted_metadata.none }}"],
            "not_again": "{{ member.untrusted_metadata.theme }}",
        })),
        &ana(&acme),
        &acme,
    );
    assert_eq!(
        Value::Object(given),
        json!({
            "plan": "pro", "seats": 5, "flags": ["beta"], "deep": { "is": true, "fixed": 1 },
            "label": "Ana of acme, 5", "missing_in_text": "id:", "list": ["a", "ana@acme.test"],
            "not_again": "{{ member.member_id }}",
        })
    );
}

#[test]
fn what_does_not_fit_is_left_out() {
    let mut acme = acme();
    let long = Value::from("x".repeat(3000));
    acme.trusted_metadata.insert("long".to_owned(), long);
    let twice = json!({
        "first": "{{ organization.trusted_metadata.long }}",
        "second": "{{ organization.trusted_metadata.long }}",
    });
    let given = claims(&template(twice), &ana(&acme), &acme);
    assert_eq!(given.keys().collect::<Vec<_>>(), ["first"]);
    assert!(json!(given).to_string().len() <= MAX_BYTES);
}

#[test]
fn templates_that_could_never_be_filled_are_refused() {
    let refused = |value: Value| -> Vec<String> {
        refusals(&template(value))
            .into_iter()
            .map(|it| it.0)
            .collect()
    };
    let good = json!({
        "https://app.example.com/plan": "{{ organization.trusted_metadata.plan }}",
        "all": "{{ member.trusted_metadata }}", "fixed": [1, null, true],
    });
    assert!(refused(good).is_empty());
    for (claim, value) in [
        ("sub", json!("x")),
        ("exp", json!(1)),
        ("https://stytch.com/session", json!({})),
        ("a", json!("{{ member.password }}")),
        ("a", json!("{{ member.trusted_metadata. }}")),
        ("a", json!("{{ member.trusted_metadatas }}")),
        ("a", json!({ "b": ["{{ organization"] })),
    ] {
        assert_eq!(refused(json!({ claim: value })), [claim], "{value}");
    }
    assert_eq!(refused(json!({ "a": "x".repeat(5000) })), [""]);
}
