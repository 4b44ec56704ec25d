//! The check at load: does the engine compute, on this machine, what the scalar reference does?

use crate::error::{Error, Result};
use crate::model::arch::BlockKind;
use crate::model::{FoldedResNet, FusedResNet, TapPlan};
use crate::ops::Reduction;

/// Largest difference from the reference, relative to its largest value.
const TOLERANCE: f32 = 1e-3;

/// A probe image and the logits that the scalar reference gives for it.
pub struct Expected {
    probe: Vec<f32>,
    shape: [usize; 3],
    logits: Vec<f32>,
}

impl Expected {
    /// Runs the reference, before the weights are packed for the engine.
    pub fn compute(folded: &FoldedResNet) -> Self {
        let shape = probe_shape(folded.architecture.block);
        let probe = probe(shape.iter().product::<usize>() * 3);
        let logits = folded.reference_logits(&probe, shape);
        Self { probe, shape, logits }
    }

    /// Runs the engine, with and without taps.
    ///
    /// # Errors
    /// [`Error::Parity`] if any logit is off by more than the tolerance.
    pub fn check(self, network: &FusedResNet) -> Result<()> {
        let all = (0..network.blocks()).collect();
        for (what, blocks) in [("the logits", vec![]), ("the logits with taps", all)] {
            let plan = TapPlan { blocks, reduction: Reduction::Mean, ablated: vec![] };
            let logits = network.forward(self.probe.clone(), self.shape, &plan).logits.into_data();
            let logits = logits.as_slice().expect("logits are f32");
            let found = largest_difference(logits, &self.logits);
            if found > TOLERANCE {
                let (engine, what) = ("cpu", what.to_owned());
                return Err(Error::Parity { engine, what, found, allowed: TOLERANCE });
            }
        }
        Ok(())
    }
}

/// Deep networks get a smaller probe, so that the scalar reference takes no longer.
fn probe_shape(block: BlockKind) -> [usize; 3] {
    match block {
        BlockKind::Basic => [1, 64, 64],
        BlockKind::Bottleneck => [1, 32, 32],
    }
}

/// Values in [-2, 2] without a pattern that a wrong kernel could hide in: a linear congruential
/// generator with the constants of Numerical Recipes.
fn probe(length: usize) -> Vec<f32> {
    let mut state = 1u32;
    std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 22) as f32 - 2.0
    })
    .take(length)
    .collect()
}

/// max |a − b| / max |b|; infinite if any difference is not a number.
fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    let largest = b.iter().fold(0.0f32, |most, value| most.max(value.abs()));
    let difference = a.iter().zip(b).fold(0.0f32, |most, (a, b)| {
        let difference = (a - b).abs();
        if difference.is_nan() { f32::INFINITY } else { most.max(difference) }
    });
    difference / largest.max(f32::MIN_POSITIVE)
}
