//! Claims that a project adds to every session JWT, made of what its members and organizations are
//! (contract 4.2).

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::domain::member::Member;
use crate::domain::organization::Organization;
use crate::domain::placeholder;
use crate::domain::placeholder::Piece;
use crate::domain::session;

/// How many bytes a template and what it gives may have.
pub const MAX_BYTES: usize = 4096;

const FIELDS: [&str; 9] = [
    "member.member_id",
    "member.external_id",
    "member.email_address",
    "member.name",
    "member.status",
    "organization.organization_id",
    "organization.organization_name",
    "organization.organization_slug",
    "organization.organization_external_id",
];
const METADATA: [&str; 3] = [
    "member.trusted_metadata",
    "member.untrusted_metadata",
    "organization.trusted_metadata",
];

/// Everything that is wrong with a template: which claim, and what would be right.
pub fn refusals(template: &Map<String, Value>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (claim, value) in template {
        let mut refuse = |reason: String| found.push((claim.clone(), reason));
        if session::is_reserved_claim(claim) {
            refuse("is a claim of the session JWT itself; choose another name".to_owned());
        }
        for text in texts(value) {
            match placeholder::names(text) {
                Err(malformed) => refuse(malformed.to_string()),
                Ok(names) => names
                    .into_iter()
                    .filter(|name| !is_known(name))
                    .for_each(|name| refuse(unknown(name))),
            }
        }
    }
    let bytes = json!(template).to_string().len();
    if bytes > MAX_BYTES {
        let reason = format!("the template has {bytes} bytes as JSON; {MAX_BYTES} are allowed");
        found.push((String::new(), reason));
    }
    found
}

fn unknown(name: &str) -> String {
    let (fields, metadata) = (FIELDS.join(", "), METADATA.join(", "));
    format!("names {{{{ {name} }}}}; known are {fields}, and {metadata} with what is in them")
}

fn is_known(name: &str) -> bool {
    let in_metadata = |whole: &str| {
        let rest = name.strip_prefix(whole);
        rest.is_some_and(|rest| rest.is_empty() || (rest.starts_with('.') && rest.len() > 1))
    };
    FIELDS.contains(&name) || METADATA.iter().any(|whole| in_metadata(whole))
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(fields) => fields.values().flat_map(texts).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

/// The claims for one member. A claim that is one placeholder has the type of what it names, and
/// is left out when there is nothing; what does not fit into 4096 bytes is left out too.
pub fn claims(
    template: &Map<String, Value>,
    member: &Member,
    organization: &Organization,
) -> Map<String, Value> {
    if template.is_empty() {
        return Map::new();
    }
    let known = known(member, organization);
    let mut bytes = 2;
    let filled = template.iter().filter_map(|(claim, value)| {
        let value = fill(value, &known)?;
        bytes += claim.len() + value.to_string().len() + 4;
        (bytes <= MAX_BYTES).then(|| (claim.clone(), value))
    });
    filled.collect()
}

fn known(member: &Member, organization: &Organization) -> Value {
    json!({
        "member": {
            "member_id": member.id,
            "external_id": member.external_id,
            "email_address": member.email_address,
            "name": member.name,
            "status": member.status,
            "trusted_metadata": member.trusted_metadata,
            "untrusted_metadata": member.untrusted_metadata,
        },
        "organization": {
            "organization_id": organization.id,
            "organization_name": organization.name,
            "organization_slug": organization.slug,
            "organization_external_id": organization.external_id,
            "trusted_metadata": organization.trusted_metadata,
        },
    })
}

fn fill(template: &Value, known: &Value) -> Option<Value> {
    match template {
        Value::String(text) => fill_text(text, known),
        Value::Array(items) => Some(items.iter().filter_map(|it| fill(it, known)).collect()),
        Value::Object(fields) => {
            let filled = fields
                .iter()
                .filter_map(|(name, value)| Some((name.clone(), fill(value, known)?)));
            Some(Value::Object(filled.collect()))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => Some(template.clone()),
    }
}

fn fill_text(text: &str, known: &Value) -> Option<Value> {
    let pieces = placeholder::pieces(text).ok()?;
    if let [Piece::Placeholder(name)] = pieces.as_slice() {
        return named(name, known).cloned();
    }
    let filled = pieces.into_iter().map(|piece| match piece {
        Piece::Text(text) => text.to_owned(),
        Piece::Placeholder(name) => match named(name, known) {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => String::new(),
        },
    });
    Some(Value::String(filled.collect()))
}

fn named<'v>(name: &str, known: &'v Value) -> Option<&'v Value> {
    let found = name.split('.').try_fold(known, |value, key| value.get(key));
    found.filter(|value| !value.is_null())
}

#[cfg(test)]
mod tests;
