//! The body of a PATCH request (RFC 7644 §3.5.2).

use crate::protocol::scim::departure::Departure;
use crate::protocol::scim::error::ScimError;
use crate::protocol::scim::leniency::Leniency;
use serde_json::Map;
use serde_json::Value;

/// The schema URN of a PATCH request.
pub const PATCH_OP_URN: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// As many as discovery names, since some clients send one operation a member.
const MAX_OPERATIONS: usize = 1000;

/// Operations to be applied in order, all or none.
#[derive(Debug, Clone, PartialEq)]
pub struct PatchRequest {
    /// The operations.
    pub operations: Vec<Operation>,
}

/// One operation, its path not yet looked up.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// What is to be done.
    pub kind: OperationKind,
    /// Where; `None` for the resource itself.
    pub path: Option<String>,
    /// Whether `op` was written as the RFC spells it.
    pub as_spelled: bool,
    /// With what; `None` only when the operation has no `value` at all.
    pub value: Option<Value>,
}

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationKind {
    /// Adds to what is there.
    Add,
    /// Takes away.
    Remove,
    /// Puts in the place of what is there.
    Replace,
}

impl PatchRequest {
    /// Reads a request body; names of members and operations may be in any case.
    pub fn parse(body: &Value) -> Result<Self, ScimError> {
        let Some(body) = body.as_object() else {
            return Err(syntax("a PATCH request must be a JSON object"));
        };
        let schemas = member(body, "schemas").and_then(Value::as_array);
        let mut urns = schemas.into_iter().flatten().filter_map(Value::as_str);
        if !urns.any(|urn| urn.eq_ignore_ascii_case(PATCH_OP_URN)) {
            return Err(syntax(&format!(
                "`schemas` of a PATCH request must be [\"{PATCH_OP_URN}\"]"
            )));
        }
        let operations = member(body, "Operations").and_then(Value::as_array);
        match operations {
            Some(operations) if operations.len() > MAX_OPERATIONS => Err(syntax(&format!(
                "`Operations` has {} operations; at most {MAX_OPERATIONS} are accepted in one \
                 request, so split it",
                operations.len()
            ))),
            Some(operations) if !operations.is_empty() => {
                let operations = operations.iter().map(Operation::parse);
                Ok(Self {
                    operations: operations.collect::<Result<_, _>>()?,
                })
            }
            _ => Err(syntax(
                "`Operations` must be an array of at least one operation",
            )),
        }
    }
}

impl Operation {
    fn parse(value: &Value) -> Result<Self, ScimError> {
        let Some(operation) = value.as_object() else {
            return Err(syntax("each of `Operations` must be a JSON object"));
        };
        let written = member(operation, "op").and_then(Value::as_str);
        let Some(kind) = written.and_then(OperationKind::parse) else {
            return Err(syntax(
                "`op` of each operation must be \"add\", \"remove\" or \"replace\"",
            ));
        };
        let path = match member(operation, "path") {
            None | Some(Value::Null) => None,
            Some(Value::String(path)) => Some(path.clone()),
            Some(_) => {
                return Err(ScimError::InvalidPath(
                    "`path` must be a string such as \"name.givenName\"".to_owned(),
                ));
            }
        };
        Ok(Self {
            kind,
            path,
            as_spelled: written == Some(kind.name()),
            value: member(operation, "value").cloned(),
        })
    }
}

impl Operation {
    /// Records how the operation itself is written.
    pub(crate) fn report(&self, leniency: Leniency<'_>) {
        if !self.as_spelled {
            leniency.used(Departure::OperationSpelling);
        }
    }
}

impl OperationKind {
    fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Remove => "remove",
            Self::Replace => "replace",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Add, Self::Remove, Self::Replace]
            .into_iter()
            .find(|kind| kind.name().eq_ignore_ascii_case(text))
    }
}

fn member<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let mut members = object.iter();
    members
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

fn syntax(detail: &str) -> ScimError {
    ScimError::InvalidSyntax(detail.to_owned())
}

#[cfg(test)]
mod tests {
    use super::OperationKind;
    use super::PATCH_OP_URN;
    use super::PatchRequest;
    use serde_json::json;

    #[test]
    fn names_may_be_in_any_case() {
        let request = PatchRequest::parse(&json!({
            "Schemas": [PATCH_OP_URN],
            "operations": [{ "OP": "Replace", "Path": "active", "Value": false }, { "op": "remove", "path": null }],
        }));
        let operations = request.unwrap().operations;
        assert_eq!(operations[0].kind, OperationKind::Replace);
        assert_eq!(operations[0].value, Some(json!(false)));
        assert_eq!(operations[1].path, None);
        assert_eq!(operations[1].value, None);
    }

    #[test]
    fn a_malformed_envelope_is_invalid_syntax() {
        let operation = json!({ "op": "remove", "path": "title" });
        let cases = [
            json!([]),
            json!({ "Operations": [operation] }),
            json!({ "schemas": ["urn:x"], "Operations": [operation] }),
            json!({ "schemas": [PATCH_OP_URN] }),
            json!({ "schemas": [PATCH_OP_URN], "Operations": [] }),
            json!({ "schemas": [PATCH_OP_URN], "Operations": operation }),
            json!({ "schemas": [PATCH_OP_URN], "Operations": ["remove"] }),
            json!({ "schemas": [PATCH_OP_URN], "Operations": [{ "op": "move", "path": "title" }] }),
            json!({ "schemas": [PATCH_OP_URN], "Operations": [{ "path": "title" }] }),
        ];
        for body in cases {
            let error = PatchRequest::parse(&body).unwrap_err();
            assert_eq!(error.scim_type(), Some("invalidSyntax"), "{body}");
        }
    }
}
