//! The native tests. They are one program, because each program links all of Burn and wgpu; only
//! `tests/allocations.rs` is another one, which replaces the allocator.

#[path = "../common/mod.rs"]
mod common;

mod generator;
mod gpu;
mod kernels;
mod model_eval;
mod model_fetch;
mod model_import;
mod network;
mod parity;
mod preprocess;
mod weights_checkpoint;
mod weights_header;
