//! Memory for what the launches of a recording write: what one tensor leaves, the next of its size gets.
//!
//! Until the recording is dropped its memory goes to nobody else, so that CubeCL's own way of giving memory
//! out again does not help within it.

use cubecl::client::Client;
use cubecl::server::Handle;

/// Memory that belongs to one recording.
#[derive(Default)]
pub struct Slots(Vec<Handle>);

impl Slots {
    /// A slot of this size that no tensor has, or a new one. Launches that were recorded before do not
    /// matter: whatever is written to it comes after them.
    pub fn take(&mut self, bytes: usize, client: &Client) -> Handle {
        let free = |slot: &&Handle| slot.can_mut() && slot.size_in_used() == bytes as u64;
        if let Some(slot) = self.0.iter().find(free) {
            return slot.clone();
        }
        let slot = client.empty(bytes);
        self.0.push(slot.clone());
        slot
    }
}
