//! The part of rayon that the team uses, on the standard library's threads.
//!
//! Under Miri's strictest rules, runs stop in crossbeam-epoch, below rayon, before they reach the team: Stacked Borrows
//! forbids its lists' step from a member to the whole, and strict provenance forbids its tagged pointers.

use std::cell::Cell;
use std::convert::Infallible;
use std::thread;

thread_local! {
    /// The size of the pool that this thread belongs to.
    static THREADS: Cell<usize> = const { Cell::new(4) };
}

/// Returns the number of threads of the pool, including the calling one.
pub fn current_num_threads() -> usize {
    THREADS.get()
}

/// A scope in which every task has its own thread.
pub struct Scope<'scope, 'env>(&'scope thread::Scope<'scope, 'env>);

impl<'scope, 'env> Scope<'scope, 'env> {
    pub fn spawn(&self, work: impl FnOnce(&Self) + Send + 'scope) {
        let (scope, threads) = (Self(self.0), THREADS.get());
        self.0.spawn(move || {
            THREADS.set(threads);
            work(&scope);
        });
    }
}

/// Calls `work` on this thread, and returns when everything that it spawned has ended.
pub fn scope<'env, R>(work: impl for<'scope> FnOnce(&Scope<'scope, 'env>) -> R) -> R {
    thread::scope(|scope| work(&Scope(scope)))
}

pub use scope as in_place_scope;

/// A pool is only a number: each task has its own thread.
#[derive(Default)]
pub struct ThreadPoolBuilder(usize);

/// See [`ThreadPoolBuilder`].
pub struct ThreadPool(usize);

impl ThreadPoolBuilder {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn num_threads(self, threads: usize) -> Self {
        Self(threads)
    }

    pub fn build(self) -> Result<ThreadPool, Infallible> {
        Ok(ThreadPool(self.0))
    }
}

impl ThreadPool {
    pub fn install<R>(&self, work: impl FnOnce() -> R) -> R {
        let before = THREADS.replace(self.0);
        let result = work();
        THREADS.set(before);
        result
    }
}
