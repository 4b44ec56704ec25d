//! The input tensor of graphs.

use std::sync::Arc;

use burn::tensor::Tensor;

use crate::error::GpuError;
use crate::gpu::context::cube_tensor;
use crate::gpu::{GpuContext, WgpuResource};

/// A tensor on which graphs are captured, and whose values change between runs.
pub struct GraphInput {
    context: Arc<GpuContext>,
    tensor: Tensor<4>,
    memory: WgpuResource,
}

impl GraphInput {
    /// Uses the memory of `tensor`.
    ///
    /// # Errors
    /// [`GpuError::Lost`] if its device has failed.
    pub fn new(tensor: Tensor<4>) -> Result<Self, GpuError> {
        let primitive = cube_tensor(tensor.clone());
        let context = GpuContext::of(&primitive);
        let memory = context.resource(&primitive)?;
        Ok(Self { context, tensor, memory })
    }

    /// Returns the tensor on which a forward pass is captured.
    pub fn tensor(&self) -> Tensor<4> {
        self.tensor.clone()
    }

    /// Returns the context of its device.
    pub fn context(&self) -> &Arc<GpuContext> {
        &self.context
    }

    /// Returns its memory.
    pub fn memory(&self) -> &WgpuResource {
        &self.memory
    }

    /// Replaces its values, for all later submissions.
    pub fn write(&self, values: &[f32]) {
        let WgpuResource { buffer, offset, size, .. } = &self.memory;
        assert_eq!(size_of_val(values) as u64, *size, "bytes of the graph's input");
        self.context.queue.write_buffer(buffer, *offset, bytemuck::cast_slice(values));
    }
}
