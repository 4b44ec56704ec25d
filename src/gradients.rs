//! Gradients of a loaded network: from one logit, or a loss, back to the input of every block.
//!
//! Burn's autodiff runs the readable [`ResNet`] on the CPU, with the weights as they are in the file and the
//! batch norms in evaluation mode. [`probes`] separate the gradients that arrive over a block's shortcut and
//! through F(x); [`grad_cam`] turns gradients into maps.

pub mod grad_cam;
pub mod memory;
pub mod options;
pub mod probes;
pub mod weights;

use burn::module::Module;
use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Tensor, TensorData};
use serde::Serialize;
use web_time::Instant;

use crate::arch::{Architecture, BlockSpec};
use crate::error::{ModelError, Result};
use crate::model::{Map, ResNet};
use crate::ops::CamClass;
use crate::preprocess::Picture;
use crate::session::{check_images, check_single, milliseconds};
use crate::weights::bytes::ModelBytes;
use crate::weights::{Checkpoint, Metadata};
use options::{GradientOptions, Of, Wanted};
use probes::Probed;
use weights::WeightGradient;

/// A model whose gradients can be computed.
pub struct Autograd {
    /// Untracked: its parameters require no gradients, and its batch norms are in evaluation mode.
    network: ResNet,
    architecture: Architecture,
    blocks: Vec<BlockSpec>,
    metadata: Metadata,
    device: Device,
}

/// Root mean squares of the gradients at one block.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BlockGradients {
    /// The block's name.
    pub block: String,
    /// With respect to the block's output.
    pub output: f32,
    /// With respect to shortcut + F(x), before the last ReLU.
    pub sum: f32,
    /// The part of the gradient at the block's input that comes over the shortcut; 0 where it is left out.
    pub via_shortcut: f32,
    /// The part that comes through F(x); 0 where it is left out.
    pub via_residual: f32,
    /// With respect to the block's input: the sum of both parts.
    pub input: f32,
}

/// Grad-CAM at the output of one block.
#[derive(Clone, Debug)]
pub struct BlockMap {
    /// The block's index.
    pub block: usize,
    /// At least 0 everywhere.
    pub map: Map,
}

/// The times of a call's parts, in milliseconds.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct GradientTimings {
    /// From the input to logits.
    pub forward: f64,
    /// From the logits back to the input of the first block, or to the first weights.
    pub backward: f64,
    /// The whole call.
    pub total: f64,
}

/// The answer to [`Autograd::gradients`].
#[derive(Clone, Debug)]
pub struct Gradients {
    /// The class whose logit or loss is differentiated.
    pub index: usize,
    /// The logit or the loss.
    pub value: f32,
    /// `[classes]`, for comparison with another engine's.
    pub logits: Vec<f32>,
    /// Every block, in the network's order.
    pub blocks: Vec<BlockGradients>,
    /// Every convolution and the fully connected layer, if requested.
    pub weights: Option<Vec<WeightGradient>>,
    /// Grad-CAM of the requested blocks, in the network's order.
    pub maps: Vec<BlockMap>,
    /// The times of the call.
    pub timings: GradientTimings,
}

impl Autograd {
    /// Reads a model file.
    ///
    /// # Errors
    /// `Model` if the file cannot be used, `OutOfMemory` if there is no memory for its weights.
    pub fn load(file: impl ModelBytes) -> Result<Self> {
        let checkpoint = Checkpoint::parse(file)?;
        let Checkpoint { architecture, classes, .. } = checkpoint;
        memory::ask("the model", memory::of_weights(architecture, classes))?;
        let device = Device::flex().autodiff();
        let network = ResNet::load(&checkpoint, &device)?.freeze();
        let (metadata, blocks) = (checkpoint.metadata, architecture.blocks());
        Ok(Self { network, architecture, blocks, metadata, device })
    }

    /// Returns the name of a block, by its index.
    pub fn block_name(&self, index: usize) -> &str {
        &self.blocks[index].name
    }

