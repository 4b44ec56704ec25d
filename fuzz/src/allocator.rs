//! The allocator of libFuzzer's programs: the system's, which counts.

use std::alloc::{GlobalAlloc, Layout, System};

use super::targets::memory;

/// Counts for [`memory::bounded`].
pub struct Counting;

// SAFETY: it is the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        memory::count(layout);
        // SAFETY: as the caller says.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        memory::uncount(layout);
        // SAFETY: as the caller says.
        unsafe { System.dealloc(block, layout) }
    }
}
