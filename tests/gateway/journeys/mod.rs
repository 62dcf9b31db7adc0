//! The ways in around single sign-on: discovery, mails, codes, passwords, second factors.

pub mod bag;
mod discovery;
mod email_code_stories;
mod email_codes;
mod foreign_tokens;
mod impersonation;
mod session_machine;
mod switch;
