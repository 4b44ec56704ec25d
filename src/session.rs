//! One loaded model and the engine that runs it: the whole way from pixels to an answer.

#[cfg(feature = "cpu")]
mod check;
#[cfg(feature = "webgpu")]
mod graphs;
mod info;
mod options;
mod probe;

use std::borrow::Cow;
#[cfg(feature = "webgpu")]
use std::future::ready;

#[cfg(feature = "cpu")]
use burn::tensor::Device;
#[cfg(feature = "cpu")]
use pollster::block_on;
use serde::Serialize;
use web_time::Instant;

use crate::arch::BlockSpec;
use crate::error::{Error, ModelError, Result};
#[cfg(feature = "webgpu")]
use crate::gpu::Gpu;
use crate::model::{BlockTap, FoldedResNet, FusedResNet, Outputs, TapPlan};
#[cfg(feature = "cpu")]
use crate::ops::cpu::frame;
#[cfg(all(feature = "webgpu", target_arch = "wasm32"))]
use crate::preprocess::check_size;
#[cfg(feature = "webgpu")]
use crate::preprocess::opaque;
use crate::preprocess::{Picture, input_sizes, is_input_size};
use crate::topk::{Prediction, top_k};
use crate::weights::{Checkpoint, Metadata};

#[cfg(feature = "webgpu")]
use graphs::GraphCache;
pub use info::{BlockInfo, ModelInfo};
pub use options::{Options, Reduce, Taps};

/// Pixels of all images that run at once, at most: bounds the memory of a batch.
const MAX_PIXELS_AT_ONCE: usize = 1024 * 1024;

/// A model that is ready to run.
///
/// Calls are futures because a GPU answers later; the CPU's are ready when they return, so that
/// `pollster::block_on` takes them anywhere.
pub struct Session {
    engine: Engine,
    network: FusedResNet,
    blocks: Vec<BlockSpec>,
    metadata: Metadata,
}

/// What runs the network.
enum Engine {
    #[cfg(feature = "cpu")]
    Cpu,
    #[cfg(feature = "webgpu")]
    WebGpu(Gpu, Box<GraphCache>),
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

impl Session {
    /// Reads a model file, packs it for the CPU engine, and checks the engine against the scalar
    /// reference.
    ///
    /// # Errors
    /// `Model` if the file cannot be used, `Parity` if this machine computes wrong numbers.
    #[cfg(feature = "cpu")]
    pub fn load(file: Vec<u8>) -> Result<Self> {
        let (folded, metadata) = read_model(file)?;
        let expected = check::Expected::compute(&folded)?;
        let network = FusedResNet::new(folded, &Device::flex());
        let session = Self::new(Engine::Cpu, network, metadata);
        expected.check(&session)?;
        Ok(session)
    }

    /// Reads a model file and brings it to a GPU. Before its first answer the session must pass
    /// [`Session::check`].
    ///
    /// # Errors
    /// `Model` if the file cannot be used, `Gpu` if the GPU fails.
    #[cfg(feature = "webgpu")]
    pub async fn load_on(gpu: Gpu, file: Vec<u8>) -> Result<Self> {
        let (folded, metadata) = read_model(file)?;
        let load = || {
            let network = FusedResNet::new(folded, gpu.device());
            let every = probe::plans(&network.architecture.blocks());
            let context = gpu.context().clone();
            let graphs = GraphCache::new(context, &network, &metadata.preprocessing, &every);
            ready(graphs.map(|graphs| (network, graphs)))
        };
        let (network, graphs) = gpu.guard(load).await?;
        gpu.release_unused();
        Ok(Self::new(Engine::WebGpu(gpu, graphs.into()), network, metadata))
    }

    fn new(engine: Engine, network: FusedResNet, metadata: Metadata) -> Self {
        let blocks = network.architecture.blocks();
        Self { engine, network, blocks, metadata }
    }

    /// The GPU that runs the network, if one does.
    #[cfg(feature = "webgpu")]
    pub fn gpu(&self) -> Option<&Gpu> {
        match &self.engine {
            #[cfg(feature = "cpu")]
            Engine::Cpu => None,
            Engine::WebGpu(gpu, _) => Some(gpu),
        }
    }

    /// How many kernels [`Session::compile`] can be asked for: none but on a GPU.
    #[cfg(feature = "webgpu")]
    pub fn kernels(&self) -> usize {
        match &self.engine {
            #[cfg(feature = "cpu")]
            Engine::Cpu => 0,
            Engine::WebGpu(_, graphs) => graphs.kernels(),
        }
    }

    /// Compiles a kernel, by its index, and waits until the GPU has it. [`Session::check`] compiles what is
    /// left; but this may take a GPU seconds for all, and by its answers one sees that it is alive.
    ///
    /// # Errors
    /// `Gpu` if the GPU fails.
    #[cfg(feature = "webgpu")]
    pub async fn compile(&self, kernel: usize) -> Result<()> {
        match &self.engine {
            #[cfg(feature = "cpu")]
            Engine::Cpu => Ok(()),
            Engine::WebGpu(gpu, graphs) => {
                let compile = || {
                    graphs.compile(kernel);
                    ready(Ok(()))
                };
                gpu.guard(compile).await
            }
        }
    }

