//! What a query asks for, whether it came as parameters of a GET or as the body of `/.search`
//! (RFC 7644 §3.4.2, §3.4.3, RFC 9865).

use crate::protocol::scim::error::ScimError;
use crate::protocol::scim::list::MAX_COUNT;
use crate::protocol::scim::list::Page;
use crate::protocol::scim::projection::Projection;
use crate::protocol::scim::schema::ResourceType;
use serde_json::Map;
use serde_json::Value;

/// The schema URN of the body of `/.search`.
pub const SEARCH_REQUEST_URN: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

const PARAMETERS: [&str; 8] = [
    "filter",
    "sortBy",
    "sortOrder",
    "startIndex",
    "count",
    "cursor",
    "attributes",
    "excludedAttributes",
];

/// A query.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchRequest {
    /// Which resources; all if absent.
    pub filter: Option<String>,
    /// In which order; that of their creation if absent.
    pub sort: Option<SortRequest>,
    /// Which part of them.
    pub paging: Paging,
    /// Which attributes are shown.
    pub attributes: Option<String>,
    /// Which attributes are not shown.
    pub excluded_attributes: Option<String>,
}

/// What resources are sorted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SortRequest {
    /// The attribute, as the client names it.
    pub by: String,
    /// Whether the greatest comes first.
    pub is_descending: bool,
}

/// A part of the resources that match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Paging {
    /// By position.
    Index(Page),
    /// After the page that gave the cursor; from the beginning if it is empty.
    Cursor {
        /// The cursor.
        cursor: String,
        /// How many resources at most; as many as before if absent.
        count: Option<i64>,
    },
}

impl Default for Paging {
    fn default() -> Self {
        Self::Index(Page::default())
    }
}

impl SearchRequest {
    /// Reads the parameters of a GET.
    pub fn from_parameters<'p>(
        parameter: impl Fn(&str) -> Option<&'p str>,
    ) -> Result<Self, ScimError> {
        let given = |name: &str| parameter(name).filter(|text| !text.trim().is_empty());
        Ok(Self {
            filter: parameter("filter").map(str::to_owned),
            sort: sort(given("sortBy"), given("sortOrder"))?,
            paging: paging(parameter("cursor"), given("startIndex"), given("count"))?,
            attributes: given("attributes").map(str::to_owned),
            excluded_attributes: given("excludedAttributes").map(str::to_owned),
        })
    }

    /// Reads the body of a POST.
    pub fn from_body(body: &Map<String, Value>) -> Result<Self, ScimError> {
        let is_named = |urn: &Value| {
            let urn = urn.as_str();
            urn.is_some_and(|urn| urn.eq_ignore_ascii_case(SEARCH_REQUEST_URN))
        };
        let schemas = body.get("schemas").and_then(Value::as_array);
        if !schemas.is_some_and(|schemas| schemas.iter().any(is_named)) {
            return Err(ScimError::InvalidSyntax(format!(
                "`schemas` of a search must be [\"{SEARCH_REQUEST_URN}\"]"
            )));
        }
        let mut parameters: Vec<(&str, String)> = Vec::new();
        for name in PARAMETERS {
            let mut fields = body.iter();
            let found = fields.find(|(key, _)| key.eq_ignore_ascii_case(name));
            if let Some((_, value)) = found
                && let Some(text) = as_parameter(name, value)?
            {
                parameters.push((name, text));
            }
        }
        Self::from_parameters(|name| {
            let found = parameters.iter().find(|(given, _)| *given == name);
            found.map(|(_, text)| text.as_str())
        })
    }

    /// Which attributes of a resource of this type are shown.
    pub fn projection(&self, resource_type: &ResourceType) -> Projection {
        let (only, without) = (&self.attributes, &self.excluded_attributes);
        Projection::parse(only.as_deref(), without.as_deref(), resource_type)
    }
}

/// A field of the body as the parameter that it stands for.
fn as_parameter(name: &str, value: &Value) -> Result<Option<String>, ScimError> {
    let (text, wanted) = match name {
        "startIndex" | "count" => (whole_number(value), "a whole number"),
        "attributes" | "excludedAttributes" => (names(value), "an array of attribute names"),
        _ => (value.as_str().map(str::to_owned), "a string"),
    };
    match (value, text) {
        (Value::Null, _) => Ok(None),
        (_, Some(text)) => Ok(Some(text)),
        (_, None) => Err(ScimError::InvalidValue(format!(
            "`{name}` of a search must be {wanted}, but it is {value}"
        ))),
    }
}

fn whole_number(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()),
        _ => None,
    }
}

fn names(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(names) => {
            let names: Option<Vec<&str>> = names.iter().map(Value::as_str).collect();
            Some(names?.join(","))
        }
        _ => None,
    }
}

