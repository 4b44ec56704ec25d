//! Winograd's transforms for F(4×4, 3×3), of kernels, inputs and products.
//!
//! The interpolation points 0, ±√½, ±√2, ∞ halve the rounding error of the integer points (Alam et al.
//! 2022, arXiv 2201.10369). They come in pairs ±p, so that each transform is an even part plus or minus
//! an odd one.

use std::array;

use wide::f32x4;

use crate::ops::cpu::gemm::{self, COLUMNS};

/// √½ and √2, the interpolation points.
const A: f32 = std::f32::consts::FRAC_1_SQRT_2;
const B: f32 = std::f32::consts::SQRT_2;

/// Outputs of a tile in each direction.
pub const TILE: usize = 4;
/// Inputs of a tile in each direction: `TILE + 3 - 1`.
pub const PATCH: usize = 6;
/// Products of a tile.
pub const FREQUENCIES: usize = PATCH * PATCH;
/// Channels that one vector holds.
pub const LANES: usize = 4;
/// Taps of a kernel.
pub const TAPS: usize = 9;

/// G g Gᵀ of four kernels, one in each lane.
#[inline(always)]
pub fn transform_kernels(kernels: [f32x4; TAPS]) -> [f32x4; FREQUENCIES] {
    let rows: [_; 3] = array::from_fn(|y| transform_taps(array::from_fn(|x| kernels[y * 3 + x])));
    let mut values = [f32x4::ZERO; FREQUENCIES];
    for x in 0..PATCH {
        let column = transform_taps(rows.map(|row: [f32x4; PATCH]| row[x]));
        for (y, value) in column.into_iter().enumerate() {
            values[y * PATCH + x] = value;
        }
    }
    values
}

/// G g for three taps: the polynomial's values at the points, over the product of the point's
/// distances to all others.
#[inline(always)]
fn transform_taps([g0, g1, g2]: [f32x4; 3]) -> [f32x4; PATCH] {
    // At ±point: (g0 + point² · g2 ± point · g1) / scale.
    let pair = |point: f32, square: f32, scale: f32| {
        let even = g0 * f32x4::splat(1.0 / scale) + g2 * f32x4::splat(square / scale);
        let odd = g1 * f32x4::splat(point / scale);
        (even + odd, even - odd)
    };
    let ((a, minus_a), (b, minus_b)) = (pair(A, 0.5, -1.5), pair(B, 2.0, 6.0));
    [g0, a, minus_a, b, minus_b, g2]
}

/// Bᵀ d for six inputs.
#[inline(always)]
fn transform_inputs([d0, d1, d2, d3, d4, d5]: [f32x4; PATCH]) -> [f32x4; PATCH] {
    let two_and_half = f32x4::splat(2.5);
    let (two, half) = (f32x4::splat(2.0), f32x4::splat(0.5));
    let even_a = d4 - two * d2;
    let odd_a = f32x4::splat(A) * (d3 - two * d1);
    let even_b = d4 - half * d2;
    let odd_b = f32x4::splat(B) * (d3 - half * d1);
    [
        d0 + d4 - two_and_half * d2,
        even_a + odd_a,
        even_a - odd_a,
        even_b + odd_b,
        even_b - odd_b,
        d1 + d5 - two_and_half * d3,
    ]
}

/// Aᵀ m for six products.
#[inline(always)]
fn transform_products([m0, m1, m2, m3, m4, m5]: [f32x4; PATCH]) -> [f32x4; TILE] {
    let (even_a, odd_a) = (m1 + m2, f32x4::splat(A) * (m1 - m2));
    let (even_b, odd_b) = (m3 + m4, f32x4::splat(B) * (m3 - m4));
    let (two, half) = (f32x4::splat(2.0), f32x4::splat(0.5));
    [
        m0 + even_a + even_b,
        odd_a + odd_b,
        half * even_a + two * even_b,
        half * odd_a + two * odd_b + m5,
    ]
}

/// Where the inputs of a patch start in the image, row by row.
pub struct Patch {
    starts: [usize; FREQUENCIES],
    /// A bit for each input that lies in the padding.
    padding: u64,
}

impl Patch {
    /// `start` tells where an input starts, `None` in the padding.
    pub fn new(start: impl Fn(usize) -> Option<usize>) -> Self {
        let mut patch = Self { starts: [0; FREQUENCIES], padding: 0 };
        for (at, to) in patch.starts.iter_mut().enumerate() {
            match start(at) {
                Some(start) => *to = start,
                None => patch.padding |= 1 << at,
            }
        }
        patch
    }

    /// BᵀdB of four channels of the patch, from `channel` on.
    #[inline(always)]
    pub fn transform(&self, x: &[f32], channel: usize) -> [f32x4; FREQUENCIES] {
        let load = |at: usize| {
            let values = x[self.starts[at] + channel..].first_chunk::<LANES>();
            f32x4::new(*values.expect("a patch lies inside of the image"))
        };
        // Most patches have no padding, and need not ask for it.
        if self.padding == 0 {
            transform_patch(load)
        } else {
            let padded = |at| self.padding >> at & 1 == 1;
            transform_patch(|at| if padded(at) { f32x4::ZERO } else { load(at) })
        }
    }
}

/// BᵀdB of a patch of vectors.
#[inline(always)]
fn transform_patch(input: impl Fn(usize) -> f32x4) -> [f32x4; FREQUENCIES] {
    let mut columns = [[f32x4::ZERO; PATCH]; PATCH];
    for (x_, column) in columns.iter_mut().enumerate() {
        *column = transform_inputs(array::from_fn(|y| input(y * PATCH + x_)));
    }
    let mut values = [f32x4::ZERO; FREQUENCIES];
    for (y, row) in values.as_chunks_mut::<PATCH>().0.iter_mut().enumerate() {
        *row = transform_inputs(array::from_fn(|x_| columns[x_][y]));
    }
    values
}

/// AᵀmA of eight channels of a tile, whose products lie `stride` apart.
#[inline(always)]
pub fn transform_tile(
    products: &[[f32; COLUMNS]],
    stride: usize,
) -> [[[f32; COLUMNS]; TILE]; TILE] {
    let mut outputs = [[[0.0; COLUMNS]; TILE]; TILE];
    let mut columns = [[(f32x4::ZERO, f32x4::ZERO); PATCH]; TILE];
    for x in 0..PATCH {
        let halves: [_; PATCH] =
            array::from_fn(|y| gemm::halves(&products[(y * PATCH + x) * stride]));
        let low = transform_products(halves.map(|(low, _)| low));
        let high = transform_products(halves.map(|(_, high)| high));
        for y in 0..TILE {
            columns[y][x] = (low[y], high[y]);
        }
    }
    for (line, row) in outputs.iter_mut().zip(columns) {
        let low = transform_products(row.map(|(low, _)| low));
        let high = transform_products(row.map(|(_, high)| high));
        for ((sums, low), high) in line.iter_mut().zip(low).zip(high) {
            *sums = gemm::join(low, high);
        }
    }
    outputs
}
