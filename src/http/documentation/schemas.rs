//! Fields and types of a schema, as a reader sees them.

use std::fmt::Write;

use serde_json::Value;

use crate::http::html::escape;
use crate::http::openapi::reading::items;
use crate::http::openapi::reading::members;
use crate::http::openapi::reading::reference;
use crate::http::openapi::reading::schema;
use crate::http::openapi::reading::text;

/// One field of an object.
struct Field<'a> {
    name: &'a str,
    schema: &'a Value,
    is_required: bool,
}

/// Who writes a value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// The caller, who may leave out what is not required.
    Asked,
    /// The server, which leaves nothing out.
    Answered,
}

/// A list of all fields of an object, whatever it is composed of; what it is where it has none.
pub(super) fn fields(document: &Value, of: &Value, direction: Direction) -> String {
    let fields = collect(document, of);
    if fields.is_empty() {
        return format!("<p>{}</p>", kind(document, of));
    }
    let mut list = "<dl>".to_owned();
    for field in fields {
        let is_told = field.is_required && direction == Direction::Asked;
        let required = if is_told { ", required" } else { "" };
        let kind = kind(document, field.schema);
        let _ = write!(
            list,
            "<dt><code>{}</code> <small>{kind}{required}</small></dt>",
            escape(field.name)
        );
        let description = description(field.schema);
        if !description.is_empty() {
            let _ = write!(list, "<dd>{description}</dd>");
        }
    }
    list + "</dl>"
}

/// What a schema says of itself, with `code` in it shown as such.
pub(super) fn description(of: &Value) -> String {
    let own = of.get("description");
    let of_either = || items(of.get("oneOf")).find_map(|it| it.get("description"));
    prose(own.or_else(of_either).map_or("", text))
}

/// Text of a doc comment.
pub(super) fn prose(given: &str) -> String {
    let mut shown = String::new();
    for (index, part) in escape(given).split('`').enumerate() {
        if index % 2 == 1 {
            let _ = write!(shown, "<code>{part}</code>");
        } else {
            shown.push_str(part);
        }
    }
    shown
}

fn collect<'a>(document: &'a Value, of: &'a Value) -> Vec<Field<'a>> {
    let mut found = Vec::new();
    if let Some(named) = reference(of).and_then(|name| schema(document, name)) {
        found.extend(collect(document, named));
    }
    for part in items(of.get("allOf")) {
        found.extend(collect(document, part));
    }
    // Of several forms each may be the one, so none of their fields is always there.
    for form in items(of.get("oneOf")) {
        let fields = collect(document, form).into_iter();
        found.extend(fields.map(|field| Field {
            is_required: false,
            ..field
        }));
    }
    let is_required = |name: &str| items(of.get("required")).any(|it| it == name);
    found.extend(members(of.get("properties")).map(|(name, schema)| Field {
        name,
        schema,
        is_required: is_required(name),
    }));
    found
}

/// The type of a value in words, with a link to what has a name.
pub(super) fn kind(document: &Value, of: &Value) -> String {
    if let Some(name) = reference(of) {
        return link(document, name);
    }
    let choices: Vec<&str> = items(of.get("enum")).map(text).collect();
    if !choices.is_empty() {
        return in_words(
            choices
                .iter()
                .map(|it| format!("<code>{}</code>", escape(it))),
        );
    }
    for either in ["oneOf", "anyOf"] {
        if of.get(either).is_some() {
            return in_words(items(of.get(either)).map(|it| kind(document, it)));
        }
    }
    if let Some(one) = items(of.get("allOf")).next() {
        return kind(document, one);
    }
    match of.get("type") {
        Some(Value::String(name)) => plain(document, of, name),
        Some(Value::Array(names)) => in_words(names.iter().map(|it| plain(document, of, text(it)))),
        _ => "any".to_owned(),
    }
}

fn plain(document: &Value, of: &Value, name: &str) -> String {
    match (name, of.get("items"), of.get("additionalProperties")) {
        ("array", Some(item), _) => format!("list of {}", kind(document, item)),
        ("object", _, Some(value)) if value.is_object() => {
            format!("object of {}", kind(document, value))
        }
        _ => escape(name),
    }
}

fn in_words(kinds: impl Iterator<Item = String>) -> String {
    kinds.collect::<Vec<_>>().join(" or ")
}

/// What has fields or choices is explained where its link leads; an identifier says it here.
fn link(document: &Value, name: &str) -> String {
    let shown = escape(name);
    let Some(named) = schema(document, name) else {
        return shown;
    };
    if collect(document, named).is_empty() && named.get("enum").is_none() {
        return kind(document, named);
    }
    format!("<a href=\"#{shown}\">{shown}</a>")
}
