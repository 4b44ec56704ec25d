//! Memory for the results of a recording's launches: what one tensor leaves, the next of its size gets.
//!
//! CubeCL does not add memory while it records, and gives memory out by what was used last: a second run
//! may find the large piece that it needs taken by a small tensor. By exact size each run finds what
//! the run before it had.

use std::cell::RefCell;

use cubecl::client::Client;
use cubecl::server::Handle;

/// Memory that belongs to one recording.
#[derive(Default)]
pub struct Slots(Vec<Handle>);

thread_local! {
    static CURRENT: RefCell<Option<Slots>> = const { RefCell::new(None) };
}

impl Slots {
    /// Calls `work`, during which [`empty`] takes memory from here.
    pub fn serve<R>(&mut self, work: impl FnOnce() -> R) -> R {
        CURRENT.set(Some(std::mem::take(self)));
        let result = work();
        *self = CURRENT.take().expect("nobody else takes it");
        result
    }

    /// A slot of this size that no tensor has, or a new one. Launches that still wait for their turn do
    /// not matter: whatever is written to it comes after them.
    fn take(&mut self, bytes: usize, client: &Client) -> Handle {
        let free = |slot: &&Handle| slot.can_mut() && slot.size_in_used() == bytes as u64;
        if let Some(slot) = self.0.iter().find(free) {
            return slot.clone();
        }
        let slot = client.empty(bytes);
        self.0.push(slot.clone());
        slot
    }
}

/// Memory for a result.
pub fn empty(bytes: usize, client: &Client) -> Handle {
    CURRENT.with_borrow_mut(|slots| match slots {
        Some(slots) => slots.take(bytes, client),
        None => client.empty(bytes),
    })
}
