//! The schemas and resource types that a connection declares, as an administrator writes them
//! (RFC 7643 §6, §7): read and checked once, when they are set.

use crate::protocol::scim::attribute_name::is_name;
use crate::protocol::scim::fields::DocumentError;
use crate::protocol::scim::fields::Fields;
use crate::protocol::scim::schema;
use crate::protocol::scim::schema::Extension;
use crate::protocol::scim::schema::ResourceType;
use crate::protocol::scim::schema::Schema;
use crate::protocol::scim::schema_document;
use crate::protocol::scim::schema_document::urn;
use crate::protocol::scim::schemas::Schemas;
use serde_json::Value;
use serde_json::json;
use std::sync::Arc;

/// How many schemas, and how many resource types, a connection may declare.
const MOST: usize = 20;
/// How large the documents may be together.
const MOST_BYTES: usize = 256 * 1024;
const MOST_CHARACTERS: usize = 64;

const RESOURCE_TYPE_FIELDS: [&str; 8] = [
    "schemas",
    "id",
    "name",
    "description",
    "endpoint",
    "schema",
    "schemaExtensions",
    "meta",
];
/// Names that this server gives to other things.
const TAKEN_NAMES: [&str; 6] = [
    "Schema",
    "ResourceType",
    "ServiceProviderConfig",
    "Role",
    "Entitlement",
    "Me",
];
/// What is, or may come to be, at an address below the connection's.
const TAKEN_ENDPOINTS: [&str; 15] = [
    "/Users",
    "/Groups",
    "/Roles",
    "/Entitlements",
    "/Me",
    "/Bulk",
    "/Schemas",
    "/ResourceTypes",
    "/ServiceProviderConfig",
    "/Events",
    "/connection",
    "/token",
    "/oauth",
    "/oauth2",
    "/search",
];

/// Reads `{"schemas": […], "resource_types": […]}`.
pub fn read(documents: &Value) -> Result<Schemas, DocumentError> {
    let fields = Fields::read(String::new(), documents)?;
    fields.check_known(&["schemas", "resource_types"])?;
    let bytes = documents.to_string().len();
    if bytes > MOST_BYTES {
        let reason = format!("have {bytes} bytes together; at most {MOST_BYTES} are accepted");
        return Err(fields.refuse("schemas", reason));
    }
    let own = own_schemas(&fields)?;
    let types = fields.objects("resource_types", MOST)?;
    let mut schemas = Schemas::default();
    let mut described = Vec::with_capacity(types.len());
    let mut names: Vec<&str> = Vec::new();
    for entry in &types {
        entry.check_known(&RESOURCE_TYPE_FIELDS)?;
        let name = entry.required_text("name")?;
        if names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            return Err(entry.refuse("name", "is the name of another resource type"));
        }
        names.push(name);
        described.push(take(entry, (name, &own), &mut schemas)?);
    }
    check_used(&fields, &own, &schemas)?;
    let own: Vec<&Value> = own.iter().map(|schema| &schema.document).collect();
    let documents = json!({ "schemas": own, "resource_types": described });
    Ok(schemas.documented(documents))
}

fn own_schemas(fields: &Fields<'_>) -> Result<Vec<Arc<Schema>>, DocumentError> {
    let built_in = Schemas::built_in();
    let standard = built_in.served();
    let mut own: Vec<Arc<Schema>> = Vec::new();
    for entry in fields.objects("schemas", MOST)? {
        let schema = schema_document::read(&entry)?;
        let known = standard
            .iter()
            .copied()
            .chain(own.iter().map(AsRef::as_ref));
        for other in known {
            check_distinct(&entry, &schema, other)?;
        }
        own.push(Arc::new(schema));
    }
    Ok(own)
}

/// No two schemas have the same URN, nor is one the name of an attribute of the other: in a path
/// nobody could tell which is meant.
fn check_distinct(
    entry: &Fields<'_>,
    schema: &Schema,
    other: &Schema,
) -> Result<(), DocumentError> {
    if schema.id.eq_ignore_ascii_case(&other.id) {
        return Err(entry.refuse(
            "id",
            "is the URN of another schema; those of the standards cannot be redefined",
        ));
    }
    if names_attribute(&schema.id, other) || names_attribute(&other.id, schema) {
        let reason = format!(
            "cannot be told from an attribute's name, given \"{}\"",
            other.id
        );
        return Err(entry.refuse("id", reason));
    }
    Ok(())
}

fn names_attribute(urn: &str, schema: &Schema) -> bool {
    urn.rsplit_once(':').is_some_and(|(before, name)| {
        before.eq_ignore_ascii_case(&schema.id)
            && name
                .split('.')
                .next()
                .is_some_and(|name| schema.attribute(name).is_some())
    })
}

/// Adds what one entry of `resource_types` says, and gives it back complete.
fn take(
    entry: &Fields<'_>,
    (name, own): (&str, &[Arc<Schema>]),
    schemas: &mut Schemas,
) -> Result<Value, DocumentError> {
    let built_in = [schema::user(), schema::group()];
    if let Some(kind) = built_in.into_iter().find(|kind| kind.name == name) {
        return extend(entry, (kind, own), schemas);
    }
    let kind = custom(entry, (name, own))?;
    let mut others = schemas.custom().iter();
    if others.any(|other| other.endpoint.eq_ignore_ascii_case(&kind.endpoint)) {
        return Err(entry.refuse("endpoint", "is the endpoint of another resource type"));
    }
    let described = describe(&kind, &kind.extensions);
    schemas.add(kind);
    Ok(described)
}

