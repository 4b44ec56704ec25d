//! Kernels and small networks drawn at random. The same cases run natively and in a browser.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use reslens::ops::Conv;
use reslens::ops::conv::Algorithm;

use super::kernels::{self, Target};
use super::small_network::{self, Case};

/// Returns the case of a seed. Each has a generator of its own, so that one can be run alone.
pub fn drawn<S: Strategy>(strategy: S, seed: u64) -> S::Value {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    strategy.new_tree(&mut runner).expect("nothing is filtered out").current()
}

/// One operation, or a whole network.
#[derive(Clone, Debug)]
pub enum Work {
    Conv(Conv, [usize; 3]),
    MaxPool([usize; 4]),
    Head([usize; 4], usize),
    ReduceParts([usize; 3], [usize; 3]),
    AddAndRelu([usize; 4]),
    PathSums([usize; 3]),
    Cam([usize; 3], [usize; 2]),
    Network(Case),
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
            Work::Conv(kernels::conv(input, output, kernel, stride, algorithm), [n, h, w])
        },
    )
}

/// Any of them.
pub fn work() -> impl Strategy<Value = Work> {
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
        1 => small_network::case().prop_map(Work::Network),
    ]
}

impl Work {
    /// What it is counted as.
    pub fn name(&self) -> &'static str {
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

    /// The same for the kernels of a GPU, which has no tiles of 2×2.
    pub fn on_a_gpu(mut self) -> Self {
        if let Work::Conv(Conv { algorithm, .. }, _) = &mut self
            && *algorithm == Algorithm::WinogradF2
        {
            *algorithm = Algorithm::WinogradF4;
        }
        self
    }

    /// Panics if the reference's values are others.
    pub async fn check(&self, target: &Target<'_>) {
        /// Terms are in [-1, 1): where they cancel, their rounding errors remain.
        const SCALE: f32 = 1.0;
        match self {
            Work::Conv(conv, size) => kernels::check_conv(*conv, *size, target).await,
            Work::MaxPool(shape) => kernels::check_max_pool(*shape, target).await,
            Work::Head(shape, classes) => {
                kernels::check_head(*shape, *classes, SCALE, target).await
            }
            Work::ReduceParts(input, output) => {
                kernels::check_reduce_parts(*input, *output, target).await;
            }
            Work::AddAndRelu(shape) => kernels::check_add_and_relu(*shape, target).await,
            Work::PathSums(size) => kernels::check_path_sums(*size, target).await,
            Work::Cam(size, classes) => kernels::check_cam(*size, *classes, SCALE, target).await,
            Work::Network(network) => network.check_against_reference(target.device).await,
        }
    }
}
