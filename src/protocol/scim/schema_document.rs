//! A schema as an administrator writes it → a schema with every characteristic stated, checked
//! (RFC 7643 §2.1 to §2.3, §7).

use crate::protocol::scim::attribute_name::is_name;
use crate::protocol::scim::fields::DocumentError;
use crate::protocol::scim::fields::Fields;
use crate::protocol::scim::schema::Schema;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

/// How many attributes and sub-attributes a schema may have.
const MOST_ATTRIBUTES: usize = 200;
const MOST_CHARACTERS: usize = 255;
const MESSAGES: &str = "urn:ietf:params:scim:api:messages:";

const ATTRIBUTE_FIELDS: [&str; 12] = [
    "name",
    "type",
    "multiValued",
    "description",
    "required",
    "caseExact",
    "canonicalValues",
    "mutability",
    "returned",
    "uniqueness",
    "referenceTypes",
    "subAttributes",
];
const SCHEMA_FIELDS: [&str; 6] = ["schemas", "id", "name", "description", "attributes", "meta"];
const TYPES: [&str; 8] = [
    "string",
    "boolean",
    "decimal",
    "integer",
    "dateTime",
    "binary",
    "reference",
    "complex",
];
/// The attributes that every resource has (RFC 7643 §3), and the one that holds the URNs.
const COMMON: [&str; 4] = ["id", "externalId", "meta", "schemas"];

/// Reads one schema; its document states what the administrator left to the defaults.
pub(crate) fn read(fields: &Fields<'_>) -> Result<Schema, DocumentError> {
    fields.check_known(&SCHEMA_FIELDS)?;
    let id = urn(fields, "id")?;
    let last_part = id.rsplit(':').next().unwrap_or(id);
    let attributes = attributes(fields, "attributes", Level::Top)?;
    let count = attributes.iter().map(count).sum::<usize>();
    if count > MOST_ATTRIBUTES {
        return Err(fields.refuse(
            "attributes",
            format!(
                "are {count} with their sub-attributes; at most {MOST_ATTRIBUTES} are accepted"
            ),
        ));
    }
    let document = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
        "id": id,
        "name": fields.text("name")?.unwrap_or(last_part),
        "description": fields.text("description")?.unwrap_or_default(),
        "attributes": attributes,
    });
    Schema::of(document).map_err(|error| fields.refuse("attributes", error.to_string()))
}

/// A URN that can stand before an attribute's name in a filter.
pub(crate) fn urn<'v>(fields: &Fields<'v>, name: &str) -> Result<&'v str, DocumentError> {
    let urn = fields.required_text(name)?;
    let characters = |c: char| c.is_ascii_alphanumeric() || ":._-".contains(c);
    let lower = urn.to_ascii_lowercase();
    let well_formed = lower.starts_with("urn:")
        && urn.split(':').count() > 2
        && urn.split(':').all(|part| !part.is_empty())
        && urn.chars().all(characters)
        && urn.len() <= MOST_CHARACTERS;
    if !well_formed {
        return Err(fields.refuse(
            name,
            format!(
                "must be a URN of letters, digits, `:`, `.`, `_` and `-`, such as \
                 \"urn:example:2.0:Badge\", with at most {MOST_CHARACTERS} characters"
            ),
        ));
    }
    if lower.starts_with(MESSAGES) {
        return Err(fields.refuse(name, "is a URN of messages, not of schemas"));
    }
    Ok(urn)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Top,
    Sub,
}

fn count(attribute: &Value) -> usize {
    let parts = attribute.get("subAttributes").and_then(Value::as_array);
    parts.map_or(0, Vec::len).saturating_add(1)
}

fn attributes(fields: &Fields<'_>, name: &str, level: Level) -> Result<Vec<Value>, DocumentError> {
    let given = fields.objects(name, MOST_ATTRIBUTES)?;
    if given.is_empty() {
        return Err(fields.refuse(name, "must list at least one attribute"));
    }
    let mut known: Vec<String> = Vec::new();
    let mut read = Vec::with_capacity(given.len());
    for attribute_fields in given {
        let name = attribute_name(&attribute_fields, level)?;
        let folded = name.to_ascii_lowercase();
        if known.contains(&folded) {
            let reason = "is the name of another attribute, whatever the case of its letters";
            return Err(attribute_fields.refuse("name", reason));
        }
        known.push(folded);
        read.push(attribute(&attribute_fields, name, level)?);
    }
    Ok(read)
}

