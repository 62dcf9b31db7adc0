//! The SCIM service provider, as a directory meets it.

mod bad_input;
mod bulk;
mod clients;
pub mod directory;
mod groups;
mod members;
mod nested;
mod queries;
mod reactivated;
mod users;
mod versions;
