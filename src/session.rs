//! One loaded model and the engine that runs it: the whole way from pixels to an answer.

mod check;
mod options;

use burn::tensor::Device;
use serde::Serialize;
use web_time::Instant;

use crate::error::{Error, Result};
use crate::model::arch::{Architecture, BlockSpec, TOTAL_STRIDE};
use crate::model::fused::Forward;
use crate::model::{BlockTap, FoldedResNet, FusedResNet, ResNet, TapPlan};
use crate::topk::{Prediction, top_k};
use crate::weights::{Checkpoint, Metadata};

pub use options::{Options, Reduce, Taps};

/// Pixels of all images that run at once, at most: bounds the memory of a batch.
const MAX_PIXELS_AT_ONCE: usize = 1024 * 1024;

/// A model that is ready to run on the CPU.
pub struct Session {
    network: FusedResNet,
    blocks: Vec<BlockSpec>,
    metadata: Metadata,
}

/// What there is to know about a model.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ModelInfo {
    /// torchvision's name, such as `resnet18`.
    pub architecture: &'static str,
    /// The classes' names.
    pub labels: Vec<String>,
    /// Height and width of the network's input.
    pub input_size: usize,
    /// What a picture's shorter side is scaled to, before the central square is cut out.
    pub resize: usize,
    /// Mean of red, green and blue in [0, 1].
    pub mean: [f32; 3],
    /// Their standard deviation.
    pub std: [f32; 3],
    /// Trained numbers, counted as torchvision does.
    pub parameters: usize,
    /// The residual blocks in order.
    pub blocks: Vec<BlockInfo>,
    /// What the weights may be used for.
    pub licence: Option<String>,
    /// Where the model comes from and what it is for.
    pub card: Option<String>,
}

/// What there is to know about a residual block.
#[derive(Clone, Debug, Serialize)]
pub struct BlockInfo {
    /// torchvision's name, such as `layer1.0`.
    pub name: String,
    /// `basic` or `bottleneck`.
    pub kind: &'static str,
    /// `identity` or `projection`.
    pub shortcut: &'static str,
    /// `[C, H, W]` of its output at the model's input size.
    pub shape: [usize; 3],
}

/// Milliseconds that the parts of a call took.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Timings {
    /// From pixels to the network's input.
    pub preprocess: f64,
    /// From the input to logits and maps.
    pub inference: f64,
    /// Getting the results out of the engine.
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

impl Session {
    /// Reads a model file, packs it for the CPU engine, and checks the engine against the scalar
    /// reference.
    ///
    /// # Errors
    /// `Model` if the file cannot be used, `Parity` if this machine computes wrong numbers.
    pub fn load(file: Vec<u8>) -> Result<Self> {
        let device = Device::flex();
        let checkpoint = Checkpoint::parse(file)?;
        let network = ResNet::load(&checkpoint, &device)?;
        let Checkpoint { architecture, metadata, .. } = checkpoint;
        let folded = FoldedResNet::new(network, architecture);
        let expected = check::Expected::compute(&folded);
        let network = FusedResNet::new(folded, &device);
        expected.check(&network)?;
        Ok(Self { network, blocks: architecture.blocks(), metadata })
    }

    /// What the model is.
    pub fn model(&self) -> ModelInfo {
        let preprocessing = &self.metadata.preprocessing;
        let architecture = self.network.architecture;
        ModelInfo {
            architecture: architecture.name,
            labels: self.metadata.labels.clone(),
            input_size: preprocessing.input_size,
            resize: preprocessing.resize,
            mean: preprocessing.mean,
            std: preprocessing.std,
            parameters: architecture.parameters(self.metadata.labels.len()),
            blocks: describe(architecture, &self.blocks, preprocessing.input_size),
            licence: self.metadata.licence.clone(),
            card: self.metadata.card.clone(),
        }
    }

    /// Classifies a picture of RGBA8 rows.
    ///
    /// # Errors
    /// `Input` for a picture or options that cannot be used.
    pub fn classify(
        &self,
        rgba: &[u8],
        width: usize,
        height: usize,
        options: &Options,
    ) -> Result<Answer> {
        let top = options.top_k(self.metadata.labels.len())?;
        let plan = options.plan(&self.blocks)?;
        let start = Instant::now();
        let input = self.metadata.preprocessing.apply(rgba, width, height)?;
        let preprocessed = Instant::now();
        let Forward { logits, taps, .. } = self.forward(input, &plan);
        let inferred = Instant::now();
        let logits: Vec<f32> = values(logits);
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

    /// The pooled features of a picture, 512 or 2048 long.
    ///
    /// # Errors
    /// `Input` for a picture that cannot be used.
    pub fn embed(&self, rgba: &[u8], width: usize, height: usize) -> Result<Vec<f32>> {
        let input = self.metadata.preprocessing.apply(rgba, width, height)?;
        Ok(values(self.forward(input, &TapPlan::default()).embedding))
    }

    /// Logits `[N, classes]`, and maps if asked for, of normalised images `[N, 3, H, W]`.
    ///
    /// # Errors
    /// `Input` for shapes, values or options that cannot be used.
    pub fn logits(
        &self,
        images: &[f32],
        shape: [usize; 4],
        options: &Options,
    ) -> Result<(Vec<f32>, Option<Vec<BlockTap>>)> {
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
            let images = channels_last(images, [channels, h * w]);
            let forward = self.network.forward(images, [batch, h, w], &plan);
            logits.extend(values(forward.logits));
            taps.extend(forward.taps);
        }
        Ok((logits, options.wants_taps().then_some(taps)))
    }

    /// The names of the residual blocks, by index.
    pub fn block_name(&self, index: usize) -> &str {
        &self.blocks[index].name
    }

    fn forward(&self, input: Vec<f32>, plan: &TapPlan) -> Forward {
        let size = self.metadata.preprocessing.input_size;
        self.network.forward(input, [1, size, size], plan)
    }
}

fn describe(architecture: Architecture, blocks: &[BlockSpec], input_size: usize) -> Vec<BlockInfo> {
    let mut size = input_size / 4;
    blocks
        .iter()
        .map(|block| {
            size /= block.stride();
            BlockInfo {
                name: block.name.clone(),
                kind: architecture.block.name(),
                shortcut: if block.projection.is_some() { "projection" } else { "identity" },
                shape: [block.output(), size, size],
            }
        })
        .collect()
}

/// The shape and the values that [`Session::logits`] takes.
fn check_images(images: &[f32], shape: [usize; 4]) -> Result<()> {
    let [n, channels, h, w] = shape;
    let fits = |size: usize| size.is_multiple_of(TOTAL_STRIDE) && (32..=1024).contains(&size);
    if n == 0 || channels != 3 || !fits(h) || !fits(w) {
        let expected = "[N, 3, H, W] with N ≥ 1 and H, W multiples of 32 from 32 to 1024";
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

/// `[N, C, P]` → `[N, P, C]`.
fn channels_last(images: &[f32], [channels, pixels]: [usize; 2]) -> Vec<f32> {
    let mut transposed = Vec::with_capacity(images.len());
    for image in images.chunks_exact(channels * pixels) {
        for pixel in 0..pixels {
            transposed.extend((0..channels).map(|channel| image[channel * pixels + pixel]));
        }
    }
    transposed
}

fn values(tensor: burn::tensor::Tensor<2>) -> Vec<f32> {
    tensor.into_data().try_to_vec().expect("results are f32 tensors in memory")
}

fn milliseconds(duration: web_time::Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
