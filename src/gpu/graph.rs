//! A forward pass that is captured once and submitted for every frame, like a CUDA graph.
//!
//! During capture, operations run nothing: their kernel calls are collected, and then get their
//! pipelines and bind groups. Running a graph encodes one pass and submits it.

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
    /// The memory that the kernels write.
    _pool: BufferPool,
    /// The output of the forward pass. Each run recomputes its tensors.
    pub outputs: Outputs,
}

/// The calls captured so far.
#[derive(Default)]
struct Captured {
    pool: BufferPool,
    calls: Vec<KernelCall>,
    /// The memory of the tensors to read back.
    results: Vec<WgpuResource>,
}

thread_local! {
    /// The graph that is being captured. Burn's operations get no context, so it cannot be an argument.
    static CURRENT: RefCell<Option<Captured>> = const { RefCell::new(None) };
}

impl<Outputs> Graph<Outputs> {
    /// Captures the calls of `forward`, without running them.
    ///
    /// # Errors
    /// The device's fault, if any: calls may then be missing.
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

    /// Returns its kernels in order.
    pub fn kernels(&self) -> &BoundKernels {
        &self.kernels
    }

    /// Runs `before`, then the forward pass, and starts to read its results, in the order of their calls.
    pub fn submit<'a>(&'a self, before: impl Iterator<Item = &'a BoundKernel>) -> Reading {
        self.readback.submit(&self.context, |encoder| {
            encode(encoder, before.chain(self.kernels.iter()));
        })
    }
}

/// Returns the kernels that `forward` calls, each once, without running them.
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

/// Returns memory for a tensor, from the pool of the graph that is being captured, if any.
pub(super) fn memory(bytes: usize, client: &Client) -> Handle {
    CURRENT.with_borrow_mut(|current| match current {
        Some(captured) => captured.pool.take(bytes, client),
        None => fresh(bytes, client),
    })
}

/// Captures a call, or runs it if no graph is being captured.
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

/// Marks a tensor for readback.
pub(super) fn result(resource: WgpuResource) {
    CURRENT.with_borrow_mut(|current| {
        if let Some(captured) = current {
            captured.results.push(resource);
        }
    });
}
