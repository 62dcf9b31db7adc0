//! One operation on a resource, apart from how it came (RFC 7644 §3.2).

use crate::protocol::scim::error::ScimError;
use crate::protocol::scim::patch_request::PATCH_OP_URN;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Read a resource.
    Get,
    /// Create a resource.
    Post,
    /// Replace a resource.
    Put,
    /// Change parts of a resource.
    Patch,
    /// Delete a resource.
    Delete,
}

/// An operation on one resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// What is to be done.
    pub method: Method,
    /// Where resources of the type live, without slashes: `Users`.
    pub endpoint: String,
    /// Which resource; `None` for the one that a POST creates.
    pub id: Option<String>,
    /// What the client sent; empty where nothing is sent.
    pub body: Map<String, Value>,
    /// The version that the resource must have, as in `If-Match`.
    pub version: Option<String>,
}

impl Method {
    /// The method of this name, in any case.
    pub fn parse(name: &str) -> Option<Self> {
        let all = [Self::Get, Self::Post, Self::Put, Self::Patch, Self::Delete];
        all.into_iter()
            .find(|method| method.name().eq_ignore_ascii_case(name))
    }

    /// The name, as HTTP writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    fn has_body(self) -> bool {
        matches!(self, Self::Post | Self::Put | Self::Patch)
    }
}

impl Operation {
    /// Reads an operation on a path below the base address, such as `/Users` or `/Users/{id}`.
    pub fn read(method: Method, path: &str, body: Option<Value>) -> Result<Self, ScimError> {
        let (endpoint, id) = split(method, path)?;
        Ok(Self {
            method,
            endpoint,
            id,
            body: object(method, body)?,
            version: None,
        })
    }

    /// The same, for a resource of this version.
    pub fn of_version(self, version: Option<String>) -> Self {
        Self { version, ..self }
    }
}

fn split(method: Method, path: &str) -> Result<(String, Option<String>), ScimError> {
    let below = path.strip_prefix('/').unwrap_or(path);
    let below = below.strip_suffix('/').unwrap_or(below);
    let (endpoint, id) = match below.split_once('/') {
        Some((endpoint, id)) => (endpoint, Some(id)),
        None => (below, None),
    };
    let wanted = match (method, id) {
        (Method::Post, None) => return Ok((endpoint.to_owned(), None)),
        (Method::Post, Some(_)) => "that of a resource type, such as \"/Users\"",
        (_, Some(id)) if !id.is_empty() && !id.contains('/') => {
            return Ok((endpoint.to_owned(), Some(id.to_owned())));
        }
        _ => "that of a resource, such as \"/Users/{id}\"",
    };
    let (name, shown) = (method.name(), path.chars().take(100).collect::<String>());
    Err(ScimError::InvalidPath(format!(
        "the path of a {name} must be {wanted}, but it is \"{shown}\""
    )))
}

/// The standard's own example of a PATCH among others sends its operations alone.
fn object(method: Method, body: Option<Value>) -> Result<Map<String, Value>, ScimError> {
    let body = match body {
        _ if !method.has_body() => return Ok(Map::new()),
        Some(operations @ Value::Array(_)) if method == Method::Patch => {
            Some(json!({ "schemas": [PATCH_OP_URN], "Operations": operations }))
        }
        body => body,
    };
    match body {
        Some(Value::Object(body)) => Ok(body),
        _ => Err(ScimError::InvalidSyntax(format!(
            "a {} needs a JSON object, which says what to write",
            method.name()
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::Method;
    use super::Operation;
    use serde_json::json;

    #[test]
    fn a_path_is_that_of_a_type_or_of_a_resource() {
        let body = json!({ "a": 1 });
        let read = |method, path| Operation::read(method, path, Some(body.clone()));
        let cases = [
            (Method::Post, "/Users", "Users", None),
            (Method::Post, "Users/", "Users", None),
            (Method::Put, "/Users/7", "Users", Some("7")),
            (Method::Patch, "Groups/7/", "Groups", Some("7")),
            (Method::Delete, "/Groups/7", "Groups", Some("7")),
        ];
        for (method, path, endpoint, id) in cases {
            let operation = read(method, path).unwrap();
            assert_eq!(operation.endpoint, endpoint, "{path}");
            assert_eq!(operation.id.as_deref(), id, "{path}");
            assert_eq!(operation.body.is_empty(), method == Method::Delete);
        }
        for (method, path) in [
            (Method::Post, "/Users/7"),
            (Method::Put, "/Users"),
            (Method::Put, "/Users/"),
            (Method::Patch, ""),
            (Method::Delete, "/Users/7/8"),
            (Method::Get, "https://id.example/Users/7"),
        ] {
            let refused = read(method, path).unwrap_err();
            assert_eq!(refused.scim_type(), Some("invalidPath"), "{path}");
        }
    }

    #[test]
    fn a_body_is_an_object_or_the_operations_of_a_patch() {
        let operations = json!([{ "op": "remove", "path": "title" }]);
        let bare = Operation::read(Method::Patch, "/Users/7", Some(operations.clone())).unwrap();
        assert_eq!(bare.body["Operations"], operations);
        for (method, path, body) in [
            (Method::Post, "/Users", Some(operations)),
            (Method::Put, "/Users/7", None),
            (Method::Patch, "/Users/7", Some(json!("title"))),
        ] {
            let refused = Operation::read(method, path, body).unwrap_err();
            assert_eq!(refused.scim_type(), Some("invalidSyntax"), "{path}");
        }
    }

    #[test]
    fn methods_are_known_in_any_case() {
        for name in ["GET", "post", "Put", "PATCH", "delete"] {
            let method = Method::parse(name).unwrap();
            assert!(method.name().eq_ignore_ascii_case(name));
        }
        assert_eq!(Method::parse("HEAD"), None);
    }
}
