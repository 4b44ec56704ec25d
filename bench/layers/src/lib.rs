//! A network's layers, each on its own tensors: how long each takes, and how fast the machine could be.
//!
//! They run one after the other, as in a frame, so that each finds the caches as it would there.

#[cfg(feature = "webgpu")]
pub mod gpu;
#[cfg(feature = "webgpu")]
mod profile;
#[cfg(all(target_arch = "wasm32", feature = "cpu"))]
mod wasm_cpu;
#[cfg(all(target_arch = "wasm32", feature = "webgpu"))]
mod wasm_webgpu;

use std::iter::once;

use burn::tensor::{Device, Tensor, TensorData};
use reslens::arch::{Architecture, ConvSpec};
use reslens::ops::{self, Algorithm, Conv};
use serde::Serialize;

/// One operation and its time.
#[derive(Serialize)]
pub struct Layer {
    /// The layer's name, such as `layer1.0.conv1`.
    pub name: String,
    /// Height, width and channels of the output.
    pub output: [usize; 3],
    /// The convolution's algorithm.
    pub algorithm: &'static str,
    /// Products of a direct convolution, in millions.
    pub direct: f64,
    /// Products that the algorithm needs for whole tiles, in millions.
    pub products: f64,
    /// One time for each round.
    pub ms: Vec<f64>,
}

/// Returns the choice of algorithms that a session makes on `device`.
pub fn as_in_a_session(device: &Device) -> impl Fn(&ConvSpec, [usize; 2]) -> Conv {
    |spec, size| ops::fastest(spec, size, device)
}

/// A layer that can be run.
pub type Run = Box<dyn Fn()>;

/// Returns the layers of a network on an image of `size` × `size`, in order. `choose` selects the algorithm of a
/// convolution by the height and width of its images.
pub fn lay_out(
    architecture: Architecture,
    size: usize,
    device: &Device,
    choose: impl Fn(&ConvSpec, [usize; 2]) -> Conv,
) -> Vec<(Layer, Run)> {
    let conv = |name, spec: &ConvSpec, size| conv(name, choose(spec, [size, size]), size, device);
    let half = size / 2;
    let (stem, name) = (architecture.stem, architecture.stem_names().conv);
    let mut layers = vec![conv(name, &stem, size), max_pool(half, stem.out_channels, device)];
    let mut size = half / 2;
    for block in architecture.blocks() {
        let mut inner = size;
        for (index, spec) in block.convs.iter().enumerate() {
            layers.push(conv(block.conv_names(index).conv, spec, inner));
            inner /= spec.stride;
        }
        let projection = block.projection.iter();
        layers.extend(projection.map(|spec| conv(block.projection_names().conv, spec, size)));
        size = inner;
    }
    layers.into_iter().chain(once(head(size, architecture.features(), device))).collect()
}

fn conv(name: String, conv: Conv, size: usize, device: &Device) -> (Layer, Run) {
    let shape = conv.shape([1, size, size]);
    let weights = values([conv.out_channels, conv.in_channels, conv.kernel, conv.kernel], device);
    let weights = ops::pack_weights(weights, conv);
    let x = values([1, size, size, conv.in_channels], device);
    let bias = values([conv.out_channels], device);
    let direct = (shape.out_pixels() * conv.depth() * conv.out_channels) as f64 / 1e6;
    let products = (shape.products() * conv.in_channels * conv.out_channels) as f64 / 1e6;
    let algorithm = name_of(conv.algorithm);
    let output = [shape.out_h, shape.out_w, conv.out_channels];
    let run = move || drop(ops::conv(x.clone(), weights.clone(), bias.clone(), conv, true));
    (Layer { name, output, algorithm, direct, products, ms: vec![] }, Box::new(run))
}

/// Returns the name of an algorithm in the tables.
fn name_of(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Direct => "direct",
        Algorithm::WinogradF2 => "F(2×2)",
        Algorithm::WinogradF4 => "F(4×4)",
    }
}

fn max_pool(size: usize, channels: usize, device: &Device) -> (Layer, Run) {
    let x = values([1, size, size, channels], device);
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

/// The mean-pool and the fully connected layer, with ImageNet's number of classes.
fn head(size: usize, features: usize, device: &Device) -> (Layer, Run) {
    const CLASSES: usize = 1000;
    let x = values([1, size, size, features], device);
    let weights = values([CLASSES, features], device);
    let bias = values([CLASSES], device);
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

/// Returns arbitrary numbers; they do not affect the time.
fn values<const D: usize>(shape: [usize; D], device: &Device) -> Tensor<D> {
    let count = shape.iter().product();
    let values: Vec<f32> = (0..count).map(|i| (i % 7) as f32 * 0.01 - 0.03).collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}
