//! Launches of our own: WebGPU's pipelines, bind groups and passes on the memory of Burn's tensors.
//!
//! CubeCL, below Burn, holds the memory and nothing else: launching through it costs a look-up and a bind
//! group each time, and hides what it made. With pipelines of our own a frame is one pass, encoded from what
//! was made once, and one submission.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use burn::backend::{DispatchTensorKind, TensorMetadata};
use burn::tensor::{Device, Tensor};
use burn_wgpu::{AutoCompiler, CubeTensor, WgpuResource, wgpu};
use cubecl::wgpu::WgpuServer;

use super::faults::Faults;
use super::kernel::Kernel;
use super::memory::{Memory, Texture, Used};
use super::variant::Variant;
use crate::error::GpuError;
use crate::ops::{Reduction, tensor};

/// Where, in a buffer, a uniform binding may begin on every device.
const UNIFORM_ALIGNMENT: usize = 256;

/// What a uniform takes at least, of which a reduction has two: its number and the channel.
const REDUCTION_WORDS: u64 = 4;

/// The open devices. A tensor knows its own, but not how to launch on it.
static OPEN: Mutex<Vec<Weak<Launcher>>> = Mutex::new(Vec::new());

/// What a kernel is given.
pub enum Binding {
    /// Memory of a tensor.
    Buffer(WgpuResource),
    /// A picture.
    Texture(wgpu::TextureView),
    /// What [`Launcher::reduce_by`] was told last before the launch is submitted.
    Reduction,
}

/// A kernel and what it is to run on.
pub struct Launch {
    /// The kernel.
    pub kernel: Kernel,
    /// In the order of its bindings.
    pub bindings: Vec<Binding>,
    /// Bound behind them, as uniforms.
    pub sizes: Vec<u32>,
    /// Workgroups.
    pub groups: [u32; 3],
}

impl Launch {
    /// Bytes of all buffers that it binds: what it moves, if it moves everything once.
    fn bytes(&self) -> u64 {
        let buffers = self.bindings.iter().map(|binding| match binding {
            Binding::Buffer(resource) => resource.size,
            Binding::Texture(_) | Binding::Reduction => 0,
        });
        buffers.sum()
    }
}

/// A launch that has all it needs, to be encoded as often as wanted.
pub struct Dispatch {
    /// The kernel's name.
    pub name: &'static str,
    /// What it moves, if it moves everything once.
    pub bytes: u64,
    pipeline: wgpu::ComputePipeline,
    bindings: wgpu::BindGroup,
    groups: [u32; 3],
}

impl Dispatch {
    /// Adds it to a pass.
    pub fn encode(&self, pass: &mut wgpu::ComputePass<'_>) {
        let [x, y, z] = self.groups;
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &self.bindings, &[]);
        pass.dispatch_workgroups(x, y, z);
    }
}

/// Launches, ready, and the memory of their sizes.
pub struct Dispatches {
    list: Vec<Dispatch>,
    _sizes: Memory,
}

impl Dispatches {
    /// In their order.
    pub fn iter(&self) -> std::slice::Iter<'_, Dispatch> {
        self.list.iter()
    }
}

/// An open device that runs kernels.
pub struct Launcher {
    /// The device.
    pub device: wgpu::Device,
    /// Its queue.
    pub queue: wgpu::Queue,
    /// What went wrong with it.
    pub faults: Faults,
    /// The form of its kernels.
    pub variant: Variant,
    /// Burn's name for it.
    tensors: cubecl::Device,
    pipelines: Mutex<HashMap<Kernel, wgpu::ComputePipeline>>,
    used: Used,
    /// How channels become a map, as `reduce_parts.wgsl` reads it.
    reduction: Memory,
}

