use super::MOST_KEPT;
use super::MOST_READ;
use super::Proof;
use super::SeenBody;
use super::SeenRequest;
use crate::domain::id::ConnectionId;
use crate::domain::id::ConnectionKind;
use crate::domain::id::RequestId;
use crate::domain::id::ScimRequestId;
use crate::protocol::scim::departure::Departure;
use crate::protocol::scim::schemas::Schemas;
use chrono::DateTime;
use serde_json::Value;
use serde_json::json;

fn seen(status: u16, sent: &[u8], answered: &Value) -> SeenRequest {
    SeenRequest {
        id: ScimRequestId::fresh(),
        connection_id: ConnectionId::fresh(ConnectionKind::Scim),
        occurred_at: DateTime::UNIX_EPOCH,
        request_id: RequestId::fresh(),
        method: "PATCH".to_owned(),
        path: "/Users/7".to_owned(),
        query: "attributes=id&token=canary-3".to_owned(),
        user_agent: "Okta\0".to_owned(),
        if_match: None,
        status,
        millis: 5,
        proof: Some(Proof {
            schemas: Schemas::built_in(),
            departures: vec![Departure::BooleanString],
            sent: SeenBody::of(sent),
            answered: SeenBody::of(answered.to_string().as_bytes()),
        }),
    }
}

#[test]
fn what_was_refused_is_told_and_secrets_are_not() {
    let sent = json!({ "password": "canary-1" }).to_string();
    let answered =
        json!({ "scimType": "invalidValue", "detail": "canary-1 and canary-3 are wrong" });
    let entry = seen(400, sent.as_bytes(), &answered).entry();
    assert_eq!(entry.scim_type.as_deref(), Some("invalidValue"));
    let detail = "[redacted] and [redacted] are wrong";
    assert_eq!(entry.detail.as_deref(), Some(detail));
    assert_eq!(entry.resource_id.as_deref(), Some("7"));
    assert_eq!(entry.departures, ["boolean_string"]);
    assert_eq!(entry.user_agent, "Okta");
    assert!(!format!("{entry:?}").contains("canary"), "{entry:?}");
}

#[test]
fn nothing_is_kept_of_what_an_unproven_client_sends() {
    let mut refused = seen(401, b"{}", &json!({}));
    refused.proof = None;
    let entry = refused.entry();
    assert_eq!((entry.path.as_str(), entry.query.as_str()), ("", ""));
    assert_eq!((entry.sent.text, entry.answered.text), (None, None));
}

#[test]
fn long_bodies_are_cut_and_very_long_ones_or_no_json_only_mentioned() {
    let name = "é".repeat(MOST_KEPT);
    let sent = json!({ "displayName": name }).to_string();
    let entry = seen(200, sent.as_bytes(), &json!({ "id": "9" })).entry();
    let text = entry.sent.text.unwrap();
    assert!(entry.sent.cut && text.len() <= MOST_KEPT && text.len() > MOST_KEPT - 4);
    assert_eq!(entry.resource_id.as_deref(), Some("9"));
    let very_long = vec![b' '; MOST_READ + 1];
    for sent in [very_long.as_slice(), b"password=canary"] {
        let entry = seen(400, sent, &json!({})).entry();
        assert_eq!(entry.sent.text, None);
        assert!(entry.sent.cut && !entry.answered.cut);
    }
    assert!(!seen(200, b"", &json!({})).entry().sent.cut);
}
