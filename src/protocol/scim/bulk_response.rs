//! The answer to a bulk request (RFC 7644 §3.7.3).

use crate::protocol::scim::bulk::Entry;
use crate::protocol::scim::error::ScimError;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

/// The schema URN of a bulk response.
pub const BULK_RESPONSE_URN: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";

/// What one operation came to.
#[derive(Debug, Clone, PartialEq)]
pub struct BulkResult {
    /// The operation's place in the request.
    pub position: usize,
    /// The method, as the client wrote it.
    pub method: Option<String>,
    /// The client's name for the resource.
    pub bulk_id: Option<String>,
    /// The address of the resource, if there is one.
    pub location: Option<String>,
    /// The version of the resource, if there is one.
    pub version: Option<String>,
    /// The status of success, or what was refused.
    pub status: Result<u16, ScimError>,
}

impl BulkResult {
    /// The result of an operation that was refused.
    pub fn refused(entry: &Entry, location: Option<String>, error: ScimError) -> Self {
        Self {
            position: entry.position,
            method: entry.method.clone(),
            bulk_id: entry.bulk_id.clone(),
            location,
            version: None,
            status: Err(error),
        }
    }

    fn to_json(&self) -> Value {
        let mut fields = Map::new();
        let texts = [
            ("method", &self.method),
            ("bulkId", &self.bulk_id),
            ("version", &self.version),
            ("location", &self.location),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                fields.insert(name.to_owned(), Value::from(text.as_str()));
            }
        }
        let status = match &self.status {
            Ok(status) => *status,
            Err(error) => error.status(),
        };
        fields.insert("status".to_owned(), Value::from(status.to_string()));
        if let Err(error) = &self.status {
            fields.insert("response".to_owned(), error.to_json());
        }
        Value::Object(fields)
    }
}

/// The answer, its results in the order of the request.
pub fn bulk_response(mut results: Vec<BulkResult>) -> Value {
    results.sort_by_key(|result| result.position);
    let results: Vec<Value> = results.iter().map(BulkResult::to_json).collect();
    json!({ "schemas": [BULK_RESPONSE_URN], "Operations": results })
}

#[cfg(test)]
mod tests {
    use super::BulkResult;
    use super::bulk_response;
    use crate::protocol::scim::error::ScimError;
    use serde_json::json;

    #[test]
    fn results_come_in_the_order_of_the_request() {
        let made = BulkResult {
            position: 1,
            method: Some("POST".to_owned()),
            bulk_id: Some("a".to_owned()),
            location: Some("https://id/Users/1".to_owned()),
            version: Some("W/\"1\"".to_owned()),
            status: Ok(201),
        };
        let refused = BulkResult {
            position: 0,
            method: None,
            bulk_id: None,
            location: None,
            version: None,
            status: Err(ScimError::InvalidPath("no such path".to_owned())),
        };
        let expected = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkResponse"],
            "Operations": [
                {
                    "status": "400",
                    "response": {
                        "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
                        "status": "400",
                        "scimType": "invalidPath",
                        "detail": "no such path",
                    },
                },
                {
                    "method": "POST",
                    "bulkId": "a",
                    "version": "W/\"1\"",
                    "location": "https://id/Users/1",
                    "status": "201",
                },
            ],
        });
        assert_eq!(bulk_response(vec![made, refused]), expected);
    }
}
