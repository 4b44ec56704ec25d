//! The CPU's self-test at load: on this machine its results must equal the scalar reference's.

use burn::tensor::{Device, Tensor, Transaction};
use pollster::block_on;

use super::{Backend, Cpu, Session};
use crate::arch::ConvSpec;
use crate::error::{ModelError, Result};
use crate::model::Plan;
use crate::model::folded::{FoldedConv, Linear};
use crate::model::forward::numbers;
use crate::model::fused::FusedConv;
use crate::model::reference::{self, ReferencePass};
use crate::ops::{self, CamClass, PATH_SUMS, Reduction, tensor};
use crate::session::parity;

/// Height and width of the probe: the smallest that the network accepts. The scalar reference is
/// slow, above all in a browser that has only begun to compile it.
const SHAPE: [usize; 3] = [1, 32, 32];

/// Largest difference from the reference, relative to its largest value.
const TOLERANCE: f32 = 1e-3;

/// A convolution, and images that are large enough to be computed by rows of tiles, as the first
/// stage of a frame is: the probe's images are too small for that.
const BY_ROWS: ConvSpec = ConvSpec { in_channels: 4, out_channels: 8, kernel: 3, stride: 1 };
const BY_ROWS_SHAPE: [usize; 3] = [1, 48, 48];

/// Height, width and channels of the measured paths: more than one run of sums, the last one short.
const PATHS_SHAPE: [usize; 3] = [9, 7, 76];

/// A probe image and the scalar reference's logits for it.
pub struct Reference {
    probe: Vec<f32>,
    logits: Vec<f32>,
}

/// A probe image on which the scalar reference runs each layer while it is packed for the engine.
pub struct Probe {
    image: Vec<f32>,
    /// The reference's forward pass.
    pub pass: ReferencePass,
}

impl Probe {
    /// Starts with the image.
    pub fn new() -> Self {
        let image = parity::noise(SHAPE.iter().product::<usize>() * 3);
        Self { pass: ReferencePass::new(image.clone(), SHAPE), image }
    }

    /// Ends with the fully connected layer.
    ///
    /// # Errors
    /// [`ModelError::Overflow`] if the logits are not finite, which is not the engine's fault.
    pub fn reference(self, linear: &Linear) -> Result<Reference> {
        let logits = self.pass.logits(linear);
        ModelError::refuse_overflow(&logits)?;
        Ok(Reference { probe: self.image, logits })
    }
}

impl Reference {
    /// Runs the CPU backend once. Showing the last block of each stage and none of the others, it reaches the kernels of
    /// frames with taps and of frames without.
    ///
    /// # Errors
    /// [`crate::error::Error::Parity`] if any logit is off by more than the tolerance.
    pub fn check(self, session: &Session<Cpu>) -> Result<()> {
        let taps = parity::last_of_stages(&session.blocks);
        let plan = Plan { taps, reduction: Reduction::Mean, ..Plan::default() };
        let input = Cpu::images((&self.probe[..]).into(), SHAPE);
        let logits = block_on(session.run(input, &plan))?.logits;
        parity::compare("cpu", "the logits".into(), &logits, &self.logits, TOLERANCE)?;
        check_by_rows()?;
        check_paths()
    }
}

/// Compares the statistics and activation maps of a block's paths.
fn check_paths() -> Result<()> {
    let ([h, w, channels], classes) = (PATHS_SHAPE, 3);
    let pixels = h * w;
    let values = parity::noise(2 * pixels * channels);
    let (shortcut, residual) = values.split_at(pixels * channels);
    let output = ops::reference::relu(&ops::reference::add(shortcut, residual));
    let weights = parity::noise(classes * channels);
    let mut head = parity::noise(channels + classes);
    head[channels + 1] = 3.0; // more than any other: the class of the maps

    let device = Device::flex();
    let on_device = |part: &[f32]| tensor(part.to_vec(), [1, h, w, channels], &device);
    let sums = ops::path_sums(on_device(shortcut), on_device(residual));
    let parts = [on_device(shortcut), on_device(residual), on_device(&output)];
    let on_head = tensor(head, [1, channels + classes], &device);
    let on_weights = tensor(weights.clone(), [classes, channels], &device);
    let maps = ops::cam(parts, on_head, on_weights, CamClass::Top);
    let mut found = read([sums, maps]).into_iter();
    let mut next = || found.next().expect("two results");

    let mut sums = [0.0; PATH_SUMS];
    for run in next().as_chunks::<PATH_SUMS>().0 {
        sums.iter_mut().zip(run).for_each(|(sum, value)| *sum += value);
    }
    let expected = ops::reference::path_sums(shortcut, residual).map(|sum| sum as f32);
    parity::compare("cpu", "the sums of a block's paths".into(), &sums, &expected, TOLERANCE)?;
    let weights = &weights[channels..2 * channels];
    let expected = ops::reference::cam([shortcut, residual, &output], weights);
    parity::compare("cpu", "activation maps".into(), &next(), &expected, TOLERANCE)
}

fn read<const N: usize>(results: [Tensor<1>; N]) -> Vec<Vec<f32>> {
    let register = |all: Transaction, result| all.register(result);
    let reading = results.into_iter().fold(Transaction::default(), register);
    let data = block_on(reading.execute_async()).expect("the CPU does not fail");
    data.into_iter().map(numbers).collect()
}

fn check_by_rows() -> Result<()> {
    let [n, h, w] = BY_ROWS_SHAPE;
    let ConvSpec { in_channels: input, out_channels: output, kernel, .. } = BY_ROWS;
    let images = parity::noise(n * h * w * input);
    let weights = parity::noise(output * input * kernel * kernel);
    let folded = FoldedConv { spec: BY_ROWS, weights, bias: parity::noise(output) };
    let expected = reference::conv_relu(&folded, images.clone(), BY_ROWS_SHAPE);

    let device = Device::flex();
    let fused = FusedConv::new(folded, [h, w], &device);
    let found = fused.forward(tensor(images, [n, h, w, input], &device), true);
    let found = block_on(Transaction::default().register(found).execute_async());
    let found = numbers(found.expect("the CPU does not fail").remove(0));
    parity::compare("cpu", "a convolution by rows".into(), &found, &expected, TOLERANCE)
}
