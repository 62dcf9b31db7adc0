mod acting;
mod objects;
