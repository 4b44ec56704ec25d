//! One GPU, opened for one model: every fault becomes an error.
//!
//! Burn's own error handling is made for training on known machines: an uncaptured error panics, an
//! invalid kernel leaves the results unchanged. Here the device and its handlers are
//! our own, and all work runs inside error scopes.

use std::future::Future;
use std::sync::Arc;

use burn::tensor::Device;
use burn_wgpu::WgpuSetup;

use super::faults::{Faults, fault};
use super::{GpuContext, KernelConfig, wgpu};
use crate::error::{GpuError, Result};

/// Options for opening a device.
#[derive(Clone, Copy, Debug, Default)]
pub struct OpenOptions {
    /// Whether kernels can be timed, if the adapter supports it.
    pub timestamps: bool,
    /// Whether the device will have subgroups although wgpu does not request them, as in browsers.
    pub subgroups: bool,
    /// Whether the adapter is software, which browsers do not tell wgpu.
    pub software: bool,
    /// A configuration of the kernels, instead of the one that suits the adapter.
    pub config: Option<KernelConfig>,
}

/// An open device. Dropping it frees all memory on the GPU.
pub struct Gpu {
    device: Device,
    context: Arc<GpuContext>,
    adapter_info: Box<wgpu::AdapterInfo>,
}

impl Gpu {
    /// Opens the fastest adapter with all the limits that it offers, and the kernel configuration that suits
    /// it.
    ///
    /// # Errors
    /// [`GpuError::Unavailable`] if there is none, or if it cannot be opened.
    pub async fn open() -> Result<Self> {
        Self::open_with(OpenOptions::default()).await
    }

    /// Works like [`open`](Self::open), with `options`.
    ///
    /// # Errors
    /// As for [`open`](Self::open), and for a configuration that the adapter cannot run.
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
        // After Burn's handlers, which these replace.
        let faults = Faults::default();
        faults.watch(&handle);
        let context = GpuContext::open(handle, queue, faults, config, &device);
        Ok(Self { device, context, adapter_info: Box::new(adapter_info) })
    }

    /// Returns Burn's device.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// Returns the context that runs kernels on it.
    pub fn context(&self) -> &Arc<GpuContext> {
        &self.context
    }

    /// Returns the longest side of a picture that it accepts, in pixels.
    pub fn longest_side(&self) -> usize {
        self.context.device.limits().max_texture_dimension_2d as usize
    }

    /// Returns what is known about the adapter; browsers reveal little.
    pub fn adapter_info(&self) -> &wgpu::AdapterInfo {
        &self.adapter_info
    }

    /// Returns the bytes of all buffers: those of tensors, those kept for later tensors, and those that
    /// run the kernels.
    pub fn memory(&self) -> u64 {
        let tensors = self.device.memory_pool_usage().map_or(0, |usage| usage.bytes_reserved);
        tensors + self.context.memory()
    }

    /// Frees memory that no tensor needs any longer: after packing, the unpacked weights.
    pub fn release_unused(&self) {
        self.device.memory_cleanup();
    }

    /// Runs `submit` inside error scopes, awaits its results, and returns them only
    /// if the GPU reported no error.
    ///
    /// Nothing else runs during `submit`, so each error is attributed to its cause, however many calls are waiting.
    ///
    /// # Errors
    /// [`GpuError`]; then the results are lost, and usually the device as well.
    pub async fn guard<T, Results>(&self, submit: impl FnOnce() -> Results) -> Result<T>
    where
        Results: Future<Output = std::result::Result<T, GpuError>>,
    {
        use wgpu::ErrorFilter::{Internal, OutOfMemory, Validation};
        let GpuContext { device, faults, .. } = &*self.context;
        faults.check()?;
        let scopes = [Validation, Internal, OutOfMemory].map(|kind| device.push_error_scope(kind));
        let results = submit();
        // The innermost first; all of them before any result is awaited.
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

    /// Closes the device; callers that wait for it get an error.
    pub fn destroy(&self) {
        self.context.device.destroy();
    }
}

impl Drop for Gpu {
    fn drop(&mut self) {
        self.destroy();
    }
}
