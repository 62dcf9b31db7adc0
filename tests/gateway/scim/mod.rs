//! The SCIM service provider, as a directory meets it.

mod assertions;
mod bad_input;
mod bulk;
mod clients;
mod compiled;
mod conversations;
mod credentials;
mod cursors;
pub mod directory;
mod expectation;
mod groups;
mod hostile;
mod letter;
mod members;
mod nested;
pub mod oauth;
mod push;
mod queries;
mod reactivated;
mod resources;
mod rights;
mod schemas;
mod search;
mod throttling;
mod tokens;
mod users;
mod versions;
