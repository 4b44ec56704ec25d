//! Each target is a function from bytes that panics if a promise is broken.
//!
//! `cargo xtask fuzz` runs them under libFuzzer, without end. `tests/allocations.rs` includes this file and runs the
//! seeds, which takes no time and needs no libFuzzer; therefore the modules refer to each other by `super`.

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

/// Checks the target's promises for these bytes.
pub type Check = fn(&[u8]);

/// All targets, by the names that their folders in `fuzz/seeds/` also have.
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
