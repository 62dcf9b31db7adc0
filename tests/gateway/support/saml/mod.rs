//! SAML responses, good and forged, made by the files of `fixtures/saml`; and readers that are weak
//! on purpose, to show that a forgery is one. Nothing here knows the code under test but the
//! built-in identity provider.

pub mod canonical;
pub mod case;
mod decoded;
pub mod forge;
pub mod mutate;
mod opened;
mod resources;
mod rules;
pub mod seeds;
pub mod sign;
pub mod tree;
pub mod weak;
