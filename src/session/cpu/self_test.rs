//! The CPU's self-test at load: on this machine it must compute what the scalar reference does.

use burn::tensor::{Device, Transaction};
use pollster::block_on;

use super::{Backend, Cpu, Session};
use crate::arch::ConvSpec;
use crate::error::{ModelError, Result};
use crate::model::Plan;
use crate::model::folded::{FoldedConv, FoldedResNet};
use crate::model::forward::numbers;
use crate::model::fused::FusedConv;
use crate::ops::{Reduction, tensor};
use crate::session::parity;

/// The probe's images, height and width: the smallest that the network takes. The scalar reference is
/// slow, above all in a browser that has just begun to compile it.
const SHAPE: [usize; 3] = [1, 32, 32];

/// Largest difference from the reference, relative to its largest value.
const TOLERANCE: f32 = 1e-3;

/// A convolution, and images of it that are large enough to be computed by rows of tiles, as the first
/// stage of a frame is: the probe's images are too small for that.
const BY_ROWS: ConvSpec = ConvSpec { input: 4, output: 8, kernel: 3, stride: 1 };
const BY_ROWS_SHAPE: [usize; 3] = [1, 48, 48];

/// A probe image and the logits that the scalar reference gives for it.
pub struct Reference {
    probe: Vec<f32>,
    logits: Vec<f32>,
}

impl Reference {
    /// Runs the reference, before the weights are packed for the engine.
    ///
    /// # Errors
    /// [`ModelError::Overflow`] if the logits are not finite: that is no fault of an engine.
    pub fn compute(folded: &FoldedResNet) -> Result<Self> {
        let probe = parity::noise(SHAPE.iter().product::<usize>() * 3);
        let logits = folded.reference_logits(&probe, SHAPE);
        ModelError::refuse_overflow(&logits)?;
        Ok(Self { probe, logits })
    }

    /// Runs the CPU backend, with and without taps.
    ///
    /// # Errors
    /// [`crate::error::Error::Parity`] if any logit is off by more than the tolerance.
    pub fn check(self, session: &Session<Cpu>) -> Result<()> {
        let all = (0..session.blocks.len()).collect();
        for (what, blocks) in [("the logits", vec![]), ("the logits with taps", all)] {
            let plan = Plan { taps: blocks, reduction: Reduction::Mean, ..Plan::default() };
            let input = Cpu::images((&self.probe[..]).into(), SHAPE);
            let logits = block_on(session.run(input, &plan))?.logits;
            parity::compare("cpu", what.to_owned(), &logits, &self.logits, TOLERANCE)?;
        }
        check_by_rows()
    }
}

fn check_by_rows() -> Result<()> {
    let [n, h, w] = BY_ROWS_SHAPE;
    let ConvSpec { input, output, kernel, .. } = BY_ROWS;
    let images = parity::noise(n * h * w * input);
    let weights = parity::noise(output * input * kernel * kernel);
    let folded = FoldedConv { spec: BY_ROWS, weights, bias: parity::noise(output) };
    let expected = folded.reference_relu(images.clone(), BY_ROWS_SHAPE);

    let device = Device::flex();
    let fused = FusedConv::new(folded, &device);
    let found = fused.forward(tensor(images, [n, h, w, input], &device), true);
    let found = block_on(Transaction::default().register(found).execute_async());
    let found = numbers(found.expect("the CPU does not fail").remove(0));
    parity::compare("cpu", "a convolution by rows".into(), &found, &expected, TOLERANCE)
}
