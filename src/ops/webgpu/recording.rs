//! A forward pass written down once and run for every frame.
//!
//! While one is made, the fused operations launch nothing: their launches are collected, and then get
//! their pipelines and bind groups. To run them is to encode one pass and to submit it.

use std::cell::RefCell;
use std::collections::HashSet;
use std::sync::Arc;

use burn::tensor::Tensor;
use burn_wgpu::WgpuResource;
use cubecl::client::Client;
use cubecl::server::Handle;

use super::kernel::Kernel;
use super::launcher::{Dispatch, Dispatches, Launch, Launcher, cube_tensor, encode};
use super::readback::{Readback, Reading};
use super::slots::Slots;
use crate::error::GpuError;

/// The launches of a forward pass, with the memory that they read and write.
pub struct Recording<Outputs> {
    pub(super) launcher: Arc<Launcher>,
    pub(super) dispatches: Dispatches,
    readback: Readback,
    /// Where the launches write.
    _slots: Slots,
    /// What the forward pass returned. Each run computes its tensors anew.
    pub outputs: Outputs,
}

/// What was collected so far.
#[derive(Default)]
struct Collected {
    slots: Slots,
    launches: Vec<Launch>,
    /// The memory of what will be read.
    results: Vec<WgpuResource>,
}

thread_local! {
    static CURRENT: RefCell<Option<Collected>> = const { RefCell::new(None) };
}

impl<Outputs> Recording<Outputs> {
    /// Writes down what `forward` launches. Nothing runs.
    ///
    /// # Errors
    /// The device's fault, if it has had one: then launches may be missing.
    pub fn make(
        launcher: Arc<Launcher>,
        forward: impl FnOnce() -> Outputs,
    ) -> Result<Self, GpuError> {
        let (outputs, Collected { slots, launches, results }) = collect(forward);
        launcher.faults.check()?;
        let dispatches = launcher.prepare(launches);
        let readback = Readback::new(results);
        Ok(Self { launcher, dispatches, readback, _slots: slots, outputs })
    }

    /// Runs `before`, then the forward pass, and begins to read its results, in the order of their
    /// launches.
    pub fn submit<'a>(&'a self, before: impl Iterator<Item = &'a Dispatch>) -> Reading {
        self.readback.submit(&self.launcher, |encoder| {
            encode(encoder, before.chain(self.dispatches.iter()));
        })
    }
}

/// The kernels that `forward` launches, each once. Nothing runs.
pub fn kernels_of<Outputs>(forward: impl FnOnce() -> Outputs) -> Vec<Kernel> {
    let mut seen = HashSet::new();
    let kernels = collect(forward).1.launches.into_iter().map(|launch| launch.kernel);
    kernels.filter(|kernel| seen.insert(kernel.clone())).collect()
}

fn collect<Outputs>(forward: impl FnOnce() -> Outputs) -> (Outputs, Collected) {
    CURRENT.set(Some(Collected::default()));
    let outputs = forward();
    (outputs, CURRENT.take().expect("nobody else takes it"))
}

/// Where recordings read their images.
pub struct NetworkInput {
    launcher: Arc<Launcher>,
    tensor: Tensor<4>,
    memory: WgpuResource,
}

impl NetworkInput {
    /// In the memory of `tensor`.
    ///
    /// # Errors
    /// [`GpuError::Lost`] if its device has failed.
    pub fn new(tensor: Tensor<4>) -> Result<Self, GpuError> {
        let primitive = cube_tensor(tensor.clone());
        let launcher = Launcher::of(&primitive);
        let memory = launcher.resource(&primitive)?;
        Ok(Self { launcher, tensor, memory })
    }

    /// What a forward pass is recorded on.
    pub fn tensor(&self) -> Tensor<4> {
        self.tensor.clone()
    }

    /// What runs there.
    pub(super) fn launcher(&self) -> &Arc<Launcher> {
        &self.launcher
    }

    /// Where its values are.
    pub(super) fn memory(&self) -> &WgpuResource {
        &self.memory
    }

    /// Replaces its values, for whatever is submitted next.
    pub fn write(&self, values: &[f32]) {
        let WgpuResource { buffer, offset, size, .. } = &self.memory;
        assert_eq!(size_of_val(values) as u64, *size, "bytes of the recorded input");
        self.launcher.queue.write_buffer(buffer, *offset, bytemuck::cast_slice(values));
    }
}

/// Memory for a tensor of the network.
pub(super) fn memory(bytes: usize, client: &Client) -> Handle {
    CURRENT.with_borrow_mut(|current| match current {
        Some(collected) => collected.slots.take(bytes, client),
        None => client.empty(bytes),
    })
}

/// Collects a launch, or runs it where nothing is being recorded.
pub(super) fn launch(launcher: &Launcher, launch: Launch) {
    let launch = CURRENT.with_borrow_mut(|current| match current {
        Some(collected) => {
            collected.launches.push(launch);
            None
        }
        None => Some(launch),
    });
    if let Some(launch) = launch {
        launcher.run(launch);
    }
}

/// Notes that a tensor will be read.
pub(super) fn result(resource: WgpuResource) {
    CURRENT.with_borrow_mut(|current| {
        if let Some(collected) = current {
            collected.results.push(resource);
        }
    });
}
