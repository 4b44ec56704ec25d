//! Each target is a function from bytes, which panics where a promise is broken.
//!
//! `cargo xtask fuzz` runs them under libFuzzer, on and on. `tests/allocations.rs` includes this file and feeds them
//! the seeds, which takes no time and needs no libFuzzer: so the modules name each other by `super`.

pub mod archive;
pub mod checkpoint;
pub mod header;
pub mod labels;
pub mod legacy;
pub mod memory;
pub mod metadata;
pub mod model;
pub mod names;
pub mod pickle;
pub mod picture;

/// Checks whatever a target promises about these bytes.
pub type Check = fn(&[u8]);

/// All targets by their names, which are also those of their folders in `fuzz/seeds/`.
pub const ALL: [(&str, Check); 9] = [
    ("archive", archive::check),
    ("header", header::check),
    ("labels", labels::check),
    ("legacy", legacy::check),
    ("metadata", metadata::check),
    ("model", model::check),
    ("names", names::check),
    ("pickle", pickle::check),
    ("picture", picture::check),
];