impl Launcher {
    /// For a device on which `tensors` live.
    pub fn open(
        device: wgpu::Device,
        queue: wgpu::Queue,
        faults: Faults,
        variant: Variant,
        tensors: &Device,
    ) -> Arc<Self> {
        let example = cube_tensor(tensor(vec![0.0], [1], tensors));
        let used = Used::default();
        let usage = wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST;
        let launcher = Arc::new(Self {
            reduction: Memory::new(&device, &used, 4 * REDUCTION_WORDS, usage),
            device,
            queue,
            faults,
            variant,
            tensors: example.device,
            pipelines: Mutex::default(),
            used,
        });
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|each| each.strong_count() > 0);
        open.push(Arc::downgrade(&launcher));
        launcher
    }

    /// The launcher of a tensor's device.
    pub fn of(tensor: &CubeTensor) -> Arc<Self> {
        let open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        let mut open = open.iter().filter_map(Weak::upgrade);
        open.find(|each| each.tensors == tensor.device).expect("a device that `Gpu` opened")
    }

    /// Bytes of all buffers besides those of the tensors.
    pub fn memory(&self) -> u64 {
        self.used.bytes()
    }

    /// A buffer of `size` bytes.
    pub fn buffer(&self, size: u64, usage: wgpu::BufferUsages) -> Memory {
        Memory::new(&self.device, &self.used, size, usage)
    }

    /// Memory for pictures of `width` × `height` pixels, which may come from outside.
    pub fn texture(&self, width: usize, height: usize) -> Texture {
        Texture::new(&self.device, &self.used, width, height)
    }

    /// The memory of a tensor. All that was given to CubeCL before has then been given to the queue.
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

    /// Says how channels become maps in whatever is submitted next: a frame need not be recorded anew for that.
    pub fn reduce_by(&self, reduction: Reduction) {
        let words: [u32; 2] = match reduction {
            Reduction::MeanAbs => [0, 0],
            Reduction::Mean => [1, 0],
            Reduction::MaxAbs => [2, 0],
            Reduction::Channel(channel) => [3, channel as u32],
        };
        self.queue.write_buffer(&self.reduction.buffer, 0, bytemuck::cast_slice(&words));
    }

    /// Makes what it takes to run `launches`.
    pub fn prepare(&self, launches: Vec<Launch>) -> Dispatches {
        let mut words = Vec::new();
        let places: Vec<(usize, usize)> = launches
            .iter()
            .map(|launch| {
                let start = words.len();
                words.extend_from_slice(&launch.sizes);
                // A uniform binding is a multiple of 16 bytes.
                words.resize(words.len().next_multiple_of(4), 0);
                let place = (4 * start, 4 * (words.len() - start));
                words.resize(words.len().next_multiple_of(UNIFORM_ALIGNMENT / 4), 0);
                place
            })
            .collect();
        let usage = wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST;
        let sizes = self.buffer(4 * words.len() as u64, usage);
        self.queue.write_buffer(&sizes.buffer, 0, bytemuck::cast_slice(&words));
        let dispatch = |(launch, (offset, length)): (Launch, (usize, usize))| {
            let uniform = wgpu::BufferBinding {
                buffer: &sizes.buffer,
                offset: offset as u64,
                size: std::num::NonZeroU64::new(length as u64),
            };
            self.dispatch(&launch, uniform)
        };
        let list = launches.into_iter().zip(places).map(dispatch).collect();
        Dispatches { list, _sizes: sizes }
    }

    fn dispatch(&self, launch: &Launch, sizes: wgpu::BufferBinding<'_>) -> Dispatch {
        let pipeline = self.pipeline(&launch.kernel);
        let resources = launch.bindings.iter().map(|binding| match binding {
            Binding::Buffer(resource) => resource.as_wgpu_bind_resource(),
            Binding::Texture(view) => wgpu::BindingResource::TextureView(view),
            Binding::Reduction => self.reduction.buffer.as_entire_binding(),
        });
        let entries: Vec<_> = resources
            .chain([wgpu::BindingResource::Buffer(sizes)])
            .zip(0..)
            .map(|(resource, binding)| wgpu::BindGroupEntry { binding, resource })
            .collect();
        let bindings = self.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some(launch.kernel.name),
            layout: &pipeline.get_bind_group_layout(0),
            entries: &entries,
        });
        let (name, bytes) = (launch.kernel.name, launch.bytes());
        Dispatch { name, bytes, pipeline, bindings, groups: launch.groups }
    }

    /// The kernel, compiled: once. A device that cannot says so to its error scopes.
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
            // Every kernel writes to its workgroup's memory before it reads there.
            compilation_options: wgpu::PipelineCompilationOptions {
                zero_initialize_workgroup_memory: false,
                ..Default::default()
            },
            cache: None,
        });
        pipelines.insert(kernel.clone(), pipeline.clone());
        pipeline
    }

    /// Runs a launch now.
    pub fn run(&self, launch: Launch) {
        let dispatches = self.prepare(vec![launch]);
        self.submit(|encoder| encode(encoder, dispatches.iter()));
    }

    /// Gives the GPU one list of commands.
    pub fn submit(&self, encode: impl FnOnce(&mut wgpu::CommandEncoder)) {
        let mut encoder = self.device.create_command_encoder(&Default::default());
        encode(&mut encoder);
        self.queue.submit([encoder.finish()]);
    }
}

/// All dispatches in one pass; each sees what those before it wrote.
pub fn encode<'a>(
    encoder: &mut wgpu::CommandEncoder,
    dispatches: impl Iterator<Item = &'a Dispatch>,
) {
    let mut pass = encoder.begin_compute_pass(&Default::default());
    for dispatch in dispatches {
        dispatch.encode(&mut pass);
    }
}

/// What a tensor is on a GPU.
pub(super) fn cube_tensor<const D: usize>(tensor: Tensor<D>) -> CubeTensor {
    match tensor.into_dispatch().kind {
        DispatchTensorKind::Cube(tensor) => tensor.float(),
        #[allow(unreachable_patterns, reason = "there may be no other backend")]
        _ => unreachable!("a launcher is for tensors on a GPU"),
    }
}
