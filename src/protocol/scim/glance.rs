//! A look at a body that most likely holds no secret, without taking it apart: it says so, or that
//! it has to be redacted.

use std::collections::HashMap;
use std::fmt;

use serde::de::DeserializeSeed;
use serde::de::Deserializer;
use serde::de::Error;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;
use serde_json::Value;

use crate::protocol::scim::redaction::Redaction;

/// What an answer says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// `id`.
    pub id: Option<String>,
    /// `scimType`.
    pub scim_type: Option<String>,
    /// `detail`.
    pub detail: Option<String>,
}

impl Told {
    /// What this object says.
    pub fn of(body: &Value) -> Self {
        let told = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        Self {
            id: told("id"),
            scim_type: told("scimType"),
            detail: told("detail"),
        }
    }

    fn place(&mut self, name: &str) -> Option<&mut Option<String>> {
        match name {
            "id" => Some(&mut self.id),
            "scimType" => Some(&mut self.scim_type),
            "detail" => Some(&mut self.detail),
            _ => None,
        }
    }
}

/// What a body says of itself if nothing of it is to be redacted; `None` if something may be. Of
/// what is built in no more is looked at than is kept.
pub fn glance(redaction: &Redaction, body: &[u8], kept: usize) -> Option<Told> {
    if redaction.has_met() {
        return None;
    }
    let mut walk = Walk {
        redaction,
        end: body.as_ptr().addr().saturating_add(kept),
        is_past_it: false,
        names: HashMap::new(),
        told: Told::default(),
    };
    let mut json = serde_json::Deserializer::from_slice(body);
    let looked = Look {
        walk: &mut walk,
        place: Place::Outermost,
    };
    let looked = looked.deserialize(&mut json).and_then(|_| json.end());
    (looked.is_ok() || walk.is_past_it).then_some(walk.told)
}

struct Walk<'r, 'de> {
    redaction: &'r Redaction,
    /// Where the part that is kept ends.
    end: usize,
    is_past_it: bool,
    names: HashMap<&'de str, bool>,
    told: Told,
}

impl<'de> Walk<'_, 'de> {
    /// Whether what is called so may be a secret, or tell one. The same few names come again.
    fn is_suspicious(&mut self, name: &'de str) -> bool {
        let redaction = self.redaction;
        let suspicious = || {
            let asks = name.eq_ignore_ascii_case("path") || name.eq_ignore_ascii_case("filter");
            asks || redaction.mentions_secret(name)
        };
        *self.names.entry(name).or_insert_with(suspicious)
    }
}

struct Look<'w, 'r, 'de> {
    walk: &'w mut Walk<'r, 'de>,
    place: Place,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The whole body.
    Outermost,
    /// What the body says of itself.
    Told,
    Inside,
}

impl<'de> DeserializeSeed<'de> for Look<'_, '_, 'de> {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, body: D) -> Result<Self::Value, D::Error> {
        body.deserialize_any(self)
    }
}

/// Gives the text that is told, if it is one.
impl<'de> Visitor<'de> for Look<'_, '_, 'de> {
    type Value = Option<String>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while let Some(name) = map.next_key::<&'de str>()? {
            if self.walk.redaction.is_built_in() && name.as_ptr().addr() > self.walk.end {
                self.walk.is_past_it = true;
                return Err(A::Error::custom("the rest is not kept"));
            }
            if self.walk.is_suspicious(name) {
                return Err(A::Error::custom("to be redacted"));
            }
            let is_told = self.place == Place::Outermost && self.walk.told.place(name).is_some();
            let inside = Look {
                walk: &mut *self.walk,
                place: if is_told { Place::Told } else { Place::Inside },
            };
            let text = map.next_value_seed(inside)?;
            if is_told && let Some(place) = self.walk.told.place(name) {
                *place = text;
            }
        }
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Self::Value, A::Error> {
        let mut is_more = true;
        while is_more {
            let inside = Look {
                walk: &mut *self.walk,
                place: Place::Inside,
            };
            is_more = values.next_element_seed(inside)?.is_some();
        }
        Ok(None)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok((self.place == Place::Told).then(|| text.to_owned()))
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::scim::schemas::Schemas;
    use serde_json::json;

    fn glanced(body: &Value) -> Option<Told> {
        let redaction = Redaction::new(&Schemas::built_in());
        glance(&redaction, body.to_string().as_bytes(), 10_000)
    }

    #[test]
    fn what_holds_no_secret_tells_of_itself() {
        let told = glanced(&json!({ "id": "7", "detail": "a \"b\"", "scimType": 3,
            "emails": [{ "id": "8", "primary": true, "x": [1, -1, 1.5, null] }] }));
        let expected = Told {
            id: Some("7".to_owned()),
            scim_type: None,
            detail: Some("a \"b\"".to_owned()),
        };
        assert_eq!(told, Some(expected));
    }

    #[test]
    fn whatever_redaction_would_change_is_noticed() {
        for body in [
            json!({ "password": "canary-1" }),
            json!({ "Resources": [{ "id": "1" }, { "x": { "accessToken": "canary-1" } }] }),
            json!({ "Operations": [{ "path": "password", "value": "canary-1" }] }),
            json!({ "filter": "password eq \"canary-1\"" }),
            json!([{ "urn:x:2.0:User:password.x": "canary-1" }]),
        ] {
            let mut redacted = body.clone();
            Redaction::new(&Schemas::built_in()).redact(&mut redacted);
            assert_ne!(redacted, body);
            assert_eq!(glanced(&body), None, "{body}");
        }
        let mut redaction = Redaction::new(&Schemas::built_in());
        redaction.redact(&mut json!({ "password": "canary-1" }));
        assert_eq!(glance(&redaction, b"{\"detail\":\"canary-1\"}", 99), None);
        assert_eq!(glance(&Redaction::default(), b"{\"detail\":", 99), None);
    }

    #[test]
    fn what_is_not_kept_is_not_looked_at() {
        let redaction = Redaction::new(&Schemas::built_in());
        let body = b"{\"id\":\"7\",\"password\":\"canary-1\"}";
        for (kept, is_seen) in [(10, false), (11, true), (99, true)] {
            assert_eq!(glance(&redaction, body, kept).is_none(), is_seen, "{kept}");
        }
    }
}
