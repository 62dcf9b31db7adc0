//! SCIM 2.0 as the standards define it (RFC 7643, RFC 7644): resources as JSON maps, checked
//! against the schema documents that are served, with filters, PATCH and projection.
//!
//! Everything here is pure: the time, the identifiers and the stored resources are arguments.

pub mod as_kept;
pub mod attribute_name;
pub mod body;
pub mod bulk;
pub mod bulk_references;
pub mod bulk_request;
pub mod bulk_response;
#[cfg(test)]
mod cases;
pub mod departure;
pub mod difference;
pub mod discovery;
pub mod error;
pub mod fields;
pub mod filter;
pub mod filter_check;
pub mod filter_match;
pub mod filter_parser;
mod filter_word;
pub mod glance;
pub mod leniency;
pub mod list;
pub mod membership;
pub mod operation;
pub mod patch;
mod patch_elements;
pub mod patch_request;
mod patch_value;
pub mod path;
pub mod projection;
pub mod redaction;
pub mod representation;
pub mod resource;
pub mod rights;
pub mod schema;
pub mod schema_change;
mod schema_document;
pub mod schemas;
pub mod schemas_document;
pub mod search_request;
pub mod sort;
pub mod unique_values;
pub mod user_name;
mod value;
pub mod version;

#[cfg(test)]
mod tests;
