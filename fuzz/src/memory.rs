//! Bounds the memory that reading a file takes: at most a multiple of its length.

use std::alloc::Layout;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes allocated now, and the most there were at once.
static HELD: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

/// Bytes for a few tables and messages, whatever the file.
const SMALL: usize = 1 << 20;

/// Counts a block; an allocator calls it for each block that it allocates. If none does, nothing is counted.
pub fn count(layout: Layout) {
    let held = HELD.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
    MOST.fetch_max(held, Ordering::Relaxed);
}

/// Uncounts a block that is freed.
pub fn uncount(layout: Layout) {
    HELD.fetch_sub(layout.size(), Ordering::Relaxed);
}

/// Calls `work`, which reads a file of `length` bytes.
///
/// # Panics
/// If that takes more than `factor` bytes for each byte of the file.
pub fn bounded<R>(length: usize, factor: usize, work: impl FnOnce() -> R) -> R {
    let before = HELD.load(Ordering::Relaxed);
    MOST.store(before, Ordering::Relaxed);
    let result = work();
    let taken = MOST.load(Ordering::Relaxed).saturating_sub(before);
    assert!(taken <= SMALL + factor * length, "{taken} bytes of memory for a file of {length}");
    result
}
