//! The team of threads in `src/ops/cpu/team.rs`, where all `unsafe` code is, without the rest of the crate: so that
//! ThreadSanitizer, Miri and loom can look at it. `docs/reliability.md` has the commands.
#![cfg(test)]

#[cfg(loom)]
mod model;
#[cfg(not(loom))]
mod pools;
#[cfg(not(loom))]
#[path = "../../../src/ops/cpu/team.rs"]
mod team;
