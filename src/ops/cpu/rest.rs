//! What is left of values after whole vectors.

use wide::f32x4;

/// Returns at most four values as a vector, filled with zeros.
pub fn padded(values: &[f32]) -> f32x4 {
    let mut lanes = [0.0; 4];
    lanes[..values.len()].copy_from_slice(values);
    f32x4::new(lanes)
}
