//! Memory for intermediate values, kept by each thread from call to call.
//!
//! Every frame needs the same sizes again. Allocating and zeroing them would cost as much as some of the work on them.

use std::cell::RefCell;

thread_local! {
    static FREE: RefCell<Vec<Vec<f32>>> = const { RefCell::new(Vec::new()) };
}

/// Calls `work` with `length` values, which hold those of the last user. Calls may be nested, such as a band's
/// transforms and the panels of its product.
pub fn with_scratch<R>(length: usize, work: impl FnOnce(&mut [f32]) -> R) -> R {
    let mut values = FREE.with_borrow_mut(Vec::pop).unwrap_or_default();
    if values.len() < length {
        values.resize(length, 0.0);
    }
    let result = work(&mut values[..length]);
    FREE.with_borrow_mut(|free| free.push(values));
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_users_have_separate_memory_that_is_kept() {
        let place = |values: &mut [f32]| values.as_ptr() as usize;
        let (outer, inner) = with_scratch(100, |outer| {
            outer.fill(1.0);
            let inner = with_scratch(50, |inner| {
                inner.fill(2.0);
                place(inner)
            });
            assert!(outer.iter().all(|value| *value == 1.0));
            (place(outer), inner)
        });
        assert_ne!(outer, inner);
        assert_eq!(with_scratch(80, place), outer);
    }
}
