//! How much memory reading a file takes: no more than a multiple of its length.

use std::alloc::Layout;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes that are allocated, and the most that were.
static HELD: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

/// What a few tables and messages take, whatever the file.
const SMALL: usize = 1 << 20;

/// To be called by an allocator for each block that it gives out. Where none does, nothing is counted.
pub fn count(layout: Layout) {
    let held = HELD.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
    MOST.fetch_max(held, Ordering::Relaxed);
}

/// To be called for each block that is given back.
pub fn uncount(layout: Layout) {
    HELD.fetch_sub(layout.size(), Ordering::Relaxed);
}

/// Does `work` on a file of `length` bytes.
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
