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
    /// [`crate::error::Error::Parity`] if any result is off by more than the tolerance.
    pub fn check(&self, session: &Session<Cpu>) -> Result<()> {
        let taps = parity::last_of_stages(&session.blocks);
        let plan = Plan { taps, ..Plan::default() };
        let input = Cpu::images((&self.probe[..]).into(), SHAPE);
        let logits = block_on(session.run(input, &plan))?.logits;
        parity::compare("cpu", "the logits".into(), &logits, &self.logits, TOLERANCE)?;
        check_by_rows()?;
        check_maps()?;
        check_paths()
    }
}

/// A block's parts on a probe of its paths: shortcut, residual, sum and output. The shortcut is the identity.
fn parts() -> [Vec<f32>; 4] {
    let mut shortcut = parity::noise(2 * PATHS_SHAPE.iter().product::<usize>());
    let residual = shortcut.split_off(shortcut.len() / 2);
    let sum = ops::reference::add(&shortcut, &residual);
    let output = ops::reference::relu(&sum);
    [shortcut, residual, sum, output]
}

fn on_device(part: &[f32]) -> Tensor<4> {
    let [h, w, channels] = PATHS_SHAPE;
    tensor(part.to_vec(), [1, h, w, channels], &Device::flex())
}

/// Compares the maps of a block's parts.
fn check_maps() -> Result<()> {
    let [_, _, channels] = PATHS_SHAPE;
    let parts = parts();
    let [shortcut, residual, sum, output] = parts.each_ref().map(Vec::as_slice);
    let parts = [shortcut, shortcut, residual, sum, output];
    let last = Reduction::Channel(channels - 1);
    for reduction in [Reduction::MeanAbs, Reduction::Mean, Reduction::MaxAbs, last] {
        let [found] = read([ops::reduce_parts(parts.map(on_device), reduction)]);
        let expected = ops::reference::reduce_parts(&parts.map(|part| (part, channels)), reduction);
        parity::compare("cpu", "maps of a block's parts".into(), &found, &expected, TOLERANCE)?;
    }
    Ok(())
}

/// Compares the statistics and activation maps of a block's paths.
fn check_paths() -> Result<()> {
    let ([_, _, channels], classes) = (PATHS_SHAPE, 3);
    let parts = parts();
    let [shortcut, residual, _, output] = parts.each_ref().map(Vec::as_slice);
    let weights = parity::noise(classes * channels);
    let mut head = parity::noise(channels + classes);
    head[channels + 1] = 3.0; // more than any other: the class of the maps

    let device = Device::flex();
    let on_head = tensor(head, [1, channels + classes], &device);
    let on_weights = tensor(weights.clone(), [classes, channels], &device);
    let maps = [shortcut, residual, output].map(on_device);
    let maps = ops::cam(maps, on_head, on_weights, CamClass::Top);
    let runs = ops::path_sums(on_device(shortcut), on_device(residual));
    let [runs, maps] = read([runs, maps]);

    let mut sums = [0.0; PATH_SUMS];
    for run in runs.as_chunks::<PATH_SUMS>().0 {
        sums.iter_mut().zip(run).for_each(|(sum, value)| *sum += value);
    }
    let expected = ops::reference::path_sums(shortcut, residual).map(|sum| sum as f32);
    parity::compare("cpu", "the sums of a block's paths".into(), &sums, &expected, TOLERANCE)?;
    let weights = &weights[channels..2 * channels];
    let expected = ops::reference::cam([shortcut, residual, output], weights);
    parity::compare("cpu", "activation maps".into(), &maps, &expected, TOLERANCE)
}

fn read<const N: usize, const D: usize>(results: [Tensor<D>; N]) -> [Vec<f32>; N] {
    results.map(|result| {
        let reading = Transaction::default().register(result).execute_async();
        numbers(block_on(reading).expect("the CPU does not fail").remove(0))
    })
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
    let [found] = read([found]);
    parity::compare("cpu", "a convolution by rows".into(), &found, &expected, TOLERANCE)
}

#[cfg(test)]
#[allow(dead_code, reason = "other tests use all of it")]
#[path = "../../../tests/common/generator.rs"]
mod generator;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::arch::Architecture;
    use crate::error::Error;
    use crate::ops::cpu::fault::with_wrong_result;
    use crate::session::Unchecked;

    fn model() -> Vec<u8> {
        generator::checkpoint(Architecture::by_name("resnet18").unwrap(), 10)
    }

    #[test]
    fn a_wrong_result_of_any_kernel_is_noticed() {
        let Unchecked { session, reference } = Unchecked::load(model()).unwrap();
        let mut noticed = BTreeMap::new();
        for index in 0.. {
            let check = || reference.check(&session);
            let Some(outcome) = with_wrong_result(index, check) else { break };
            let by = match outcome {
                Ok(()) => "nothing".to_owned(),
                Err(Error::Parity { engine: "cpu", what, .. }) => what,
                Err(error) => panic!("{error}"),
            };
            *noticed.entry(by).or_insert(0) += 1;
        }
        let expected = [
            // The first convolution and max-pool, 19 convolutions in blocks, sum and output of four shown blocks, and
            // the head.
            ("the logits", 30),
            // The maps of those four: their kernels are compared by themselves.
            ("nothing", 4),
            ("a convolution by rows", 1),
            ("maps of a block's parts", 4),
            ("the sums of a block's paths", 1),
            ("activation maps", 1),
        ];
        assert_eq!(noticed, expected.map(|(by, count)| (by.to_owned(), count)).into());
    }

    #[test]
    fn a_network_with_wrong_results_is_not_loaded() {
        let outcome = with_wrong_result(0, || Session::load(model()));
        let error = outcome.expect("a result to be wrong").err().expect("a refusal");
        assert_eq!(error.name(), "ParityFailed");
        let words = "the cpu engine computes wrong numbers here: the logits, off by ";
        assert!(error.to_string().starts_with(words), "{error}");
    }
}
