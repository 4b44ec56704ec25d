//! Kernels with pipeline and bind group, which can be encoded any number of times.

use std::num::NonZeroU64;

use super::{Binding, GpuContext, KernelCall, TrackedBuffer, wgpu};

/// The alignment of a uniform binding in a buffer that every device accepts.
const UNIFORM_ALIGNMENT: usize = 256;

/// A kernel that is ready to run.
pub struct BoundKernel {
    /// The kernel's name.
    pub name: &'static str,
    /// The bytes that it moves, if it moves everything once.
    pub bytes: u64,
    pipeline: wgpu::ComputePipeline,
    bindings: wgpu::BindGroup,
    groups: [u32; 3],
}

impl BoundKernel {
    fn new(context: &GpuContext, call: &KernelCall, sizes: wgpu::BufferBinding<'_>) -> Self {
        let pipeline = context.pipeline(&call.kernel);
        let resources = call.bindings.iter().map(|binding| match binding {
            Binding::Buffer(resource) => resource.as_wgpu_bind_resource(),
            Binding::Texture(view) => wgpu::BindingResource::TextureView(view),
            Binding::Uniform(words) => words.buffer.as_entire_binding(),
        });
        let entries: Vec<_> = resources
            .chain([wgpu::BindingResource::Buffer(sizes)])
            .zip(0..)
            .map(|(resource, binding)| wgpu::BindGroupEntry { binding, resource })
            .collect();
        let bindings = context.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some(call.kernel.name),
            layout: &pipeline.get_bind_group_layout(0),
            entries: &entries,
        });
        let (name, bytes) = (call.kernel.name, call.bytes());
        Self { name, bytes, pipeline, bindings, groups: call.groups }
    }

    /// Adds its dispatch to a pass.
    pub fn encode(&self, pass: &mut wgpu::ComputePass<'_>) {
        let [x, y, z] = self.groups;
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &self.bindings, &[]);
        pass.dispatch_workgroups(x, y, z);
    }
}

/// Bound kernels and the memory of their sizes.
pub struct BoundKernels {
    list: Vec<BoundKernel>,
    _sizes: TrackedBuffer,
}

impl BoundKernels {
    /// Makes the pipelines and bind groups of `calls`.
    pub fn new(context: &GpuContext, calls: Vec<KernelCall>) -> Self {
        let mut words = Vec::new();
        let places: Vec<(usize, usize)> = calls
            .iter()
            .map(|call| {
                let start = words.len();
                words.extend_from_slice(&call.sizes);
                // A uniform binding is a multiple of 16 bytes.
                words.resize(words.len().next_multiple_of(4), 0);
                let place = (4 * start, 4 * (words.len() - start));
                words.resize(words.len().next_multiple_of(UNIFORM_ALIGNMENT / 4), 0);
                place
            })
            .collect();
        let usage = wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST;
        let sizes = context.buffer(4 * words.len() as u64, usage);
        context.queue.write_buffer(&sizes.buffer, 0, bytemuck::cast_slice(&words));
        let bind = |(call, (offset, length)): (KernelCall, (usize, usize))| {
            let uniform = wgpu::BufferBinding {
                buffer: &sizes.buffer,
                offset: offset as u64,
                size: NonZeroU64::new(length as u64),
            };
            BoundKernel::new(context, &call, uniform)
        };
        let list = calls.into_iter().zip(places).map(bind).collect();
        Self { list, _sizes: sizes }
    }

    /// Returns the kernels in order.
    pub fn iter(&self) -> std::slice::Iter<'_, BoundKernel> {
        self.list.iter()
    }
}

/// Encodes all kernels in one pass; each sees the results of those before it.
pub fn encode<'a>(
    encoder: &mut wgpu::CommandEncoder,
    kernels: impl Iterator<Item = &'a BoundKernel>,
) {
    let mut pass = encoder.begin_compute_pass(&Default::default());
    for kernel in kernels {
        kernel.encode(&mut pass);
    }
}
