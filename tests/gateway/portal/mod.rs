//! The admin portal, as an IT admin's browser meets it.

mod by_hand;
mod links;
mod organization_pages;
mod sso;
mod why;
