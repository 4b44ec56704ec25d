//! Helpers of several integration tests, each of which uses a part of them.
#![allow(dead_code)]

pub mod close;
pub mod fixture;
pub mod generator;
pub mod kernels;
pub mod model_file;
pub mod random;
pub mod small_network;
#[cfg(feature = "pickle")]
pub mod torch_file;
