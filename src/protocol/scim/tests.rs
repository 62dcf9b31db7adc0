//! Laws of the engine for generated resources and requests: the PATCH algebra, its model, and
//! what holds for requests that make no sense.

mod algebra;
mod any_patch;
mod model;
mod random;
