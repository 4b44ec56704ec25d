//! A region under loom, which tries every order of the threads' steps and every value that a weak memory model allows.

use std::cell::Cell;
use std::ops::{Deref, DerefMut};
use std::panic::{AssertUnwindSafe, catch_unwind};

use loom::sync::Arc;
use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use loom::thread::{self, ThreadId};

use region::Region;

#[allow(dead_code, unused_unsafe, reason = "the product's file, of which the model needs one type")]
#[path = "../../../src/ops/cpu/team/region.rs"]
mod region;

/// The items of `src/ops/cpu/team/sync.rs`, by loom.
mod sync {
    pub use super::Tracked as UnsafeCell;
    pub use super::spin_loop;
    pub use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
}

/// Replaces the function that writes a slice's parts; the model has no slices.
fn for_each(count: usize, task: &region::Task<'_>) {
    (0..count).for_each(task);
}

/// A cell that tells loom when it is read and written.
#[derive(Default)]
pub struct Tracked<T>(loom::cell::UnsafeCell<T>);

/// Takes the place of a pointer.
pub struct Pointer<'a, T>(&'a Tracked<T>);

impl<T> Tracked<T> {
    pub fn get(&self) -> Pointer<'_, T> {
        Pointer(self)
    }
}

impl<T> Deref for Pointer<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: loom fails the model if another thread may write meanwhile.
        self.0.0.with(|value| unsafe { &*value })
    }
}

impl<T> DerefMut for Pointer<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: loom fails the model if another thread may read or write meanwhile.
        self.0.0.with_mut(|value| unsafe { &mut *value })
    }
}

loom::thread_local! {
    /// How often this thread has looked for work in vain.
    static LOOKS: Cell<usize> = Cell::new(0);
}

/// Lets another thread run, and counts.
pub fn spin_loop() {
    LOOKS.with(|looks| looks.set(looks.get() + 1));
    loom::hint::spin_loop();
}

/// The orders to try.
#[derive(Clone, Copy)]
struct Bounds {
    /// How often a thread that could go on is interrupted for another one; `None` for no limit.
    preemptions: Option<usize>,
    /// How often a helper looks for work in vain before it leaves the team.
    ///
    /// With two helpers and no limit the orders never end: both may look in turn forever. A limit excludes no outcome.
    /// A look in vain writes nothing and acquires nothing, so an order with it ends like the same order without it, in
    /// which the helper looks later; and a helper that has left behaves like one that does not look again until the
    /// release. With bounded preemptions a higher limit still adds orders, since a thread that looks in vain yields
    /// without a preemption.
    looks: usize,
}

const UNLIMITED: usize = usize::MAX;

/// A team without rayon.
struct Team {
    region: Region,
    released: AtomicBool,
    looks: usize,
}

impl Team {
    fn new(looks: usize) -> Arc<Self> {
        let (region, released) = (Region::default(), AtomicBool::new(false));
        Arc::new(Self { region, released, looks })
    }

    fn help(&self) {
        let leaves = || LOOKS.with(Cell::get) >= self.looks;
        self.region.help(|| leaves() || self.released.load(Ordering::Acquire));
    }
}

/// Tries the orders of one leader, which opens regions of these sizes, and of some helpers.
fn check(helpers: usize, bounds: Bounds, regions: &'static [usize]) {
    explore(bounds, move || {
        let team = Team::new(bounds.looks);
        let threads: Vec<_> = (0..helpers)
            .map(|_| {
                let team = team.clone();
                thread::spawn(move || team.help())
            })
            .collect();
        for &count in regions {
            // Deliberately without atomics: loom checks that every write happens before the read after the region.
            let cells: Vec<Tracked<usize>> = (0..count).map(|_| Tracked::default()).collect();
            let cells = Shared(cells);
            team.region.run(count, &|index| *cells.cell(index).get() += 1);
            assert!((0..count).all(|index| *cells.cell(index).get() == 1));
        }
        team.released.store(true, Ordering::Release);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

/// Runs `orders` in every order within the bounds, and prints how many there were.
fn explore(bounds: Bounds, orders: impl Fn() + Send + Sync + 'static) {
    let count = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = count.clone();
    let mut model = loom::model::Builder::new();
    model.preemption_bound = bounds.preemptions;
    model.check(move || {
        counted.fetch_add(1, Ordering::Relaxed);
        orders();
    });
    println!("{} orders", count.load(Ordering::Relaxed));
}

/// Cells that the tasks of a region write to, each task its own.
struct Shared(Vec<Tracked<usize>>);

// SAFETY: loom fails the model if two threads access one cell without synchronisation.
unsafe impl Sync for Shared {}

impl Shared {
    fn cell(&self, index: usize) -> &Tracked<usize> {
        &self.0[index]
    }
}

#[test]
fn one_helper_and_one_region() {
    check(1, Bounds { preemptions: None, looks: UNLIMITED }, &[2]);
}

#[test]
fn one_helper_and_two_regions() {
    check(1, Bounds { preemptions: Some(3), looks: UNLIMITED }, &[2, 1]);
}

#[test]
fn one_helper_and_two_regions_in_every_order() {
    check(1, Bounds { preemptions: None, looks: 1 }, &[2, 1]);
}

#[test]
fn two_helpers_and_two_regions() {
    check(2, Bounds { preemptions: Some(2), looks: 3 }, &[2, 2]);
}

#[test]
fn two_helpers_and_two_regions_with_more_preemptions() {
    check(2, Bounds { preemptions: Some(3), looks: 1 }, &[2, 2]);
}

/// The leader's own task panics: the leader still waits for the helper, and the helper is released.
#[test]
fn a_panic_of_the_leader_waits_for_the_helper() {
    check_panics(|thread, leader| thread == leader);
}

/// The helper's task panics: the leader does not wait forever for its index, and works on alone.
#[test]
fn a_panic_of_the_helper_leaves_the_leader_alone() {
    check_panics(|thread, leader| thread != leader);
}

/// Makes the tasks of one region panic on some threads, then opens another region.
fn check_panics(panics: impl Fn(ThreadId, ThreadId) -> bool + Send + Sync + 'static) {
    explore(Bounds { preemptions: Some(3), looks: UNLIMITED }, move || {
        let team = Team::new(UNLIMITED);
        let helper = {
            let team = team.clone();
            thread::spawn(move || drop(catch_unwind(AssertUnwindSafe(|| team.help()))))
        };
        let leader = thread::current().id();
        let running = AtomicUsize::new(0);
        let run = || {
            team.region.run(2, &|_| {
                running.fetch_add(1, Ordering::Relaxed);
                let panics = panics(thread::current().id(), leader);
                running.fetch_sub(1, Ordering::Relaxed);
                if panics {
                    // Bypasses the panic hook, which would print for each of thousands of orders.
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
