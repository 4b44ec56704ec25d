//! From a picture to the network's input on a GPU: the steps of `preprocess.rs`, in two kernels.

#[cfg(target_arch = "wasm32")]
mod external;

use std::sync::Arc;

use super::Preprocessing;
use super::resample::{PRECISION, Resampling};
#[cfg(target_arch = "wasm32")]
use crate::error::GpuError;
use crate::gpu::{
    Binding, BoundKernels, ELEMENTWISE, GpuContext, GraphInput, Kernel, KernelCall, Readback,
    Reading, TrackedBuffer, TrackedTexture, WgpuResource, elementwise_groups, encode, wgpu,
};

/// Buffers for pictures of one size, and the kernels that turn the pictures into a [`GraphInput`]. Made once for a
/// camera.
pub struct PictureInput {
    /// Width and height of the pictures.
    pub size: [usize; 2],
    context: Arc<GpuContext>,
    picture: TrackedTexture,
    kernels: BoundKernels,
    /// The buffer of the input, for tests and for the check at load.
    readback: Readback,
    _tables: [TrackedBuffer; 2],
    _rows: TrackedBuffer,
}

impl PictureInput {
    /// Prepares for pictures of `width` × `height` pixels, which must be allowed as sides of a texture.
    pub fn new(
        input: &GraphInput,
        preprocessing: &Preprocessing,
        [width, height]: [usize; 2],
    ) -> Self {
        let context = input.context().clone();
        let (columns, rows) = preprocessing.resamplings(width, height);
        let side = preprocessing.input_size;
        let (first_row, row_count) = rows.inputs();
        let picture = context.texture(width, height);
        let tables = [&columns, &rows].map(|resampling| table(&context, resampling));
        let between = context.buffer((4 * row_count * side) as u64, wgpu::BufferUsages::STORAGE);
        let along_rows = KernelCall {
            kernel: rows_kernel(),
            bindings: vec![
                Binding::Texture(picture.view()),
                binding(&tables[0]),
                binding(&between),
            ],
            sizes: words([row_count * side, side, first_row, columns.stride]).into(),
            groups: elementwise_groups(row_count * side).map(|count| count as u32),
        };
        let bits = |values: [f32; 3]| {
            let [red, green, blue] = values.map(f32::to_bits);
            [red, green, blue, 0]
        };
        let along_columns = KernelCall {
            kernel: columns_kernel(),
            bindings: vec![
                binding(&between),
                binding(&tables[1]),
                Binding::Buffer(input.memory().clone()),
            ],
            sizes: [
                words([side * side, side, first_row, rows.stride]),
                bits(preprocessing.mean),
                bits(preprocessing.std),
            ]
            .concat(),
            groups: elementwise_groups(side * side).map(|count| count as u32),
        };
        let kernels = BoundKernels::new(&context, vec![along_rows, along_columns]);
        Self {
            size: [width, height],
            picture,
            kernels,
            readback: Readback::new(vec![input.memory().clone()]),
            _tables: tables,
            _rows: between,
            context,
        }
    }

    /// Returns the kernels that resize the last picture that was written or copied.
    pub fn kernels(&self) -> &BoundKernels {
        &self.kernels
    }

    /// Sets the next picture: opaque RGBA8, row by row.
    pub fn write(&self, rgba: &[u8]) {
        let [width, height] = self.size.map(|side| side as u32);
        self.context.queue.write_texture(
            self.picture.texture.as_image_copy(),
            rgba,
            wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(4 * width),
                rows_per_image: None,
            },
            wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
        );
    }

    /// Sets the next picture, wherever the browser has it.
    ///
    /// # Errors
    /// [`GpuError::Bitmap`] if the browser cannot copy it, as with half floats.
    #[cfg(target_arch = "wasm32")]
    pub fn copy(&self, bitmap: &web_sys::ImageBitmap) -> Result<(), GpuError> {
        external::copy(&self.context.queue, bitmap, &self.picture.texture, self.size)
    }

    /// Resizes the last picture and begins to read the result.
    pub fn read_back(&self) -> Reading {
        self.readback.submit(&self.context, |encoder| {
            encode(encoder, self.kernels.iter());
        })
    }
}

fn rows_kernel() -> Kernel {
    kernel("resize rows", include_str!("wgsl/resize_rows.wgsl"))
}

fn columns_kernel() -> Kernel {
    kernel("resize columns", include_str!("wgsl/resize_columns.wgsl"))
}

fn kernel(name: &'static str, text: &'static str) -> Kernel {
    let texts = [include_str!("wgsl/fixed_point.wgsl"), text, ELEMENTWISE];
    let constants = vec![("precision", PRECISION as usize)];
    Kernel { constants, ..Kernel::new(name, &texts) }
}

/// Returns both kernels, for the test that validates every kernel.
#[cfg(test)]
pub fn kernels() -> [Kernel; 2] {
    [rows_kernel(), columns_kernel()]
}

fn table(context: &GpuContext, resampling: &Resampling) -> TrackedBuffer {
    let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST;
    let memory = context.buffer((4 * resampling.table.len()) as u64, usage);
    context.queue.write_buffer(&memory.buffer, 0, bytemuck::cast_slice(&resampling.table));
    memory
}

fn binding(memory: &TrackedBuffer) -> Binding {
    let buffer = memory.buffer.clone();
    let size = buffer.size();
    Binding::Buffer(WgpuResource::new(buffer, None, 0, size))
}

fn words(sizes: [usize; 4]) -> [u32; 4] {
    sizes.map(|size| size as u32)
}
