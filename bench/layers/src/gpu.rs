//! How long each kernel of each layer takes on a GPU, by the GPU's own timestamps.

use reslens::arch::Architecture;
use reslens::error::Result;
use reslens::gpu::Gpu;
use serde::Serialize;

use crate::profile::{Profile, TimedKernel};
use crate::{Layer, as_in_a_session, lay_out};

/// A layer and the kernels that compute it.
#[derive(Serialize)]
pub struct GpuLayer {
    /// The layer's name, such as `layer1.0.conv1`.
    pub name: String,
    /// Height, width and channels of the output.
    pub output: [usize; 3],
    /// Products of a direct convolution, in millions.
    pub direct: f64,
    /// Its kernels, in the order in which they run.
    pub kernels: Vec<Kernel>,
}

/// One dispatch of a layer's kernel.
#[derive(Serialize)]
pub struct Kernel {
    /// The kernel's name.
    pub name: &'static str,
    /// Bytes of its inputs and its output, each counted once.
    pub bytes: u64,
    /// One time for each round.
    pub ms: Vec<f64>,
}

/// Times the layers of a network on an image of `size` × `size`, on a GPU that is opened for it.
///
/// # Errors
/// `Gpu` if the adapter has no timestamps or the device fails.
pub async fn time(
    gpu: &Gpu,
    architecture: Architecture,
    size: usize,
    warmup: u32,
    rounds: u32,
) -> Result<Vec<GpuLayer>> {
    let mut timed = Vec::new();
    for (layer, run) in lay_out(architecture, size, gpu.device(), as_in_a_session(gpu.device())) {
        let profile = Profile::new(gpu.context(), run)?;
        let Layer { name, output, direct, .. } = layer;
        timed.push((GpuLayer { name, output, direct, kernels: vec![] }, profile));
    }
    for round in 0..warmup + rounds {
        for (layer, profile) in &mut timed {
            let kernels = gpu.guard(|| profile.run()).await?;
            if round == 0 {
                let kernel = |timed: &TimedKernel| Kernel {
                    name: timed.kernel,
                    bytes: timed.bytes,
                    ms: vec![],
                };
                layer.kernels = kernels.iter().map(kernel).collect();
            }
            if round >= warmup {
                for (kernel, timed) in layer.kernels.iter_mut().zip(kernels) {
                    kernel.ms.push(timed.time.as_secs_f64() * 1e3);
                }
            }
        }
    }
    Ok(timed.into_iter().map(|(layer, _)| layer).collect())
}
