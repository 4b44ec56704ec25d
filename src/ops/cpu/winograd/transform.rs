//! Winograd's transforms of kernels, inputs and products: in one dimension for each kind of tile, in two for all.

use std::array;

use wide::f32x4;

use crate::ops::cpu::gemm::{self, COLUMNS};

/// Channels that one vector holds.
pub const LANES: usize = 4;
/// Weights of a 3×3 kernel.
pub const TAPS: usize = 9;

/// The transforms of F(`TILE`, 3), which takes `PATCH` = `TILE + 3 - 1` inputs, in one dimension.
pub trait Transform<const TILE: usize, const PATCH: usize>: Sync {
    /// Returns G g for three weights: the polynomial's values at the points, over the product of the point's
    /// distances to all others.
    fn taps(taps: [f32x4; 3]) -> [f32x4; PATCH];

    /// Returns Bᵀ d.
    fn inputs(inputs: [f32x4; PATCH]) -> [f32x4; PATCH];

    /// Returns Aᵀ m.
    fn products(products: [f32x4; PATCH]) -> [f32x4; TILE];
}

/// F(2, 3) with the points 0, ±1, ∞.
pub struct F2;

impl Transform<2, 4> for F2 {
    #[inline(always)]
    fn taps([g0, g1, g2]: [f32x4; 3]) -> [f32x4; 4] {
        let half = f32x4::splat(0.5);
        let (even, odd) = (half * (g0 + g2), half * g1);
        [g0, even + odd, even - odd, g2]
    }

    #[inline(always)]
    fn inputs([d0, d1, d2, d3]: [f32x4; 4]) -> [f32x4; 4] {
        [d0 - d2, d2 + d1, d2 - d1, d3 - d1]
    }

    #[inline(always)]
    fn products([m0, m1, m2, m3]: [f32x4; 4]) -> [f32x4; 2] {
        [m0 + m1 + m2, m1 - m2 + m3]
    }
}

/// √½ and √2, interpolation points.
const A: f32 = std::f32::consts::FRAC_1_SQRT_2;
const B: f32 = std::f32::consts::SQRT_2;

/// F(4, 3) with the points 0, ±√½, ±√2, ∞, which halve the rounding error of the integer points (Alam et al. 2022,
/// arXiv 2201.10369). They come in pairs ±p, so that each transform is an even part ± an odd one.
pub struct F4;

impl Transform<4, 6> for F4 {
    #[inline(always)]
    fn taps([g0, g1, g2]: [f32x4; 3]) -> [f32x4; 6] {
        // At ±point: (g0 + point² · g2 ± point · g1) / scale.
        let pair = |point: f32, square: f32, scale: f32| {
            let even = g0 * f32x4::splat(1.0 / scale) + g2 * f32x4::splat(square / scale);
            let odd = g1 * f32x4::splat(point / scale);
            (even + odd, even - odd)
        };
        let ((a, minus_a), (b, minus_b)) = (pair(A, 0.5, -1.5), pair(B, 2.0, 6.0));
        [g0, a, minus_a, b, minus_b, g2]
    }

