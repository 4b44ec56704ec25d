//! The sums that a block's statistics are made of: which they are, in which order.
//!
//! With s and r the elements of shortcut and residual, the sum is s + r and the output max(s + r, 0), exactly
//! as the addition and the ReLU of the block compute them.

/// How many sums there are: each of the constants below is the place of one.
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

/// How many s + r are below 0.
pub const NEGATIVES: usize = 5;
