//! How long each layer of a network takes on one thread, and how fast the machine could be.
//!
//! The layers run one after the other, each on tensors of its own, as in a frame: so that each finds the
//! caches as it would there.
#![cfg(target_arch = "wasm32")]

use std::array;
use std::hint::black_box;
use std::iter::once;

use burn::tensor::{Device, Tensor, TensorData};
use reslens::model::arch::{Architecture, ConvSpec, STEM};
use reslens::ops::{self, Algorithm, Conv};
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;
use web_time::Instant;

/// One operation and its time.
#[derive(Serialize)]
struct Layer {
    /// `layer1.0.conv1` and the like.
    name: String,
    /// Height, width and channels of the output.
    output: [usize; 3],
    algorithm: &'static str,
    /// Products of a direct convolution, in millions.
    direct: f64,
    /// Products that the algorithm needs for whole tiles, in millions.
    products: f64,
    /// One time for each round.
    ms: Vec<f64>,
}

/// A layer that can be run.
type Run = Box<dyn Fn()>;

/// Times the layers of a network on an image of `size` × `size`. Returns JSON: a list of layers.
#[wasm_bindgen(js_name = timeLayers)]
pub fn time_layers(architecture: &str, size: usize, rounds: usize) -> String {
    let architecture = Architecture::by_name(architecture).expect("a name of the table");
    let mut layers = lay_out(architecture, size);
    for _ in 0..rounds {
        for (layer, run) in &mut layers {
            let start = Instant::now();
            run();
            layer.ms.push(start.elapsed().as_secs_f64() * 1e3);
        }
    }
    let layers: Vec<_> = layers.into_iter().map(|(layer, _)| layer).collect();
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

fn lay_out(architecture: Architecture, size: usize) -> Vec<(Layer, Run)> {
    let half = size / 2;
    let mut layers = vec![conv("conv1".into(), &STEM, size), max_pool(half, STEM.output)];
    let mut size = half / 2;
    for block in architecture.blocks() {
        let mut inner = size;
        for (index, spec) in block.convs.iter().enumerate() {
            layers.push(conv(format!("{}.conv{}", block.name, index + 1), spec, inner));
            inner /= spec.stride;
        }
        let projection = block.projection.iter();
        layers
            .extend(projection.map(|spec| conv(format!("{}.downsample", block.name), spec, size)));
        size = inner;
    }
    layers.into_iter().chain(once(head(size, architecture.features()))).collect()
}

fn conv(name: String, spec: &ConvSpec, size: usize) -> (Layer, Run) {
    let device = Device::flex();
    let conv = Conv::fastest(spec);
    let shape = conv.shape([1, size, size]);
    let weights = values([conv.output, conv.input, conv.kernel, conv.kernel], &device);
    let weights = ops::pack_weights(weights, conv);
    let x = values([1, size, size, conv.input], &device);
    let bias = values([conv.output], &device);
    let direct = (shape.out_pixels() * conv.depth() * conv.output) as f64 / 1e6;
    let tiles = shape.out_h.div_ceil(4) * shape.out_w.div_ceil(4);
    let (algorithm, products) = match conv.algorithm {
        Algorithm::Direct => ("direct", direct),
        Algorithm::Winograd => ("Winograd", (tiles * 36 * conv.input * conv.output) as f64 / 1e6),
    };
    let output = [shape.out_h, shape.out_w, conv.output];
    let run = move || drop(ops::conv(x.clone(), weights.clone(), bias.clone(), conv, true));
    (Layer { name, output, algorithm, direct, products, ms: vec![] }, Box::new(run))
}

fn max_pool(size: usize, channels: usize) -> (Layer, Run) {
    let x = values([1, size, size, channels], &Device::flex());
    let layer = Layer {
        name: "maxpool".into(),
        output: [size / 2, size / 2, channels],
        algorithm: "–",
        direct: 0.0,
        products: 0.0,
        ms: vec![],
    };
    (layer, Box::new(move || drop(ops::max_pool(x.clone()))))
}

/// Mean-pool and the fully connected layer, with ImageNet's number of classes.
fn head(size: usize, features: usize) -> (Layer, Run) {
    const CLASSES: usize = 1000;
    let device = Device::flex();
    let x = values([1, size, size, features], &device);
    let weights = values([CLASSES, features], &device);
    let bias = values([CLASSES], &device);
    let products = (CLASSES * features) as f64 / 1e6;
    let layer = Layer {
        name: "avgpool, fc".into(),
        output: [1, 1, CLASSES],
        algorithm: "direct",
        direct: products,
        products,
        ms: vec![],
    };
    let run = move || drop(ops::head(x.clone(), weights.clone(), bias.clone()));
    (layer, Box::new(run))
}

/// Some numbers; the time does not depend on which.
fn values<const D: usize>(shape: [usize; D], device: &Device) -> Tensor<D> {
    let count = shape.iter().product();
    let values: Vec<f32> = (0..count).map(|i| (i % 7) as f32 * 0.01 - 0.03).collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}
