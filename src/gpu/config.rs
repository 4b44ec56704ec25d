//! Forms of the kernels for adapters that can do more than WebGPU's minimum.

use super::wgpu;

/// The features that the kernels use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KernelConfig {
    /// Where few pixels have long sums, the threads of a workgroup share each: split-K.
    pub split_k: bool,
    /// Threads of a quad read weights for each other: `subgroups`.
    pub quads: bool,
    /// Weights are kept in half precision, sums in single: `shader-f16`. It halves what most layers read, and
    /// is less exact.
    pub half_weights: bool,
}

impl KernelConfig {
    /// The table. Graphics cards share long sums, which keep more of their processors busy; a program that
    /// plays an adapter would only pay for the barriers, and compiles them for seconds. Adapters
    /// with subgroups read by quads. None gets weights in half precision unless asked: what they would gain was
    /// measured nowhere, and answers are to be within 1e-3.
    pub fn choose(subgroups: bool, software: bool) -> Self {
        Self { split_k: !software, quads: subgroups, half_weights: false }
    }

    /// Returns what wgpu has to ask for; in browsers it cannot ask for subgroups.
    pub fn features(self) -> wgpu::Features {
        let quads = self.quads && cfg!(not(target_family = "wasm"));
        let quads = if quads { wgpu::Features::SUBGROUP } else { wgpu::Features::empty() };
        let half = wgpu::Features::SHADER_F16;
        quads | if self.half_weights { half } else { wgpu::Features::empty() }
    }

    /// Largest difference from another engine that its rounding may make, relative to the largest value.
    pub fn tolerance(self) -> f32 {
        if self.half_weights { 2e-2 } else { 1e-3 }
    }
}
