//! A kernel with all that it is given.

use std::sync::Arc;

use super::{Kernel, TrackedBuffer, WgpuResource, wgpu};

/// What a kernel is given.
pub enum Binding {
    /// Memory of a tensor.
    Buffer(WgpuResource),
    /// A picture.
    Texture(wgpu::TextureView),
    /// Words whose values are read when a call is submitted: see [`GpuContext::uniform`](super::GpuContext::uniform).
    Uniform(Arc<TrackedBuffer>),
}

/// A kernel and what it is to run on.
pub struct KernelCall {
    /// The kernel.
    pub kernel: Kernel,
    /// In the order of its bindings.
    pub bindings: Vec<Binding>,
    /// Bound behind them, as uniforms.
    pub sizes: Vec<u32>,
    /// Workgroups.
    pub groups: [u32; 3],
}

impl KernelCall {
    /// Bytes of all buffers that it binds, its uniforms left out: what it moves, if it moves everything once.
    pub fn bytes(&self) -> u64 {
        let buffers = self.bindings.iter().map(|binding| match binding {
            Binding::Buffer(resource) => resource.size,
            Binding::Texture(_) | Binding::Uniform(_) => 0,
        });
        buffers.sum()
    }
}
