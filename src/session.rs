//! One loaded model on a backend: everything from pixels to an answer.

#[cfg(feature = "cpu")]
mod cpu;
mod info;
mod options;
mod parity;
#[cfg(feature = "webgpu")]
mod webgpu;

use std::borrow::Cow;

use serde::Serialize;
use web_time::Instant;

use crate::arch::BlockSpec;
use crate::error::{Error, ModelError, Result};
use crate::model::{BlockTap, FoldedResNet, FusedResNet, Outputs, Plan};
use crate::preprocess::{Picture, Preprocessing, input_sizes, is_input_size};
use crate::topk::{Prediction, top_k};
use crate::weights::{Checkpoint, Metadata};

#[cfg(feature = "cpu")]
pub use cpu::Cpu;
pub use info::{BlockInfo, ConvInfo, ModelInfo, PoolInfo};
pub use options::{Options, Reduce, Taps};
#[cfg(feature = "webgpu")]
pub use webgpu::WebGpu;

/// Pixels of all images that run at once, at most: bounds the memory of a batch.
const MAX_PIXELS_AT_ONCE: usize = 1024 * 1024;

/// What runs a network.
#[allow(async_fn_in_trait, reason = "a session's futures stay on their thread")]
pub trait Backend {
    /// What the network runs on here.
    type Input<'a>;

    /// Makes an input of normalised images `[N, H, W, 3]`; `shape` is N, H, W.
    fn images<'a>(images: Cow<'a, [f32]>, shape: [usize; 3]) -> Self::Input<'a>;

    /// Turns a picture into an input, or leaves that to [`run`](Self::run).
    ///
    /// # Errors
    /// `Input` for a picture that cannot be used.
    fn preprocess<'a>(
        &self,
        preprocessing: &Preprocessing,
        picture: Picture<'a>,
    ) -> Result<Self::Input<'a>>;

    /// Runs the network, all faults noticed.
    ///
    /// # Errors
    /// `Gpu` if the GPU fails.
    async fn run(
        &self,
        network: &FusedResNet,
        input: Self::Input<'_>,
        plan: &Plan,
    ) -> Result<Outputs>;

    /// Returns the error for logits that are not finite, of a model that has passed its checks.
    fn blame(&self, overflow: ModelError) -> Error;
}

/// A model that is ready to run on the backend `B`.
///
/// Calls are futures because a GPU answers later; the CPU's are ready when they return, so that
/// `pollster::block_on` takes them anywhere.
pub struct Session<B> {
    backend: B,
    network: FusedResNet,
    blocks: Vec<BlockSpec>,
    metadata: Metadata,
}

/// Milliseconds that the parts of a call took.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Timings {
    /// From pixels to the network's input.
    pub preprocess: f64,
    /// From the input to logits and maps; a GPU's way back to memory is part of the wait for it.
    pub inference: f64,
    /// From logits to predictions: softmax and top-k.
    pub readback: f64,
    /// All of it.
    pub total: f64,
}

/// The answer to [`Session::classify`].
#[derive(Clone, Debug)]
pub struct Answer {
    /// The likeliest classes, most likely first.
    pub predictions: Vec<Prediction>,
    /// Whether the model is too unsure to name one.
    pub abstained: bool,
    /// The maps, if any were asked for, in the network's order.
    pub taps: Option<Vec<BlockTap>>,
    /// How long it took.
    pub timings: Timings,
}

/// The answer to [`Session::logits`].
#[derive(Clone, Debug)]
pub struct Logits {
    /// `[N, classes]`.
    pub logits: Vec<f32>,
    /// The maps, if any were asked for, in the network's order.
    pub taps: Option<Vec<BlockTap>>,
}

impl<B: Backend> Session<B> {
    fn new(backend: B, network: FusedResNet, metadata: Metadata) -> Self {
        let blocks = network.architecture.blocks();
        Self { backend, network, blocks, metadata }
    }

    /// Describes the model.
    pub fn model(&self) -> ModelInfo {
        ModelInfo::new(self.network.architecture, &self.metadata)
    }

