//! ResNet in the browser with Burn: classification, and the residual maps of every block.
//!
//! The modules in the order of a frame's way:
//!
//! - [`arch`] is the table of architectures, which everything below follows,
//! - [`weights`] reads and checks a model file,
//! - [`preprocess`] turns a picture into the network's input,
//! - [`model`] is the network: blocks, taps, forward pass,
//! - [`ops`] holds the fused operations that it runs on, and their kernels,
//! - [`topk`] turns logits into predictions,
//! - `gpu` opens a GPU and notices when it fails,
//! - [`session`] goes the whole way from pixels to an answer,
//! - `wasm` is the same for JavaScript, and `threads` starts the workers that it computes on,
//! - [`error`] says what can go wrong anywhere on the way,
//! - `tools` fetches, imports and measures model files natively.
//!
//! What must stay true: an engine that differs from the scalar reference is refused at load; taps
//! come from the same run as the logits; no input makes this crate panic.
#![deny(missing_docs, unsafe_code)]

pub mod arch;
pub mod error;
#[cfg(feature = "webgpu")]
pub mod gpu;
pub mod model;
pub mod ops;
pub mod preprocess;
#[cfg(any(feature = "cpu", feature = "webgpu"))]
pub mod session;
#[cfg(all(target_arch = "wasm32", feature = "threads"))]
mod threads;
#[cfg(feature = "tools")]
pub mod tools;
pub mod topk;
#[cfg(all(target_arch = "wasm32", any(feature = "cpu", feature = "webgpu")))]
mod wasm;
pub mod weights;
