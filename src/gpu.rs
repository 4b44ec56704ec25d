//! One GPU, opened for one model: every fault of it becomes an error.
//!
//! Burn's own handling is made for training on machines one knows: an uncaptured error panics, an
//! invalid kernel leaves the results as they were. Here the device is our own, its handlers are
//! ours, and what runs on it runs inside error scopes.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use burn::tensor::Device;
use burn_wgpu::WgpuSetup;
pub use burn_wgpu::wgpu;

use crate::error::{GpuError, Result};

/// Commands that go to the GPU at a time: more than a frame of the deepest network has.
const TASKS_AT_ONCE: usize = 512;

/// An open device. Dropping it frees all memory on the GPU.
pub struct Gpu {
    device: Device,
    handle: wgpu::Device,
    faults: Faults,
    adapter_info: Box<wgpu::AdapterInfo>,
}

impl Gpu {
    /// Opens the fastest adapter with all the limits that it offers.
    ///
    /// # Errors
    /// [`GpuError::Unavailable`] if there is none, or if it cannot be opened.
    pub async fn open() -> Result<Self> {
        Self::open_with(wgpu::Features::empty()).await
    }

    /// As [`open`](Self::open), so that its launches can be timed where the adapter can.
    ///
    /// # Errors
    /// As for [`open`](Self::open).
    pub async fn open_timed() -> Result<Self> {
        Self::open_with(wgpu::Features::TIMESTAMP_QUERY).await
    }

    /// With those `features` that the adapter has.
    async fn open_with(features: wgpu::Features) -> Result<Self> {
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
        let (handle, queue) = adapter
            .request_device(&wgpu::DeviceDescriptor {
                label: Some("reslens"),
                required_features: features & adapter.features(),
                required_limits: adapter.limits(),
                memory_hints: wgpu::MemoryHints::MemoryUsage,
                ..Default::default()
            })
            .await
            .map_err(|e| unavailable(&e))?;
        let adapter_info = adapter.get_info();
        let setup = WgpuSetup {
            instance,
            backend: adapter_info.backend,
            adapter,
            device: handle.clone(),
            queue,
        };
        let device = Device::wgpu_options().tasks_max(TASKS_AT_ONCE).setup(setup).init();
        let device = device.map_err(|e| unavailable(&e))?;
        // After Burn's, which these replace.
        let faults = Faults::default();
        faults.watch(&handle);
        Ok(Self { device, handle, faults, adapter_info: Box::new(adapter_info) })
    }

    /// Where Burn's tensors live.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// What is known about the adapter; browsers tell little.
    pub fn adapter_info(&self) -> &wgpu::AdapterInfo {
        &self.adapter_info
    }

    /// Bytes of all buffers that tensors have or had and that are kept for the next ones.
    pub fn memory(&self) -> u64 {
        self.device.memory_pool_usage().map_or(0, |usage| usage.bytes_reserved)
    }

    /// Frees what no tensor needs any more: after packing, the weights as they came.
    pub fn release_unused(&self) {
        self.device.memory_cleanup();
    }

    /// Runs `work`, which ends with reading its results, and answers them only if the GPU had
    /// nothing to say against it.
    ///
    /// # Errors
    /// [`GpuError`]; then the results are lost, and mostly the device, too.
    pub async fn guard<T, E: std::fmt::Display>(
        &self,
        work: impl Future<Output = std::result::Result<T, E>>,
    ) -> Result<T> {
        use wgpu::ErrorFilter::{Internal, OutOfMemory, Validation};
        self.faults.check()?;
        let scopes =
            [Validation, Internal, OutOfMemory].map(|kind| self.handle.push_error_scope(kind));
        let outcome = work.await;
        // The innermost first; all of them before any answer is awaited.
        let answers: Vec<_> = scopes.into_iter().rev().map(|scope| scope.pop()).collect();
        for answer in answers {
            if let Some(error) = answer.await {
                self.faults.record(fault(&error));
            }
        }
        self.faults.check()?;
        Ok(outcome.map_err(|error| GpuError::Lost(error.to_string()))?)
    }

    /// Gives the device back; whoever waits for it gets an error.
    pub fn destroy(&self) {
        self.handle.destroy();
    }
}

impl Drop for Gpu {
    fn drop(&mut self) {
        self.destroy();
    }
}

/// The first fault of a device. After it nothing that the device says counts.
#[derive(Clone, Default)]
struct Faults(Arc<Mutex<Option<GpuError>>>);

impl Faults {
    fn watch(&self, device: &wgpu::Device) {
        let faults = self.clone();
        device.on_uncaptured_error(Arc::new(move |error| faults.record(fault(&error))));
        let faults = self.clone();
        device.set_device_lost_callback(move |reason, message| {
            faults.record(GpuError::Lost(format!("{message} ({reason:?})")));
        });
    }

    fn record(&self, fault: GpuError) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(fault);
    }

    fn check(&self) -> Result<()> {
        match &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(fault) => Err(fault.clone().into()),
            None => Ok(()),
        }
    }
}

fn fault(error: &wgpu::Error) -> GpuError {
    match error {
        wgpu::Error::OutOfMemory { .. } => GpuError::OutOfMemory,
        wgpu::Error::Validation { description, .. } | wgpu::Error::Internal { description, .. } => {
            GpuError::Refused(description.clone())
        }
    }
}
