//! Lists and their pages, by index or by cursor (RFC 7644 §3.4.2, §3.4.2.4, RFC 9865).

use crate::protocol::scim::error::ScimError;
use serde_json::Value;

/// The greatest number of resources in one response.
pub const MAX_COUNT: i64 = 200;
/// The number of resources in one response when the client does not say.
pub const DEFAULT_COUNT: i64 = 100;
/// The schema URN of a list.
pub const LIST_RESPONSE_URN: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// The part of a list that the client asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// The position of the first resource, counted from one.
    pub start_index: i64,
    /// How many resources at most; zero asks for the total alone.
    pub count: i64,
}

impl Page {
    /// Reads the two parameters, clamping what is out of range.
    pub fn parse(start_index: Option<&str>, count: Option<&str>) -> Result<Self, ScimError> {
        Ok(Self {
            start_index: number("startIndex", start_index)?.unwrap_or(1).max(1),
            count: number("count", count)?
                .unwrap_or(DEFAULT_COUNT)
                .clamp(0, MAX_COUNT),
        })
    }

    /// How many resources come before the page.
    pub fn offset(self) -> i64 {
        self.start_index.saturating_sub(1)
    }
}

impl Default for Page {
    fn default() -> Self {
        Self {
            start_index: 1,
            count: DEFAULT_COUNT,
        }
    }
}

/// A whole number; one too large to hold is as good as the largest.
fn number(name: &str, text: Option<&str>) -> Result<Option<i64>, ScimError> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ScimError::InvalidValue(format!(
            "`{name}` must be a whole number, such as `{name}=1`"
        )));
    }
    let limit = if negative { i64::MIN } else { i64::MAX };
    Ok(Some(text.parse().unwrap_or(limit)))
}

/// The response to a query, with everything that clients expect even of an empty one. The
/// resources are JSON already.
pub fn list_response(resources: &[String], total: i64, page: Page) -> String {
    let start = format!("\"startIndex\":{},", page.start_index);
    response(resources, total, (&start, ""))
}

/// A page that is told by cursors; one without a `nextCursor` is the last. None of them says
/// where it stands or how to go back.
pub fn cursor_response(resources: &[String], total: i64, next_cursor: Option<&str>) -> String {
    let next = next_cursor.map(|next| format!(",\"nextCursor\":{}", Value::from(next)));
    response(resources, total, ("", &next.unwrap_or_default()))
}

fn response(resources: &[String], total: i64, (start, end): (&str, &str)) -> String {
    let count = resources.len();
    format!(
        "{{\"schemas\":[\"{LIST_RESPONSE_URN}\"],\"totalResults\":{total},{start}\
         \"itemsPerPage\":{count},\"Resources\":[{}]{end}}}",
        resources.join(",")
    )
}

#[cfg(test)]
mod tests {
    use super::Page;
    use super::cursor_response;
    use super::list_response;
    use serde_json::Value;
    use serde_json::json;

    fn read(response: &str) -> Value {
        serde_json::from_str(response).unwrap()
    }

    #[test]
    fn pages_are_clamped() {
        let cases = [
            (None, None, (1, 100)),
            (Some("11"), Some("5"), (11, 5)),
            (Some("0"), Some("-1"), (1, 0)),
            (Some("-7"), Some("0"), (1, 0)),
            (
                Some("2147483648"),
                Some("99999999999999999999"),
                (2_147_483_648, 200),
            ),
            (Some("99999999999999999999"), Some(""), (i64::MAX, 100)),
            (Some("-99999999999999999999"), Some("201"), (1, 200)),
        ];
        for (start_index, count, expected) in cases {
            let page = Page::parse(start_index, count).unwrap();
            assert_eq!((page.start_index, page.count), expected);
        }
        assert_eq!(Page::default().offset(), 0);
    }

    #[test]
    fn what_is_no_number_is_named() {
        for text in ["x", "1.5", "-", "1e3", "+1"] {
            let error = Page::parse(None, Some(text)).unwrap_err();
            assert_eq!(error.scim_type(), Some("invalidValue"));
            assert!(error.detail().contains("`count`"));
        }
    }

    #[test]
    fn an_empty_list_is_complete() {
        let page = Page::parse(Some("1"), Some("1")).unwrap();
        assert_eq!(
            read(&list_response(&[], 0, page)),
            json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
                "totalResults": 0, "startIndex": 1, "itemsPerPage": 0, "Resources": [],
            })
        );
    }

    #[test]
    fn a_page_by_cursors_says_where_the_next_one_is() {
        let resources = [
            json!({ "id": "1" }).to_string(),
            json!({ "id": "\"2" }).to_string(),
        ];
        assert_eq!(
            read(&cursor_response(&resources, 7, Some("a\"b"))),
            json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
                "totalResults": 7, "itemsPerPage": 2,
                "Resources": [{ "id": "1" }, { "id": "\"2" }], "nextCursor": "a\"b",
            })
        );
        assert_eq!(read(&cursor_response(&[], 7, None)).get("nextCursor"), None);
    }
}
