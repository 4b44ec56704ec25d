//! What goes wrong with a device.

use std::sync::{Arc, Mutex, PoisonError};

use super::wgpu;

use crate::error::GpuError;

/// The first fault of a device. After it nothing that the device says counts.
#[derive(Clone, Default)]
pub struct Faults(Arc<Mutex<Option<GpuError>>>);

impl Faults {
    /// Notes what `device` says that nobody asked for.
    pub fn watch(&self, device: &wgpu::Device) {
        let faults = self.clone();
        device.on_uncaptured_error(Arc::new(move |error| faults.record(fault(&error))));
        let faults = self.clone();
        device.set_device_lost_callback(move |reason, message| {
            faults.record(GpuError::Lost(format!("{message} ({reason:?})")));
        });
    }

    /// Notes a fault, unless there was one before.
    pub fn record(&self, fault: GpuError) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(fault);
    }

    /// The first fault, as an error.
    pub fn check(&self) -> Result<(), GpuError> {
        match &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(fault) => Err(fault.clone()),
            None => Ok(()),
        }
    }
}

/// What became of it, in our words.
pub fn fault(error: &wgpu::Error) -> GpuError {
    match error {
        wgpu::Error::OutOfMemory { .. } => GpuError::OutOfMemory,
        wgpu::Error::Validation { description, .. } | wgpu::Error::Internal { description, .. } => {
            GpuError::Refused(description.clone())
        }
    }
}
