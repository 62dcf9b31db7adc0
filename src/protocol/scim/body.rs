//! Request bodies from bytes to JSON (RFC 7644 §3.12).
//!
//! A name that comes twice in one object is refused: readers disagree on which value counts
//! (RFC 8259 §4), so that two of them could see two different people in one request.

use crate::protocol::scim::error::ScimError;
use serde::Deserialize;
use serde::Deserializer;
use serde::de::Error;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;
use serde_json::Map;
use serde_json::Value;
use std::fmt;

/// Reads a body that must be a JSON object.
pub fn read(bytes: &[u8]) -> Result<Map<String, Value>, ScimError> {
    let wrong = match serde_json::from_slice(bytes) {
        Ok(Unambiguous(Value::Object(fields))) => return Ok(fields),
        Ok(_) => "the body must be a JSON object".to_owned(),
        Err(error) => format!("the body is no valid JSON: {error}"),
    };
    Err(ScimError::InvalidSyntax(wrong))
}

/// Any JSON in whose objects each name comes once.
struct Unambiguous(Value);

impl<'de> Deserialize<'de> for Unambiguous {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Self)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Unambiguous(value)) = elements.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if fields.contains_key(&name) {
                let name: String = name.chars().take(64).collect();
                return Err(A::Error::custom(format!(
                    "`{name}` comes twice; send it once"
                )));
            }
            let Unambiguous(value) = members.next_value()?;
            fields.insert(name, value);
        }
        Ok(Value::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::read;
    use proptest::proptest;
    use serde_json::Map;
    use serde_json::Value;
    use serde_json::json;

    #[test]
    fn every_kind_of_value_is_read() {
        let body =
            json!({ "a": [null, true, -1, 18_446_744_073_709_551_615_u64, 1.5, "x", { "a": {} }] });
        assert_eq!(
            read(body.to_string().as_bytes()),
            Ok(body.as_object().unwrap().clone())
        );
    }

    #[test]
    fn a_name_that_comes_twice_is_refused_at_any_depth() {
        for body in [
            r#"{"userName":"ana","userName":"ben"}"#,
            r#"{"userName":"ana","user\u004eame":"ana"}"#,
            r#"{"Operations":[{"op":"add","op":"remove"}]}"#,
            r#"{"name":{"givenName":"a","familyName":"b","givenName":null}}"#,
        ] {
            let error = read(body.as_bytes()).unwrap_err();
            assert_eq!(error.scim_type(), Some("invalidSyntax"), "{body}");
            assert!(error.detail().contains("comes twice"), "{}", error.detail());
        }
        assert!(read(br#"{"a":{"b":1},"b":{"b":1}}"#).is_ok());
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for body in [
            "",
            "[]",
            "7",
            "null",
            "{} {}",
            "{\"a\":1e999}",
            "{\"a\":\"\\ud800\"}",
        ] {
            assert!(read(body.as_bytes()).is_err(), "{body}");
        }
        let deep = format!("{{\"a\":{}", "[".repeat(100_000));
        assert!(read(deep.as_bytes()).is_err());
    }

    proptest! {
        #[test]
        fn it_reads_what_any_reader_reads(text in "[{}\\[\\],:\"\\\\a0-2.e ntrufls-]{0,24}") {
            let other: Result<Map<String, Value>, _> = serde_json::from_str(&text);
            if let Ok(read) = read(text.as_bytes()) {
                assert_eq!(other.unwrap(), read);
            }
        }
    }
}
