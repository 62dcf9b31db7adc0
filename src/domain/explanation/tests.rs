//! Which entry of the journal made a fact true, whatever happened before and since.

use chrono::DateTime;
use serde_json::Value;
use serde_json::json;

use super::Fact;
use super::Subjects;
use crate::domain::event::Event;
use crate::domain::id::ConnectionId;
use crate::domain::id::ConnectionKind;
use crate::domain::id::EventId;
use crate::domain::id::MemberId;
use crate::domain::id::OrganizationId;
use crate::domain::id::RegistrationId;

fn subjects() -> Subjects {
    Subjects {
        organization_id: OrganizationId::fresh(),
        member_id: MemberId::fresh(),
        registrations: vec![(
            ConnectionId::fresh(ConnectionKind::Saml),
            RegistrationId::fresh(),
        )],
        scim_user: None,
    }
}

/// A history, oldest first, as the states that it went through; answers are numbers of states.
fn brought_by(fact: &Fact, subjects: &Subjects, states: &[Value]) -> Option<usize> {
    let event = |(number, after): (usize, &Value)| Event {
        id: EventId::fresh(),
        organization_id: Some(subjects.organization_id),
        occurred_at: DateTime::UNIX_EPOCH,
        kind: number.to_string(),
        object_id: String::new(),
        actor: "project".to_owned(),
        actor_id: None,
        request_id: String::new(),
        before: number.checked_sub(1).map(|before| states[before].clone()),
        after: Some(after.clone()),
    };
    let mut events: Vec<Event> = states.iter().enumerate().map(event).collect();
    events.reverse();
    let found = fact.brought_by(subjects, &events)?;
    Some(found.kind.parse().unwrap())
}

#[test]
fn the_latest_time_that_it_became_true_counts_not_the_first() {
    let with = json!({ "explicit_roles": ["viewer", "editor"] });
    let without = json!({ "explicit_roles": ["viewer"] });
    let silent = json!({ "retired_email_addresses": [] });
    let fact = Fact::GivenByHand("editor".to_owned());
    let table: [(&[&Value], Option<usize>); 8] = [
        (&[&with], Some(0)),
        (&[&with, &with], Some(0)),
        (&[&without, &with, &with], Some(1)),
        (&[&with, &without, &with], Some(2)),
        // What came before an event that tells of something else is not known to be so after it.
        (&[&without, &with, &silent, &with], Some(1)),
        (&[&without, &silent, &with], None),
        (&[&with, &without], None),
        (&[], None),
    ];
    let subjects = subjects();
    for (states, expected) in table {
        let states: Vec<Value> = states.iter().map(|it| (*it).clone()).collect();
        assert_eq!(
            brought_by(&fact, &subjects, &states),
            expected,
            "{states:?}"
        );
    }
}

#[test]
fn a_journal_that_begins_when_it_was_true_already_says_nothing() {
    let subjects = subjects();
    let with = json!({ "explicit_roles": ["editor"] });
    let event = Event {
        id: EventId::fresh(),
        organization_id: None,
        occurred_at: DateTime::UNIX_EPOCH,
        kind: "member.updated".to_owned(),
        object_id: subjects.member_id.to_string(),
        actor: "project".to_owned(),
        actor_id: None,
        request_id: String::new(),
        before: Some(with.clone()),
        after: Some(with),
    };
    let fact = Fact::GivenByHand("editor".to_owned());
    assert_eq!(fact.brought_by(&subjects, [&event]), None);
}

#[test]
fn each_fact_is_read_off_the_thing_that_it_is_about() {
    let subjects = subjects();
    let (connection, _) = subjects.registrations[0];
    let member = subjects.member_id;
    let other = MemberId::fresh();
    let (editor, group) = ("editor".to_owned(), "Engineering".to_owned());
    let rules = |connection: Value, groups: Value| {
        json!({ "settings": { "implicit_roles":
            { "connection": connection, "groups": groups } } })
    };
    let by_domain = |domain: &str, role: &str| {
        json!({ "settings": { "rbac_email_implicit_role_assignments":
            [{ "domain": domain, "role_id": role }] } })
    };
    let table = [
        (
            Fact::Live,
            json!({ "status": "deleted" }),
            json!({ "status": "active" }),
        ),
        (
            Fact::Domain("acme.test".to_owned()),
            json!({ "email_address": "ana@other.test" }),
            json!({ "email_address": "ana@ACME.test" }),
        ),
        (
            Fact::KeptAsAdmin(connection),
            json!({ "kept_as_admin": null }),
            json!({ "kept_as_admin": { "connection_id": connection } }),
        ),
        (
            Fact::DomainRule("acme.test".to_owned(), editor.clone()),
            by_domain("acme.test", "viewer"),
            by_domain("Acme.test", "editor"),
        ),
        (
            Fact::ConnectionRule(connection, editor.clone()),
            rules(json!(["viewer"]), json!([])),
            rules(json!(["viewer", "editor"]), json!([])),
        ),
        (
            Fact::GroupRule(connection, group.clone(), editor),
            rules(json!(["editor"]), json!([["viewer", "Engineering"]])),
            rules(json!([]), json!([["editor", "Engineering"]])),
        ),
        (
            Fact::Registered(connection),
            json!({ "member_id": other }),
            json!({ "member_id": member }),
        ),
        (
            Fact::Asserted(connection, group),
            json!({ "member_id": member, "groups": ["Sales"] }),
            json!({ "member_id": member, "groups": ["Sales", "Engineering"] }),
        ),
        (
            Fact::InDirectory(connection),
            json!({ "memberId": member, "active": false }),
            json!({ "memberId": member }),
        ),
    ];
    for (fact, without, with) in table {
        let history = [
            without.clone(),
            with.clone(),
            without.clone(),
            with.clone(),
            with,
        ];
        assert_eq!(brought_by(&fact, &subjects, &history), Some(3), "{fact:?}");
        assert_eq!(brought_by(&fact, &subjects, &[without]), None, "{fact:?}");
    }
}
