//! Kernels and small networks drawn at random, on any number of threads, against the scalar reference.
//!
//! `cargo xtask soak` runs some hundred thousand of them; the few here show that the machinery works.
#![cfg(feature = "threads")]

use crate::kernels::bodies::{self, Target};
use crate::lens::Case as Network;
use burn::tensor::Device;
use pollster::block_on;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rayon::{ThreadPool, ThreadPoolBuilder};
use reslens::ops::Conv;
use reslens::ops::conv::Algorithm;
use std::collections::BTreeMap;

/// Number of cases, unless `RESLENS_CASES` is set.
const CASES: u64 = 400;

/// One operation, or a whole network.
#[derive(Clone, Debug)]
enum Work {
    Conv(Conv, [usize; 3]),
    MaxPool([usize; 4]),
    Head([usize; 4], usize),
    ReduceParts([usize; 3], [usize; 3]),
    AddAndRelu([usize; 4]),
    PathSums([usize; 3]),
    Cam([usize; 3], [usize; 2]),
    Network(Network),
}

/// Draws height and width. Most are small; some have many tiles.
fn sides() -> impl Strategy<Value = [usize; 2]> {
    prop_oneof![8 => [1usize..12, 1usize..12], 1 => [1usize..64, 1usize..5], 1 => [12usize..40, 12usize..40]]
}

/// Draws numbers of channels: small, around the lanes of a vector and the kernels' panels, and large.
fn channels() -> impl Strategy<Value = usize> {
    prop_oneof![6 => 1usize..20, 2 => 20usize..70, 1 => prop::sample::select(vec![64, 96, 128, 130, 256])]
}

/// Draws multiples of four, as a block's channels are.
fn block_channels() -> impl Strategy<Value = usize> {
    channels().prop_map(|channels| channels.next_multiple_of(4))
}

fn conv() -> impl Strategy<Value = Work> {
    let direct = (prop::sample::select(vec![1usize, 3, 5, 7]), 1usize..4, Just(Algorithm::Direct));
    let winograd = prop::sample::select(vec![Algorithm::WinogradF2, Algorithm::WinogradF4]);
    let kind = prop_oneof![direct, winograd.prop_map(|algorithm| (3, 1, algorithm))];
    (kind, channels(), channels(), 1usize..4, sides()).prop_map(
        |((kernel, stride, algorithm), input, output, n, [h, w])| {
            let by_fours = algorithm != Algorithm::Direct;
            let input = if by_fours { input.next_multiple_of(4) } else { input };
            Work::Conv(bodies::conv(input, output, kernel, stride, algorithm), [n, h, w])
        },
    )
}

fn work() -> impl Strategy<Value = Work> {
    let image = || (1usize..4, sides(), channels()).prop_map(|(n, [h, w], c)| [n, h, w, c]);
    let block = || (sides(), block_channels()).prop_map(|([h, w], c)| [h, w, c]);
    let halved =
        (block(), block_channels(), any::<bool>()).prop_map(|([h, w, c], out_c, halves)| {
            let shrink = |side: usize| if halves { side.div_ceil(2) } else { side };
            Work::ReduceParts([h, w, c], [shrink(h), shrink(w), out_c])
        });
    let head = (1usize..4, block(), 1usize..60)
        .prop_map(|(n, [h, w, c], classes)| Work::Head([n, h, w, c], classes));
    let cam = (block(), 1usize..60, any::<prop::sample::Index>())
        .prop_map(|(size, classes, top)| Work::Cam(size, [classes, top.index(classes)]));
    prop_oneof![
        10 => conv(),
        2 => image().prop_map(Work::MaxPool),
        2 => head,
        2 => halved,
        1 => image().prop_map(Work::AddAndRelu),
        2 => block().prop_map(Work::PathSums),
        2 => cam,
        1 => crate::lens::case().prop_map(Work::Network),
    ]
}

impl Work {
    fn name(&self) -> &'static str {
        match self {
            Work::Conv(conv, _) => match conv.algorithm {
                Algorithm::Direct => "direct convolutions",
                Algorithm::WinogradF2 => "Winograd convolutions of 2×2 tiles",
                Algorithm::WinogradF4 => "Winograd convolutions of 4×4 tiles",
            },
            Work::MaxPool(_) => "max-pools",
            Work::Head(..) => "heads",
            Work::ReduceParts(..) => "maps of a block",
            Work::AddAndRelu(_) => "sums",
            Work::PathSums(_) => "statistics of a block",
            Work::Cam(..) => "class activation maps",
            Work::Network(_) => "networks with paths left out",
        }
    }

    fn check(&self, target: &Target<'_>) {
        /// Terms are in [-1, 1): where they cancel, their rounding errors remain.
        const SCALE: f32 = 1.0;
        block_on(async {
            match self {
                Work::Conv(conv, size) => bodies::check_conv(*conv, *size, target).await,
                Work::MaxPool(shape) => bodies::check_max_pool(*shape, target).await,
                Work::Head(shape, classes) => {
                    bodies::check_head(*shape, *classes, SCALE, target).await;
                }
                Work::ReduceParts(input, output) => {
                    bodies::check_reduce_parts(*input, *output, target).await;
                }
                Work::AddAndRelu(shape) => bodies::check_add_and_relu(*shape, target).await,
                Work::PathSums(size) => bodies::check_path_sums(*size, target).await,
                Work::Cam(size, classes) => bodies::check_cam(*size, *classes, SCALE, target).await,
                Work::Network(network) => network.check_against_reference(target.device),
            }
        });
    }
}

/// Draws a number of threads: as many as a small machine has, more, and far more.
fn threads() -> impl Strategy<Value = usize> {
    prop_oneof![10 => 1usize..3, 6 => 3usize..5, 1 => prop::sample::select(vec![6, 8, 16])]
}

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|error| panic!("{name}={text}: {error}")))
}

#[test]
fn kernels_and_networks_drawn_at_random_equal_the_reference() {
    let cases = number("RESLENS_CASES").unwrap_or(CASES);
    let first = number("RESLENS_SEED").unwrap_or(1);
    let device = Device::flex();
    let mut pools = BTreeMap::<usize, ThreadPool>::new();
    let mut counts = BTreeMap::<&str, u64>::new();
    for seed in first..first + cases {
        // Each case has its own generator, so that one can be run alone.
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        let (work, threads) = (work(), threads()).new_tree(&mut runner).unwrap().current();
        let pool = pools.entry(threads).or_insert_with(|| {
            ThreadPoolBuilder::new().num_threads(threads).build().expect("threads")
        });
        let target = Target { device: &device, tolerance: bodies::SINGLE, seed: seed as u32 };
        let check = || pool.install(|| work.check(&target));
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(check));
        outcome.unwrap_or_else(|_| panic!("RESLENS_SEED={seed}: {work:?} on {threads} threads"));
        *counts.entry(work.name()).or_default() += 1;
    }
    println!("{cases} cases from seed {first}: {counts:?}");
}