    /// What the model is.
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
        let input = self.preprocess(picture)?;
        let preprocessed = Instant::now();
        let Outputs { logits, taps, .. } = self.run(input, &plan).await?;
        let inferred = Instant::now();
        ModelError::refuse_overflow(&logits).map_err(|error| self.blame(error))?;
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
    /// As for [`classify`](Self::classify).
    pub async fn embed(&self, picture: Picture<'_>) -> Result<Vec<f32>> {
        let input = self.preprocess(picture)?;
        Ok(self.run(input, &TapPlan::default()).await?.embedding)
    }

    /// Logits `[N, classes]`, and maps if asked for, of normalised images `[N, 3, H, W]`.
    ///
    /// # Errors
    /// `Input` for shapes, values or options that cannot be used.
    pub async fn logits(
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
            let images = channels_last(images, h * w);
            let outputs = self.run(Input::Images(images.into(), [batch, h, w]), &plan).await?;
            logits.extend(outputs.logits);
            taps.extend(outputs.taps);
        }
        Ok((logits, options.wants_taps().then_some(taps)))
    }

    /// A model has passed its probe. Should it overflow on a GPU, then only the CPU can tell whose fault it is.
    fn blame(&self, error: ModelError) -> Error {
        #[cfg(feature = "webgpu")]
        if self.gpu().is_some() {
            let (what, allowed) = ("the logits".into(), self.tolerance());
            return Error::Parity { engine: "webgpu", what, found: f32::INFINITY, allowed };
        }
        error.into()
    }

    /// The names of the residual blocks, by index.
    pub fn block_name(&self, index: usize) -> &str {
        &self.blocks[index].name
    }

    /// Turns a picture into what the network reads; what a GPU does itself is left to it.
    fn preprocess<'a>(&self, picture: Picture<'a>) -> Result<Input<'a>> {
        let preprocessing = &self.metadata.preprocessing;
        let [width, height] = picture.size();
        #[cfg(feature = "webgpu")]
        let on_gpu = self.gpu().is_some_and(|gpu| width.max(height) <= gpu.longest_side());
        match picture {
            #[cfg(feature = "webgpu")]
            Picture::Rgba { rgba, .. } if on_gpu => {
                Ok(Input::Pixels(opaque(rgba, width, height)?, [width, height]))
            }
            Picture::Rgba { rgba, .. } => {
                let size = preprocessing.input_size;
                let image = preprocessing.apply(rgba, width, height)?;
                Ok(Input::Images(image.into(), [1, size, size]))
            }
            #[cfg(all(feature = "webgpu", target_arch = "wasm32"))]
            Picture::Bitmap(bitmap) => {
                check_size(width, height)?;
                if !on_gpu {
                    let found = format!("a bitmap of {width}×{height} pixels");
                    return Err(Error::input("picture", "one that a texture can hold", found));
                }
                Ok(Input::Bitmap(bitmap))
            }
        }
    }

    /// Runs the network on the engine, all faults noticed.
    async fn run(&self, input: Input<'_>, plan: &TapPlan) -> Result<Outputs> {
        let network = &self.network;
        match &self.engine {
            #[cfg(feature = "cpu")]
            Engine::Cpu => {
                let (images, shape) = match input {
                    Input::Images(images, shape) => (images.into_owned(), shape),
                    #[cfg(feature = "webgpu")]
                    _ => unreachable!("`preprocess` leaves pictures to GPUs only"),
                };
                let read = || block_on(network.forward(network.input(images, shape), plan).read());
                Ok(frame(read).expect("the CPU does not fail"))
            }
            #[cfg(feature = "webgpu")]
            Engine::WebGpu(gpu, graphs) => {
                let submit = || {
                    let pending = graphs.submit(network, input, plan);
                    async { pending?.outputs().await }
                };
                gpu.guard(submit).await
            }
        }
    }
}

/// What the network runs on.
enum Input<'a> {
    /// Normalised images, `[N, H, W, 3]`, and N, H, W.
    Images(Cow<'a, [f32]>, [usize; 3]),
    /// Opaque RGBA8 for a GPU to resize and normalise, and its width and height.
    #[cfg(feature = "webgpu")]
    Pixels(Cow<'a, [u8]>, [usize; 2]),
    /// Likewise.
    #[cfg(all(feature = "webgpu", target_arch = "wasm32"))]
    Bitmap(&'a web_sys::ImageBitmap),
}

/// The network of a model file with its batch norms folded.
fn read_model(file: Vec<u8>) -> Result<(FoldedResNet, Metadata)> {
    let checkpoint = Checkpoint::parse(file)?;
    let folded = FoldedResNet::load(&checkpoint)?;
    Ok((folded, checkpoint.metadata))
}

/// The shape and the values that [`Session::logits`] takes.
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
