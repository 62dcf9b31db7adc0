//! The ways in around single sign-on: discovery, mails, codes, passwords, second factors.

pub mod bag;
mod discovery;
mod switch;
