//! What the grammar accepts, refuses and gives back.

use crate::protocol::scim::attribute_name::AttributeName;
use crate::protocol::scim::error::ScimError;
use crate::protocol::scim::filter::Filter;
use crate::protocol::scim::filter::Operator;
use crate::protocol::scim::filter_parser::MAX_DEPTH;
use crate::protocol::scim::filter_parser::MAX_LENGTH;
use crate::protocol::scim::filter_parser::MAX_TERMS;
use crate::protocol::scim::filter_parser::parse_filter;
use crate::protocol::scim::filter_parser::parse_path;
use proptest::prelude::Just;
use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::prelude::prop_oneof;
use proptest::proptest;
use serde_json::Value;
use serde_json::json;

#[test]
fn what_is_written_differently_is_printed_alike() {
    let cases = [
        (r#"userName eq "ana""#, r#"userName eq "ana""#),
        (r#"  userName   EQ  "ana"  "#, r#"userName eq "ana""#),
        ("active eq True", "active eq true"),
        ("title PR", "title pr"),
        (
            r"a eq 1 or b eq -2.5 and c eq NULL",
            r"a eq 1 or (b eq -2.5 and c eq null)",
        ),
        (r"(a pr or b pr) and c pr", r"(a pr or b pr) and c pr"),
        (r"not(a pr)", r"not (a pr)"),
        (r"NOT ( a pr ) AND b pr", r"not (a pr) and b pr"),
        (r"a pr and(b pr)", r"a pr and b pr"),
        (r"((a pr))", r"a pr"),
        (r"notes pr", r"notes pr"),
        (
            r#"emails[type eq "work"].value eq "x""#,
            r#"emails[type eq "work" and value eq "x"]"#,
        ),
        (
            r#"emails[type eq "work" and primary eq true].value pr"#,
            r#"emails[type eq "work" and primary eq true and value pr]"#,
        ),
        (r#"a eq "b\"]\u00e9""#, r#"a eq "b\"]é""#),
        (
            r#"urn:x:2.0:User:a.b sw "x""#,
            r#"urn:x:2.0:User:a.b sw "x""#,
        ),
    ];
    for (written, printed) in cases {
        let filter = parse_filter(written).unwrap_or_else(|error| panic!("{written}: {error}"));
        assert_eq!(filter.to_string(), printed, "{written}");
    }
}

#[test]
fn numbers_are_read_as_exactly_as_they_are_printed() {
    let text = "a eq 9.111111111111111e+20";
    assert_eq!(parse_filter(text).unwrap().to_string(), text);
}

#[test]
fn what_is_not_understood_is_refused_with_the_place_and_what_belongs_there() {
    let cases = [
        ("", "character 1: expected the name of an attribute"),
        ("userName", "character 9: expected an operator"),
        ("userName is \"x\"", "character 10: expected an operator"),
        ("userName eq", "character 12: expected a value"),
        (
            "userName eq ana",
            "expected a value: a string in double quotes",
        ),
        (
            "userName eq 'ana'",
            "expected a value: a string in double quotes",
        ),
        ("userName eq \"ana", "expected a value"),
        ("userName eq \"a\\x\"", "expected a value"),
        ("(a pr", "character 6: expected `)`"),
        ("a pr b pr", "character 6: expected `and`, `or` or the end"),
        ("a pr and", "character 6: expected `and`, `or` or the end"),
        (
            "a pr and ",
            "character 10: expected the name of an attribute",
        ),
        ("emails[type eq \"work\"", "expected `]`"),
        ("emails[]", "expected the name of an attribute"),
        ("a.b.c pr", "expected the name of an attribute"),
        ("a eq 1e999", "expected a value"),
    ];
    for (text, complaint) in cases {
        let error = parse_filter(text).unwrap_err();
        assert_eq!(error.scim_type(), Some("invalidFilter"), "{text}");
        assert!(
            error.detail().contains(complaint),
            "{text}: {}",
            error.detail()
        );
    }
}

#[test]
fn limits_are_refused_as_filters_not_as_failures() {
    let terms = |count: usize| vec!["a pr"; count].join(" or ");
    assert!(parse_filter(&terms(MAX_TERMS)).is_ok());
    let depth = |count: usize| format!("{}a pr{}", "(".repeat(count), ")".repeat(count));
    assert!(parse_filter(&depth(MAX_DEPTH)).is_ok());
    let length = format!("a eq \"{}\"", "x".repeat(MAX_LENGTH));
    let cases = [
        (terms(MAX_TERMS + 1), "more than 100 comparisons"),
        (depth(MAX_DEPTH + 1), "more than 20 nested"),
        ("not (".repeat(1000), "more than 20 nested"),
        ("a[".repeat(1000), "more than 20 nested"),
        (length, "at most 8192 are read"),
    ];
    for (text, complaint) in cases {
        let error = parse_filter(&text).unwrap_err();
        assert!(matches!(error, ScimError::InvalidFilter(_)));
        assert!(error.detail().contains(complaint), "{}", error.detail());
    }
}

#[test]
fn paths_have_a_name_a_filter_and_a_sub_attribute() {
    let (name, filter) = parse_path(r#"emails[type eq "a].b"].value"#).unwrap();
    assert_eq!(name.to_string(), "emails.value");
    assert_eq!(filter.unwrap().to_string(), r#"type eq "a].b""#);
    let cases = [
        ("", "invalidPath"),
        ("a b", "invalidPath"),
        ("[type eq 1]", "invalidPath"),
        ("name.given.x", "invalidPath"),
        ("emails[type is 1]", "invalidFilter"),
        ("emails[type eq \"x\"", "invalidFilter"),
        ("emails.value[type eq \"x\"]", "invalidPath"),
    ];
    for (text, scim_type) in cases {
        let error = parse_path(text).unwrap_err();
        assert_eq!(error.scim_type(), Some(scim_type), "{text}");
    }
}

fn any_name() -> impl Strategy<Value = AttributeName> {
    let parts = (
        "(urn:[a-z]{1,4}:2\\.0:[A-Z][a-z]{0,3})?",
        "[a-z][A-Za-z0-9_-]{0,6}",
        "[a-z$]?[a-z]{0,4}",
    );
    parts.prop_map(|(schema, attribute, sub_attribute)| AttributeName {
        schema: Some(schema).filter(|text| !text.is_empty()),
        attribute,
        sub_attribute: Some(sub_attribute).filter(|text| !text.is_empty()),
    })
}

fn any_literal() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<String>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(json!(2.5)),
        Just(Value::Null),
    ]
}

fn any_filter() -> impl Strategy<Value = Filter> {
    let operators = proptest::sample::select(vec![
        Operator::Equal,
        Operator::NotEqual,
        Operator::Contains,
        Operator::StartsWith,
        Operator::EndsWith,
        Operator::GreaterThan,
        Operator::GreaterOrEqual,
        Operator::LessThan,
        Operator::LessOrEqual,
    ]);
    let leaf = prop_oneof![
        any_name().prop_map(Filter::Present),
        (any_name(), operators, any_literal()).prop_map(|(attribute, operator, value)| {
            Filter::Compare {
                attribute,
                operator,
                value,
            }
        }),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let several = proptest::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            several.clone().prop_map(Filter::And),
            several.prop_map(Filter::Or),
            inner
                .clone()
                .prop_map(|filter| Filter::Not(Box::new(filter))),
            (any_name(), inner).prop_map(|(attribute, filter)| Filter::Element {
                attribute,
                filter: Box::new(filter),
            }),
        ]
    })
}

proptest! {
    #[test]
    fn printing_then_parsing_gives_the_filter_back(filter in any_filter()) {
        let printed = filter.to_string();
        if printed.len() <= MAX_LENGTH {
            assert_eq!(parse_filter(&printed), Ok(filter));
        }
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>()) {
        let _ = parse_filter(&text);
        let _ = parse_path(&text);
    }

    #[test]
    fn nothing_that_looks_like_a_filter_makes_the_parser_panic(
        text in "(not ?|and |or |[(\\[)\\]]|a|urn:b:|\\.c| eq | pr|\"|\\\\|1|é| ){0,40}"
    ) {
        let _ = parse_filter(&text);
        let _ = parse_path(&text);
    }
}

/// `and` in `and` means the same as one `and`, and so do `or` and `not` in parentheses.
fn flat(filter: Filter) -> Filter {
    let parts = |filters: Vec<Filter>| filters.into_iter().map(flat);
    match filter {
        Filter::And(filters) => Filter::And(
            parts(filters)
                .flat_map(|part| match part {
                    Filter::And(inner) => inner,
                    other => vec![other],
                })
                .collect(),
        ),
        Filter::Or(filters) => Filter::Or(
            parts(filters)
                .flat_map(|part| match part {
                    Filter::Or(inner) => inner,
                    other => vec![other],
                })
                .collect(),
        ),
        Filter::Not(filter) => Filter::Not(Box::new(flat(*filter))),
        Filter::Element { attribute, filter } => Filter::Element {
            attribute,
            filter: Box::new(flat(*filter)),
        },
        leaf => leaf,
    }
}

/// A filter without what only our grammar knows: `$ref`, and more than sub-attributes in brackets.
fn by_the_letter(filter: Filter, in_brackets: bool) -> Filter {
    let name = |name: AttributeName| {
        if in_brackets {
            return AttributeName::plain(&name.attribute);
        }
        let sub_attribute = name.sub_attribute.filter(|part| !part.starts_with('$'));
        AttributeName {
            sub_attribute,
            ..name
        }
    };
    let each = |filters: Vec<Filter>| {
        let filters = filters.into_iter();
        filters
            .map(|filter| by_the_letter(filter, in_brackets))
            .collect()
    };
    match filter {
        Filter::Present(attribute) => Filter::Present(name(attribute)),
        Filter::Compare {
            attribute,
            operator,
            value,
        } => Filter::Compare {
            attribute: name(attribute),
            operator,
            value,
        },
        Filter::Element { attribute, .. } if in_brackets => Filter::Present(name(attribute)),
        Filter::Element { attribute, filter } => Filter::Element {
            attribute: name(attribute),
            filter: Box::new(by_the_letter(*filter, true)),
        },
        Filter::And(filters) => Filter::And(each(filters)),
        Filter::Or(filters) => Filter::Or(each(filters)),
        Filter::Not(filter) => Filter::Not(Box::new(by_the_letter(*filter, in_brackets))),
    }
}

proptest! {
    #[test]
    fn another_parser_reads_what_is_printed_in_the_same_way(filter in any_filter()) {
        let filter = by_the_letter(filter, false);
        let printed = filter.to_string();
        if printed.len() <= MAX_LENGTH {
            let theirs = printed.parse::<scim_v2::filter::Filter>();
            let theirs = theirs.unwrap_or_else(|error| panic!("{printed}: {error}"));
            let read_back = parse_filter(&theirs.to_string()).map(flat);
            assert_eq!(read_back, Ok(flat(filter)), "{printed} became {theirs}");
        }
    }
}
