//! The vocabulary of the product: organizations, members, connections, roles, policy.
//!
//! Everything here is pure: values in, values and events out. Time and the network are outside.

pub mod attribute_presets;
pub mod authentication_change;
pub mod authentication_settings;
pub mod claims_template;
pub mod client_key;
pub mod clock;
pub mod connection;
pub mod connection_settings;
pub mod email;
pub mod email_domain;
pub mod event;
pub mod factor;
pub mod id;
pub mod id_time;
pub mod identity;
pub mod key_pair;
pub mod mail_template;
pub mod member;
pub mod metadata;
pub mod oauth_provider;
pub mod oidc_settings;
pub mod organization;
pub mod organization_draft;
pub mod organization_rights;
pub mod placeholder;
pub mod policy;
pub mod project;
pub mod project_settings;
pub mod rbac;
pub mod rbac_refusal;
pub mod rbac_reserved;
pub mod rbac_rules;
mod recent_jwts;
pub mod roles;
pub mod rsa_private_key;
pub mod saml_flows;
pub mod saml_keys;
pub mod scim_client;
pub mod scim_request;
pub mod scope;
pub mod secret;
pub mod session;
pub mod session_token;
pub mod slug;
