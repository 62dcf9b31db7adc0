//! The SCIM service provider, as a directory meets it.

mod bad_input;
mod bulk;
mod clients;
mod conversations;
pub mod directory;
mod expectation;
mod groups;
mod hostile;
mod letter;
mod members;
mod nested;
mod push;
mod queries;
mod reactivated;
mod resources;
mod rights;
mod schemas;
mod users;
mod versions;
