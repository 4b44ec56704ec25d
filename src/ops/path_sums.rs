//! The sums from which a block's statistics are computed, and their order.
//!
//! With s and r the elements of shortcut and residual, the sum is s + r and the output max(s + r, 0), exactly
//! as the addition and the ReLU of the block compute them.

/// The number of sums: each of the constants below is the index of one.
pub const PATH_SUMS: usize = 6;

/// Σ s².
pub const SHORTCUT_SQUARES: usize = 0;

/// Σ r².
pub const RESIDUAL_SQUARES: usize = 1;

/// Σ s · r.
pub const PRODUCTS: usize = 2;

/// Σ (s + r)².
pub const SUM_SQUARES: usize = 3;

/// Σ max(s + r, 0)².
pub const OUTPUT_SQUARES: usize = 4;

/// The number of elements with s + r below 0.
pub const NEGATIVES: usize = 5;
