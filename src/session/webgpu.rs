//! The WebGPU backend: graphs that are captured once, with every GPU fault detected.

mod graphs;

use std::borrow::Cow;
use std::future::ready;

use super::{Backend, Session, parity};
use crate::error::{Error, ModelError, Result};
use crate::gpu::Gpu;
use crate::model::{FusedResNet, Outputs, Plan};
use crate::preprocess::{Picture, Preprocessing, opaque};
use crate::weights::Checkpoint;
use crate::weights::bytes::ModelBytes;
use graphs::{GraphCache, StoredInputs, read};

/// Width and height of the picture that both backends resize: one side shrinks, the other one grows.
const PICTURE: [usize; 2] = [301, 97];

/// The tolerance between the resized pictures of GPU and CPU, in 1/255: both compute the same integers, and
/// round when they normalise them.
const LEVELS: f32 = 0.01;

/// A backend that runs a network on a GPU.
pub struct WebGpu {
    gpu: Gpu,
    graphs: GraphCache,
}

/// The network's input.
pub enum WebGpuInput<'a> {
    /// Normalised images, `[N, H, W, 3]`, and N, H, W.
    Images(Cow<'a, [f32]>, [usize; 3]),
    /// Opaque RGBA8 for the GPU to resize and normalise, and its width and height.
    Pixels(Cow<'a, [u8]>, [usize; 2]),
    /// A browser's bitmap, for the GPU to resize and normalise.
    #[cfg(target_arch = "wasm32")]
    Bitmap(&'a web_sys::ImageBitmap),
}

impl Session<WebGpu> {
    /// Reads a model file and uploads it to a GPU. Before its first answer the session must pass
    /// [`Session::check`].
    ///
    /// # Errors
    /// `Model` if the file cannot be used, `Gpu` if the GPU fails.
    pub async fn load_on(gpu: Gpu, file: impl ModelBytes) -> Result<Self> {
        let checkpoint = Checkpoint::parse(file)?;
        let preprocessing = &checkpoint.metadata.preprocessing;
        let load = || {
            let size = [preprocessing.input_size; 2];
            let network = match FusedResNet::load(&checkpoint, size, gpu.device(), |_, _| ()) {
                Ok(network) => network,
                Err(error) => return Ok(Err(error)), // not the GPU's
            };
            let every = parity::plans(&network.architecture.blocks());
            let context = gpu.context().clone();
            let graphs = GraphCache::new(context, &network, preprocessing, &every)?;
            Ok(Ok((network, graphs)))
        };
        let (network, graphs) = gpu.guard(|| ready(load())).await??;
        gpu.release_unused();
        Ok(Self::new(WebGpu { gpu, graphs }, network, checkpoint.metadata))
    }

    /// Returns the GPU that runs the network.
    pub fn gpu(&self) -> &Gpu {
        &self.backend.gpu
    }

    /// Returns the number of kernels for [`Session::compile`].
    pub fn kernels(&self) -> usize {
        self.backend.graphs.kernels()
    }

    /// Compiles a kernel, by its index, and waits until the GPU has it. [`Session::check`] compiles the
    /// rest. Compiling one at a time lets the caller tell a slow compiler from a dead GPU.
    ///
    /// # Errors
    /// `Gpu` if the GPU fails.
    pub async fn compile(&self, kernel: usize) -> Result<()> {
        let compile = || {
            self.backend.graphs.compile(kernel);
            ready(Ok(()))
        };
        self.backend.gpu.guard(compile).await
    }

    /// Compares the GPU with the CPU's [`Session::probe`]. It is also the warm-up: every kernel
    /// that a frame of the model's size can use is compiled and run.
    ///
    /// # Errors
    /// `Parity` if any result is off by more than the tolerance, `Gpu` if the GPU fails.
    pub async fn check(&self, expected: &[f32]) -> Result<()> {
        let mut expected = expected;
        let tolerance = self.backend.tolerance();
        for (what, found) in self.run_probe().await? {
            let Some((values, rest)) = expected.split_at_checked(found.len()) else {
                let wanted = format!("the probe of the same model, {} values more", found.len());
                return Err(Error::input("probe", wanted, format!("{}", expected.len())));
            };
            parity::compare("webgpu", what, &found, values, tolerance)?;
            expected = rest;
        }
        if !expected.is_empty() {
            let found = format!("{} values more", expected.len());
            return Err(Error::input("probe", "the probe of the same model", found));
        }
        self.check_preprocessing().await
    }

    /// Compares the GPU's resized picture with that of this module's CPU code, and gets ready for
    /// frames.
    async fn check_preprocessing(&self) -> Result<()> {
        let WebGpu { gpu, graphs } = &self.backend;
        let [width, height] = PICTURE;
        let noise = parity::noise(4 * width * height).into_iter();
        let rgba: Vec<u8> = noise.map(|value| ((value + 2.0) * 63.0) as u8).collect();
        let picture = Picture::Rgba { rgba: &rgba, width, height };
        let rgba = opaque(picture)?;
        let expected = self.metadata.preprocessing.apply(picture)?;
        let read_back = || {
            let reading = graphs.preprocess(&rgba, PICTURE);
            async { Ok(reading.read_f32().await?.remove(0)) }
        };
        let found = gpu.guard(read_back).await?;
        let frame = || ready(graphs.prepare(&self.network, &Plan::default()));
        gpu.guard(frame).await?;
        let steps = found.iter().zip(&expected).zip(self.metadata.preprocessing.std.iter().cycle());
        let off = steps.fold(0.0f32, |most, ((found, expected), std)| {
            let off = (found - expected).abs() * std * 255.0;
            if off.is_nan() { f32::INFINITY } else { most.max(off) }
        });
        if off > LEVELS {
            let (what, [found, allowed]) =
                ("a resized picture".into(), [off / 255.0, LEVELS / 255.0]);
            return Err(Error::Parity { engine: "webgpu", what, found, allowed });
        }
        Ok(())
    }
}

impl WebGpu {
    /// Returns the tolerance between its results and the CPU's, relative to the largest value.
    fn tolerance(&self) -> f32 {
        self.gpu.context().config.tolerance()
    }
}

impl Backend for WebGpu {
    type Input<'a> = WebGpuInput<'a>;
    type Stored = StoredInputs;

    fn images<'a>(images: Cow<'a, [f32]>, shape: [usize; 3]) -> WebGpuInput<'a> {
        WebGpuInput::Images(images, shape)
    }

    /// Passes the picture to the GPU, unless it is larger than a texture.
    fn preprocess<'a>(
        &self,
        preprocessing: &Preprocessing,
        picture: Picture<'a>,
    ) -> Result<WebGpuInput<'a>> {
        let [width, height] = picture.size();
        let fits = width.max(height) <= self.gpu.longest_side();
        match picture {
            #[cfg(target_arch = "wasm32")]
            Picture::Bitmap(bitmap) => {
                crate::preprocess::check_size(width, height)?;
                if !fits {
                    let found = format!("a bitmap of {width}×{height} pixels");
                    return Err(Error::input("picture", "one that a texture can hold", found));
                }
                Ok(WebGpuInput::Bitmap(bitmap))
            }
            rows if fits => Ok(WebGpuInput::Pixels(opaque(rows)?, [width, height])),
            rows => {
                let size = preprocessing.input_size;
                let image = preprocessing.apply(rows)?;
                Ok(WebGpuInput::Images(image.into(), [1, size, size]))
            }
        }
    }

    async fn run(
        &self,
        network: &FusedResNet,
        input: Self::Input<'_>,
        plan: &Plan,
    ) -> Result<Outputs> {
        let submit = || {
            let pending = self.graphs.submit(network, input, plan);
            async { pending?.outputs().await }
        };
        self.gpu.guard(submit).await
    }

    async fn run_storing(
        &self,
        network: &FusedResNet,
        input: Self::Input<'_>,
        plan: &Plan,
    ) -> Result<(Outputs, Self::Stored)> {
        let submit = || {
            let submitted = self.graphs.submit_storing(network, input, plan);
            async {
                let (reading, stored) = submitted?;
                let outputs = read(&stored.outputs.0, reading).await?;
                Ok((outputs, stored))
            }
        };
        self.gpu.guard(submit).await
    }

    async fn run_from(
        &self,
        network: &FusedResNet,
        stored: &Self::Stored,
        block: usize,
        plan: &Plan,
    ) -> Result<Outputs> {
        let submit = || {
            let submitted = self.graphs.submit_from(network, stored, block, plan);
            async {
                let (reading, graph) = submitted?;
                read(&graph.outputs, reading).await
            }
        };
        self.gpu.guard(submit).await
    }

    /// Returns a parity error: the model has passed the CPU's self-test, so its logits must be finite.
    fn blame(&self, _: ModelError) -> Error {
        let (what, allowed) = ("the logits".into(), self.tolerance());
        Error::Parity { engine: "webgpu", what, found: f32::INFINITY, allowed }
    }
}
