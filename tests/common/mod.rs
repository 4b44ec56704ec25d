//! What several integration tests need. Each of them uses a part of it.
#![allow(dead_code)]

pub mod close;
pub mod fixture;
pub mod generator;
pub mod model_file;
