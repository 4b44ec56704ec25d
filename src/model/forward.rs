//! The result of a forward pass: first on its device, then in plain memory.

use burn::tensor::{ExecutionError, Tensor, TensorData, Transaction};

use super::cam::{Cam, ReducedCam};
use super::stats::{BlockStats, ReducedStats};
use super::tap::{BlockParts, BlockTap, Map, Part};
use crate::ops::{self, Reduction};

/// The result on its device. A GPU may still be computing it.
pub struct Forward {
    /// The requested results of blocks, in the network's order.
    pub shown: Vec<ShownBlock>,
    /// `[N, features + classes]`: the embedding of each image, then its logits.
    pub head: Tensor<2>,
    /// The evidence for a class, if requested.
    pub cam: Option<ReducedCam>,
    /// Length of an embedding.
    pub features: usize,
}

/// The result in memory.
#[derive(Clone, Debug)]
pub struct Outputs {
    /// `[N, features]`.
    pub embedding: Vec<f32>,
    /// `[N, classes]`.
    pub logits: Vec<f32>,
    /// The requested maps, in the network's order.
    pub taps: Vec<BlockTap>,
    /// The requested statistics, in the network's order.
    pub stats: Vec<BlockStats>,
    /// The evidence for a class, if requested.
    pub cam: Option<Cam>,
}

/// The requested results of one block.
pub struct ShownBlock {
    /// Its maps.
    pub(super) tap: Option<ReducedTap>,
    /// Its statistics.
    pub(super) stats: Option<ReducedStats>,
}

/// The maps of one block on their device.
pub struct ReducedTap {
    block: usize,
    /// One map after another, in the order of [`Part::ALL`].
    maps: Tensor<1>,
    /// Height, width and channels of each part.
    shapes: [[usize; 3]; 5],
}

impl ReducedTap {
    /// Reduces all parts of a block, `[1, H, W, C]` each.
    pub fn new(block: usize, parts: BlockParts, reduction: Reduction) -> Self {
        let parts = Part::ALL.map(|part| parts.part(part).clone());
        let shapes = parts.each_ref().map(|part| {
            let [_, height, width, channels] = part.dims();
            [height, width, channels]
        });
        Self { block, maps: ops::reduce_parts(parts, reduction), shapes }
    }

    fn tap(&self, values: &[f32]) -> BlockTap {
        let mut values = values;
        let maps = self.shapes.map(|[height, width, channels]| {
            let map = values.split_off(..height * width).expect("values of every map");
            Map::new(map.to_vec(), [height, width], channels)
        });
        BlockTap { block: self.block, maps }
    }
}

impl Forward {
    /// Brings everything into memory with one wait.
    ///
    /// # Errors
    /// The device's error; the CPU's never fails.
    pub async fn read(&self) -> Result<Outputs, ExecutionError> {
        let shown = self.shown.iter().flat_map(|block| {
            let tap = block.tap.as_ref().map(|tap| &tap.maps);
            tap.into_iter().chain(block.stats.as_ref().map(|stats| &stats.sums))
        });
        let register = |all: Transaction, values: &Tensor<1>| all.register(values.clone());
        let reading = shown.fold(Transaction::default(), register).register(self.head.clone());
        let reading = self.cam.iter().map(|cam| &cam.maps).fold(reading, register);
        let results = reading.execute_async().await?;
        Ok(self.outputs(results.into_iter().map(numbers).collect()))
    }

    /// Returns the result from the values of all tensors, in the order of their computation: for each
    /// block its maps, then its statistics; then the head, and last the class activation maps.
    pub fn outputs(&self, results: Vec<Vec<f32>>) -> Outputs {
        let mut results = results.into_iter();
        let mut next = || results.next().expect("the values of every result");
        let (mut taps, mut stats) = (Vec::new(), Vec::new());
        for block in &self.shown {
            taps.extend(block.tap.as_ref().map(|tap| tap.tap(&next())));
            stats.extend(block.stats.as_ref().map(|stats| stats.stats(&next())));
        }
        let head = next();
        let [_, values] = self.head.dims();
        let images = || head.chunks_exact(values).map(|image| image.split_at(self.features));
        let logits: Vec<f32> = images().flat_map(|(_, logits)| logits).copied().collect();
        let cam = self.cam.as_ref().map(|cam| cam.cam(&next(), &logits));
        let embedding = images().flat_map(|(embedding, _)| embedding).copied().collect();
        Outputs { embedding, logits, taps, stats, cam }
    }
}

/// Returns the values of a tensor.
pub(crate) fn numbers(data: TensorData) -> Vec<f32> {
    data.try_to_vec().expect("results are f32 tensors")
}
