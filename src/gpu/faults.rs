//! The faults of a device.

use std::sync::{Arc, Mutex, PoisonError};

use super::wgpu;

use crate::error::GpuError;

/// The first fault of a device. After it, the device's results are invalid.
#[derive(Clone, Default)]
pub struct Faults(Arc<Mutex<Option<GpuError>>>);

impl Faults {
    /// Records the unsolicited errors of `device`.
    pub fn watch(&self, device: &wgpu::Device) {
        let faults = self.clone();
        device.on_uncaptured_error(Arc::new(move |error| faults.record(fault(&error))));
        let faults = self.clone();
        device.set_device_lost_callback(move |reason, message| {
            faults.record(GpuError::Lost(format!("{message} ({reason:?})")));
        });
    }

    /// Records a fault, unless there was one before.
    pub fn record(&self, fault: GpuError) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(fault);
    }

    /// Returns the first fault, as an error.
    pub fn check(&self) -> Result<(), GpuError> {
        match &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(fault) => Err(fault.clone()),
            None => Ok(()),
        }
    }
}

/// Returns it as our own error.
pub fn fault(error: &wgpu::Error) -> GpuError {
    match error {
        wgpu::Error::OutOfMemory { .. } => GpuError::OutOfMemory,
        wgpu::Error::Validation { description, .. } | wgpu::Error::Internal { description, .. } => {
            GpuError::Refused(description.clone())
        }
    }
}
