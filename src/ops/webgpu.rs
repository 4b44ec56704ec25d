//! The WebGPU arm: [`FusedOps`] on the tensors of Burn's CubeCL backend, by WGSL kernels of our own.
//!
//! None of Burn's own GPU kernels runs, no autotuning, no fusion: what is launched is what stands in
//! the `.wgsl` files beside this one. Every tensor that goes in or comes out is contiguous.

mod kernel;

use burn::backend::TensorMetadata;
use burn_wgpu::{CubeBackend, CubeTensor};

use super::conv::Conv;
use super::{FusedOps, Reduction};
use kernel::Kernel;

/// Channels that a thread of the convolution reads and computes at a time.
const INPUT_STEP: usize = 4;
const OUTPUT_STEP: usize = 8;

/// Pixels that a thread of the convolution computes.
const PIXEL_STEP: usize = 4;

/// Threads of the convolution's workgroup, in both directions.
const CONV_GROUP: usize = 8;

const EACH: &str = include_str!("webgpu/each.wgsl");
const CONV: &str = include_str!("webgpu/conv.wgsl");

impl FusedOps for CubeBackend {
    fn pack_weights(weights: CubeTensor, conv: Conv) -> CubeTensor {
        let padded = [padded_input(&conv), padded_output(&conv)];
        let length = conv.kernel * conv.kernel * padded[0] * padded[1];
        pack_kernel(&conv).launch_each(vec![weights], [length], &[])
    }

    fn conv(
        x: CubeTensor,
        weights: CubeTensor,
        bias: CubeTensor,
        conv: Conv,
        relu: bool,
    ) -> CubeTensor {
        convolve(conv_kernel(&conv, relu), x, [weights, bias], None, conv)
    }

    fn conv_add_relu(
        x: CubeTensor,
        weights: CubeTensor,
        bias: CubeTensor,
        shortcut: CubeTensor,
        conv: Conv,
    ) -> CubeTensor {
        convolve(shortcut_kernel(&conv), x, [weights, bias], Some(shortcut), conv)
    }

    fn max_pool(x: CubeTensor) -> CubeTensor {
        let [n, h, w, c] = dims(&x);
        let [out_h, out_w] = [h.div_ceil(2), w.div_ceil(2)];
        let kernel = Kernel::each(&[include_str!("webgpu/max_pool.wgsl"), EACH]);
        kernel.launch_each(vec![x], [n, out_h, out_w, c], &[c, h, w, out_h, out_w])
    }

    fn mean_pool(x: CubeTensor) -> CubeTensor {
        let [n, h, w, c] = dims(&x);
        let kernel = Kernel::each(&[include_str!("webgpu/mean_pool.wgsl"), EACH]);
        kernel.launch_each(vec![x], [n, c], &[h * w, c])
    }

    fn linear(x: CubeTensor, weights: CubeTensor, bias: CubeTensor) -> CubeTensor {
        let [n, input] = dims(&x);
        let [output] = dims(&bias);
        let kernel = Kernel::each(&[include_str!("webgpu/linear.wgsl"), EACH]);
        kernel.launch_each(vec![x, weights, bias], [n, output], &[input, output])
    }

    fn add(a: CubeTensor, b: CubeTensor) -> CubeTensor {
        let shape: [usize; 4] = dims(&a);
        let kernel = Kernel::each(&[include_str!("webgpu/add.wgsl"), EACH]);
        kernel.launch_each(vec![a, b], shape, &[])
    }

    fn relu(x: CubeTensor) -> CubeTensor {
        let shape: [usize; 4] = dims(&x);
        let kernel = Kernel::each(&[include_str!("webgpu/relu.wgsl"), EACH]);
        kernel.launch_each(vec![x], shape, &[])
    }

    fn reduce_channels(x: CubeTensor, reduction: Reduction) -> CubeTensor {
        let [n, h, w, c] = dims(&x);
        let [word, channel] = match reduction {
            Reduction::MeanAbs => [0, 0],
            Reduction::Mean => [1, 0],
            Reduction::MaxAbs => [2, 0],
            Reduction::Channel(channel) => [3, channel],
        };
        let kernel = Kernel::each(&[include_str!("webgpu/reduce_channels.wgsl"), EACH]);
        kernel.launch_each(vec![x], [n, h, w], &[c, word, channel])
    }
}

fn convolve(
    kernel: Kernel,
    x: CubeTensor,
    [weights, bias]: [CubeTensor; 2],
    shortcut: Option<CubeTensor>,
    conv: Conv,
) -> CubeTensor {
    let [n, h, w, channels] = dims(&x);
    assert_eq!(channels, conv.input, "channels of the convolution's input");
    let shape = conv.shape([n, h, w]);
    let (out_h, out_w) = (shape.out_h, shape.out_w);
    let groups = [
        padded_output(&conv).div_ceil(OUTPUT_STEP * CONV_GROUP),
        shape.out_pixels().div_ceil(PIXEL_STEP * CONV_GROUP),
    ];
    kernel.launch(
        vec![pad_channels(x), weights, bias],
        shortcut.into_iter().collect(),
        [n, out_h, out_w, conv.output],
        &[shape.out_pixels(), h, w, out_h, out_w],
        groups,
    )
}

