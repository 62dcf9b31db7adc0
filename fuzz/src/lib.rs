//! The pure part of the SCIM server, built alone so that its fuzz targets build in seconds.

#![allow(dead_code)]

#[path = "../../src/protocol"]
pub mod protocol {
    pub mod scim;
}

pub mod bounds;
