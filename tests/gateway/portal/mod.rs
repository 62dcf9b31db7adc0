//! The admin portal, as an IT admin's browser meets it.

mod by_hand;
mod home;
mod links;
mod organization_pages;
mod sso;
mod why;
