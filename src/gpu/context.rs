//! The context that runs kernels on an open device: its queue, compiled pipelines and memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use burn::backend::{DispatchDevice, DispatchTensorKind, TensorMetadata};
use burn::tensor::{Device, Tensor};
use burn_wgpu::{AutoCompiler, CubeTensor};
use cubecl::wgpu::WgpuServer;

use super::{
    BoundKernels, ByteCount, Faults, Kernel, KernelCall, KernelConfig, TrackedBuffer,
    TrackedTexture, WgpuResource, encode, wgpu,
};
use crate::error::GpuError;

/// The open devices. A tensor has a device, but no way to run kernels on it.
static OPEN: Mutex<Vec<Weak<GpuContext>>> = Mutex::new(Vec::new());

/// An open device that runs kernels.
pub struct GpuContext {
    /// The device.
    pub device: wgpu::Device,
    /// Its queue.
    pub queue: wgpu::Queue,
    /// Its faults.
    pub faults: Faults,
    /// The configuration of its kernels.
    pub config: KernelConfig,
    /// Burn's name for it.
    tensors: cubecl::Device,
    pipelines: Mutex<HashMap<Kernel, wgpu::ComputePipeline>>,
    uniforms: Mutex<HashMap<&'static str, Arc<TrackedBuffer>>>,
    used: ByteCount,
}

impl GpuContext {
    /// Registers a device on which `tensors` live, so that [`GpuContext::of`] finds it.
    pub fn open(
        device: wgpu::Device,
        queue: wgpu::Queue,
        faults: Faults,
        config: KernelConfig,
        tensors: &Device,
    ) -> Arc<Self> {
        let tensors = cube_device(tensors);
        let (pipelines, uniforms, used) = Default::default();
        let context = Self { device, queue, faults, config, tensors, pipelines, uniforms, used };
        let context = Arc::new(context);
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|each| each.strong_count() > 0);
        open.push(Arc::downgrade(&context));
        context
    }

    /// Returns the context of a tensor's device.
    pub fn of(tensor: &CubeTensor) -> Arc<Self> {
        let open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        let mut open = open.iter().filter_map(Weak::upgrade);
        open.find(|each| each.tensors == tensor.device).expect("a device that `Gpu` opened")
    }

    /// Returns the bytes of all buffers other than those of the tensors.
    pub fn memory(&self) -> u64 {
        self.used.bytes()
    }

    /// Creates a buffer of `size` bytes.
    pub fn buffer(&self, size: u64, usage: wgpu::BufferUsages) -> TrackedBuffer {
        TrackedBuffer::new(&self.device, &self.used, size, usage)
    }

    /// Creates a texture for pictures of `width` × `height` pixels, which may be copied from outside.
    pub fn texture(&self, width: usize, height: usize) -> TrackedTexture {
        TrackedTexture::new(&self.device, &self.used, width, height)
    }

    /// Returns the four words called `name`, all 0 until [`set_uniform`](Self::set_uniform): values that may differ
    /// from one run of a graph to the next. All graphs of the device share them.
    pub fn uniform(&self, name: &'static str) -> Arc<TrackedBuffer> {
        let mut uniforms = self.uniforms.lock().unwrap_or_else(PoisonError::into_inner);
        let usage = wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST;
        uniforms.entry(name).or_insert_with(|| Arc::new(self.buffer(16, usage))).clone()
    }

    /// Sets the words called `name` for all later submissions.
    pub fn set_uniform(&self, name: &'static str, words: [u32; 4]) {
        let uniform = self.uniform(name);
        self.queue.write_buffer(&uniform.buffer, 0, bytemuck::cast_slice(&words));
    }

    /// Returns the memory of a tensor, after flushing all earlier work of CubeCL to the queue.
    ///
    /// # Errors
    /// [`GpuError::Lost`] if the device has failed.
    pub fn resource(&self, tensor: &CubeTensor) -> Result<WgpuResource, GpuError> {
        assert!(tensor.is_contiguous(), "{:?}", tensor.shape());
        let resource = tensor
            .client
            .get_resource::<WgpuServer<AutoCompiler>>(tensor.handle.clone())
            .and_then(|resource| tensor.client.flush().map(|()| resource.resource().clone()));
        resource.map_err(|error| GpuError::Lost(error.to_string()))
    }

    /// Compiles a kernel, once. If it cannot, the device reports that to its error scopes.
    pub fn pipeline(&self, kernel: &Kernel) -> wgpu::ComputePipeline {
        let mut pipelines = self.pipelines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pipeline) = pipelines.get(kernel) {
            return pipeline.clone();
        }
        let label = Some(kernel.name);
        let module = self.device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label,
            source: wgpu::ShaderSource::Wgsl(kernel.text().into()),
        });
        let pipeline = self.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label,
            layout: None,
            module: &module,
            entry_point: Some("main"),
            // Every kernel writes its workgroup memory before it reads it.
            compilation_options: wgpu::PipelineCompilationOptions {
                zero_initialize_workgroup_memory: false,
                ..Default::default()
            },
            cache: None,
        });
        pipelines.insert(kernel.clone(), pipeline.clone());
        pipeline
    }

    /// Runs a kernel now.
    pub fn run(&self, call: KernelCall) {
        let kernels = BoundKernels::new(self, vec![call]);
        self.submit(|encoder| encode(encoder, kernels.iter()));
    }

    /// Submits one command buffer.
    pub fn submit(&self, encode: impl FnOnce(&mut wgpu::CommandEncoder)) {
        let mut encoder = self.device.create_command_encoder(&Default::default());
        encode(&mut encoder);
        self.queue.submit([encoder.finish()]);
    }
}

/// Returns CubeCL's name for a Burn device.
fn cube_device(device: &Device) -> cubecl::Device {
    match device.as_dispatch() {
        DispatchDevice::Cube(device) => device.clone(),
        #[allow(unreachable_patterns, reason = "there may be no other backend")]
        _ => unreachable!("`Gpu` opens devices of the CubeCL backend"),
    }
}

/// Returns a tensor's GPU representation.
pub(super) fn cube_tensor<const D: usize>(tensor: Tensor<D>) -> CubeTensor {
    match tensor.into_dispatch().kind {
        DispatchTensorKind::Cube(tensor) => tensor.float(),
        #[allow(unreachable_patterns, reason = "there may be no other backend")]
        _ => unreachable!("a context is for tensors on a GPU"),
    }
}
