use super::columns;
use super::compile;
use crate::protocol::scim::filter_check;
use crate::protocol::scim::leniency::Leniency;
use crate::protocol::scim::schema;
use crate::storage::scim_filter::Compiled;
use crate::storage::scim_filter::Predicate;

fn users(text: &str) -> Compiled {
    let filter = filter_check::read(text, schema::user(), Leniency::STRICT).unwrap();
    compile(filter, &columns::USERS)
}

fn groups(text: &str) -> Compiled {
    let filter = filter_check::read(text, schema::group(), Leniency::STRICT).unwrap();
    compile(filter, &columns::GROUPS)
}

#[test]
fn what_columns_hold_is_answered_by_sql_alone() {
    for operator in ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"] {
        for name in [
            "userName",
            "externalId",
            "displayName",
            "id",
            "emails",
            "emails.type",
            "groups",
        ] {
            let filter = format!("{name} {operator} \"a\"");
            assert_eq!(users(&filter).rest, None, "{filter}");
        }
        for name in ["displayName", "externalId", "id", "members", "members.type"] {
            let filter = format!("{name} {operator} \"a\"");
            assert_eq!(groups(&filter).rest, None, "{filter}");
        }
    }
    for filter in [
        "active eq true and not (userName pr or emails.value eq null)",
        "emails[type eq \"work\" and not (value co \"x\" or primary eq true)]",
        "emails[type eq \"work\"].value eq \"x\"",
        "meta.created gt \"2026-01-01T00:00:00Z\" or meta.lastModified pr",
        "meta.resourceType eq \"User\"",
    ] {
        assert_eq!(users(filter).rest, None, "{filter}");
    }
}

#[test]
fn what_is_left_is_only_what_no_column_holds() {
    let cases = [
        ("title pr", "title pr"),
        ("title pr and userName eq \"a\"", "title pr"),
        (
            "active eq true and (title pr or userName pr)",
            "title pr or userName pr",
        ),
        (
            "title pr and userName pr and nickName pr",
            "title pr and nickName pr",
        ),
        (
            "emails[display eq \"x\" and value eq \"y\"]",
            "emails[display eq \"x\" and value eq \"y\"]",
        ),
        ("meta.created co \"2026\"", "meta.created co \"2026\""),
        ("userName gt \"\\u0000\"", "userName gt \"\\u0000\""),
    ];
    for (text, left) in cases {
        let rest = users(text).rest.map(|rest| rest.to_string());
        assert_eq!(rest.as_deref(), Some(left), "{text}");
    }
}

#[test]
fn what_is_matched_in_memory_is_narrowed_by_what_must_hold() {
    let by_name = users("userName eq \"a\"").predicate;
    let cases = [
        ("userName eq \"a\" and title pr", by_name.clone()),
        (
            "title pr or userName eq \"a\"",
            Predicate::Any(vec![Predicate::everything(), by_name.clone()]),
        ),
        (
            "(title pr and userName eq \"a\") or (nickName pr and userName eq \"a\")",
            Predicate::Any(vec![by_name.clone(), by_name]),
        ),
        (
            "not (title pr and userName eq \"a\")",
            Predicate::everything(),
        ),
        (
            "emails[display eq \"x\" and value eq \"y\"]",
            users("emails[value eq \"y\"]").predicate,
        ),
    ];
    for (text, predicate) in cases {
        let found = users(text).predicate;
        assert_eq!(unwrapped(found), unwrapped(predicate), "{text}");
    }
}

/// All of one is that one.
fn unwrapped(predicate: Predicate) -> Predicate {
    let each = |parts: Vec<Predicate>| parts.into_iter().map(unwrapped).collect::<Vec<_>>();
    match predicate {
        Predicate::All(parts) if parts.len() == 1 => {
            let mut parts = each(parts);
            parts.pop().unwrap()
        }
        Predicate::All(parts) => Predicate::All(each(parts)),
        Predicate::Any(parts) => Predicate::Any(each(parts)),
        Predicate::Beside(relation, test) => {
            Predicate::Beside(relation, Box::new(unwrapped(*test)))
        }
        predicate => predicate,
    }
}

#[test]
fn what_cannot_be_is_not_asked() {
    for text in [
        "id eq \"1\"",
        "userName eq \"\\u0000\"",
        "userName eq \"a\" and meta.resourceType eq \"Group\"",
        "groups eq \"1\"",
    ] {
        assert!(users(text).predicate.is_impossible(), "{text}");
    }
    for text in [
        "userName ne \"\\u0000\"",
        "id ne \"1\"",
        "not (id eq \"1\")",
    ] {
        assert!(!users(text).predicate.is_impossible(), "{text}");
    }
}

#[test]
fn only_what_has_few_forms_is_usual() {
    assert!(Predicate::everything().is_usual());
    for filter in [
        "userName eq \"a\"",
        "externalId eq \"b\"",
        "(displayName eq \"c\")",
    ] {
        assert!(users(filter).predicate.is_usual(), "{filter}");
    }
    for filter in [
        "userName sw \"a\"",
        "userName eq \"a\" and externalId eq \"b\"",
        "userName eq \"a\" or externalId eq \"b\"",
        "not (userName eq \"a\")",
        "userName eq null",
        "emails.value eq \"a\"",
    ] {
        assert!(!users(filter).predicate.is_usual(), "{filter}");
    }
}
