//! The CPU implementation: [`FusedOps`] on the tensors of Burn's Flex backend.
//!
//! This file only turns tensors into slices and back; the kernels beside it work on slices.

mod activation;
mod cam;
mod direct;
#[cfg(test)]
pub mod fault;
mod gemm;
mod panels;
mod parallel;
mod path_sums;
mod pool;
mod reduction;
mod rest;
mod scratch;
#[cfg(feature = "threads")]
mod team;
mod winograd;

use burn::backend::tensor::FloatTensor;
use burn::backend::{Flex, TensorMetadata};
use burn::tensor::TensorData;

use super::conv::{Algorithm, Algorithms, Conv, ConvShape, Epilogue};
use super::{CamClass, FusedOps, PATH_SUMS, Reduction};
use activation::activation;
use parallel::{for_each_chunk, with_threads};
use winograd::{F2, F4};

type FlexTensor = FloatTensor<Flex>;

/// Calls `work`, one run of a network: threads stand by, and its activations reuse the memory of the previous run.
pub fn run_frame<R>(work: impl FnOnce() -> R) -> R {
    let result = with_threads(work);
    activation::end_frame();
    result
}

/// All algorithms. Memory delivers some 2.2 weights per nanosecond; in that time the inner loop computes 22 products:
/// see docs/cpu-kernels.md.
pub const ALGORITHMS: Algorithms = Algorithms { known: &Algorithm::ALL, weight: 10 };

impl FusedOps for Flex {
    fn pack_weights(weights: FlexTensor, conv: Conv) -> FlexTensor {
        let weights = weights.to_contiguous();
        let packed = match conv.algorithm {
            Algorithm::Direct => direct::pack_weights(slice(&weights), &conv),
            Algorithm::WinogradF2 => winograd::pack_weights::<F2, 2, 4>(slice(&weights), &conv),
            Algorithm::WinogradF4 => winograd::pack_weights::<F4, 4, 6>(slice(&weights), &conv),
        };
        let length = packed.len();
        FlexTensor::from_data(TensorData::new(packed, [length]))
    }

    fn conv(
        x: FlexTensor,
        weights: FlexTensor,
        bias: FlexTensor,
        conv: Conv,
        relu: bool,
    ) -> FlexTensor {
        let epilogue = Epilogue { bias: slice(&bias), shortcut: None, relu };
        convolve(&x, &weights, conv, epilogue)
    }

    fn conv_add_relu(
        x: FlexTensor,
        weights: FlexTensor,
        bias: FlexTensor,
        shortcut: FlexTensor,
        conv: Conv,
    ) -> FlexTensor {
        let epilogue =
            Epilogue { bias: slice(&bias), shortcut: Some(slice(&shortcut)), relu: true };
        convolve(&x, &weights, conv, epilogue)
    }

    fn max_pool(x: FlexTensor) -> FlexTensor {
        let [n, h, w, c] = dims(&x);
        activation([n, h.div_ceil(2), w.div_ceil(2), c], |out| {
            pool::max_pool(slice(&x), [n, h, w, c], out);
        })
    }

    fn head(x: FlexTensor, weights: FlexTensor, bias: FlexTensor) -> FlexTensor {
        let [n, h, w, c] = dims(&x);
        let [classes] = dims(&bias);
        activation([n, c + classes], |out| {
            pool::head(slice(&x), slice(&weights), slice(&bias), [h * w, c], out);
        })
    }

    fn add(a: FlexTensor, b: FlexTensor) -> FlexTensor {
        elementwise([&a, &b], |a, b| a + b)
    }

    fn add_relu(a: FlexTensor, b: FlexTensor) -> FlexTensor {
        elementwise([&a, &b], |a, b| (a + b).max(0.0))
    }

    fn relu(x: FlexTensor) -> FlexTensor {
        let values = slice(&x);
        by_runs(&x, |start, out| write(out, values[start..].iter().map(|value| value.max(0.0))))
    }

