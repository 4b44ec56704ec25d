//! The functions that `bench cpu` calls in a browser.

use std::array;
use std::hint::black_box;

use burn::tensor::Device;
use reslens::arch::Architecture;
use reslens::ops::{self, Algorithm, Conv};
use wasm_bindgen::prelude::wasm_bindgen;
use web_time::Instant;

use crate::{Layer, lay_out};

/// Times the layers of a network on an image of `size` × `size`, and each convolution with every algorithm that can
/// compute it. Returns JSON: lists of the layers, first as a session computes them, then with one algorithm wherever it
/// is possible.
#[wasm_bindgen(js_name = timeLayers)]
pub fn time_layers(architecture: &str, size: usize, rounds: usize) -> String {
    let architecture = Architecture::by_name(architecture).expect("a name of the table");
    let device = Device::flex();
    let lay_out = |wanted: Option<Algorithm>| {
        lay_out(architecture, size, &device, |spec, size| {
            let forced = Conv::among(spec, wanted.as_slice()).next();
            forced.unwrap_or_else(|| ops::fastest(spec, size, &device))
        })
    };
    let choices = [None].into_iter().chain(Algorithm::ALL.map(Some));
    let mut networks: Vec<_> = choices.map(lay_out).collect();
    for _ in 0..rounds {
        for (layer, run) in networks.iter_mut().flatten() {
            let start = Instant::now();
            run();
            layer.ms.push(start.elapsed().as_secs_f64() * 1e3);
        }
    }
    let layers = |network: Vec<(Layer, _)>| network.into_iter().map(|(layer, _)| layer).collect();
    let networks: Vec<Vec<Layer>> = networks.into_iter().map(layers).collect();
    serde_json::to_string(&networks).expect("numbers and names")
}

/// Returns billions of fused multiply-adds per second in eight independent chains of vectors: an upper bound for every
/// kernel. Must be called many times, since a browser switches to its optimised code only when a function is entered.
#[wasm_bindgen(js_name = burstGmacs)]
pub fn burst_gmacs() -> f64 {
    use std::arch::wasm32::{f32x4_relaxed_madd, f32x4_splat};
    const CHAINS: usize = 8;
    const STEPS: usize = 1 << 18;
    let (a, b) = black_box((f32x4_splat(0.5), f32x4_splat(0.25)));
    // All different, or the compiler would merge the chains.
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
