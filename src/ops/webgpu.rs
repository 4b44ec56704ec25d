//! The WebGPU arm: [`FusedOps`] on the tensors of Burn's CubeCL backend, by WGSL kernels of our own.
//!
//! None of Burn's own GPU kernels runs, and there is no autotuning and no fusion. The kernels are in `webgpu/wgsl/`,
//! whose README lists the functions that the files expect of each other. Every tensor that goes in or comes out is
//! contiguous.

mod cam;
mod conv;
mod reduction;

use burn::backend::TensorMetadata;
use burn_wgpu::{CubeBackend, CubeTensor};

use super::{CamClass, Conv, FusedOps, PATH_SUMS, Reduction};
use crate::gpu::{ELEMENTWISE, GpuContext, Kernel, elementwise_groups};
pub use cam::set_cam_class;
pub use conv::ALGORITHMS;
use conv::{Epilogue, convolve};
pub use reduction::set_reduction;

const ADD: &str = include_str!("webgpu/wgsl/add.wgsl");
const ADD_RELU: &str = include_str!("webgpu/wgsl/add_relu.wgsl");
const BINARY: &str = include_str!("webgpu/wgsl/binary.wgsl");
const CAM: &str = include_str!("webgpu/wgsl/cam.wgsl");
const HEAD: &str = include_str!("webgpu/wgsl/head.wgsl");
const MAX_POOL: &str = include_str!("webgpu/wgsl/max_pool.wgsl");
const PATH_SUMS_WGSL: &str = include_str!("webgpu/wgsl/path_sums.wgsl");
const REDUCE_PARTS: &str = include_str!("webgpu/wgsl/reduce_parts.wgsl");
const RELU: &str = include_str!("webgpu/wgsl/relu.wgsl");
const UNARY: &str = include_str!("webgpu/wgsl/unary.wgsl");
const ZEROS_LIKE: &str = include_str!("webgpu/wgsl/zeros_like.wgsl");

impl FusedOps for CubeBackend {
    fn pack_weights(weights: CubeTensor, conv: Conv) -> CubeTensor {
        conv::pack_weights(weights, conv)
    }

    fn conv(
        x: CubeTensor,
        weights: CubeTensor,
        bias: CubeTensor,
        conv: Conv,
        relu: bool,
    ) -> CubeTensor {
        convolve(x, weights, Epilogue { bias, shortcut: None, relu }, conv)
    }

    fn conv_add_relu(
        x: CubeTensor,
        weights: CubeTensor,
        bias: CubeTensor,
        shortcut: CubeTensor,
        conv: Conv,
    ) -> CubeTensor {
        convolve(x, weights, Epilogue { bias, shortcut: Some(shortcut), relu: true }, conv)
    }

    fn max_pool(x: CubeTensor) -> CubeTensor {
        let [n, h, w, c] = dims(&x);
        let [out_h, out_w] = [h.div_ceil(2), w.div_ceil(2)];
        each("max pool", MAX_POOL, vec![x], [n, out_h, out_w, c], &[c, h, w, out_h, out_w])
    }

    fn head(x: CubeTensor, weights: CubeTensor, bias: CubeTensor) -> CubeTensor {
        let [n, h, w, c] = dims(&x);
        let [classes] = dims(&bias);
        let groups = [classes.div_ceil(HEAD_CLASSES), n, 1];
        let sizes = [h * w, classes];
        head_kernel(c).launch_result(vec![x, weights, bias], None, [n, c + classes], &sizes, groups)
    }

    fn add(a: CubeTensor, b: CubeTensor) -> CubeTensor {
        binary("add", ADD, a, b)
    }

    fn add_relu(a: CubeTensor, b: CubeTensor) -> CubeTensor {
        binary("add relu", ADD_RELU, a, b)
    }

    fn relu(x: CubeTensor) -> CubeTensor {
        unary("relu", RELU, x)
    }

    fn zeros_like(x: CubeTensor) -> CubeTensor {
        unary("zeros like", ZEROS_LIKE, x)
    }

