//! A crew: threads that stay awake for the length of a frame.
//!
//! A frame is some forty regions of a few hundred microseconds each, with hardly anything between them.
//! rayon's threads go to sleep between two regions and are woken for the next; in a browser each
//! waking takes as long as a tenth of a region. So each of rayon's threads is asked for once a
//! frame, and until the frame's end it looks for regions by itself.
//!
//! A region is a task and a count. Whoever claims one of the count, leader or helper, calls the task
//! for it: fast threads take more, and none waits for a part that nobody has begun.

use std::cell::{Cell, UnsafeCell};
use std::hint::spin_loop;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// What is done for each index of a region.
type Task<'a> = dyn Fn(usize) + Sync + 'a;

/// What the calling thread is to a crew.
#[derive(Clone, Copy)]
enum Role {
    /// In none.
    Alone,
    /// It opens the crew's regions.
    Leader(NonNull<Crew>),
    /// It is in the middle of a region; what it opens there is its own.
    Member,
}

thread_local! {
    static ROLE: Cell<Role> = const { Cell::new(Role::Alone) };
}

/// Calls `work`. The regions that it opens with [`for_each`] are shared with rayon's threads, which
/// do nothing else until it returns.
pub fn with_crew<R>(work: impl FnOnce() -> R) -> R {
    if !matches!(ROLE.get(), Role::Alone) {
        return work();
    }
    let crew = Crew::default();
    rayon::in_place_scope(|scope| {
        for _ in 1..rayon::current_num_threads() {
            scope.spawn(|_| crew.help());
        }
        let _dismissal = Dismissal(&crew);
        let _role = Acting::becomes(Role::Leader(NonNull::from(&crew)));
        work()
    })
}

/// Calls `task` once for each index below `count`, on all threads of the crew. Returns when all
/// calls have.
pub fn for_each(count: usize, task: &Task<'_>) {
    match ROLE.get() {
        // SAFETY: `with_crew` holds the crew for longer than this thread leads it.
        Role::Leader(crew) => unsafe { crew.as_ref() }.share(count, task),
        Role::Member => (0..count).for_each(task),
        Role::Alone => with_crew(|| for_each(count, task)),
    }
}

#[derive(Default)]
struct Crew {
    region: UnsafeCell<Option<Region>>,
    /// Indices that nobody has claimed. Whoever takes one off may read `region` until that index is
    /// finished.
    unclaimed: AtomicUsize,
    /// Indices whose call has not returned. As long as there are any, `region` stays.
    unfinished: AtomicUsize,
    dismissed: AtomicBool,
}

// SAFETY: `region` is written by the leader alone, while no index is unfinished; it is read by
// holders of a claimed, unfinished index. The claim acquires what the leader released after writing.
unsafe impl Sync for Crew {}

#[derive(Clone, Copy)]
struct Region {
    count: usize,
    /// Lives only as long as the region has unfinished indices.
    task: &'static Task<'static>,
}

impl Crew {
    /// A helper's whole work.
    fn help(&self) {
        while !self.dismissed.load(Ordering::Acquire) {
            if !self.step() {
                spin_loop();
            }
        }
    }

    /// The leader's part of a region.
    fn share(&self, count: usize, task: &Task<'_>) {
        // SAFETY: `Completion` keeps this call from returning, or unwinding, as long as another
        // thread can reach the task.
        let task = unsafe { std::mem::transmute::<&Task<'_>, &'static Task<'static>>(task) };
        // SAFETY: the region before this one is complete, so that nobody reads it any more.
        unsafe { *self.region.get() = Some(Region { count, task }) };
        self.unfinished.store(count, Ordering::Relaxed);
        self.unclaimed.store(count, Ordering::Release);
        let _completion = Completion(self);
        while self.step() {}
    }

    /// Claims an index and calls the task for it; `false` if none was left.
    fn step(&self) -> bool {
        let claim = self
            .unclaimed
            .fetch_update(Ordering::Acquire, Ordering::Relaxed, |left| left.checked_sub(1));
        let Ok(left) = claim else { return false };
        let _finish = Finish(self);
        let _role = Acting::becomes(Role::Member);
        // SAFETY: this thread holds a claimed, unfinished index.
        let Region { count, task } = unsafe { *self.region.get() }.expect("a region is open");
        task(count - left);
        true
    }
}

/// Restores a thread's role when dropped.
struct Acting(Role);

impl Acting {
    fn becomes(role: Role) -> Self {
        Self(ROLE.replace(role))
    }
}

impl Drop for Acting {
    fn drop(&mut self) {
        ROLE.set(self.0);
    }
}

/// Marks one index as finished when dropped: a panic in a helper must not keep the leader waiting.
struct Finish<'a>(&'a Crew);

impl Drop for Finish<'_> {
    fn drop(&mut self) {
        self.0.unfinished.fetch_sub(1, Ordering::Release);
    }
}

/// Waits for the region's end when dropped. Only after a panic is there anything left to claim.
struct Completion<'a>(&'a Crew);

impl Drop for Completion<'_> {
    fn drop(&mut self) {
        let left = self.0.unclaimed.swap(0, Ordering::Relaxed);
        self.0.unfinished.fetch_sub(left, Ordering::Relaxed);
        while self.0.unfinished.load(Ordering::Acquire) > 0 {
            spin_loop();
        }
    }
}

/// Lets the helpers go when dropped.
struct Dismissal<'a>(&'a Crew);

impl Drop for Dismissal<'_> {
    fn drop(&mut self) {
        self.0.dismissed.store(true, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::*;

    fn counters(count: usize) -> Vec<AtomicUsize> {
        (0..count).map(|_| AtomicUsize::new(0)).collect()
    }

    fn all_once(calls: &[AtomicUsize]) -> bool {
        calls.iter().all(|calls| calls.load(Ordering::Relaxed) == 1)
    }

    #[test]
    fn every_index_of_every_region_is_called_once() {
        with_crew(|| {
            for count in (0..200).chain([1, 1, 0, 1]) {
                let calls = counters(count);
                for_each(count, &|index| {
                    calls[index].fetch_add(1, Ordering::Relaxed);
                });
                assert!(all_once(&calls), "{count}: {calls:?}");
            }
        });
    }

    #[test]
    fn regions_may_be_opened_alone_and_within_others() {
        let calls = counters(12);
        for_each(3, &|outer| {
            for_each(4, &|inner| {
                calls[outer * 4 + inner].fetch_add(1, Ordering::Relaxed);
            });
        });
        assert!(all_once(&calls), "{calls:?}");
    }

    #[test]
    fn leaders_on_several_threads_do_not_disturb_each_other() {
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(every_index_of_every_region_is_called_once);
            }
        });
    }

    #[test]
    fn a_panic_reaches_the_leader_and_the_next_crew_works() {
        for culprit in [0, 63] {
            let outcome = catch_unwind(|| for_each(64, &|index| assert_ne!(index, culprit)));
            assert!(outcome.is_err());
        }
        every_index_of_every_region_is_called_once();
    }
}
