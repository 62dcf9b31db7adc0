//! A call as a line of shell, to be copied and run.

use std::fmt::Write;

use serde_json::Value;

use crate::http::openapi::reading::Operation;
use crate::http::openapi::reading::items;
use crate::http::openapi::reading::text;

/// The command; what differs from reader to reader is a variable of the shell.
pub(super) fn curl(operation: &Operation<'_>) -> String {
    let example = operation
        .fields
        .get("requestBody")
        .and_then(|body| body.pointer("/content/application~1json/example"));
    let mut command = "curl".to_owned();
    let is_open = operation.fields.get("security").is_some();
    if !is_open {
        command.push_str(" -u \"$PROJECT_ID:$SECRET\"");
    }
    // With a body, curl posts unless it is told otherwise.
    let by_itself = if example.is_some() { "POST" } else { "GET" };
    if operation.method != by_itself {
        let _ = write!(command, " -X {}", operation.method);
    }
    command.push_str(if is_open { " " } else { " \\\n  " });
    let _ = write!(
        command,
        "\"$URL{}{}\"",
        path(operation.path),
        query(operation)
    );
    if let Some(example) = example {
        let body = serde_json::to_string_pretty(example).unwrap_or_default();
        let _ = write!(
            command,
            " \\\n  -H \"Content-Type: application/json\" \\\n  -d '{}'",
            body.replace('\'', "'\\''")
        );
    }
    command
}

fn path(template: &str) -> String {
    let parts = template.split('/').map(|part| {
        let name = part.strip_prefix('{').and_then(|it| it.strip_suffix('}'));
        name.map_or_else(|| part.to_owned(), variable)
    });
    parts.collect::<Vec<_>>().join("/")
}

fn variable(name: &str) -> String {
    format!("${}", name.to_uppercase())
}

fn query(operation: &Operation<'_>) -> String {
    let of_query = |it: &&Value| it.get("in").is_some_and(|place| place == "query");
    let needed = |it: &&Value| it.get("required").is_some_and(|it| it == true);
    let parameters = items(operation.fields.get("parameters")).filter(of_query);
    let names = parameters
        .filter(needed)
        .filter_map(|it| it.get("name"))
        .map(text);
    let pairs: Vec<String> = names
        .map(|name| format!("{name}={}", variable(name)))
        .collect();
    if pairs.is_empty() {
        String::new()
    } else {
        format!("?{}", pairs.join("&"))
    }
}
