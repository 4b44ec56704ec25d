//! What a forward pass answers: first where it was computed, then in plain memory.

use burn::tensor::{ExecutionError, Tensor, TensorData, Transaction};

use super::tap::{BlockParts, BlockTap, Map, Part};
use crate::ops::{self, Reduction};

/// The answer on its device. A GPU may still be computing it.
pub struct Forward {
    /// The maps that were asked for, in the network's order.
    pub taps: Vec<ReducedTap>,
    /// `[N, features + classes]`: the embedding of each image and behind it its logits.
    pub head: Tensor<2>,
    /// Values of an embedding.
    pub features: usize,
}

/// The answer in memory.
#[derive(Clone, Debug)]
pub struct Outputs {
    /// `[N, features]`.
    pub embedding: Vec<f32>,
    /// `[N, classes]`.
    pub logits: Vec<f32>,
    /// The maps that were asked for, in the network's order.
    pub taps: Vec<BlockTap>,
}

/// The maps of one block on their device.
pub struct ReducedTap {
    block: usize,
    /// One map after the other, in the order of [`Part::ALL`].
    maps: Tensor<1>,
    /// Height, width and channels of each part.
    shapes: [[usize; 3]; 5],
}

impl ReducedTap {
    /// Reduces all parts of a block, `[1, H, W, C]` each.
    pub fn new(block: usize, parts: &BlockParts, reduction: Reduction) -> Self {
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
    /// What the device says; the CPU's says nothing.
    pub async fn read(&self) -> Result<Outputs, ExecutionError> {
        let maps = self.taps.iter().map(|tap| &tap.maps);
        let reading = maps.fold(Transaction::default(), |all, maps| all.register(maps.clone()));
        let results = reading.register(self.head.clone()).execute_async().await?;
        Ok(self.outputs(results.into_iter().map(numbers).collect()))
    }

    /// The answer that lies in the values of all results, in the order of their computation: of each
    /// tap, then of the head.
    pub fn outputs(&self, results: Vec<Vec<f32>>) -> Outputs {
        let (head, maps) = results.split_last().expect("the values of the head");
        let taps = self.taps.iter().zip(maps).map(|(tap, values)| tap.tap(values)).collect();
        let [_, values] = self.head.dims();
        let images = || head.chunks_exact(values).map(|image| image.split_at(self.features));
        Outputs {
            embedding: images().flat_map(|(embedding, _)| embedding).copied().collect(),
            logits: images().flat_map(|(_, logits)| logits).copied().collect(),
            taps,
        }
    }
}

/// The values of a result.
pub(crate) fn numbers(data: TensorData) -> Vec<f32> {
    data.try_to_vec().expect("results are f32 tensors")
}
