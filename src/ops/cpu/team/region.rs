//! A region: a task and a count that several threads work on, and the parts of one slice that they write to.
//!
//! A thread that claims one of the count, leader or helper, calls the task for it: fast threads claim more, and none
//! waits for a part that nobody has begun.

use std::ops::Range;

use super::for_each;
use super::sync::{AtomicBool, AtomicUsize, Ordering, UnsafeCell, spin_loop};

/// The function that is called for each index of a region.
pub type Task<'a> = dyn Fn(usize) + Sync + 'a;

/// Room for one region at a time.
#[derive(Default)]
pub struct Region {
    work: UnsafeCell<Option<Work>>,
    /// Whether a thread is in [`Region::run`].
    open: AtomicBool,
    /// Indices that no thread has claimed. A thread that takes one off may read `work` until that index
    /// is finished.
    unclaimed: AtomicUsize,
    /// Indices whose call has not returned. As long as there are any, `work` stays.
    unfinished: AtomicUsize,
}

// SAFETY: `work` is written by the thread that opened the region, while no index is unfinished; it is read
// by holders of a claimed, unfinished index. The claim acquires what was released after writing.
unsafe impl Sync for Region {}

#[derive(Clone, Copy)]
struct Work {
    count: usize,
    /// Lives only as long as the region has unfinished indices.
    task: &'static Task<'static>,
}

impl Region {
    /// Calls `task` once for each index below `count`, together with the threads in [`Region::step`].
    pub fn run(&self, count: usize, task: &Task<'_>) {
        assert!(!self.open.swap(true, Ordering::Acquire), "one region at a time");
        // SAFETY: `JoinOnDrop` keeps this call from returning, or unwinding, as long as another
        // thread can reach the task.
        let task = unsafe { std::mem::transmute::<&Task<'_>, &'static Task<'static>>(task) };
        // SAFETY: this thread alone is here, and the region before is complete, so that no thread reads it.
        unsafe { *self.work.get() = Some(Work { count, task }) };
        self.unfinished.store(count, Ordering::Relaxed);
        self.unclaimed.store(count, Ordering::Release);
        let _join = JoinOnDrop(self);
        while self.step() {}
    }

    /// Claims an index and calls the task for it; `false` if none was left.
    pub fn step(&self) -> bool {
        let claim = self
            .unclaimed
            .fetch_update(Ordering::Acquire, Ordering::Relaxed, |left| left.checked_sub(1));
        let Ok(left) = claim else { return false };
        let _finish = FinishOnDrop(self);
        // SAFETY: this thread holds a claimed, unfinished index.
        let Work { count, task } = unsafe { *self.work.get() }.expect("a region is open");
        task(count - left);
        true
    }

    /// Runs a helper: looks for regions, one after another, until `released` says that no more are opened.
    pub fn help(&self, released: impl Fn() -> bool) {
        while !released() {
            if !self.step() {
                spin_loop();
            }
        }
    }
}

/// Marks one index as finished when dropped: a panic in a helper must not keep the leader waiting.
struct FinishOnDrop<'a>(&'a Region);

impl Drop for FinishOnDrop<'_> {
    fn drop(&mut self) {
        self.0.unfinished.fetch_sub(1, Ordering::Release);
    }
}

/// Waits for the region's end when dropped. Only after a panic is there anything left to claim.
struct JoinOnDrop<'a>(&'a Region);

impl Drop for JoinOnDrop<'_> {
    fn drop(&mut self) {
        let left = self.0.unclaimed.swap(0, Ordering::Relaxed);
        self.0.unfinished.fetch_sub(left, Ordering::Relaxed);
        while self.0.unfinished.load(Ordering::Acquire) > 0 {
            spin_loop();
        }
        self.0.open.store(false, Ordering::Release);
    }
}

/// Calls `work(index, part)` for each part of `out`, on all threads of the team. Part `index` starts at
/// `start(index)`, a pure function, and `start(parts)` is the length of `out`.
///
/// # Panics
/// Unless the parts lie side by side, in order, within `out`.
pub fn for_each_part(
    out: &mut [f32],
    parts: usize,
    start: impl Fn(usize) -> usize + Sync,
    work: impl Fn(usize, &mut [f32]) + Sync,
) {
    assert!((0..=parts).map(&start).is_sorted() && start(parts) == out.len(), "parts of a slice");
    let shared = SharedSlice(out.as_mut_ptr());
    for_each(parts, &|index| {
        // SAFETY: the parts lie side by side within the slice, and each index is called once.
        work(index, unsafe { shared.part(start(index)..start(index + 1)) });
    });
}

/// A mutable slice whose parts are written by different threads.
struct SharedSlice(*mut f32);

// SAFETY: callers of `part` guarantee that the parts are disjoint.
unsafe impl Sync for SharedSlice {}

impl SharedSlice {
    /// # Safety
    /// `range` lies within the slice, and no other reference overlaps it.
    #[allow(clippy::mut_from_ref, reason = "disjoint parts of one slice")]
    unsafe fn part(&self, range: Range<usize>) -> &mut [f32] {
        // SAFETY: the caller keeps the contract.
        unsafe { std::slice::from_raw_parts_mut(self.0.add(range.start), range.len()) }
    }
}
