//! GPU memory other than that of Burn's tensors, for running the kernels.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::wgpu;

/// The bytes of all such memory of a device.
#[derive(Clone, Default)]
pub struct ByteCount(Arc<AtomicU64>);

impl ByteCount {
    /// The number of bytes.
    pub fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    fn add(&self, bytes: u64) -> Self {
        self.0.fetch_add(bytes, Ordering::Relaxed);
        self.clone()
    }

    fn subtract(&self, bytes: u64) {
        self.0.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// A buffer. It is freed when it is dropped.
pub struct TrackedBuffer {
    /// The buffer.
    pub buffer: wgpu::Buffer,
    used: ByteCount,
}

impl TrackedBuffer {
    /// Creates a buffer of `size` bytes.
    pub fn new(
        device: &wgpu::Device,
        used: &ByteCount,
        size: u64,
        usage: wgpu::BufferUsages,
    ) -> Self {
        let descriptor =
            wgpu::BufferDescriptor { label: None, size, usage, mapped_at_creation: false };
        Self { buffer: device.create_buffer(&descriptor), used: used.add(size) }
    }
}

impl Drop for TrackedBuffer {
    fn drop(&mut self) {
        self.used.subtract(self.buffer.size());
        self.buffer.destroy();
    }
}

/// A picture. It is freed when it is dropped.
pub struct TrackedTexture {
    /// RGBA8.
    pub texture: wgpu::Texture,
    used: ByteCount,
}

impl TrackedTexture {
    /// Creates a texture of `width` × `height` pixels, which may be copied from outside.
    pub fn new(device: &wgpu::Device, used: &ByteCount, width: usize, height: usize) -> Self {
        let usage = wgpu::TextureUsages::TEXTURE_BINDING
            | wgpu::TextureUsages::COPY_DST
            | wgpu::TextureUsages::RENDER_ATTACHMENT;
        let texture = device.create_texture(&wgpu::TextureDescriptor {
            label: Some("picture"),
            size: wgpu::Extent3d {
                width: width as u32,
                height: height as u32,
                depth_or_array_layers: 1,
            },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: wgpu::TextureFormat::Rgba8Unorm,
            usage,
            view_formats: &[],
        });
        let used = used.add(bytes(&texture));
        Self { texture, used }
    }

    /// Returns the view that a kernel reads.
    pub fn view(&self) -> wgpu::TextureView {
        self.texture.create_view(&Default::default())
    }
}

impl Drop for TrackedTexture {
    fn drop(&mut self) {
        self.used.subtract(bytes(&self.texture));
        self.texture.destroy();
    }
}

fn bytes(texture: &wgpu::Texture) -> u64 {
    4 * u64::from(texture.width()) * u64::from(texture.height())
}
