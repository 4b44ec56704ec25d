//! A graph's buffer pool: a freed buffer is reused by the next tensor of the same size.
//!
//! A graph owns its buffers until it is dropped, so CubeCL's reuse of memory does not help
//! within it.

use cubecl::client::Client;
use cubecl::server::Handle;

/// Buffers that belong to one graph.
#[derive(Default)]
pub struct BufferPool(Vec<Handle>);

impl BufferPool {
    /// Returns a buffer of this size that no tensor uses, or a new one. Earlier captured calls do
    /// not matter: all writes to it come after them.
    pub fn take(&mut self, bytes: usize, client: &Client) -> Handle {
        let free = |buffer: &&Handle| buffer.can_mut() && buffer.size_in_used() == bytes as u64;
        if let Some(buffer) = self.0.iter().find(free) {
            return buffer.clone();
        }
        let buffer = fresh(bytes, client);
        self.0.push(buffer.clone());
        buffer
    }
}

/// Returns new memory. In debug builds it holds NaN, so that a kernel that skips a value fails its
/// test.
pub fn fresh(bytes: usize, client: &Client) -> Handle {
    if cfg!(debug_assertions) {
        client.create_from_slice(&f32::NAN.to_ne_bytes().repeat(bytes / 4))
    } else {
        client.empty(bytes)
    }
}
