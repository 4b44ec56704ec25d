//! The API for JavaScript: an `Engine`, which is a [`crate::session::Session`] with JavaScript's types.
//!
//! Every engine's wasm file has one. The CPU's answers synchronously, the GPU's with promises. The file that
//! reads PyTorch checkpoints and the one for gradients and the lab have no engine.

#[cfg(not(any(feature = "pickle", feature = "train")))]
mod answers;
#[cfg(any(feature = "cpu", feature = "webgpu"))]
mod convert;
#[cfg(all(feature = "cpu", not(any(feature = "train", feature = "webgpu"))))]
mod cpu;
#[cfg(feature = "pickle")]
mod import;
#[cfg(any(feature = "cpu", feature = "webgpu"))]
mod js_file;
#[cfg(feature = "train")]
mod lab;
mod memory;
#[cfg(feature = "train")]
mod train;
#[cfg(feature = "webgpu")]
mod webgpu;

use wasm_bindgen::prelude::*;

/// Logs a panic's message; the trap that follows only says `unreachable`.
#[wasm_bindgen(start)]
fn start() {
    std::panic::set_hook(Box::new(|panic| web_sys::console::error_1(&panic.to_string().into())));
}
