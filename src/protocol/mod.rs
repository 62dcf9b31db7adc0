//! The standards, as pure functions and values.

pub mod scim;