    #[inline(always)]
    fn inputs([d0, d1, d2, d3, d4, d5]: [f32x4; 6]) -> [f32x4; 6] {
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

    #[inline(always)]
    fn products([m0, m1, m2, m3, m4, m5]: [f32x4; 6]) -> [f32x4; 4] {
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
}

/// A value for each frequency of a tile.
pub type Frequencies<T, const PATCH: usize> = [[T; PATCH]; PATCH];

/// Returns G g Gᵀ of four kernels, one in each lane.
#[inline(always)]
pub fn transform_kernels<F: Transform<TILE, PATCH>, const TILE: usize, const PATCH: usize>(
    kernels: [f32x4; TAPS],
) -> Frequencies<f32x4, PATCH> {
    let rows: [_; 3] = array::from_fn(|y| F::taps(array::from_fn(|x| kernels[y * 3 + x])));
    let mut values = [[f32x4::ZERO; PATCH]; PATCH];
    for x in 0..PATCH {
        let column = F::taps(rows.map(|row: [f32x4; PATCH]| row[x]));
        for (row, value) in values.iter_mut().zip(column) {
            row[x] = value;
        }
    }
    values
}

/// The start of a patch's inputs in the image, row by row.
pub struct Patch<const PATCH: usize> {
    starts: Frequencies<usize, PATCH>,
    /// A bit for each input that lies in the padding.
    padding: u64,
}

impl<const PATCH: usize> Patch<PATCH> {
    /// Locates a patch; `start` returns where the input of a row and column starts, `None` in the padding.
    pub fn new(start: impl Fn(usize, usize) -> Option<usize>) -> Self {
        let mut patch = Self { starts: [[0; PATCH]; PATCH], padding: 0 };
        for (y, row) in patch.starts.iter_mut().enumerate() {
            for (x, to) in row.iter_mut().enumerate() {
                match start(y, x) {
                    Some(start) => *to = start,
                    None => patch.padding |= 1 << (y * PATCH + x),
                }
            }
        }
        patch
    }

    /// Returns BᵀdB of four channels of the patch, from `channel` on.
    #[inline(always)]
    pub fn transform<F: Transform<TILE, PATCH>, const TILE: usize>(
        &self,
        x: &[f32],
        channel: usize,
    ) -> Frequencies<f32x4, PATCH> {
        let load = |row: usize, column: usize| {
            let values = x[self.starts[row][column] + channel..].first_chunk::<LANES>();
            f32x4::new(*values.expect("a patch lies inside of the image"))
        };
        // Most patches have no padding, so the check is skipped.
        if self.padding == 0 {
            transform_patch::<F, TILE, PATCH>(load)
        } else {
            let padded = |row, column| self.padding >> (row * PATCH + column) & 1 == 1;
            transform_patch::<F, TILE, PATCH>(|row, column| {
                if padded(row, column) { f32x4::ZERO } else { load(row, column) }
            })
        }
    }
}

/// Returns BᵀdB of a patch of vectors.
#[inline(always)]
fn transform_patch<F: Transform<TILE, PATCH>, const TILE: usize, const PATCH: usize>(
    input: impl Fn(usize, usize) -> f32x4,
) -> Frequencies<f32x4, PATCH> {
    let mut columns = [[f32x4::ZERO; PATCH]; PATCH];
    for (x, column) in columns.iter_mut().enumerate() {
        *column = F::inputs(array::from_fn(|y| input(y, x)));
    }
    let mut values = [[f32x4::ZERO; PATCH]; PATCH];
    for (y, row) in values.iter_mut().enumerate() {
        *row = F::inputs(array::from_fn(|x| columns[x][y]));
    }
    values
}

/// Returns AᵀmA of eight channels of a tile, whose products lie `stride` apart.
#[inline(always)]
pub fn transform_tile<F: Transform<TILE, PATCH>, const TILE: usize, const PATCH: usize>(
    products: &[[f32; COLUMNS]],
    stride: usize,
) -> [[[f32; COLUMNS]; TILE]; TILE] {
    let mut outputs = [[[0.0; COLUMNS]; TILE]; TILE];
    let mut columns = [[(f32x4::ZERO, f32x4::ZERO); PATCH]; TILE];
    for x in 0..PATCH {
        let halves: [_; PATCH] =
            array::from_fn(|y| gemm::halves(&products[(y * PATCH + x) * stride]));
        let low = F::products(halves.map(|(low, _)| low));
        let high = F::products(halves.map(|(_, high)| high));
        for y in 0..TILE {
            columns[y][x] = (low[y], high[y]);
        }
    }
    for (line, row) in outputs.iter_mut().zip(columns) {
        let low = F::products(row.map(|(low, _)| low));
        let high = F::products(row.map(|(_, high)| high));
        for ((sums, low), high) in line.iter_mut().zip(low).zip(high) {
            *sums = gemm::join(low, high);
        }
    }
    outputs
}
