//! The forward passes that a GPU's session has recorded.

use std::cell::RefCell;
use std::error::Error;

use crate::model::{Forward, FusedResNet, Outputs, TapPlan};
use crate::ops::webgpu::Recording;

/// Recordings that are kept: with maps, without, and the probe's. Each holds the memory of a frame.
const MOST: usize = 3;

/// What distinguishes one recording from another.
#[derive(PartialEq)]
struct Key {
    /// Images, height, width.
    shape: [usize; 3],
    plan: TapPlan,
}

/// Recordings, the last used at the end.
#[derive(Default)]
pub struct Recordings(RefCell<Vec<(Key, Recording<Forward>)>>);

impl Recordings {
    /// Runs `network` on normalised images `[N, H, W, 3]`: the first time for a shape and a plan launch by
    /// launch, then as a replay.
    ///
    /// # Errors
    /// What the GPU's client says.
    pub async fn run(
        &self,
        network: &FusedResNet,
        images: Vec<f32>,
        shape: [usize; 3],
        plan: &TapPlan,
    ) -> Result<Outputs, Box<dyn Error>> {
        let key = Key { shape, plan: plan.clone() };
        let (recording, answer) = match self.take(&key) {
            Some(recording) => {
                recording.replay(images)?;
                let answer = recording.outputs.outputs(recording.read().await?);
                (recording, answer)
            }
            None => {
                let forward = |images| network.forward(images, plan);
                let read = async |outputs: Forward| Ok::<_, Box<dyn Error>>(outputs.read().await?);
                Recording::make(network.input(images, shape), forward, read).await?
            }
        };
        self.keep(key, recording);
        Ok(answer)
    }

    /// While a recording runs it belongs to the call that runs it.
    fn take(&self, key: &Key) -> Option<Recording<Forward>> {
        let mut kept = self.0.borrow_mut();
        let index = kept.iter().position(|(each, _)| each == key)?;
        Some(kept.remove(index).1)
    }

    fn keep(&self, key: Key, recording: Recording<Forward>) {
        let mut kept = self.0.borrow_mut();
        kept.retain(|(each, _)| *each != key);
        kept.push((key, recording));
        let surplus = kept.len().saturating_sub(MOST);
        kept.drain(..surplus);
    }
}
