//! Signing in with OAuth providers: Google, Microsoft, GitHub, Slack, HubSpot (contract 4.4, 4.5).
//!
//! `start` opens a flow and sends the browser away; `expect` says what its answer must satisfy and
//! `identity` reads a person from it; `receive` keeps that person under a one-time token;
//! `authenticate` turns the token into a session, `discover` into a choice of organizations.

pub mod authenticate;
pub mod discover;
pub mod entrance;
pub mod error;
pub mod expect;
pub mod flow;
pub mod identity;
mod kept;
pub mod receive;
pub(crate) mod recognition;
pub(crate) mod registration;
pub mod start;
