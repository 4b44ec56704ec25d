//! The one comparison of computed numbers with expected ones.

use std::fmt::Display;

/// Fails unless every value of `found` is within `tolerance` of `expected`, relative to the largest
/// expected value; names the worst value. NaN is never close, except where nothing is compared.
#[track_caller]
pub fn assert_close(what: impl Display, found: &[f32], expected: &[f32], tolerance: f32) {
    assert_close_at_scale(what, found, expected, tolerance, f32::MIN_POSITIVE);
}

/// Does the same for sums of terms of size `scale`: where terms cancel, their rounding errors remain.
#[track_caller]
pub fn assert_close_at_scale(
    what: impl Display,
    found: &[f32],
    expected: &[f32],
    tolerance: f32,
    scale: f32,
) {
    assert_eq!(found.len(), expected.len(), "{what}: number of values");
    let largest = expected.iter().fold(scale, |most, value| most.max(value.abs()));
    let distance = |index: &usize| (found[*index] - expected[*index]).abs();
    // In the total order NaN is larger than every number: it is then the worst value, and fails.
    let worst = (0..found.len()).max_by(|a, b| distance(a).total_cmp(&distance(b)));
    let Some(worst) = worst else { return };
    let (found, expected) = (found[worst], expected[worst]);
    assert!(
        (found - expected).abs() <= tolerance * largest,
        "{what}: value {worst} is {found}, expected {expected}; the largest is {largest}"
    );
}
