//! The CPU's check at load: does it compute, on this machine, what the scalar reference does?

use super::{Input, Session, probe};
use crate::error::Result;
use crate::model::{FoldedResNet, TapPlan};
use crate::ops::Reduction;

/// The probe's images, height and width: the smallest that the network takes. The scalar reference is
/// slow, above all in a browser that has just begun to compile it.
const SHAPE: [usize; 3] = [1, 32, 32];

/// A probe image and the logits that the scalar reference gives for it.
pub struct Expected {
    probe: Vec<f32>,
    logits: Vec<f32>,
}

impl Expected {
    /// Runs the reference, before the weights are packed for the engine.
    pub fn compute(folded: &FoldedResNet) -> Self {
        let probe = probe::image(SHAPE.iter().product::<usize>() * 3);
        let logits = folded.reference_logits(&probe, SHAPE);
        Self { probe, logits }
    }

    /// Runs the engine, with and without taps.
    ///
    /// # Errors
    /// [`crate::error::Error::Parity`] if any logit is off by more than the tolerance.
    pub fn check(self, session: &Session) -> Result<()> {
        let all = (0..session.blocks.len()).collect();
        for (what, blocks) in [("the logits", vec![]), ("the logits with taps", all)] {
            let plan = TapPlan { blocks, reduction: Reduction::Mean, ablated: vec![] };
            let input = Input::Images((&self.probe[..]).into(), SHAPE);
            let run = session.run(input, &plan);
            let logits = pollster::block_on(run)?.logits;
            probe::compare("cpu", what.to_owned(), &logits, &self.logits, probe::TOLERANCE)?;
        }
        Ok(())
    }
}
