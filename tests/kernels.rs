//! The kernels' tests, natively. In a browser they run from `tests/wasm`.

#[path = "common/kernels.rs"]
mod kernels;

use burn::tensor::Device;
use pollster::block_on;
use proptest::prelude::*;
use reslens::ops::conv::Algorithm;

fn run(tests: &[(&str, kernels::Test)], device: &Device) {
    for (name, test) in tests {
        println!("{name}");
        block_on(test(device));
    }
}

#[test]
fn every_kernel_of_the_cpu_matches_the_scalar_reference() {
    run(&kernels::ALL, &Device::flex());
}

/// On whatever adapter is there: Mesa's lavapipe does.
#[cfg(feature = "webgpu")]
#[test]
fn every_kernel_of_the_gpu_matches_the_scalar_reference() {
    let gpu = block_on(reslens::gpu::Gpu::open()).unwrap();
    run(&kernels::ALL, gpu.device());
}

proptest! {
    /// Whatever the shape: a convolution is refused nowhere and equal everywhere.
    #[test]
    fn direct_convolutions_of_any_shape(
        (input, output) in (1usize..20, 1usize..20),
        (kernel, stride) in prop::sample::select(vec![(1, 1), (1, 2), (3, 1), (3, 2), (5, 1), (7, 2)]),
        size in [1usize..4, 1usize..20, 1usize..20],
    ) {
        block_on(kernels::check_conv(kernels::conv(input, output, kernel, stride, Algorithm::Direct), size, &Device::flex()));
    }

    /// The same for Winograd, where the number of input channels is a multiple of four.
    #[test]
    fn winograd_convolutions_of_any_shape(
        (fours, output) in (1usize..6, 1usize..20),
        size in [1usize..4, 1usize..30, 1usize..30],
    ) {
        block_on(kernels::check_conv(kernels::conv(4 * fours, output, 3, 1, Algorithm::Winograd), size, &Device::flex()));
    }
}
