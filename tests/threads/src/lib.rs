//! The team of threads in `src/ops/cpu/team.rs`, where all `unsafe` code is, without the rest of the crate, so that
//! ThreadSanitizer, Miri and loom can check it. `docs/reliability.md` has the commands.
#![cfg(test)]

#[cfg(loom)]
mod model;
#[cfg(not(loom))]
mod pools;
#[cfg(all(not(loom), feature = "std-threads"))]
mod scopes;
#[cfg(not(loom))]
#[path = "../../../src/ops/cpu/team.rs"]
mod team;

// With the feature, `rayon` in the team's source is this crate.
#[cfg(all(not(loom), feature = "std-threads"))]
extern crate self as rayon;
#[cfg(all(not(loom), feature = "std-threads"))]
pub use scopes::{ThreadPoolBuilder, current_num_threads, in_place_scope, scope};
