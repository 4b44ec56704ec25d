//! One loaded model on a backend: everything from pixels to an answer.

#[cfg(feature = "cpu")]
mod cpu;
mod info;
pub(crate) mod options;
mod parity;
mod sweep;
#[cfg(feature = "webgpu")]
mod webgpu;

use std::borrow::Cow;

use serde::Serialize;
use web_time::Instant;

use crate::arch::BlockSpec;
use crate::error::{Error, ModelError, Result};
use crate::model::{BlockStats, BlockTap, Cam, FusedResNet, Outputs, Plan};
use crate::preprocess::{Picture, Preprocessing, input_sizes, is_input_size};
use crate::topk::{Prediction, top_k};
use crate::weights::{Metadata, labels};

#[cfg(feature = "cpu")]
pub use cpu::{Cpu, Unchecked};
pub use info::{BlockInfo, ConvInfo, ModelInfo, PoolInfo};
pub use options::{Ablation, Blocks, CamOption, Options, Reduce};
pub use sweep::{Fate, Sweep, SweepOptions, SweptBlock, Top};
#[cfg(feature = "webgpu")]
pub use webgpu::WebGpu;

/// The most pixels of all images in a batch, which bounds its memory.
const MAX_PIXELS_AT_ONCE: usize = 1024 * 1024;

/// A backend that runs networks.
#[allow(async_fn_in_trait, reason = "a session's futures stay on their thread")]
pub trait Backend {
    /// The network's input on this backend.
    type Input<'a>;

    /// The stored inputs of all blocks, from [`run_storing`](Self::run_storing).
    type Stored;

    /// Makes an input of normalised images `[N, H, W, 3]`; `shape` is N, H, W.
    fn images<'a>(images: Cow<'a, [f32]>, shape: [usize; 3]) -> Self::Input<'a>;

    /// Turns a picture into an input, or defers that to [`run`](Self::run).
    ///
    /// # Errors
    /// `Input` for a picture that cannot be used.
    fn preprocess<'a>(
        &self,
        preprocessing: &Preprocessing,
        picture: Picture<'a>,
    ) -> Result<Self::Input<'a>>;

    /// Runs the network, and detects all faults.
    ///
    /// # Errors
    /// `Gpu` if the GPU fails.
    async fn run(
        &self,
        network: &FusedResNet,
        input: Self::Input<'_>,
        plan: &Plan,
    ) -> Result<Outputs>;

    /// Does the same, and keeps the input of every block.
    ///
    /// # Errors
    /// `Gpu` if the GPU fails.
    async fn run_storing(
        &self,
        network: &FusedResNet,
        input: Self::Input<'_>,
        plan: &Plan,
    ) -> Result<(Outputs, Self::Stored)>;

    /// Runs the network from the stored input of `block` on.
    ///
    /// # Errors
    /// `Gpu` if the GPU fails.
    async fn run_from(
        &self,
        network: &FusedResNet,
        stored: &Self::Stored,
        block: usize,
        plan: &Plan,
    ) -> Result<Outputs>;

    /// Returns the error for logits that are not finite, of a model that has passed its checks.
    fn blame(&self, overflow: ModelError) -> Error;
}

/// A loaded model on the backend `B`.
///
/// Calls are futures because a GPU answers later. The CPU's are ready when they return, so
/// `pollster::block_on` can run them anywhere.
pub struct Session<B> {
    backend: B,
    network: FusedResNet,
    blocks: Vec<BlockSpec>,
    metadata: Metadata,
}

/// The times of a call's parts, in milliseconds.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Timings {
    /// From pixels to the network's input.
    pub preprocess: f64,
    /// From the input to logits and maps, including the readback from a GPU.
    pub inference: f64,
    /// From logits to predictions: softmax and top-k.
    pub readback: f64,
    /// The whole call.
    pub total: f64,
}

/// The requested results from inside the network, each in the network's order.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The maps, if requested.
    pub taps: Option<Vec<BlockTap>>,
    /// The statistics, if requested.
    pub stats: Option<Vec<BlockStats>>,
    /// The evidence for a class, if requested.
    pub cam: Option<Cam>,
    /// The pooled features, if requested, as [`Session::embed`] returns them.
    pub features: Option<Vec<f32>>,
}

/// The answer to [`Session::classify`].
#[derive(Clone, Debug)]
pub struct Answer {
    /// The likeliest classes, most likely first.
    pub predictions: Vec<Prediction>,
    /// Whether the best probability is below the model's threshold.
    pub abstained: bool,
    /// The requested results from inside the network.
    pub shown: Shown,
    /// The times of the call.
    pub timings: Timings,
}

/// The answer to [`Session::logits`].
#[derive(Clone, Debug)]
pub struct Logits {
    /// `[N, classes]`.
    pub logits: Vec<f32>,
    /// The requested results from inside the network.
    pub shown: Shown,
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

