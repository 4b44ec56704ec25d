//! What threads share a region by. The model check in `tests/threads` puts loom's in their place.

pub use std::cell::UnsafeCell;
pub use std::hint::spin_loop;
pub use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
