//! Why things are as they are: each role of a member with what made it so, each refusal with who
//! can do something about it.

pub mod catalogue;
mod evidence;
pub mod graph;
pub mod lacking;
pub mod member;
pub mod refusals;
pub mod remedy;
pub mod sentences;
pub mod timeline;