/// The same pixels with zeros up to a multiple of [`INPUT_STEP`] channels: the image itself is all
/// that has fewer.
fn pad_channels(x: CubeTensor) -> CubeTensor {
    let [n, h, w, c] = dims(&x);
    let padded = c.next_multiple_of(INPUT_STEP);
    if padded == c {
        return x;
    }
    let kernel = Kernel::each(&[include_str!("webgpu/pad_channels.wgsl"), EACH]);
    kernel.launch_each(vec![x], [n, h, w, padded], &[c, padded])
}

fn conv_kernel(conv: &Conv, relu: bool) -> Kernel {
    let mut constants = conv_constants(conv);
    constants.push(("relu", relu.into()));
    let texts = &[CONV, include_str!("webgpu/finish_bias.wgsl")];
    Kernel { texts, constants, group: [CONV_GROUP as u32; 2] }
}

fn shortcut_kernel(conv: &Conv) -> Kernel {
    let texts = &[CONV, include_str!("webgpu/finish_shortcut.wgsl")];
    Kernel { texts, constants: conv_constants(conv), group: [CONV_GROUP as u32; 2] }
}

fn conv_constants(conv: &Conv) -> Vec<(&'static str, usize)> {
    vec![
        ("kernel", conv.kernel),
        ("stride", conv.stride),
        ("padding", conv.padding),
        ("input_vectors", padded_input(conv) / 4),
        ("output", conv.output),
        ("output_vectors", padded_output(conv) / 4),
    ]
}

fn pack_kernel(conv: &Conv) -> Kernel {
    let constants = vec![
        ("taps", conv.kernel * conv.kernel),
        ("input", conv.input),
        ("output", conv.output),
        ("padded_input", padded_input(conv)),
        ("padded_output", padded_output(conv)),
    ];
    Kernel { constants, ..Kernel::each(&[include_str!("webgpu/pack_weights.wgsl"), EACH]) }
}

fn padded_input(conv: &Conv) -> usize {
    conv.input.next_multiple_of(INPUT_STEP)
}

fn padded_output(conv: &Conv) -> usize {
    conv.output.next_multiple_of(OUTPUT_STEP)
}

fn dims<const D: usize>(x: &CubeTensor) -> [usize; D] {
    x.shape().dims()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use naga::valid::{Capabilities, ValidationFlags, Validator};

    use super::*;
    use crate::model::arch::{ARCHITECTURES, STEM};

    /// Every kernel that a network of the table can launch.
    fn kernels() -> HashSet<Kernel> {
        let each: [&'static [&'static str]; 7] = [
            &[include_str!("webgpu/add.wgsl"), EACH],
            &[include_str!("webgpu/linear.wgsl"), EACH],
            &[include_str!("webgpu/max_pool.wgsl"), EACH],
            &[include_str!("webgpu/mean_pool.wgsl"), EACH],
            &[include_str!("webgpu/pad_channels.wgsl"), EACH],
            &[include_str!("webgpu/reduce_channels.wgsl"), EACH],
            &[include_str!("webgpu/relu.wgsl"), EACH],
        ];
        let blocks = ARCHITECTURES.iter().flat_map(|architecture| architecture.blocks());
        let convs = blocks.flat_map(|block| block.convs.into_iter().chain(block.projection));
        let convs = convs.chain([STEM]).map(|spec| Conv::direct(&spec)).flat_map(|conv| {
            [
                pack_kernel(&conv),
                conv_kernel(&conv, false),
                conv_kernel(&conv, true),
                shortcut_kernel(&conv),
            ]
        });
        each.into_iter().map(Kernel::each).chain(convs).collect()
    }

    /// naga reads what a browser gets; natively the kernels' buffers are declared otherwise.
    #[test]
    fn every_kernel_is_valid_wgsl() {
        let kernels = kernels();
        assert!(kernels.len() > 50, "only {} kernels", kernels.len());
        for kernel in kernels {
            let text = kernel.browser_text();
            assert!(!text.contains("{{"), "a placeholder is left in\n{text}");
            let module = naga::front::wgsl::parse_str(&text)
                .unwrap_or_else(|error| panic!("{}", error.emit_to_string(&text)));
            Validator::new(ValidationFlags::all(), Capabilities::empty())
                .validate(&module)
                .unwrap_or_else(|error| panic!("{}", error.emit_to_string(&text)));
        }
    }
}
