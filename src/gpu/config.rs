//! Configurations of the kernels for adapters that can do more than WebGPU's minimum.

use super::wgpu;

/// The features that the kernels use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KernelConfig {
    /// Split-K: where few pixels have long sums, the threads of a workgroup share each sum.
    pub split_k: bool,
    /// Threads of a quad read weights for each other: `subgroups`.
    pub quads: bool,
    /// Weights are stored in half precision, sums in single: `shader-f16`. This halves the reads of most layers, and
    /// is less exact.
    pub half_weights: bool,
}

impl KernelConfig {
    /// Chooses the configuration. Graphics cards share long sums, which keeps more of their cores busy; a software
    /// adapter would only pay for the barriers, and takes seconds to compile them. Adapters
    /// with subgroups use quad reads. Half-precision weights are only used on request: their gain is
    /// unmeasured, and answers must be within 1e-3.
    pub fn choose(subgroups: bool, software: bool) -> Self {
        Self { split_k: !software, quads: subgroups, half_weights: false }
    }

    /// Returns the features that wgpu must request; in browsers it cannot request subgroups.
    pub fn features(self) -> wgpu::Features {
        let quads = self.quads && cfg!(not(target_family = "wasm"));
        let quads = if quads { wgpu::Features::SUBGROUP } else { wgpu::Features::empty() };
        let half = wgpu::Features::SHADER_F16;
        quads | if self.half_weights { half } else { wgpu::Features::empty() }
    }

    /// Returns the largest difference from another engine that rounding may cause, relative to the largest value.
    pub fn tolerance(self) -> f32 {
        if self.half_weights { 2e-2 } else { 1e-3 }
    }
}
