//! The functions that `bench webgpu` calls in a browser.

use reslens::arch::Architecture;
use reslens::gpu::{Gpu, OpenOptions};
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::gpu;

/// Times the kernels of a network's layers on an image of `size` × `size`. The caller ensures that the device has
/// `subgroups`, or passes false. Returns JSON: a list of layers.
#[wasm_bindgen(js_name = timeLayers)]
pub async fn time_layers(
    architecture: String,
    size: usize,
    warmup: u32,
    rounds: u32,
    subgroups: bool,
    software: bool,
) -> Result<String, JsError> {
    let architecture = Architecture::by_name(&architecture).expect("a name of the table");
    let options = OpenOptions { timestamps: true, subgroups, software, config: None };
    let gpu = Gpu::open_with(options).await?;
    let layers = gpu::time(&gpu, architecture, size, warmup, rounds).await?;
    Ok(serde_json::to_string(&layers).expect("numbers and names"))
}