fn sort(by: Option<&str>, order: Option<&str>) -> Result<Option<SortRequest>, ScimError> {
    let order = order.map(str::trim);
    let is = |word: &str| order.is_some_and(|order| order.eq_ignore_ascii_case(word));
    if order.is_some() && !is("ascending") && !is("descending") {
        return Err(ScimError::InvalidValue(format!(
            "`sortOrder` is \"{}\"; it must be \"ascending\" or \"descending\"",
            order.unwrap_or_default()
        )));
    }
    Ok(by.map(|by| SortRequest {
        by: by.trim().to_owned(),
        is_descending: is("descending"),
    }))
}

/// A cursor, even an empty one, is what pages are told by; a `startIndex` beside it is not read.
fn paging(
    cursor: Option<&str>,
    start_index: Option<&str>,
    count: Option<&str>,
) -> Result<Paging, ScimError> {
    let Some(cursor) = cursor else {
        return Page::parse(start_index, count).map(Paging::Index);
    };
    let wanted = || {
        ScimError::InvalidCount(format!(
            "`count` must be a whole number from 1 to {MAX_COUNT} when pages are told by cursors"
        ))
    };
    let page = Page::parse(None, count).map_err(|_| wanted())?;
    match count {
        None => Ok(Paging::Cursor {
            cursor: cursor.trim().to_owned(),
            count: None,
        }),
        Some(_) if page.count > 0 => Ok(Paging::Cursor {
            cursor: cursor.trim().to_owned(),
            count: Some(page.count),
        }),
        Some(_) => Err(wanted()),
    }
}

#[cfg(test)]
mod tests {
    use super::Paging;
    use super::SearchRequest;
    use crate::protocol::scim::list::Page;
    use serde_json::Value;
    use serde_json::json;

    fn from_body(body: Value) -> Result<SearchRequest, crate::protocol::scim::error::ScimError> {
        SearchRequest::from_body(body.as_object().unwrap())
    }

    fn from_parameters(
        given: &[(&str, &'static str)],
    ) -> Result<SearchRequest, crate::protocol::scim::error::ScimError> {
        SearchRequest::from_parameters(|name| {
            let found = given.iter().find(|(given, _)| *given == name);
            found.map(|(_, text)| *text)
        })
    }

    #[test]
    fn a_body_asks_for_what_parameters_ask_for() {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
            "attributes": ["userName", "name.givenName"],
            "filter": "title pr",
            "sortBy": "userName",
            "SortOrder": "Descending",
            "startIndex": 11,
            "count": 5,
            "cursor": null,
        });
        let parameters = from_parameters(&[
            ("attributes", "userName,name.givenName"),
            ("filter", "title pr"),
            ("sortBy", "userName"),
            ("sortOrder", "descending"),
            ("startIndex", "11"),
            ("count", "5"),
        ]);
        let asked = from_body(body).unwrap();
        assert_eq!(Ok(&asked), parameters.as_ref());
        assert!(asked.sort.unwrap().is_descending);
        let page = Page {
            start_index: 11,
            count: 5,
        };
        assert_eq!(asked.paging, Paging::Index(page));
    }

    #[test]
    fn a_cursor_even_an_empty_one_begins_pages_of_their_own() {
        let cases = [
            (vec![("cursor", "")], ("", None)),
            (vec![("cursor", "x"), ("count", "5")], ("x", Some(5))),
            (vec![("cursor", "x"), ("count", "999")], ("x", Some(200))),
        ];
        for (given, (cursor, count)) in cases {
            let cursor = cursor.to_owned();
            let asked = from_parameters(&given).unwrap();
            assert_eq!(asked.paging, Paging::Cursor { cursor, count });
        }
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let urn = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
        let with = |name: &str, value: Value| json!({ "schemas": [urn], name: value });
        let cases = [
            (json!({ "filter": "title pr" }), "invalidSyntax"),
            (json!({ "schemas": urn }), "invalidSyntax"),
            (with("filter", json!(7)), "invalidValue"),
            (with("attributes", json!([7])), "invalidValue"),
            (with("count", json!("many")), "invalidValue"),
            (with("count", json!(1.5)), "invalidValue"),
            (with("startIndex", json!(true)), "invalidValue"),
            (with("sortOrder", json!("up")), "invalidValue"),
        ];
        for (body, scim_type) in cases {
            let refused = from_body(body.clone()).unwrap_err();
            assert_eq!(refused.scim_type(), Some(scim_type), "{body}");
        }
        for count in ["0", "-1", "many"] {
            let refused = from_parameters(&[("cursor", ""), ("count", count)]).unwrap_err();
            assert_eq!(refused.scim_type(), Some("invalidCount"), "{count}");
        }
    }
}
