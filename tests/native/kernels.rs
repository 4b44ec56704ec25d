//! The kernels' tests, natively. In a browser they run from `tests/wasm`.

#[path = "../common/kernels.rs"]
mod bodies;

use bodies::Target;
use burn::tensor::Device;
use pollster::block_on;
use proptest::prelude::*;
use reslens::ops::conv::Algorithm;

fn run(tests: &[(&str, bodies::Test)], target: &Target<'_>) {
    for (name, test) in tests {
        println!("{name}");
        block_on(test(target));
    }
}

fn cpu(device: &Device) -> Target<'_> {
    Target { device, tolerance: bodies::SINGLE }
}

#[test]
fn every_kernel_of_the_cpu_matches_the_scalar_reference() {
    run(&bodies::ALL, &cpu(&Device::flex()));
}

/// On whatever adapter is there, in every form that it can run: Mesa's lavapipe can run all.
#[cfg(feature = "webgpu")]
mod gpu {
    use reslens::error::{Error, GpuError};
    use reslens::gpu::{Gpu, KernelConfig, OpenOptions};

    use super::*;

    fn check(config: KernelConfig, tolerance: f32) {
        let options = OpenOptions { config: Some(config), ..OpenOptions::default() };
        match block_on(Gpu::open_with(options)) {
            Ok(gpu) => run(&bodies::ALL, &Target { device: gpu.device(), tolerance }),
            Err(Error::Gpu(GpuError::Unavailable(reason))) if config != KernelConfig::default() => {
                println!("{config:?} cannot run on this adapter: {reason}");
            }
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn every_kernel_of_the_gpu_matches_the_scalar_reference() {
        check(KernelConfig::default(), bodies::SINGLE);
    }

    #[test]
    fn every_kernel_by_quads_matches_the_scalar_reference() {
        check(KernelConfig { quads: true, ..KernelConfig::default() }, bodies::SINGLE);
    }

    #[test]
    fn every_kernel_of_graphics_cards_matches_the_scalar_reference() {
        check(KernelConfig::choose(true, false), bodies::SINGLE);
    }

    #[test]
    fn every_kernel_with_half_weights_is_near_the_scalar_reference() {
        check(KernelConfig { half_weights: true, ..KernelConfig::default() }, bodies::HALF_WEIGHTS);
    }
}

proptest! {
    /// Whatever the shape: a convolution is refused nowhere and equal everywhere.
    #[test]
    fn direct_convolutions_of_any_shape(
        (input, output) in (1usize..20, 1usize..20),
        (kernel, stride) in prop::sample::select(vec![(1, 1), (1, 2), (3, 1), (3, 2), (5, 1), (7, 2)]),
        size in [1usize..4, 1usize..20, 1usize..20],
    ) {
        block_on(bodies::check_conv(bodies::conv(input, output, kernel, stride, Algorithm::Direct), size, &cpu(&Device::flex())));
    }

    /// The same for Winograd, where the number of input channels is a multiple of four.
    #[test]
    fn winograd_convolutions_of_any_shape(
        (fours, output) in (1usize..6, 1usize..20),
        size in [1usize..4, 1usize..30, 1usize..30],
    ) {
        block_on(bodies::check_conv(bodies::conv(4 * fours, output, 3, 1, Algorithm::Winograd), size, &cpu(&Device::flex())));
    }
}
