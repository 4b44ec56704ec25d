//! What a forward pass answers: first where it was computed, then in plain memory.

use burn::tensor::{ExecutionError, Tensor, TensorData, Transaction};

use super::tap::{BlockParts, BlockTap, Map, Part};
use crate::ops::{self, Reduction};

/// The answer on its device. A GPU may still be computing it.
pub struct Forward {
    /// `[N, features]`: what the fully connected layer sees.
    pub embedding: Tensor<2>,
    /// `[N, classes]`.
    pub logits: Tensor<2>,
    /// The maps that were asked for, in the network's order.
    pub taps: Vec<ReducedTap>,
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
    /// In the order of [`Part::ALL`].
    maps: [ReducedMap; 5],
}

/// `[1, H, W]`, and how many channels it was reduced from.
struct ReducedMap {
    map: Tensor<3>,
    channels: usize,
}

impl ReducedTap {
    /// Reduces all parts of a block, `[1, H, W, C]` each.
    pub fn new(block: usize, parts: &BlockParts, reduction: Reduction) -> Self {
        let maps = Part::ALL.map(|part| {
            let activation = parts.part(part).clone();
            let [_, _, _, channels] = activation.dims();
            ReducedMap { map: ops::reduce_channels(activation, reduction), channels }
        });
        Self { block, maps }
    }
}

impl Forward {
    /// Brings everything into memory with one wait.
    ///
    /// # Errors
    /// What the device says; the CPU's says nothing.
    pub async fn read(&self) -> Result<Outputs, ExecutionError> {
        let mut reading =
            Transaction::default().register(self.embedding.clone()).register(self.logits.clone());
        for reduced in self.taps.iter().flat_map(|tap| &tap.maps) {
            reading = reading.register(reduced.map.clone());
        }
        let mut data = reading.execute_async().await?.into_iter();
        let mut next = || numbers(data.next().expect("an answer for every tensor"));
        let (embedding, logits) = (next(), next());
        let taps = self.taps.iter().map(|tap| BlockTap {
            block: tap.block,
            maps: tap.maps.each_ref().map(|reduced| {
                let [_, height, width] = reduced.map.dims();
                Map::new(next(), [height, width], reduced.channels)
            }),
        });
        let taps = taps.collect();
        Ok(Outputs { embedding, logits, taps })
    }
}

fn numbers(data: TensorData) -> Vec<f32> {
    data.try_to_vec().expect("results are f32 tensors")
}
