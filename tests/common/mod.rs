//! Helpers of several integration tests, each of which uses a part of them.
#![allow(dead_code)]

pub mod close;
pub mod fixture;
pub mod generator;
pub mod model_file;
#[cfg(feature = "pickle")]
pub mod torch_file;