/// An entry for User or Group, which says what further extensions it has.
fn extend(
    entry: &Fields<'_>,
    (kind, own): (&ResourceType, &[Arc<Schema>]),
    schemas: &mut Schemas,
) -> Result<Value, DocumentError> {
    for (name, right) in [("endpoint", &kind.endpoint), ("schema", &kind.schema.id)] {
        if entry.text(name)?.is_some_and(|given| given != right) {
            let reason = format!("of {} is \"{right}\" and stays so", kind.name);
            return Err(entry.refuse(name, reason));
        }
    }
    let further = extensions(entry, (&kind.schema, own))?;
    let described = describe(kind, &further);
    schemas.extend(&kind.name, further);
    Ok(described)
}

fn custom(
    entry: &Fields<'_>,
    (name, own): (&str, &[Arc<Schema>]),
) -> Result<ResourceType, DocumentError> {
    let taken = [schema::user(), schema::group()].map(|kind| kind.name.as_str());
    let mut taken = taken.into_iter().chain(TAKEN_NAMES);
    if taken.any(|taken| taken.eq_ignore_ascii_case(name)) {
        return Err(entry.refuse("name", "is the name of something else here"));
    }
    if !is_short_name(name) {
        return Err(entry.refuse("name", WORD));
    }
    let endpoint = entry.required_text("endpoint")?;
    if !endpoint.strip_prefix('/').is_some_and(is_short_name) {
        return Err(entry.refuse("endpoint", format!("must be \"/\" and a word that {WORD}")));
    }
    let mut endpoints = TAKEN_ENDPOINTS.iter();
    if endpoints.any(|taken| taken.eq_ignore_ascii_case(endpoint)) {
        return Err(entry.refuse("endpoint", "is the address of something else here"));
    }
    let main = urn(entry, "schema")?;
    let main = own
        .iter()
        .find(|schema| schema.id.eq_ignore_ascii_case(main));
    let main =
        main.ok_or_else(|| entry.refuse("schema", "must be the `id` of one of `schemas`"))?;
    Ok(ResourceType {
        name: name.to_owned(),
        description: entry.text("description")?.unwrap_or_default().to_owned(),
        endpoint: endpoint.to_owned(),
        schema: Arc::clone(main),
        extensions: extensions(entry, (main, own))?,
        common: Arc::clone(&schema::user().common),
    })
}

const WORD: &str = "must begin with a letter and go on with letters, digits, `-` and `_`, 64 at \
                    most";

fn is_short_name(name: &str) -> bool {
    is_name(name) && !name.starts_with('$') && name.len() <= MOST_CHARACTERS
}

fn extensions(
    entry: &Fields<'_>,
    (main, own): (&Schema, &[Arc<Schema>]),
) -> Result<Vec<Extension>, DocumentError> {
    let enterprise = schema::user().extensions.iter();
    let known: Vec<&Arc<Schema>> = own
        .iter()
        .chain(enterprise.map(|extension| &extension.schema))
        .collect();
    let mut extensions: Vec<Extension> = Vec::new();
    for listed in entry.objects("schemaExtensions", MOST)? {
        listed.check_known(&["schema", "required"])?;
        let named = urn(&listed, "schema")?;
        let found = known
            .iter()
            .find(|schema| schema.id.eq_ignore_ascii_case(named));
        let Some(found) = found.filter(|found| found.id != main.id) else {
            let reason = "must be the `id` of one of `schemas`, and not the main schema";
            return Err(listed.refuse("schema", reason));
        };
        if extensions.iter().any(|other| other.schema.id == found.id) {
            return Err(listed.refuse("schema", "is listed twice"));
        }
        extensions.push(Extension {
            schema: Arc::clone(found),
            required: listed.boolean("required", false)?,
        });
    }
    Ok(extensions)
}

/// A schema that nothing uses is most likely a URN that was misspelt elsewhere.
fn check_used(
    fields: &Fields<'_>,
    own: &[Arc<Schema>],
    schemas: &Schemas,
) -> Result<(), DocumentError> {
    let served = schemas.served();
    let unused = (0_usize..)
        .zip(own)
        .find(|(_, schema)| !served.iter().any(|served| served.id == schema.id));
    match unused {
        Some((index, _)) => Err(fields.refuse(
            &format!("schemas[{index}].id"),
            "is named by no entry of `resource_types`; name it as `schema` or in \
             `schemaExtensions`",
        )),
        None => Ok(()),
    }
}

fn describe(kind: &ResourceType, extensions: &[Extension]) -> Value {
    let extensions: Vec<Value> = extensions
        .iter()
        .map(|extension| json!({ "schema": extension.schema.id, "required": extension.required }))
        .collect();
    json!({
        "name": kind.name,
        "description": kind.description,
        "endpoint": kind.endpoint,
        "schema": kind.schema.id,
        "schemaExtensions": extensions,
    })
}

#[cfg(test)]
mod tests;
