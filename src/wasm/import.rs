//! The reader of PyTorch checkpoints, in a separate wasm file that is loaded only for them.

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;

use super::memory::{JsResult, copy_bytes, error_to_js};
use crate::weights::source::Source;

/// Writes the likeliest state dict of a checkpoint as a `.safetensors` file. The pickle is read, never run.
/// Throws `ModelInvalid` or `OutOfMemory`.
#[wasm_bindgen(js_name = importCheckpoint)]
pub fn import_checkpoint(checkpoint: &Uint8Array) -> JsResult<Uint8Array> {
    let bytes = copy_bytes(checkpoint).map_err(error_to_js)?;
    let source = Source::read(&bytes, None).map_err(|error| error_to_js(error.into()))?;
    drop(bytes);
    Ok(Uint8Array::from(&source.state.to_safetensors()[..]))
}