    fn zeros_like(x: FlexTensor) -> FlexTensor {
        activation(dims::<4>(&x), |out| out.fill(0.0))
    }

    fn reduce_parts(
        input: FlexTensor,
        shortcut: FlexTensor,
        residual: FlexTensor,
        sum: FlexTensor,
        output: FlexTensor,
        reduction: Reduction,
    ) -> FlexTensor {
        let parts = [input, shortcut, residual, sum, output];
        let pixels = parts.each_ref().map(|part| {
            let [_, h, w, _] = dims(part);
            h * w
        });
        activation([pixels.iter().sum()], |mut maps| {
            for (part, pixels) in parts.iter().zip(pixels) {
                let [_, _, _, channels] = dims(part);
                let (map, rest) = maps.split_at_mut(pixels);
                reduction::reduce(slice(part), channels, reduction, map);
                maps = rest;
            }
        })
    }

    fn path_sums(shortcut: FlexTensor, residual: FlexTensor) -> FlexTensor {
        let (shortcut, residual) = (slice(&shortcut), slice(&residual));
        activation([path_sums::runs(shortcut.len()) * PATH_SUMS], |out| {
            path_sums::path_sums(shortcut, residual, out);
        })
    }

    fn cam(
        shortcut: FlexTensor,
        residual: FlexTensor,
        output: FlexTensor,
        head: FlexTensor,
        weights: FlexTensor,
        class: CamClass,
    ) -> FlexTensor {
        let [_, h, w, c] = dims(&output);
        let class = class.index(&slice(&head)[c..]);
        let weights = &slice(&weights)[class * c..][..c];
        activation([3 * h * w], |out| {
            cam::cam([&shortcut, &residual, &output].map(slice), weights, out);
        })
    }
}

fn convolve(
    x: &FlexTensor,
    weights: &FlexTensor,
    conv: Conv,
    epilogue: Epilogue<'_>,
) -> FlexTensor {
    let [n, h, w, channels] = dims(x);
    assert_eq!(channels, conv.in_channels, "channels of the convolution's input");
    let shape: ConvShape = conv.shape([n, h, w]);
    let kernel = match conv.algorithm {
        Algorithm::Direct => direct::conv,
        Algorithm::WinogradF2 => winograd::conv::<F2, 2, 4>,
        Algorithm::WinogradF4 => winograd::conv::<F4, 4, 6>,
    };
    activation([n, shape.out_h, shape.out_w, conv.out_channels], |out| {
        kernel(slice(x), slice(weights), &shape, epilogue, out);
    })
}

/// Elements that a thread processes at a time, in elementwise operations.
const RUN: usize = 4096;

/// Calls `apply` with each pair of elements of two tensors of the same shape.
fn elementwise(terms: [&FlexTensor; 2], apply: impl Fn(f32, f32) -> f32 + Sync) -> FlexTensor {
    let [a, b] = terms.map(slice);
    by_runs(terms[0], |start, out| {
        let terms = a[start..].iter().zip(&b[start..]);
        write(out, terms.map(|(a, b)| apply(*a, *b)));
    })
}

/// Returns a tensor of the shape of `x`; `work` writes each run of its elements, given the index of the first.
fn by_runs(x: &FlexTensor, work: impl Fn(usize, &mut [f32]) + Sync) -> FlexTensor {
    activation(dims::<4>(x), |out| for_each_chunk(out, RUN, |run, out| work(run * RUN, out)))
}

fn write(out: &mut [f32], values: impl Iterator<Item = f32>) {
    for (out, value) in out.iter_mut().zip(values) {
        *out = value;
    }
}

/// Returns the values in row-major order. All tensors of these operations are contiguous.
fn slice(x: &FlexTensor) -> &[f32] {
    x.as_slice().expect("an activation is a contiguous f32 tensor")
}

fn dims<const D: usize>(x: &FlexTensor) -> [usize; D] {
    x.shape().dims()
}
