//! A kernel with its arguments.

use std::sync::Arc;

use super::{Kernel, TrackedBuffer, WgpuResource, wgpu};

/// An argument of a kernel.
pub enum Binding {
    /// Memory of a tensor.
    Buffer(WgpuResource),
    /// A picture.
    Texture(wgpu::TextureView),
    /// Words that are read when a call is submitted: see [`GpuContext::uniform`](super::GpuContext::uniform).
    Uniform(Arc<TrackedBuffer>),
}

/// A kernel and its arguments.
pub struct KernelCall {
    /// The kernel.
    pub kernel: Kernel,
    /// The arguments in the order of its bindings.
    pub bindings: Vec<Binding>,
    /// The uniforms that are bound after them.
    pub sizes: Vec<u32>,
    /// Workgroups.
    pub groups: [u32; 3],
}

impl KernelCall {
    /// Returns the bytes of all its buffers without uniforms: the bytes that it moves, if it moves everything once.
    pub fn bytes(&self) -> u64 {
        let buffers = self.bindings.iter().map(|binding| match binding {
            Binding::Buffer(resource) => resource.size,
            Binding::Texture(_) | Binding::Uniform(_) => 0,
        });
        buffers.sum()
    }
}
