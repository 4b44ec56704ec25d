//! What is fed to libFuzzer.

pub mod allocator;
#[path = "targets.rs"]
pub mod targets;
