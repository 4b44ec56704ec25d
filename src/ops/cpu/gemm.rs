//! The micro-kernel of all convolutions: a small matrix product kept in registers.
//!
//! `A` holds pixels in panels of [`ROWS`], stored `[K][ROWS]`; `B` holds output channels in panels
//! of [`COLUMNS`], stored `[K][COLUMNS]`. Both are walked once, with one pointer each. A tile of 4×8
//! needs 8 accumulators, 2 vectors of `B` and one of `A`: it fits the 15 vector registers that V8
//! can use on x86-64, with one to spare for the product before its addition. Packing and tile follow
//! Goto & van de Geijn 2008, "Anatomy of High-Performance Matrix Multiplication".

use wide::f32x4;

/// Pixels of a tile.
pub const ROWS: usize = 4;

/// Output channels of a tile.
pub const COLUMNS: usize = 8;

/// A tile's sums: `[ROWS][COLUMNS]`.
pub type Tile = [[f32; COLUMNS]; ROWS];

/// Returns the products of one panel of pixels, `[K][ROWS]`, and one of channels, `[K][COLUMNS]`, summed over K.
#[inline(always)]
pub fn tile(a: &[f32], b: &[f32]) -> Tile {
    let mut sums = [[f32x4::ZERO; 2]; ROWS];
    for (a, b) in a.as_chunks::<ROWS>().0.iter().zip(b.as_chunks::<COLUMNS>().0) {
        let (low, high) = halves(b);
        for (row, value) in sums.iter_mut().zip(a) {
            let value = f32x4::splat(*value);
            row[0] = multiply_add(value, low, row[0]);
            row[1] = multiply_add(value, high, row[1]);
        }
    }
    sums.map(|[low, high]| join(low, high))
}

/// Returns a · b + c, in one instruction where available, which rounds once.
#[cfg(target_feature = "relaxed-simd")]
#[inline(always)]
fn multiply_add(a: f32x4, b: f32x4, c: f32x4) -> f32x4 {
    use std::arch::wasm32::{self, f32x4_extract_lane as lane, v128};
    // Lane by lane only in the source: the compiler sees that nothing is moved.
    let vector = |x: f32x4| -> v128 {
        let [a, b, c, d] = x.to_array();
        wasm32::f32x4(a, b, c, d)
    };
    let sum = wasm32::f32x4_relaxed_madd(vector(a), vector(b), vector(c));
    f32x4::new([lane::<0>(sum), lane::<1>(sum), lane::<2>(sum), lane::<3>(sum)])
}

/// Returns a · b + c.
#[cfg(not(target_feature = "relaxed-simd"))]
#[inline(always)]
fn multiply_add(a: f32x4, b: f32x4, c: f32x4) -> f32x4 {
    a * b + c
}

/// Splits eight values into two vectors.
#[inline(always)]
pub fn halves(values: &[f32; COLUMNS]) -> (f32x4, f32x4) {
    let [a, b, c, d, e, f, g, h] = *values;
    (f32x4::new([a, b, c, d]), f32x4::new([e, f, g, h]))
}

/// Joins two vectors into eight values.
#[inline(always)]
pub fn join(low: f32x4, high: f32x4) -> [f32; COLUMNS] {
    let ([a, b, c, d], [e, f, g, h]) = (low.to_array(), high.to_array());
    [a, b, c, d, e, f, g, h]
}

/// Returns the vectors' first values, their second values, and so on.
#[inline(always)]
pub fn transpose([a, b, c, d]: [f32x4; 4]) -> [f32x4; 4] {
    let (low_ac, high_ac) = interleave(a, c);
    let (low_bd, high_bd) = interleave(b, d);
    let (first, second) = interleave(low_ac, low_bd);
    let (third, fourth) = interleave(high_ac, high_bd);
    [first, second, third, fourth]
}

/// Interleaves the values of both: the first halves', and the second halves'.
#[inline(always)]
fn interleave(a: f32x4, b: f32x4) -> (f32x4, f32x4) {
    let ([a0, a1, a2, a3], [b0, b1, b2, b3]) = (a.to_array(), b.to_array());
    (f32x4::new([a0, b0, a1, b1]), f32x4::new([a2, b2, a3, b3]))
}

/// Packs a matrix `[K][O]`, given by its elements, into panels `[O / COLUMNS][K][COLUMNS]`; missing
/// channels of the last panel are 0.
pub fn pack_columns(
    depth: usize,
    channels: usize,
    packed: &mut Vec<f32>,
    element: impl Fn(usize, usize) -> f32,
) {
    for first in (0..channels).step_by(COLUMNS) {
        pack_panel(depth, first, channels, packed, &element);
    }
}

/// Packs one panel, in a separate call, so that a browser can switch to optimised code.
#[inline(never)]
fn pack_panel(
    depth: usize,
    first: usize,
    channels: usize,
    packed: &mut Vec<f32>,
    element: &impl Fn(usize, usize) -> f32,
) {
    for k in 0..depth {
        packed.extend(
            (first..first + COLUMNS)
                .map(|channel| if channel < channels { element(k, channel) } else { 0.0 }),
        );
    }
}