    fn reduce_parts(
        input: CubeTensor,
        shortcut: CubeTensor,
        residual: CubeTensor,
        sum: CubeTensor,
        output: CubeTensor,
        reduction: Reduction,
    ) -> CubeTensor {
        let ([_, h, w, c], [_, out_h, out_w, out_c]) = (dims(&input), dims(&output));
        let [pixels, out_pixels] = [h * w, out_h * out_w];
        let context = GpuContext::of(&input);
        set_reduction(&context, reduction);
        let count = pixels + 4 * out_pixels;
        let sizes = [count, pixels, vectors(c), out_pixels, vectors(out_c)];
        let parts = vec![input, shortcut, residual, sum, output];
        Kernel::new("reduce parts", &[REDUCE_PARTS, ELEMENTWISE]).launch_result(
            parts,
            Some(reduction::binding(&context)),
            [count],
            &sizes,
            elementwise_groups(count),
        )
    }

    fn path_sums(shortcut: CubeTensor, residual: CubeTensor) -> CubeTensor {
        let [_, h, w, c] = dims(&shortcut);
        let vectors = h * w * vectors(c);
        let threads = vectors.div_ceil(VECTORS_SUMMED);
        Kernel::new("path sums", &[PATH_SUMS_WGSL, ELEMENTWISE]).launch_result(
            vec![shortcut, residual],
            None,
            [threads * PATH_SUMS],
            &[threads, vectors],
            elementwise_groups(threads),
        )
    }

    fn cam(
        shortcut: CubeTensor,
        residual: CubeTensor,
        output: CubeTensor,
        head: CubeTensor,
        weights: CubeTensor,
        class: CamClass,
    ) -> CubeTensor {
        let ([_, h, w, c], [classes, _]) = (dims(&output), dims(&weights));
        let context = GpuContext::of(&output);
        set_cam_class(&context, class);
        let pixels = h * w;
        Kernel::new("cam", &[CAM]).launch_result(
            vec![shortcut, residual, output, head, weights],
            Some(cam::binding(&context)),
            [3 * pixels],
            &[pixels, vectors(c), classes],
            [pixels, 1, 1],
        )
    }
}

/// Vectors of four elements that one thread of `path_sums.wgsl` sums: enough that few sums are read back.
const VECTORS_SUMMED: usize = 32;

/// Logits that one workgroup of `head.wgsl` computes.
const HEAD_CLASSES: usize = 16;

fn head_kernel(channels: usize) -> Kernel {
    let constants = vec![("channels", channels), ("channel_vectors", vectors(channels))];
    Kernel { constants, ..Kernel::new("head", &[HEAD]) }
}

/// Returns the number of vectors of four in a pixel's channels.
fn vectors(channels: usize) -> usize {
    assert!(channels.is_multiple_of(4), "channels of a block: {channels}");
    channels / 4
}

/// Launches a kernel without constants, one thread for each element of the result.
fn each<const D: usize>(
    name: &'static str,
    text: &'static str,
    inputs: Vec<CubeTensor>,
    out: [usize; D],
    sizes: &[usize],
) -> CubeTensor {
    let count = out.iter().product();
    Kernel::new(name, &[text, ELEMENTWISE]).launch_elementwise(inputs, vec![], out, count, sizes)
}

/// Launches `binary.wgsl` with a function `apply`, for two tensors of one shape.
fn binary(name: &'static str, text: &'static str, a: CubeTensor, b: CubeTensor) -> CubeTensor {
    let shape: [usize; 4] = dims(&a);
    let count = shape.iter().product();
    let kernel = Kernel::new(name, &[text, BINARY, ELEMENTWISE]);
    kernel.launch_elementwise(vec![a, b], vec![], shape, count, &[])
}

/// Launches `unary.wgsl` with a function `apply`.
fn unary(name: &'static str, text: &'static str, x: CubeTensor) -> CubeTensor {
    let shape: [usize; 4] = dims(&x);
    let count = shape.iter().product();
    Kernel::new(name, &[text, UNARY, ELEMENTWISE]).launch_elementwise(
        vec![x],
        vec![],
        shape,
        count,
        &[],
    )
}

