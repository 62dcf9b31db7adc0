//! The ways in around single sign-on: discovery, mails, codes, passwords, second factors.

pub mod bag;
mod discovery;
mod email_code_stories;
mod email_codes;
mod foreign_tokens;
mod impersonation;
pub mod oauth;
mod oauth_checks;
mod oauth_stories;
mod oauth_tenants;
mod onboarding_stories;
mod private_addresses;
mod races;
mod session_machine;
mod switch;
mod vouched_stories;
