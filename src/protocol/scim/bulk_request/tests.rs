//! What is read of a bulk request, and what is not.

use super::BULK_REQUEST_URN;
use super::BulkRequest;
use super::MAX_OPERATIONS;
use super::MAX_PAYLOAD_SIZE;
use proptest::prelude::Just;
use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::prelude::prop_oneof;
use proptest::proptest;
use serde_json::Value;
use serde_json::json;
use std::iter::repeat_n;

fn body(operations: &str) -> String {
    format!("{{\"schemas\":[\"{BULK_REQUEST_URN}\"],\"Operations\":{operations}}}")
}

#[test]
fn what_is_no_bulk_request_is_refused_in_words() {
    let urn = BULK_REQUEST_URN;
    let two = format!("{{\"schemas\":[\"{urn}\"],\"Operations\":[1],\"operations\":[1]}}");
    let limit = |limit: &str| {
        format!("{{\"schemas\":[\"{urn}\"],\"failOnErrors\":{limit},\"Operations\":[{{}}]}}")
    };
    let cases = [
        (String::new(), "invalidSyntax", "cannot be read"),
        ("[]".to_owned(), "invalidSyntax", "a JSON object"),
        ("{}".to_owned(), "invalidSyntax", urn),
        (
            "{\"schemas\":[7],\"Operations\":[{}]}".to_owned(),
            "invalidSyntax",
            urn,
        ),
        (
            format!("{{\"schemas\":[\"{urn}\"]}}"),
            "invalidSyntax",
            "`Operations`",
        ),
        (body("[]"), "invalidSyntax", "at least one"),
        (body("{}"), "invalidSyntax", "an array"),
        (body("[{}]") + "x", "invalidSyntax", "trailing"),
        (
            body(&format!("[{}{}]", "[".repeat(200), "]".repeat(200))),
            "invalidSyntax",
            "recursion",
        ),
        (two, "invalidSyntax", "twice"),
        (limit("\"1\""), "invalidValue", "`failOnErrors`"),
        (limit("-1"), "invalidValue", "`failOnErrors`"),
        (limit("1.5"), "invalidValue", "`failOnErrors`"),
    ];
    for (body, scim_type, named) in cases {
        let refused = BulkRequest::parse(body.as_bytes()).unwrap_err();
        assert_eq!(refused.scim_type(), Some(scim_type), "{body}: {refused}");
        assert!(refused.detail().contains(named), "{body}: {refused}");
    }
}

#[test]
fn limits_are_met_without_reading_on() {
    let operations = |count: usize| {
        let each: Vec<&str> = repeat_n("{}", count).collect();
        body(&format!("[{}]", each.join(",")))
    };
    let most = BulkRequest::parse(operations(MAX_OPERATIONS).as_bytes()).unwrap();
    assert_eq!(most.operations.len(), MAX_OPERATIONS);
    let values: Vec<&str> = repeat_n("1", 400_000).collect();
    for (body, named) in [
        (operations(MAX_OPERATIONS + 1), "maxOperations"),
        // What comes after the limit is not even looked at.
        (
            operations(1_000_000).replace("{}]}", "no json"),
            "maxOperations",
        ),
        (body(&format!("[[{}]]", values.join(","))), "values"),
        (" ".repeat(MAX_PAYLOAD_SIZE + 1), "maxPayloadSize"),
    ] {
        let refused = BulkRequest::parse(body.as_bytes()).unwrap_err();
        assert_eq!(refused.status(), 413, "{refused}");
        assert!(refused.detail().contains(named), "{refused}");
    }
}

#[test]
fn names_are_read_in_any_case_and_zero_is_no_limit() {
    let body = |limit: Value| json!({ "SCHEMAS": [BULK_REQUEST_URN], "failonerrors": limit, "operations": [7], "x": [] });
    for (given, expected) in [(json!(2), Some(2)), (json!(0), None), (json!(null), None)] {
        let request = BulkRequest::parse(body(given).to_string().as_bytes()).unwrap();
        assert_eq!(request.fail_on_errors, expected);
        assert_eq!(request.operations, [json!(7)]);
    }
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec(("\\PC{0,6}", inner), 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn operations_are_read_as_any_other_json(operation in value()) {
        let body = json!({ "schemas": [BULK_REQUEST_URN], "Operations": [operation] });
        let request = BulkRequest::parse(body.to_string().as_bytes()).unwrap();
        assert_eq!(request.operations, [operation]);
    }

    #[test]
    fn no_body_makes_the_reader_panic(body in "\\PC*") {
        let _ = BulkRequest::parse(body.as_bytes());
    }
}
