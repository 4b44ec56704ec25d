//! A forward pass captured once and submitted for every frame, as a CUDA graph is.
//!
//! While one is captured, operations run nothing: their kernel calls are collected, and then get their
//! pipelines and bind groups. To run them is to encode one pass and to submit it.

mod input;

use std::cell::RefCell;
use std::collections::HashSet;
use std::sync::Arc;

use cubecl::client::Client;
use cubecl::server::Handle;

use super::pool::{BufferPool, fresh};
use super::{
    BoundKernel, BoundKernels, GpuContext, Kernel, KernelCall, Readback, Reading, WgpuResource,
    encode,
};
use crate::error::GpuError;

pub use input::GraphInput;

/// The kernels of a forward pass, with the memory that they read and write.
pub struct Graph<Outputs> {
    context: Arc<GpuContext>,
    kernels: BoundKernels,
    readback: Readback,
    /// Where the kernels write.
    _pool: BufferPool,
    /// What the forward pass returned. Each run computes its tensors again.
    pub outputs: Outputs,
}

/// What was captured so far.
#[derive(Default)]
struct Captured {
    pool: BufferPool,
    calls: Vec<KernelCall>,
    /// The memory of what will be read.
    results: Vec<WgpuResource>,
}

thread_local! {
    /// The graph that is being captured. Burn's operations get no context, so it cannot be an argument.
    static CURRENT: RefCell<Option<Captured>> = const { RefCell::new(None) };
}

impl<Outputs> Graph<Outputs> {
    /// Captures what `forward` calls. Nothing runs.
    ///
    /// # Errors
    /// The device's fault, if it has had one: then calls may be missing.
    pub fn capture(
        context: Arc<GpuContext>,
        forward: impl FnOnce() -> Outputs,
    ) -> Result<Self, GpuError> {
        let (outputs, Captured { pool, calls, results }) = capture(forward);
        context.faults.check()?;
        let kernels = BoundKernels::new(&context, calls);
        let readback = Readback::new(results);
        Ok(Self { context, kernels, readback, _pool: pool, outputs })
    }

    /// Its kernels in their order.
    pub fn kernels(&self) -> &BoundKernels {
        &self.kernels
    }

    /// Runs `before`, then the forward pass, and begins to read its results, in the order of their calls.
    pub fn submit<'a>(&'a self, before: impl Iterator<Item = &'a BoundKernel>) -> Reading {
        self.readback.submit(&self.context, |encoder| {
            encode(encoder, before.chain(self.kernels.iter()));
        })
    }
}

/// Returns the kernels that `forward` calls, each once. Nothing runs.
pub fn kernels_of<Outputs>(forward: impl FnOnce() -> Outputs) -> Vec<Kernel> {
    let mut seen = HashSet::new();
    let kernels = capture(forward).1.calls.into_iter().map(|call| call.kernel);
    kernels.filter(|kernel| seen.insert(kernel.clone())).collect()
}

fn capture<Outputs>(forward: impl FnOnce() -> Outputs) -> (Outputs, Captured) {
    CURRENT.set(Some(Captured::default()));
    let outputs = forward();
    (outputs, CURRENT.take().expect("only this function takes it"))
}

/// Returns memory for a tensor: from the pool of the graph that is being captured, if one is.
pub(super) fn memory(bytes: usize, client: &Client) -> Handle {
    CURRENT.with_borrow_mut(|current| match current {
        Some(captured) => captured.pool.take(bytes, client),
        None => fresh(bytes, client),
    })
}

/// Captures a call, or runs it where no graph is being captured.
pub(super) fn launch(context: &GpuContext, call: KernelCall) {
    let call = CURRENT.with_borrow_mut(|current| match current {
        Some(captured) => {
            captured.calls.push(call);
            None
        }
        None => Some(call),
    });
    if let Some(call) = call {
        context.run(call);
    }
}

/// Notes that a tensor will be read.
pub(super) fn result(resource: WgpuResource) {
    CURRENT.with_borrow_mut(|current| {
        if let Some(captured) = current {
            captured.results.push(resource);
        }
    });
}
