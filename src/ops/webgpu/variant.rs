//! Forms of the kernels for what an adapter can do beyond WebGPU's least.

use burn_wgpu::wgpu;

/// What of it is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Variant {
    /// Where few pixels have long sums, the threads of a workgroup share each.
    pub slices: bool,
    /// Threads of a quad read weights for each other: `subgroups`.
    pub quads: bool,
    /// Weights are kept in half precision, sums in single: `shader-f16`. It halves what most layers read, and
    /// is less exact.
    pub half_weights: bool,
}

impl Variant {
    /// The table. Graphics cards share long sums, which keep more of their processors busy; a program that
    /// plays an adapter would only pay for the barriers, and compiles them for seconds. Whoever can reads by
    /// quads. Nobody gets weights in half precision unless asked: what they would gain was measured nowhere, and
    /// answers are to be within 1e-3.
    pub fn choose(subgroups: bool, software: bool) -> Self {
        Self { slices: !software, quads: subgroups, half_weights: false }
    }

    /// What wgpu has to ask for; in browsers it cannot ask for subgroups.
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
