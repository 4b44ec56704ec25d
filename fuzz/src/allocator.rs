//! The allocator of libFuzzer's programs: the system's, with counting.

use std::alloc::{GlobalAlloc, Layout, System};

use super::targets::memory;

/// Counts for [`memory::bounded`].
pub struct Counting;

// SAFETY: the calls go to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        memory::count(layout);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        memory::uncount(layout);
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(block, layout) }
    }
}
