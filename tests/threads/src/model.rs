//! A region under loom, which tries every order of the threads' steps and every value that a weak memory may show.

use std::ops::{Deref, DerefMut};
use std::panic::{AssertUnwindSafe, catch_unwind};

use loom::sync::Arc;
use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use loom::thread;

use region::Region;

#[allow(dead_code, unused_unsafe, reason = "the product's file, of which the model needs one type")]
#[path = "../../../src/ops/cpu/team/region.rs"]
mod region;

/// What `src/ops/cpu/team/sync.rs` has, by loom.
mod sync {
    pub use super::Tracked as UnsafeCell;
    pub use loom::hint::spin_loop;
    pub use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
}

/// What a slice's parts are written with; the model has none.
fn for_each(count: usize, task: &region::Task<'_>) {
    (0..count).for_each(task);
}

/// A cell of which loom hears when it is read and written.
#[derive(Default)]
pub struct Tracked<T>(loom::cell::UnsafeCell<T>);

/// Stands for a pointer.
pub struct Pointer<'a, T>(&'a Tracked<T>);

impl<T> Tracked<T> {
    pub fn get(&self) -> Pointer<'_, T> {
        Pointer(self)
    }
}

impl<T> Deref for Pointer<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: loom fails the model where another thread may write meanwhile.
        self.0.0.with(|value| unsafe { &*value })
    }
}

impl<T> DerefMut for Pointer<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: loom fails the model where another thread may read or write meanwhile.
        self.0.0.with_mut(|value| unsafe { &mut *value })
    }
}

/// A team without rayon: `team.rs` says the same of its helpers.
#[derive(Default)]
struct Team {
    region: Region,
    released: AtomicBool,
}

impl Team {
    fn help(&self) {
        while !self.released.load(Ordering::Acquire) {
            if !self.region.step() {
                loom::hint::spin_loop();
            }
        }
    }
}

/// Tries every order of one leader, which opens regions of these sizes, and some helpers.
fn check(helpers: usize, preemptions: Option<usize>, regions: &'static [usize]) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = preemptions;
    model.check(move || {
        let team = Arc::new(Team::default());
        let threads: Vec<_> = (0..helpers)
            .map(|_| {
                let team = team.clone();
                thread::spawn(move || team.help())
            })
            .collect();
        for &count in regions {
            // Without atomics on purpose: loom sees to it that every write is before the read behind the region.
            let cells: Vec<Tracked<usize>> = (0..count).map(|_| Tracked::default()).collect();
            let cells = Shared(cells);
            team.region.run(count, &|index| *cells.cell(index).get() += 1);
            assert!((0..count).all(|index| *cells.cell(index).get() == 1));
        }
        team.released.store(true, Ordering::Release);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

/// Cells that the tasks of a region write to, each its own.
struct Shared(Vec<Tracked<usize>>);

// SAFETY: loom fails the model where two threads use one cell without order.
unsafe impl Sync for Shared {}

impl Shared {
    fn cell(&self, index: usize) -> &Tracked<usize> {
        &self.0[index]
    }
}

#[test]
fn one_helper_and_one_region() {
    check(1, None, &[2]);
}

#[test]
fn one_helper_and_two_regions() {
    check(1, Some(3), &[2, 1]);
}

#[test]
fn two_helpers_and_two_regions() {
    check(2, Some(2), &[2, 2]);
}

/// The leader's own task panics: it waits for the helper all the same, and the helper is released.
#[test]
fn a_panic_of_the_leader_waits_for_the_helper() {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model.check(|| {
        let team = Arc::new(Team::default());
        let helper = {
            let team = team.clone();
            thread::spawn(move || team.help())
        };
        let leader = thread::current().id();
        let running = AtomicUsize::new(0);
        let run = || {
            team.region.run(2, &|_| {
                running.fetch_add(1, Ordering::Relaxed);
                let panics = thread::current().id() == leader;
                running.fetch_sub(1, Ordering::Relaxed);
                if panics {
                    // Without the hook, which prints for each of thousands of orders.
                    std::panic::resume_unwind(Box::new("as asked"));
                }
            });
        };
        let outcome = catch_unwind(AssertUnwindSafe(run));
        assert_eq!(running.load(Ordering::Acquire), 0, "{}", outcome.is_ok());
        team.region.run(1, &|_| ());
        team.released.store(true, Ordering::Release);
        helper.join().unwrap();
    });
}
