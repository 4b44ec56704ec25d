//! Memory for the results of a recording's launches: what one tensor leaves, the next of its size gets.
//!
//! CubeCL does not add memory while it records, and gives memory out by what was used last: a second run
//! may find the large piece that it needs taken by a small tensor. By exact size each run finds what
//! the run before it had.
//!
//! What will be read lies in one piece, in the order of the launches: one buffer to copy and to map.

use std::cell::RefCell;
use std::ops::Range;

use cubecl::client::Client;
use cubecl::server::Handle;

/// Where in a buffer a binding may begin, on every device.
const ALIGNMENT: u64 = 256;

/// Memory that belongs to one recording.
#[derive(Default)]
pub struct Slots {
    slots: Vec<Handle>,
    /// Where this run's results are, or would be if there were memory for them.
    results: Vec<Range<u64>>,
    result_memory: Option<Handle>,
}

thread_local! {
    static CURRENT: RefCell<Option<Slots>> = const { RefCell::new(None) };
}

impl Slots {
    /// Calls `work`, during which [`empty`] and [`result`] take memory from here.
    pub fn serve<R>(&mut self, work: impl FnOnce() -> R) -> R {
        CURRENT.set(Some(std::mem::take(self)));
        let result = work();
        *self = CURRENT.take().expect("nobody else takes it");
        result
    }

    /// Makes one piece of memory for as many results as the run had, for the next run.
    pub fn gather_results(&mut self, client: &Client) {
        let length = self.results.last().expect("a run has results").end;
        self.result_memory = Some(client.empty(length as usize));
        self.results.clear();
    }

    /// The memory of [`gather_results`](Self::gather_results), and where in it each result is, in bytes.
    pub fn results(&self) -> (&Handle, &[Range<u64>]) {
        (self.result_memory.as_ref().expect("results were gathered"), &self.results)
    }

    /// A slot of this size that no tensor has, or a new one. Launches that still wait for their turn do
    /// not matter: whatever is written to it comes after them.
    fn take(&mut self, bytes: usize, client: &Client) -> Handle {
        let free = |slot: &&Handle| slot.can_mut() && slot.size_in_used() == bytes as u64;
        if let Some(slot) = self.slots.iter().find(free) {
            return slot.clone();
        }
        let slot = client.empty(bytes);
        self.slots.push(slot.clone());
        slot
    }

    fn take_result(&mut self, bytes: usize, client: &Client) -> Handle {
        let begin = self.results.last().map_or(0, |last| last.end.next_multiple_of(ALIGNMENT));
        let end = begin + bytes as u64;
        self.results.push(begin..end);
        match &self.result_memory {
            Some(memory) => {
                let behind = memory.size_in_used() - end;
                memory.clone().offset_start(begin).offset_end(behind)
            }
            None => client.empty(bytes),
        }
    }
}

/// Memory for a tensor of the network.
pub fn empty(bytes: usize, client: &Client) -> Handle {
    from_slots(bytes, client, Slots::take)
}

/// Memory for a tensor that will be read.
pub fn result(bytes: usize, client: &Client) -> Handle {
    from_slots(bytes, client, Slots::take_result)
}

fn from_slots(
    bytes: usize,
    client: &Client,
    take: impl FnOnce(&mut Slots, usize, &Client) -> Handle,
) -> Handle {
    CURRENT.with_borrow_mut(|slots| match slots {
        Some(slots) => take(slots, bytes, client),
        None => client.empty(bytes),
    })
}
