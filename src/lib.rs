//! Vestibule: a self-hosted SCIM and SSO provisioning gateway.
//!
//! The house, from the ground up; imports only go down (`tests/architecture.rs` proves it):
//!
//! - [`protocol`]: what the standards say (SCIM, SAML, OpenID Connect); pure.
//! - [`domain`]: what the product means (organizations, members, roles, policy); pure.
//! - [`storage`]: the database; [`outbound`]: every call that leaves.
//! - [`use_cases`]: what the product does, one transaction each.
//! - [`http`]: what calls us; [`worker`]: what happens by itself; [`demo`]: a world to try it in.
//! - The roof: [`config`], [`telemetry`], [`server`] and [`cli`] put it together.
#![cfg_attr(
    test,
    expect(clippy::too_many_lines, reason = "tables of cases are long")
)]

pub mod cli;
pub mod config;
pub mod demo;
pub mod domain;
pub mod http;
pub mod outbound;
pub mod protocol;
pub mod server;
pub mod storage;
pub mod telemetry;
pub mod use_cases;
pub mod worker;
