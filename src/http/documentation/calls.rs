//! `/docs/api`: each call with what it takes, what it answers and a command to try it.

use std::collections::BTreeSet;
use std::fmt::Write;

use serde_json::Value;
use serde_json::json;

use crate::http::documentation::curl::curl;
use crate::http::documentation::schemas::Direction;
use crate::http::documentation::schemas::description;
use crate::http::documentation::schemas::fields;
use crate::http::documentation::schemas::kind;
use crate::http::documentation::schemas::prose;
use crate::http::html::escape;
use crate::http::openapi::reading::Operation;
use crate::http::openapi::reading::items;
use crate::http::openapi::reading::members;
use crate::http::openapi::reading::operations;
use crate::http::openapi::reading::reachable;
use crate::http::openapi::reading::reference;
use crate::http::openapi::reading::text;

/// What the page says, for a deployment under this URL.
pub(super) fn body(document: &Value, public_url: &str) -> String {
    let calls = operations(document);
    let mut body = introduction(document, public_url);
    body.push_str(&contents(&calls));
    for tag in tags(&calls) {
        let _ = write!(body, "<h2>{}</h2>", escape(tag));
        for operation in calls.iter().filter(|it| tag_of(it) == tag) {
            body.push_str(&call(document, operation));
        }
    }
    body.push_str("<h2>Objects</h2>");
    let mut asked = BTreeSet::new();
    for schema in calls.iter().filter_map(Operation::body) {
        reachable(document, schema, &mut asked);
    }
    for (name, schema) in objects(document, &calls) {
        let shown = escape(name);
        let direction = if asked.contains(name) {
            Direction::Asked
        } else {
            Direction::Answered
        };
        let _ = write!(
            body,
            "<h3 id=\"{shown}\">{shown}</h3><p>{}</p>{}",
            description(schema),
            fields(document, schema, direction)
        );
    }
    body
}

fn introduction(document: &Value, public_url: &str) -> String {
    let about = document.pointer("/info/description").map_or("", text);
    let about = prose(about);
    let url = escape(public_url.trim_end_matches('/'));
    let shared = |name: &str| {
        let schema = json!({ "$ref": format!("#/components/schemas/{name}") });
        fields(document, &schema, Direction::Answered)
    };
    let (envelope, refusal) = (shared("Envelope"), shared("Refusal"));
    format!(
        "<p>{about}</p><p>The examples run in a shell that knows these:</p>\
         <pre>export URL={url}\nexport PROJECT_ID=… SECRET=…\nexport ORGANIZATION_ID=…</pre>\
         <p>The same for programs: <a href=\"/openapi.json\">openapi.json</a>.</p>\
         <details><summary>Every success has</summary>{envelope}</details>\
         <details><summary>Every refusal has</summary>{refusal}</details>\
         <p>What an <code>error_type</code> means: <a href=\"/docs/errors\">Errors</a>.</p>"
    )
}

fn contents(calls: &[Operation<'_>]) -> String {
    let mut list = "<nav aria-label=\"Calls\">".to_owned();
    for tag in tags(calls) {
        let _ = write!(list, "<h4>{}</h4><ul>", escape(tag));
        for operation in calls.iter().filter(|it| tag_of(it) == tag) {
            let id = escape(operation.text("operationId"));
            let summary = prose(operation.text("summary"));
            let _ = write!(
                list,
                "<li><a href=\"#{id}\">{id}</a> <small>{summary}</small></li>"
            );
        }
        list.push_str("</ul>");
    }
    list + "</nav>"
}

fn tag_of<'a>(operation: &Operation<'a>) -> &'a str {
    let mut tags = items(operation.fields.get("tags"));
    tags.next().map_or("", text)
}

/// In the order of their first call.
fn tags<'a>(calls: &[Operation<'a>]) -> Vec<&'a str> {
    let mut seen = BTreeSet::new();
    let tags = calls.iter().map(tag_of);
    tags.filter(|tag| seen.insert(*tag)).collect()
}