fn dims<const D: usize>(x: &CubeTensor) -> [usize; D] {
    x.shape().dims()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::collections::HashSet;

    use naga::valid::{
        Capabilities, ShaderStages, SubgroupOperationSet, ValidationFlags, Validator,
    };

    use proptest::test_runner::{Config, TestRunner};

    use super::*;
    use crate::arch::{ARCHITECTURES, ConvSpec};
    use crate::gpu::KernelConfig;
    use crate::preprocess::webgpu::kernels as picture_kernels;

    /// Every form of the kernels.
    fn configs() -> Vec<KernelConfig> {
        let both = [false, true];
        let configs = both.into_iter().flat_map(|split_k| {
            both.into_iter().flat_map(move |quads| {
                both.map(|half_weights| KernelConfig { split_k, quads, half_weights })
            })
        });
        configs.collect()
    }

    /// Every kernel that a network of the table can launch.
    fn kernels() -> HashSet<Kernel> {
        let pad = include_str!("webgpu/wgsl/pad.wgsl");
        let each = [MAX_POOL, REDUCE_PARTS, PATH_SUMS_WGSL, pad];
        let binary =
            [ADD, ADD_RELU].map(|text| Kernel::new("binary", &[text, BINARY, ELEMENTWISE]));
        let unary =
            [RELU, ZEROS_LIKE].map(|text| Kernel::new("unary", &[text, UNARY, ELEMENTWISE]));
        let blocks = ARCHITECTURES.iter().flat_map(|architecture| architecture.blocks());
        let convs = blocks.flat_map(|block| block.convs.into_iter().chain(block.projection));
        let stems = ARCHITECTURES.map(|architecture| architecture.stem);
        let convs = convs.chain(stems).flat_map(|spec| Conv::among(&spec, ALGORITHMS.known));
        let configs = configs();
        let convs = convs
            .flat_map(|conv| configs.iter().flat_map(move |config| conv::kernels(&conv, *config)))
            .collect::<Vec<_>>();
        let each = each.into_iter().map(|text| Kernel::new("each", &[text, ELEMENTWISE]));
        let heads = ARCHITECTURES.iter().map(|network| head_kernel(network.features()));
        let cam = [Kernel::new("cam", &[CAM])];
        let others =
            each.chain(unary).chain(binary).chain(picture_kernels()).chain(heads).chain(cam);
        others.chain(convs).collect()
    }

    /// naga reads the browser's text; native kernels declare their buffers differently.
    #[test]
    fn every_kernel_is_valid_wgsl() {
        let kernels = kernels();
        assert!(kernels.len() > 50, "only {} kernels", kernels.len());
        kernels.iter().for_each(check);
    }

    /// # Panics
    /// If naga refuses a kernel's text.
    fn check(kernel: &Kernel) {
        let capabilities = Capabilities::SHADER_FLOAT16 | Capabilities::SUBGROUP;
        let text = kernel.browser_text();
        assert!(!text.contains("{{"), "a placeholder is left in\n{text}");
        let module = naga::front::wgsl::parse_str(&text)
            .unwrap_or_else(|error| panic!("{}", error.emit_to_string(&text)));
        Validator::new(ValidationFlags::all(), capabilities)
            .subgroup_stages(ShaderStages::COMPUTE)
            .subgroup_operations(SubgroupOperationSet::all())
            .validate(&module)
            .unwrap_or_else(|error| panic!("{}", error.emit_to_string(&text)));
    }

    /// Convolutions that no network of the table has. `RESLENS_CASES` says how many, as for the native soak.
    #[test]
    fn kernels_of_convolutions_drawn_at_random_are_valid_wgsl() {
        let cases = std::env::var("RESLENS_CASES").map_or(8, |text| text.parse().unwrap());
        let sizes = (1usize..3000, 1usize..3000, 0usize..6, 1usize..5);
        let config = Config { failure_persistence: None, ..Config::with_cases(cases) };
        let count = Cell::new(0);
        let draw = |(input, output, half, stride)| {
            let spec =
                ConvSpec { in_channels: input, out_channels: output, kernel: 2 * half + 1, stride };
            for conv in Conv::among(&spec, ALGORITHMS.known) {
                for config in configs() {
                    let kernels = conv::kernels(&conv, config);
                    kernels.iter().for_each(check);
                    count.set(count.get() + kernels.len());
                }
            }
            Ok(())
        };
        TestRunner::new(config).run(&sizes, draw).unwrap_or_else(|error| panic!("{error}"));
        println!("{} kernels of {cases} convolutions", count.get());
    }
}