    /// Classifies a picture.
    ///
    /// # Errors
    /// `Input` for a picture or options that cannot be used, `Gpu` if the GPU fails; where logits are not
    /// finite, `Model` on the CPU and `Parity` on a GPU.
    pub async fn classify(&self, picture: Picture<'_>, options: &Options) -> Result<Answer> {
        let top = options.top_k(self.metadata.labels.len())?;
        let plan = options.plan(&self.blocks)?;
        let start = Instant::now();
        let input = self.backend.preprocess(&self.metadata.preprocessing, picture)?;
        let preprocessed = Instant::now();
        let Outputs { logits, taps, .. } = self.run(input, &plan).await?;
        let inferred = Instant::now();
        ModelError::refuse_overflow(&logits).map_err(|overflow| self.backend.blame(overflow))?;
        let predictions = top_k(&logits, &self.metadata.labels, self.metadata.temperature, top);
        let abstain_below = self.metadata.abstain_below.unwrap_or(0.0);
        let end = Instant::now();
        Ok(Answer {
            abstained: predictions[0].probability < abstain_below,
            predictions,
            taps: options.wants_taps().then_some(taps),
            timings: Timings {
                preprocess: milliseconds(preprocessed - start),
                inference: milliseconds(inferred - preprocessed),
                readback: milliseconds(end - inferred),
                total: milliseconds(end - start),
            },
        })
    }

    /// Computes the pooled features of a picture, 512 or 2048 long in torchvision's networks.
    ///
    /// # Errors
    /// As for [`classify`](Self::classify).
    pub async fn embed(&self, picture: Picture<'_>) -> Result<Vec<f32>> {
        let input = self.backend.preprocess(&self.metadata.preprocessing, picture)?;
        Ok(self.run(input, &Plan::default()).await?.embedding)
    }

    /// Computes logits, and maps if asked for, of normalised images `[N, 3, H, W]`.
    ///
    /// # Errors
    /// `Input` for shapes, values or options that cannot be used.
    pub async fn logits(
        &self,
        images: &[f32],
        shape: [usize; 4],
        options: &Options,
    ) -> Result<Logits> {
        let plan = options.plan(&self.blocks)?;
        check_images(images, shape)?;
        let [n, channels, h, w] = shape;
        if options.wants_taps() && n != 1 {
            return Err(Error::input("taps", "a batch of one image", format!("{n} images")));
        }
        let at_once = (MAX_PIXELS_AT_ONCE / (h * w)).max(1);
        let (mut logits, mut taps) = (Vec::new(), Vec::new());
        for images in images.chunks(at_once * channels * h * w) {
            let batch = images.len() / (channels * h * w);
            let images = channels_last(images, h * w);
            let outputs = self.run(B::images(images.into(), [batch, h, w]), &plan).await?;
            logits.extend(outputs.logits);
            taps.extend(outputs.taps);
        }
        Ok(Logits { logits, taps: options.wants_taps().then_some(taps) })
    }

    /// Returns the name of a residual block, by its index.
    pub fn block_name(&self, index: usize) -> &str {
        &self.blocks[index].name
    }

    async fn run(&self, input: B::Input<'_>, plan: &Plan) -> Result<Outputs> {
        self.backend.run(&self.network, input, plan).await
    }
}

/// Reads the network of a model file and folds its batch norms.
fn read_model(file: Vec<u8>) -> Result<(FoldedResNet, Metadata)> {
    let checkpoint = Checkpoint::parse(file)?;
    let folded = FoldedResNet::load(&checkpoint)?;
    Ok((folded, checkpoint.metadata))
}

/// Refuses shapes and values that [`Session::logits`] does not take.
fn check_images(images: &[f32], shape: [usize; 4]) -> Result<()> {
    let [n, channels, h, w] = shape;
    if n == 0 || channels != 3 || !is_input_size(h) || !is_input_size(w) {
        let expected = format!("[N, 3, H, W] with N ≥ 1 and each of H, W {}", input_sizes());
        return Err(Error::input("shape", expected, format!("{shape:?}")));
    }
    let length = shape.iter().try_fold(1usize, |product, &size| product.checked_mul(size));
    if length != Some(images.len()) {
        let expected = format!("{n} × 3 × {h} × {w} values");
        return Err(Error::input("input", expected, format!("{}", images.len())));
    }
    match images.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(index) => {
            let found = format!("{} at index {index}", images[index]);
            Err(Error::input("input", "finite values", found))
        }
    }
}

/// `[N, 3, P]` → `[N, P, 3]`.
fn channels_last(images: &[f32], pixels: usize) -> Vec<f32> {
    let mut transposed = vec![0.0; images.len()];
    let of_image = 3 * pixels;
    for (image, to) in images.chunks_exact(of_image).zip(transposed.chunks_exact_mut(of_image)) {
        let (red, others) = image.split_at(pixels);
        let (green, blue) = others.split_at(pixels);
        for (((to, r), g), b) in to.as_chunks_mut().0.iter_mut().zip(red).zip(green).zip(blue) {
            *to = [*r, *g, *b];
        }
    }
    transposed
}

fn milliseconds(duration: web_time::Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