fn call(document: &Value, operation: &Operation<'_>) -> String {
    let mut shown = format!(
        "<h3 id=\"{0}\"><code>{1} {2}</code></h3><p>{3} {4}</p><p><small>In SDKs: \
         <code>{0}</code></small></p>",
        escape(operation.text("operationId")),
        operation.method,
        escape(operation.path),
        prose(operation.text("summary")),
        prose(operation.text("description")),
    );
    shown.push_str(&parameters(document, operation));
    let answer = operation.answer().map(without_envelope);
    for (heading, of, direction) in [
        ("Body", operation.body(), Direction::Asked),
        ("Answer", answer, Direction::Answered),
    ] {
        if let Some(schema) = of {
            let fields = fields(document, schema, direction);
            let _ = write!(
                shown,
                "<details><summary>{heading}</summary>{fields}</details>"
            );
        }
    }
    let _ = write!(shown, "<pre>{}</pre>", escape(&curl(operation)));
    shown
}

/// The envelope is told of once, at the top.
fn without_envelope(answer: &Value) -> &Value {
    items(answer.get("allOf")).nth(1).unwrap_or(answer)
}

fn parameters(document: &Value, operation: &Operation<'_>) -> String {
    let mut list = String::new();
    for parameter in items(operation.fields.get("parameters")) {
        let parameter = resolved(document, parameter);
        let of = |name: &str| parameter.get(name).map_or("", text);
        let schema = parameter.get("schema").map(|it| kind(document, it));
        let required = parameter.get("required").is_some_and(|it| it == true);
        let _ = write!(
            list,
            "<dt><code>{}</code> <small>{}, in the {}{}</small></dt><dd>{}</dd>",
            escape(of("name")),
            schema.unwrap_or_default(),
            escape(of("in")),
            if required { ", required" } else { "" },
            prose(of("description")),
        );
    }
    if list.is_empty() {
        return list;
    }
    format!("<details><summary>Parameters</summary><dl>{list}</dl></details>")
}

fn resolved<'a>(document: &'a Value, parameter: &'a Value) -> &'a Value {
    let target = parameter.get("$ref").map(text);
    let target = target.and_then(|it| document.pointer(it.strip_prefix('#')?));
    target.unwrap_or(parameter)
}

/// The schemas that no call shows by itself, and that say more than a plain type.
fn objects<'a>(document: &'a Value, calls: &[Operation<'a>]) -> Vec<(&'a String, &'a Value)> {
    let mut shown = BTreeSet::from(["Envelope", "Refusal"]);
    for operation in calls {
        let answer = operation.answer().map(without_envelope);
        let both = operation.body().into_iter().chain(answer);
        shown.extend(both.filter_map(reference));
    }
    let says_more = |schema: &Value| {
        ["properties", "allOf", "oneOf", "enum"]
            .iter()
            .any(|it| schema.get(it).is_some())
    };
    let all = members(document.pointer("/components/schemas"));
    all.filter(|(name, schema)| !shown.contains(name.as_str()) && says_more(schema))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::openapi::document;

    /// The values of an attribute in a page.
    fn values<'a>(page: &'a str, attribute: &str) -> Vec<&'a str> {
        let parts = page.split(attribute).skip(1);
        parts.filter_map(|it| Some(it.split_once('"')?.0)).collect()
    }

    #[test]
    fn each_call_has_an_anchor_and_each_link_leads_somewhere() {
        let page = body(document(), "https://vestibule.example");
        let anchors: BTreeSet<&str> = values(&page, "id=\"").into_iter().collect();
        assert_eq!(
            anchors.len(),
            values(&page, "id=\"").len(),
            "an anchor is there twice"
        );
        for operation in operations(document()) {
            let id = operation.text("operationId");
            assert!(anchors.contains(id), "{id}");
        }
        for link in values(&page, "href=\"#") {
            assert!(anchors.contains(link), "{link}");
        }
    }

    #[test]
    fn a_call_says_what_it_takes_and_how_to_try_it() {
        let page = body(document(), "https://vestibule.example/");
        for wanted in [
            "export URL=https://vestibule.example\n",
            "<code>PUT /v1/b2b/organizations/{organization_id}</code>",
            "curl -u &quot;$PROJECT_ID:$SECRET&quot; -X PUT \\\n  \
             &quot;$URL/v1/b2b/organizations/$ORGANIZATION_ID&quot; \\\n  \
             -H &quot;Content-Type: application/json&quot; \\\n  -d &#39;{\n",
            "curl &quot;$URL/v1/b2b/sessions/jwks/$PROJECT_ID&quot;",
            "<code>X-Stytch-Member-Session</code>",
            "<code>organization_name</code> <small>string or null</small>",
        ] {
            assert!(page.contains(wanted), "{wanted}");
        }
        assert!(!page.contains("<script") && !page.contains("https://cdn"));
    }
}
