//! Fault injection for tests: a kernel that computes a wrong result.

use std::cell::Cell;

thread_local! {
    /// The number of results before the wrong one, while there is one to come.
    static BEFORE: Cell<Option<usize>> = const { Cell::new(None) };
}

/// Calls `work`, in which the result with this index is wrong. Returns nothing if there were not so many.
pub fn with_wrong_result<R>(index: usize, work: impl FnOnce() -> R) -> Option<R> {
    BEFORE.set(Some(index));
    let outcome = work();
    BEFORE.take().is_none().then_some(outcome)
}

/// Makes a kernel's result wrong if its turn has come.
pub fn inject(result: &mut [f32]) {
    match BEFORE.take() {
        Some(0) => result.iter_mut().for_each(|value| *value = 2.0 * *value + 1.0),
        before => BEFORE.set(before.map(|before| before - 1)),
    }
}
