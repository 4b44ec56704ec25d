//! What `bench cpu` calls in a browser.

use std::array;
use std::hint::black_box;

use burn::tensor::Device;
use reslens::arch::Architecture;
use wasm_bindgen::prelude::wasm_bindgen;
use web_time::Instant;

use crate::{Layer, lay_out};

/// Times the layers of a network on an image of `size` × `size`. Returns JSON: a list of layers.
#[wasm_bindgen(js_name = timeLayers)]
pub fn time_layers(architecture: &str, size: usize, rounds: usize) -> String {
    let architecture = Architecture::by_name(architecture).expect("a name of the table");
    let mut layers = lay_out(architecture, size, &Device::flex());
    for _ in 0..rounds {
        for (layer, run) in &mut layers {
            let start = Instant::now();
            run();
            layer.ms.push(start.elapsed().as_secs_f64() * 1e3);
        }
    }
    let layers: Vec<Layer> = layers.into_iter().map(|(layer, _)| layer).collect();
    serde_json::to_string(&layers).expect("numbers and names")
}

/// Billions of multiplications with additions a second, in eight independent chains of vectors: what
/// no kernel can exceed. To be called many times, since a browser swaps in its optimised code only where
/// a function is entered.
#[wasm_bindgen(js_name = burstGmacs)]
pub fn burst_gmacs() -> f64 {
    use std::arch::wasm32::{f32x4_relaxed_madd, f32x4_splat};
    const CHAINS: usize = 8;
    const STEPS: usize = 1 << 18;
    let (a, b) = black_box((f32x4_splat(0.5), f32x4_splat(0.25)));
    // All different, or the compiler would make one chain of them.
    let mut sums: [_; CHAINS] = black_box(array::from_fn(|chain| f32x4_splat(chain as f32)));
    let start = Instant::now();
    for _ in 0..STEPS {
        for sum in &mut sums {
            *sum = f32x4_relaxed_madd(a, b, *sum);
        }
    }
    black_box(sums);
    (STEPS * CHAINS * 4) as f64 / start.elapsed().as_secs_f64() / 1e9
}
