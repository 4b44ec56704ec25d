//! The kernels' tests, run natively. In a browser `tests/wasm` runs them.

use crate::common::kernels::{self as bodies, Target};
use burn::tensor::Device;
use pollster::block_on;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use reslens::ops::Conv;
use reslens::ops::conv::Algorithm;

fn run(tests: &[(&str, bodies::Test)], target: &Target<'_>) {
    for (name, test) in tests {
        println!("{name}");
        block_on(test(target));
    }
}

fn cpu(device: &Device) -> Target<'_> {
    Target { device, tolerance: bodies::SINGLE, seed: 0 }
}

#[test]
fn every_kernel_of_the_cpu_matches_the_scalar_reference() {
    run(&bodies::ALL, &cpu(&Device::flex()));
    run(&bodies::CPU, &cpu(&Device::flex()));
}

/// On the adapter of this machine, with every kernel config that it supports; Mesa's lavapipe supports all.
#[cfg(feature = "webgpu")]
mod gpu {
    use reslens::error::{Error, GpuError};
    use reslens::gpu::{Gpu, KernelConfig, OpenOptions};

    use super::*;

    /// Weights are rounded to half precision: where a bias cancels most of a sum, the rounding error remains.
    const HALF_WEIGHTS: f32 = 2e-2;

    /// Fails if the GPU has reported an error: the numbers alone may still be right.
    fn assert_no_fault(gpu: &Gpu) {
        gpu.context().faults.check().expect("no fault of the GPU");
    }

    fn check(config: KernelConfig, tolerance: f32) {
        let options = OpenOptions { config: Some(config), ..OpenOptions::default() };
        match block_on(Gpu::open_with(options)) {
            Ok(gpu) => {
                run(&bodies::ALL, &Target { device: gpu.device(), tolerance, seed: 0 });
                assert_no_fault(&gpu);
            }
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

    /// Few cases, because each one compiles its own kernels.
    #[test]
    fn convolutions_of_any_shape() {
        let gpu = block_on(Gpu::open()).unwrap();
        let target = Target { device: gpu.device(), tolerance: bodies::SINGLE, seed: 0 };
        check_drawn(direct(), 32, &target);
        check_drawn(winograd(Algorithm::WinogradF4), 32, &target);
        assert_no_fault(&gpu);
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
        check(KernelConfig { half_weights: true, ..KernelConfig::default() }, HALF_WEIGHTS);
    }
}

/// A convolution, and the images, height and width that it runs on.
type Case = (Conv, [usize; 3]);

/// Draws direct convolutions of any shape.
fn direct() -> impl Strategy<Value = Case> {
    let channels = (1usize..20, 1usize..20);
    let kernel = prop::sample::select(vec![(1, 1), (1, 2), (3, 1), (3, 2), (5, 1), (7, 2)]);
    (channels, kernel, [1usize..4, 1usize..20, 1usize..20]).prop_map(|(channels, kernel, size)| {
        let ((input, output), (kernel, stride)) = (channels, kernel);
        (bodies::conv(input, output, kernel, stride, Algorithm::Direct), size)
    })
}

/// Draws Winograd convolutions of any shape: the number of input channels is a multiple of four.
fn winograd(algorithm: Algorithm) -> impl Strategy<Value = Case> {
    let channels = (1usize..6, 1usize..20);
    (channels, [1usize..4, 1usize..30, 1usize..30]).prop_map(move |((fours, output), size)| {
        (bodies::conv(4 * fours, output, 3, 1, algorithm), size)
    })
}

/// Checks `cases` convolutions drawn at random: none is refused, and all match the reference.
fn check_drawn(strategy: impl Strategy<Value = Case>, cases: u32, target: &Target<'_>) {
    // Failures are shrunk and printed, not written to a file beside the source.
    let config = Config { failure_persistence: None, ..Config::with_cases(cases) };
    let check = |(conv, size)| {
        block_on(bodies::check_conv(conv, size, target));
        Ok(())
    };
    TestRunner::new(config).run(&strategy, check).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn direct_convolutions_of_any_shape() {
    check_drawn(direct(), 256, &cpu(&Device::flex()));
}

#[test]
fn winograd_convolutions_of_any_shape() {
    for algorithm in [Algorithm::WinogradF2, Algorithm::WinogradF4] {
        check_drawn(winograd(algorithm), 256, &cpu(&Device::flex()));
    }
}
