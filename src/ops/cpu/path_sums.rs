//! Sums over the elements of a block's two paths, in one pass over both.
//!
//! Summed by runs and within a run by lanes, so that no single sum has many terms (blocked summation: Higham
//! 1993, "The Accuracy of Floating Point Summation"). The runs are the same on any number of threads.

use wide::f32x4;

use super::parallel::for_each_chunk;
use super::rest::padded;
use crate::ops::path_sums::{
    NEGATIVES, OUTPUT_SQUARES, PATH_SUMS, PRODUCTS, RESIDUAL_SQUARES, SHORTCUT_SQUARES, SUM_SQUARES,
};

/// Elements of a run: 32 KiB of both paths, which fits a core's L1 cache.
const RUN: usize = 4096;

/// Returns the number of runs for a number of elements.
pub fn runs(elements: usize) -> usize {
    elements.div_ceil(RUN)
}

/// Writes the sums of each run of `shortcut` and `residual` to `out`, `[runs, PATH_SUMS]`.
pub fn path_sums(shortcut: &[f32], residual: &[f32], out: &mut [f32]) {
    for_each_chunk(out, PATH_SUMS, |run, out| {
        let elements = run * RUN..shortcut.len().min((run + 1) * RUN);
        let sums = sums_of(&shortcut[elements.clone()], &residual[elements]);
        for (out, lanes) in out.iter_mut().zip(sums) {
            *out = lanes.to_array().iter().sum();
        }
    });
}

/// Returns the sums of one run, lane by lane.
fn sums_of(shortcut: &[f32], residual: &[f32]) -> [f32x4; PATH_SUMS] {
    let mut sums = [f32x4::ZERO; PATH_SUMS];
    let (shortcut, shortcut_rest) = shortcut.as_chunks();
    let (residual, residual_rest) = residual.as_chunks();
    for (shortcut, residual) in shortcut.iter().zip(residual) {
        add(&mut sums, f32x4::new(*shortcut), f32x4::new(*residual));
    }
    if !shortcut_rest.is_empty() {
        // Zeros change no sum, and are not below 0.
        add(&mut sums, padded(shortcut_rest), padded(residual_rest));
    }
    sums
}

/// Adds an element of each path to every lane.
#[inline(always)]
fn add(sums: &mut [f32x4; PATH_SUMS], shortcut: f32x4, residual: f32x4) {
    let sum = shortcut + residual;
    let output = sum & sum.simd_gt(f32x4::ZERO);
    sums[SHORTCUT_SQUARES] += shortcut * shortcut;
    sums[RESIDUAL_SQUARES] += residual * residual;
    sums[PRODUCTS] += shortcut * residual;
    sums[SUM_SQUARES] += sum * sum;
    sums[OUTPUT_SQUARES] += output * output;
    sums[NEGATIVES] += f32x4::ONE & sum.simd_lt(f32x4::ZERO);
}
