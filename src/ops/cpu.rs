//! The CPU arm: [`FusedOps`] on the tensors of Burn's Flex backend.
//!
//! This file only turns tensors into slices and back; the kernels beside it work on slices.

#[cfg(feature = "threads")]
mod crew;
mod direct;
mod gemm;
mod panels;
mod parallel;
mod pool;
mod scratch;
mod winograd;

use burn::backend::tensor::FloatTensor;
use burn::backend::{Flex, TensorMetadata};
use burn::tensor::TensorData;

pub use parallel::with_threads;

use super::conv::{Algorithm, Conv, ConvShape, Epilogue};
use super::{FusedOps, Reduction};

type FlexTensor = FloatTensor<Flex>;

impl FusedOps for Flex {
    fn pack_weights(weights: FlexTensor, conv: Conv) -> FlexTensor {
        let weights = weights.to_contiguous();
        let packed = match conv.algorithm {
            Algorithm::Direct => direct::pack_weights(slice(&weights), &conv),
            Algorithm::Winograd => winograd::pack_weights(slice(&weights), &conv),
        };
        let length = packed.len();
        tensor(packed, [length])
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
        tensor(pool::max_pool(slice(&x), [n, h, w, c]), [n, h.div_ceil(2), w.div_ceil(2), c])
    }

    fn mean_pool(x: FlexTensor) -> FlexTensor {
        let [n, h, w, c] = dims(&x);
        tensor(pool::mean_pool(slice(&x), [n, h * w, c]), [n, c])
    }

    fn linear(x: FlexTensor, weights: FlexTensor, bias: FlexTensor) -> FlexTensor {
        let [n, input] = dims(&x);
        let [output] = dims(&bias);
        tensor(pool::linear(slice(&x), slice(&weights), slice(&bias), input), [n, output])
    }

    fn add(a: FlexTensor, b: FlexTensor) -> FlexTensor {
        let sum = slice(&a).iter().zip(slice(&b)).map(|(a, b)| a + b).collect();
        tensor(sum, dims::<4>(&a))
    }

    fn relu(x: FlexTensor) -> FlexTensor {
        let positive = slice(&x).iter().map(|value| value.max(0.0)).collect();
        tensor(positive, dims::<4>(&x))
    }

    fn reduce_channels(x: FlexTensor, reduction: Reduction) -> FlexTensor {
        let [n, h, w, c] = dims(&x);
        let map = slice(&x).chunks_exact(c).map(|pixel| reduction.apply(pixel)).collect();
        tensor(map, [n, h, w])
    }
}

fn convolve(
    x: &FlexTensor,
    weights: &FlexTensor,
    conv: Conv,
    epilogue: Epilogue<'_>,
) -> FlexTensor {
    let [n, h, w, channels] = dims(x);
    assert_eq!(channels, conv.input, "channels of the convolution's input");
    let shape: ConvShape = conv.shape([n, h, w]);
    let mut out = vec![0.0; shape.out_pixels() * conv.output];
    let kernel = match conv.algorithm {
        Algorithm::Direct => direct::conv,
        Algorithm::Winograd => winograd::conv,
    };
    kernel(slice(x), slice(weights), &shape, epilogue, &mut out);
    tensor(out, [n, shape.out_h, shape.out_w, conv.output])
}

/// The values in row-major order. Every tensor that these operations make is contiguous.
fn slice(x: &FlexTensor) -> &[f32] {
    x.as_slice().expect("an activation is a contiguous f32 tensor")
}

fn dims<const D: usize>(x: &FlexTensor) -> [usize; D] {
    x.shape().dims()
}

fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, shape))
}