fn attribute_name<'v>(fields: &Fields<'v>, level: Level) -> Result<&'v str, DocumentError> {
    let name = fields.required_text("name")?;
    let is_reference = level == Level::Sub && name == "$ref";
    if !is_reference && (!is_name(name) || name.starts_with('$') || name.len() > MOST_CHARACTERS) {
        return Err(fields.refuse(
            "name",
            "must begin with a letter and go on with letters, digits, `-` and `_`",
        ));
    }
    if level == Level::Top
        && COMMON
            .iter()
            .any(|common| common.eq_ignore_ascii_case(name))
    {
        return Err(fields.refuse(
            "name",
            "is an attribute that every resource has; leave it out",
        ));
    }
    Ok(name)
}

fn attribute(fields: &Fields<'_>, name: &str, level: Level) -> Result<Value, DocumentError> {
    fields.check_known(&ATTRIBUTE_FIELDS)?;
    let kind = fields.word("type", &TYPES, "string")?;
    let is_opaque = ["reference", "binary"].contains(&kind);
    let mutabilities = ["readOnly", "readWrite", "immutable", "writeOnly"];
    let mutability = fields.word("mutability", &mutabilities, "readWrite")?;
    let usual = if mutability == "writeOnly" {
        "never"
    } else {
        "default"
    };
    let returned = fields.word(
        "returned",
        &["always", "never", "default", "request"],
        usual,
    )?;
    let mut attribute = Map::new();
    let mut state = |name: &str, value: Value| attribute.insert(name.to_owned(), value);
    state("name", name.into());
    state("type", kind.into());
    if kind == "reference" {
        state("referenceTypes", reference_types(fields)?);
    }
    state("multiValued", fields.boolean("multiValued", false)?.into());
    state(
        "description",
        fields.text("description")?.unwrap_or_default().into(),
    );
    state("required", fields.boolean("required", false)?.into());
    state("caseExact", fields.boolean("caseExact", is_opaque)?.into());
    let canonical = fields.texts("canonicalValues")?;
    if !canonical.is_empty() {
        state("canonicalValues", canonical.into());
    }
    state("mutability", mutability.into());
    state("returned", returned.into());
    state("uniqueness", uniqueness(fields, kind)?.into());
    if let Some(parts) = sub_attributes(fields, kind, level)? {
        state("subAttributes", parts.into());
    }
    check_write_only(fields, mutability, returned)?;
    Ok(Value::Object(attribute))
}

fn reference_types(fields: &Fields<'_>) -> Result<Value, DocumentError> {
    let types = fields.texts("referenceTypes")?;
    if types.is_empty() {
        return Err(fields.refuse(
            "referenceTypes",
            "must say what the reference points to: names of resource types, \"external\" or \
             \"uri\"",
        ));
    }
    Ok(types.into())
}

fn uniqueness(fields: &Fields<'_>, kind: &str) -> Result<&'static str, DocumentError> {
    let uniqueness = fields.word("uniqueness", &["none", "server", "global"], "none")?;
    match uniqueness {
        "global" => Err(fields.refuse(
            "uniqueness",
            "\"global\" cannot be promised here; \"server\" is unique in the connection",
        )),
        "server" if kind == "complex" => Err(fields.refuse(
            "uniqueness",
            "belongs on a sub-attribute of a complex attribute",
        )),
        "server" if kind == "boolean" => {
            Err(fields.refuse("uniqueness", "cannot be \"server\" for a boolean"))
        }
        uniqueness => Ok(uniqueness),
    }
}

fn sub_attributes(
    fields: &Fields<'_>,
    kind: &str,
    level: Level,
) -> Result<Option<Vec<Value>>, DocumentError> {
    let given = !fields.objects("subAttributes", MOST_ATTRIBUTES)?.is_empty();
    match (kind == "complex", level) {
        (true, Level::Sub) => Err(fields.refuse(
            "type",
            "cannot be complex: no complex attribute contains another",
        )),
        (true, Level::Top) => attributes(fields, "subAttributes", Level::Sub).map(Some),
        (false, _) if given => Err(fields.refuse(
            "subAttributes",
            "belong to attributes of type complex; set `type` to \"complex\"",
        )),
        (false, _) => Ok(None),
    }
}

/// What is written and never read is not kept, so nothing can be asked of it later.
fn check_write_only(
    fields: &Fields<'_>,
    mutability: &str,
    returned: &str,
) -> Result<(), DocumentError> {
    if mutability != "writeOnly" {
        return Ok(());
    }
    if returned != "never" {
        return Err(fields.refuse("returned", "must be \"never\" for a writeOnly attribute"));
    }
    if fields.boolean("required", false)? {
        let reason = "cannot be true for a writeOnly attribute, whose values are not kept";
        return Err(fields.refuse("required", reason));
    }
    if fields.text("uniqueness")? == Some("server") {
        let reason = "cannot be \"server\" for a writeOnly attribute, whose values are not kept";
        return Err(fields.refuse("uniqueness", reason));
    }
    Ok(())
}
