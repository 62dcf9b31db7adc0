//! The body of a bulk request (RFC 7644 §3.7), read so that nothing larger than the limits is
//! ever built of it.

use crate::protocol::scim::error::ScimError;
use serde::de::DeserializeSeed;
use serde::de::Deserializer;
use serde::de::Error as _;
use serde::de::IgnoredAny;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;
use serde_json::Map;
use serde_json::Value;
use std::cell::Cell;
use std::fmt;

/// The schema URN of a bulk request.
pub const BULK_REQUEST_URN: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
/// How many operations a bulk request may have: the slowest ones hold the only writer of SQLite for
/// about five milliseconds each.
pub const MAX_OPERATIONS: usize = 200;
/// How many bytes a bulk request may have.
pub const MAX_PAYLOAD_SIZE: usize = 4_194_304;
/// How many JSON values a bulk request may hold: each takes many times the two bytes that the
/// smallest ones have on the wire.
const MAX_VALUES: usize = 300_000;

/// A bulk request whose operations are not looked at yet.
#[derive(Debug, Clone, PartialEq)]
pub struct BulkRequest {
    /// After how many failed operations to stop; `None` to go on to the end.
    pub fail_on_errors: Option<u64>,
    /// The operations.
    pub operations: Vec<Value>,
}

impl BulkRequest {
    /// Reads a request body; names of members may be in any case.
    pub fn parse(body: &[u8]) -> Result<Self, ScimError> {
        if body.len() > MAX_PAYLOAD_SIZE {
            return Err(Limit::Bytes.refusal());
        }
        let budget = Budget::default();
        let mut deserializer = serde_json::Deserializer::from_slice(body);
        let read = Body(&budget)
            .deserialize(&mut deserializer)
            .and_then(|fields| deserializer.end().map(|()| fields));
        match (budget.exceeded.take(), read) {
            (Some(limit), _) => Err(limit.refusal()),
            (None, Err(error)) => Err(ScimError::InvalidSyntax(format!(
                "the body cannot be read as a bulk request: {error}"
            ))),
            (None, Ok(fields)) => fields.check(),
        }
    }
}

/// The members of the body, as they came.
#[derive(Default)]
struct Fields {
    schemas: Value,
    fail_on_errors: Value,
    operations: Option<Vec<Value>>,
}

impl Fields {
    fn check(self) -> Result<BulkRequest, ScimError> {
        let mut urns = self.schemas.as_array().into_iter().flatten();
        let is_it = |urn: &str| urn.eq_ignore_ascii_case(BULK_REQUEST_URN);
        if !urns.any(|urn| urn.as_str().is_some_and(is_it)) {
            return Err(ScimError::InvalidSyntax(format!(
                "`schemas` of a bulk request must be [\"{BULK_REQUEST_URN}\"]"
            )));
        }
        let fail_on_errors = match &self.fail_on_errors {
            Value::Null => None,
            given => Some(given.as_u64().ok_or_else(|| {
                ScimError::InvalidValue(
                    "`failOnErrors` must be a whole number: after how many failed operations to \
                     stop"
                        .to_owned(),
                )
            })?),
        };
        match self.operations {
            Some(operations) if !operations.is_empty() => Ok(BulkRequest {
                fail_on_errors: fail_on_errors.filter(|limit| *limit > 0),
                operations,
            }),
            _ => Err(ScimError::InvalidSyntax(
                "`Operations` must be an array of at least one operation".to_owned(),
            )),
        }
    }
}

/// A limit that was met.
#[derive(Debug, Clone, Copy)]
enum Limit {
    Bytes,
    Operations,
    Values,
}

impl Limit {
    fn refusal(self) -> ScimError {
        ScimError::PayloadTooLarge(match self {
            Self::Bytes => format!(
                "the bulk request is larger than {MAX_PAYLOAD_SIZE} bytes \
                 (`bulk.maxPayloadSize` of /ServiceProviderConfig); split it"
            ),
            Self::Operations => format!(
                "the bulk request has more than {MAX_OPERATIONS} operations \
                 (`bulk.maxOperations` of /ServiceProviderConfig); split it"
            ),
            Self::Values => format!(
                "the bulk request holds more than {MAX_VALUES} values; split it into smaller ones"
            ),
        })
    }
}

/// How much has been read.
#[derive(Default)]
struct Budget {
    operations: Cell<usize>,
    values: Cell<usize>,
    exceeded: Cell<Option<Limit>>,
}

impl Budget {
    fn spend_operation<E: serde::de::Error>(&self) -> Result<(), E> {
        self.spend(&self.operations, (MAX_OPERATIONS, Limit::Operations))
    }

    fn spend_value<E: serde::de::Error>(&self) -> Result<(), E> {
        self.spend(&self.values, (MAX_VALUES, Limit::Values))
    }

    fn spend<E: serde::de::Error>(
        &self,
        spent: &Cell<usize>,
        (most, limit): (usize, Limit),
    ) -> Result<(), E> {
        if spent.get() >= most {
            self.exceeded.set(Some(limit));
            return Err(E::custom("over a limit"));
        }
        spent.set(spent.get() + 1);
        Ok(())
    }
}

struct Body<'b>(&'b Budget);

impl<'de> DeserializeSeed<'de> for Body<'_> {
    type Value = Fields;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Fields, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Body<'_> {
    type Value = Fields;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Fields, A::Error> {
        let mut fields = Fields::default();
        while let Some(name) = members.next_key::<String>()? {
            match name.to_ascii_lowercase().as_str() {
                "schemas" => fields.schemas = members.next_value_seed(Tree(self.0))?,
                "failonerrors" => fields.fail_on_errors = members.next_value_seed(Tree(self.0))?,
                "operations" if fields.operations.is_some() => {
                    return Err(A::Error::custom("`Operations` comes twice"));
                }
                "operations" => {
                    fields.operations = Some(members.next_value_seed(Operations(self.0))?);
                }
                _ => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(fields)
    }
}

struct Operations<'b>(&'b Budget);

impl<'de> DeserializeSeed<'de> for Operations<'_> {
    type Value = Vec<Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<Value>, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Operations<'_> {
    type Value = Vec<Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`Operations` to be an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Vec<Value>, A::Error> {
        let mut operations = Vec::new();
        while let Some(operation) = elements.next_element_seed(Tree(self.0))? {
            self.0.spend_operation()?;
            operations.push(operation);
        }
        Ok(operations)
    }
}

/// Any JSON value, as long as the budget lasts.
struct Tree<'b>(&'b Budget);

impl<'de> DeserializeSeed<'de> for Tree<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.0.spend_value()?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Tree<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = elements.next_element_seed(Tree(self.0))? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            fields.insert(name, members.next_value_seed(Tree(self.0))?);
        }
        Ok(Value::Object(fields))
    }
}

#[cfg(test)]
mod tests;
