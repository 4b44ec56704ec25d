//! From a picture to the network's input on the GPU: what `preprocess.rs` does, in two kernels.

use std::sync::Arc;

use burn_wgpu::{WgpuResource, wgpu};

use super::EACH;
use super::kernel::Kernel;
use super::launch::groups;
use super::launcher::{Binding, Dispatches, Launch, Launcher, encode};
use super::memory::{Memory, Texture};
use super::readback::{Readback, Reading};
use super::recording::NetworkInput;
use crate::preprocess::Preprocessing;
use crate::preprocess::resample::{PRECISION, Resampling};

/// Where pictures of one size go to, and the way from there to a [`NetworkInput`]. Made once for a camera.
pub struct PictureInput {
    /// Width and height of the pictures.
    pub size: [usize; 2],
    launcher: Arc<Launcher>,
    picture: Texture,
    dispatches: Dispatches,
    /// The input, to be looked at.
    readback: Readback,
    _tables: [Memory; 2],
    _rows: Memory,
}

impl PictureInput {
    /// For pictures of `width` × `height` pixels, whose sides a texture can have.
    pub fn new(
        input: &NetworkInput,
        preprocessing: &Preprocessing,
        [width, height]: [usize; 2],
    ) -> Self {
        let launcher = input.launcher().clone();
        let (columns, rows) = preprocessing.resamplings(width, height);
        let side = preprocessing.input_size;
        let (first_row, row_count) = rows.inputs();
        let picture = launcher.texture(width, height);
        let tables = [&columns, &rows].map(|resampling| table(&launcher, resampling));
        let between = launcher.buffer((4 * row_count * side) as u64, wgpu::BufferUsages::STORAGE);
        let along_rows = Launch {
            kernel: kernel("resize rows", include_str!("resize_rows.wgsl")),
            bindings: vec![
                Binding::Texture(picture.view()),
                binding(&tables[0]),
                binding(&between),
            ],
            sizes: words([row_count * side, side, first_row, columns.stride]).into(),
            groups: groups(row_count * side).map(|count| count as u32),
        };
        let bits = |values: [f32; 3]| {
            let [red, green, blue] = values.map(f32::to_bits);
            [red, green, blue, 0]
        };
        let along_columns = Launch {
            kernel: kernel("resize columns", include_str!("resize_columns.wgsl")),
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
            groups: groups(side * side).map(|count| count as u32),
        };
        let dispatches = launcher.prepare(vec![along_rows, along_columns]);
        Self {
            size: [width, height],
            picture,
            dispatches,
            readback: Readback::new(vec![input.memory().clone()]),
            _tables: tables,
            _rows: between,
            launcher,
        }
    }

    /// What resizes the last picture that was written or copied.
    pub fn dispatches(&self) -> &Dispatches {
        &self.dispatches
    }

    /// The next picture: opaque RGBA8, row by row.
    pub fn write(&self, rgba: &[u8]) {
        let [width, height] = self.size.map(|side| side as u32);
        self.launcher.queue.write_texture(
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

    /// The next picture, wherever the browser has it.
    #[cfg(target_arch = "wasm32")]
    pub fn copy(&self, bitmap: &web_sys::ImageBitmap) {
        let [width, height] = self.size.map(|side| side as u32);
        self.launcher.queue.copy_external_image_to_texture(
            &wgpu::CopyExternalImageSourceInfo {
                source: wgpu::ExternalImageSource::ImageBitmap(bitmap.clone()),
                origin: wgpu::Origin2d::ZERO,
                flip_y: false,
            },
            wgpu::CopyExternalImageDestInfo {
                texture: &self.picture.texture,
                mip_level: 0,
                origin: wgpu::Origin3d::ZERO,
                aspect: wgpu::TextureAspect::All,
                color_space: wgpu::PredefinedColorSpace::Srgb,
                premultiplied_alpha: true,
            },
            wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
        );
    }

    /// Resizes the last picture and begins to read what became of it.
    pub fn look(&self) -> Reading {
        self.readback.submit(&self.launcher, |encoder| {
            encode(encoder, self.dispatches.iter());
        })
    }
}

/// A kernel of either pass.
pub fn kernel(name: &'static str, text: &'static str) -> Kernel {
    let texts = [include_str!("fixed_point.wgsl"), text, EACH];
    let constants = vec![("precision", PRECISION as usize)];
    Kernel { constants, ..Kernel::new(name, &texts) }
}

fn table(launcher: &Launcher, resampling: &Resampling) -> Memory {
    let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST;
    let memory = launcher.buffer((4 * resampling.table.len()) as u64, usage);
    launcher.queue.write_buffer(&memory.buffer, 0, bytemuck::cast_slice(&resampling.table));
    memory
}

fn binding(memory: &Memory) -> Binding {
    let buffer = memory.buffer.clone();
    let size = buffer.size();
    Binding::Buffer(WgpuResource::new(buffer, None, 0, size))
}

fn words(sizes: [usize; 4]) -> [u32; 4] {
    sizes.map(|size| size as u32)
}