    /// Turns a picture into a normalised image and its shape, `[1, 3, H, W]`.
    ///
    /// # Errors
    /// `Input` for a picture that cannot be used.
    pub fn preprocess(&self, picture: Picture<'_>) -> Result<(Vec<f32>, [usize; 4])> {
        let preprocessing = &self.metadata.preprocessing;
        let pixels = preprocessing.apply(picture)?;
        let channel = |channel: usize| pixels.iter().skip(channel).step_by(3).copied();
        let image = (0..3).flat_map(channel).collect();
        Ok((image, [1, 3, preprocessing.input_size, preprocessing.input_size]))
    }

    /// Runs the network on a normalised image `[1, 3, H, W]`, and back.
    ///
    /// # Errors
    /// `Input` for a shape, values or options that cannot be used, `Model` for logits that are not finite,
    /// `OutOfMemory` before any computation for which memory would not suffice.
    pub fn gradients(
        &self,
        image: &[f32],
        shape: [usize; 4],
        options: &GradientOptions,
    ) -> Result<Gradients> {
        let wanted = options.check(&self.blocks, self.metadata.labels.len())?;
        check_images(image, shape)?;
        check_single("gradients", shape[0])?;
        let classes = self.metadata.labels.len();
        let needed = memory::of_call(self.architecture, classes, [shape[2], shape[3]], &wanted);
        memory::ask("the way back through the network", needed)?;

        let start = Instant::now();
        let network = match wanted.weights {
            true => weights::tracked(self.network.clone()),
            false => self.network.clone(),
        };
        let image = TensorData::new(image.to_vec(), shape);
        let image = Tensor::<4>::from_data(image, &self.device);
        let probed = Probed::forward(&network, image, &wanted.left_out);
        let logits = numbers(probed.logits.clone().inner());
        ModelError::refuse_overflow(&logits)?;
        let index = wanted.index.unwrap_or_else(|| CamClass::Top.index(&logits));
        let forward = Instant::now();

        let target = objective(probed.logits.clone(), wanted.of, index);
        let value = numbers(target.clone().inner())[0];
        let mut gradients = target.backward();
        let backward = Instant::now();

        let weights =
            wanted.weights.then(|| weights::read(&network, self.architecture, &gradients));
        let (blocks, maps) = self.read(probed, &wanted, &mut gradients);
        let timings = GradientTimings {
            forward: milliseconds(forward - start),
            backward: milliseconds(backward - forward),
            total: milliseconds(start.elapsed()),
        };
        Ok(Gradients { index, value, logits, blocks, weights, maps, timings })
    }

    /// Reads every block's gradients, and frees each block's memory before the next.
    fn read(
        &self,
        probed: Probed,
        wanted: &Wanted,
        gradients: &mut burn::tensor::Gradients,
    ) -> (Vec<BlockGradients>, Vec<BlockMap>) {
        let (mut blocks, mut maps) = (Vec::new(), Vec::new());
        for (index, (block, spec)) in probed.blocks.into_iter().zip(&self.blocks).enumerate() {
            let mapped = wanted.maps.contains(&index).then(|| block.activation.clone().inner());
            let ways = block.take(gradients);
            if let Some(activation) = mapped {
                let map = grad_cam::map(ways.output.clone(), activation);
                maps.push(BlockMap { block: index, map });
            }
            blocks.push(BlockGradients {
                block: spec.name.clone(),
                output: rms(ways.output),
                sum: rms(ways.sum),
                input: rms(ways.via_shortcut.clone() + ways.via_residual.clone()),
                via_shortcut: rms(ways.via_shortcut),
                via_residual: rms(ways.via_residual),
            });
        }
        (blocks, maps)
    }
}

/// Returns the number to differentiate: a logit of `logits` `[1, classes]`, or −ln softmax of it.
fn objective(logits: Tensor<2>, of: Of, index: usize) -> Tensor<1> {
    let values = match of {
        Of::Logit => logits,
        Of::Loss => log_softmax(logits, 1).neg(),
    };
    values.slice([0..1, index..index + 1]).sum()
}

/// Returns the values of a tensor.
pub(crate) fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec().expect("an f32 tensor in memory")
}

/// Returns the root mean square of a tensor's elements.
pub(crate) fn rms<const D: usize>(tensor: Tensor<D>) -> f32 {
    let values = numbers(tensor);
    let squares = values.iter().map(|value| f64::from(*value).powi(2));
    (squares.sum::<f64>() / values.len() as f64).sqrt() as f32
}
