//! The vocabulary of the product: organizations, members, connections, roles, policy.
//!
//! Everything here is pure: values in, values and events out. Time and the network are outside.

pub mod authentication_settings;
pub mod clock;
pub mod connection;
pub mod connection_settings;
pub mod email;
pub mod event;
pub mod id;
pub mod identity;
pub mod key_pair;
pub mod member;
pub mod metadata;
pub mod organization;
pub mod organization_rights;
pub mod policy;
pub mod project;
pub mod rbac;
pub mod roles;
pub mod scope;
pub mod secret;
pub mod session;
pub mod session_token;
pub mod slug;