    /// Renames the classes from a file's bytes, in one of the formats that [`labels::parse`] reads.
    ///
    /// # Errors
    /// `Input` for another format, and for more or fewer labels than classes.
    pub fn set_labels(&mut self, file: &[u8]) -> Result<()> {
        let (labels, classes) = (labels::parse("labels", file)?, self.metadata.labels.len());
        if labels.len() != classes {
            let expected = format!("{classes}, as many as the model has classes");
            return Err(Error::input("labels", expected, labels.len().to_string()));
        }
        self.metadata.labels = labels;
        Ok(())
    }

    /// Classifies a picture.
    ///
    /// # Errors
    /// `Input` for a picture or options that cannot be used, `Gpu` if the GPU fails; where logits are not
    /// finite, `Model` on the CPU and `Parity` on a GPU.
    pub async fn classify(&self, picture: Picture<'_>, options: &Options) -> Result<Answer> {
        let top = options.top_k(self.metadata.labels.len())?;
        let plan = self.plan(options)?;
        let start = Instant::now();
        let input = self.backend.preprocess(&self.metadata.preprocessing, picture)?;
        let preprocessed = Instant::now();
        let outputs = self.run(input, &plan).await?;
        let inferred = Instant::now();
        self.refuse_overflow(&outputs.logits)?;
        let predictions =
            top_k(&outputs.logits, &self.metadata.labels, self.metadata.temperature, top);
        let abstain_below = self.metadata.abstain_below.unwrap_or(0.0);
        let end = Instant::now();
        Ok(Answer {
            abstained: predictions[0].probability < abstain_below,
            predictions,
            shown: Shown::new(outputs, options),
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

    /// Computes logits, and maps on request, of normalised images `[N, 3, H, W]`.
    ///
    /// # Errors
    /// `Input` for shapes, values or options that cannot be used.
    pub async fn logits(
        &self,
        images: &[f32],
        shape: [usize; 4],
        options: &Options,
    ) -> Result<Logits> {
        let plan = self.plan(options)?;
        check_images(images, shape)?;
        let [n, channels, h, w] = shape;
        for (what, wanted) in [
            ("taps", options.wants_taps()),
            ("stats", options.wants_stats()),
            ("cam", plan.cam.is_some()),
            ("features", options.wants_features()),
        ] {
            if wanted {
                check_single(what, n)?;
            }
        }
        let image = channels * h * w;
        let (mut logits, mut last) = (Vec::new(), None);
        for images in images.chunks(images_at_once([h, w]) * image) {
            let batch = images.len() / image;
            let images = channels_last(images, h * w);
            let outputs = self.run(B::images(images.into(), [batch, h, w]), &plan).await?;
            logits.extend_from_slice(&outputs.logits);
            last = Some(outputs);
        }
        let shown = Shown::new(last.expect("at least one image"), options);
        Ok(Logits { logits, shown })
    }

    /// Returns how many residual blocks there are.
    pub fn blocks(&self) -> usize {
        self.blocks.len()
    }

    /// Returns the name of a residual block, by its index.
    pub fn block_name(&self, index: usize) -> &str {
        &self.blocks[index].name
    }

    /// Returns the name of a class, by its index.
    pub fn label(&self, index: usize) -> &str {
        &self.metadata.labels[index]
    }

    async fn run(&self, input: B::Input<'_>, plan: &Plan) -> Result<Outputs> {
        self.backend.run(&self.network, input, plan).await
    }

    fn plan(&self, options: &Options) -> Result<Plan> {
        options.plan(&self.blocks, self.metadata.labels.len())
    }

    /// # Errors
    /// The backend's error, if any of the `logits` is not finite.
    fn refuse_overflow(&self, logits: &[f32]) -> Result<()> {
        ModelError::refuse_overflow(logits).map_err(|overflow| self.backend.blame(overflow))
    }
}

impl Shown {
    fn new(outputs: Outputs, options: &Options) -> Self {
        let Outputs { taps, stats, cam, embedding, .. } = outputs;
        Self {
            taps: options.wants_taps().then_some(taps),
            stats: options.wants_stats().then_some(stats),
            cam,
            features: options.wants_features().then_some(embedding),
        }
    }
}

/// Returns how many images of this height and width are computed at a time.
fn images_at_once([h, w]: [usize; 2]) -> usize {
    (MAX_PIXELS_AT_ONCE / (h * w)).max(1)
}

/// Refuses a batch for results that exist only for one image.
pub(crate) fn check_single(what: &str, images: usize) -> Result<()> {
    if images == 1 {
        return Ok(());
    }
    Err(Error::input(what, "a batch of one image", format!("{images} images")))
}

/// Refuses shapes and values that [`Session::logits`] does not accept.
pub(crate) fn check_images(images: &[f32], shape: [usize; 4]) -> Result<()> {
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

/// Moves the channels last: `[N, 3, P]` → `[N, P, 3]`.
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

pub(crate) fn milliseconds(duration: web_time::Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_in_milliseconds() {
        assert_eq!(milliseconds(web_time::Duration::from_micros(1500)), 1.5);
    }

    #[test]
    fn as_many_images_are_computed_at_a_time_as_a_megapixel_holds() {
        for (size, expected) in
            [([32, 32], 1024), ([224, 224], 20), ([1024, 512], 2), ([1024, 1024], 1)]
        {
            assert_eq!(images_at_once(size), expected, "{size:?}");
        }
    }
}
