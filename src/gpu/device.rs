//! One GPU, opened for one model: every fault of it becomes an error.
//!
//! Burn's own handling is made for training on machines one knows: an uncaptured error panics, an
//! invalid kernel leaves the results as they were. Here the device is our own, its handlers are
//! ours, and what runs on it runs inside error scopes.

use std::future::Future;
use std::sync::Arc;

use burn::tensor::Device;
use burn_wgpu::WgpuSetup;

use super::faults::{Faults, fault};
use super::{GpuContext, KernelConfig, wgpu};
use crate::error::{GpuError, Result};

/// How a device is opened.
#[derive(Clone, Copy, Debug, Default)]
pub struct OpenOptions {
    /// So that kernels can be timed, where the adapter can.
    pub timestamps: bool,
    /// Whether the device will have subgroups though wgpu does not ask for them: browsers.
    pub subgroups: bool,
    /// Whether the adapter is a program, which browsers do not tell wgpu.
    pub software: bool,
    /// This form of the kernels, not the one that suits the adapter.
    pub config: Option<KernelConfig>,
}

/// An open device. Dropping it frees all memory on the GPU.
pub struct Gpu {
    device: Device,
    context: Arc<GpuContext>,
    adapter_info: Box<wgpu::AdapterInfo>,
}

impl Gpu {
    /// Opens the fastest adapter with all the limits that it offers, and the form of the kernels that suits
    /// it.
    ///
    /// # Errors
    /// [`GpuError::Unavailable`] if there is none, or if it cannot be opened.
    pub async fn open() -> Result<Self> {
        Self::open_with(OpenOptions::default()).await
    }

    /// As [`open`](Self::open), as the `options` say.
    ///
    /// # Errors
    /// As for [`open`](Self::open), and for a form that the adapter cannot run.
    pub async fn open_with(options: OpenOptions) -> Result<Self> {
        let unavailable = |error: &dyn std::fmt::Display| GpuError::Unavailable(error.to_string());
        let backends = if cfg!(target_family = "wasm") {
            wgpu::Backends::BROWSER_WEBGPU
        } else {
            wgpu::Backends::PRIMARY
        };
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
            backends,
            ..wgpu::InstanceDescriptor::new_without_display_handle()
        });
        let wanted = wgpu::RequestAdapterOptions {
            power_preference: wgpu::PowerPreference::HighPerformance,
            ..Default::default()
        };
        let adapter = instance.request_adapter(&wanted).await.map_err(|e| unavailable(&e))?;
        let offered = adapter.features();
        let subgroups = options.subgroups || offered.contains(wgpu::Features::SUBGROUP);
        let adapter_info = adapter.get_info();
        let software = options.software || adapter_info.device_type == wgpu::DeviceType::Cpu;
        let config = options.config.unwrap_or_else(|| KernelConfig::choose(subgroups, software));
        let timestamps = offered & wgpu::Features::TIMESTAMP_QUERY;
        let timed = if options.timestamps { timestamps } else { wgpu::Features::empty() };
        let (handle, queue) = adapter
            .request_device(&wgpu::DeviceDescriptor {
                label: Some("reslens"),
                required_features: config.features() | timed,
                required_limits: adapter.limits(),
                memory_hints: wgpu::MemoryHints::MemoryUsage,
                ..Default::default()
            })
            .await
            .map_err(|e| unavailable(&e))?;
        let setup = WgpuSetup {
            instance,
            backend: adapter_info.backend,
            adapter,
            device: handle.clone(),
            queue: queue.clone(),
        };
        let device = Device::wgpu_options().setup(setup).init().map_err(|e| unavailable(&e))?;
        // After Burn's, which these replace.
        let faults = Faults::default();
        faults.watch(&handle);
        let context = GpuContext::open(handle, queue, faults, config, &device);
        Ok(Self { device, context, adapter_info: Box::new(adapter_info) })
    }

    /// Where Burn's tensors live.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// What runs kernels on it.
    pub fn context(&self) -> &Arc<GpuContext> {
        &self.context
    }

    /// Pixels that a side of a picture may have for it to take the picture.
    pub fn longest_side(&self) -> usize {
        self.context.device.limits().max_texture_dimension_2d as usize
    }

    /// What is known about the adapter; browsers tell little.
    pub fn adapter_info(&self) -> &wgpu::AdapterInfo {
        &self.adapter_info
    }

    /// Bytes of all buffers: those that tensors have, or had and that are kept for the next ones, and what
    /// runs the kernels.
    pub fn memory(&self) -> u64 {
        let tensors = self.device.memory_pool_usage().map_or(0, |usage| usage.bytes_reserved);
        tensors + self.context.memory()
    }

    /// Frees what no tensor needs any more: after packing, the weights as they came.
    pub fn release_unused(&self) {
        self.device.memory_cleanup();
    }

    /// Has `submit` give commands to the GPU, waits for the results that it returns, and answers them only
    /// if the GPU had nothing to say against it.
    ///
    /// Nothing else runs during `submit`, so that each error falls to who caused it, however many are waiting.
    ///
    /// # Errors
    /// [`GpuError`]; then the results are lost, and mostly also the device.
    pub async fn guard<T, Results>(&self, submit: impl FnOnce() -> Results) -> Result<T>
    where
        Results: Future<Output = std::result::Result<T, GpuError>>,
    {
        use wgpu::ErrorFilter::{Internal, OutOfMemory, Validation};
        let GpuContext { device, faults, .. } = &*self.context;
        faults.check()?;
        let scopes = [Validation, Internal, OutOfMemory].map(|kind| device.push_error_scope(kind));
        let results = submit();
        // The innermost first; all of them before any answer is awaited.
        let answers: Vec<_> = scopes.into_iter().rev().map(|scope| scope.pop()).collect();
        let outcome = results.await;
        for answer in answers {
            if let Some(error) = answer.await {
                faults.record(fault(&error));
            }
        }
        faults.check()?;
        Ok(outcome?)
    }

    /// Gives the device back; a caller that waits for it gets an error.
    pub fn destroy(&self) {
        self.context.device.destroy();
    }
}

impl Drop for Gpu {
    fn drop(&mut self) {
        self.destroy();
    }
}
