mod acting;
mod connections;
mod deletion;
mod metrics;
mod objects;
mod refusals;
