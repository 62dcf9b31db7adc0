//! The gateway from outside: one binary, mirrors the URLs, runs on either database.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::too_many_lines,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "tests fail by panicking, read the environment and call over HTTP"
)]

mod compression;
mod console;
mod domains;
mod every_route;
mod factors;
mod fence;
mod forecasts;
mod isolation;
mod journeys;
mod links;
mod mails;
mod management;
mod openapi;
mod pages;
mod passwords;
mod portal;
mod schema;
mod scim;
mod sign_in_pages;
mod site;
mod sso;
mod statistics;
mod support;
mod together;
mod transactions;
mod whoami;
