//! The native tests. They are one program, because each program links all of Burn and wgpu. Only `tests/allocations.rs`
//! is a separate one, because it replaces the allocator.

#[path = "../common/mod.rs"]
mod common;

mod architecture;
mod architecture_file;
mod generator;
mod gpu;
#[cfg(feature = "train")]
mod gradients;
mod kernels;
#[cfg(feature = "train")]
mod lab;
mod lens;
mod model_eval;
mod model_fetch;
mod model_import;
mod network;
mod operations;
mod options;
mod parity;
mod preprocess;
mod session;
mod session_lens;
mod soak;
mod weights_bits;
mod weights_checkpoint;
mod weights_header;
mod weights_source;
