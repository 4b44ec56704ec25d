//! The primitives that threads share a region by. The model in `tests/threads` replaces them with loom's.

pub use std::cell::UnsafeCell;
pub use std::hint::spin_loop;
pub use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
