//! The targets for libFuzzer.

pub mod allocator;
#[path = "targets.rs"]
pub mod targets;
