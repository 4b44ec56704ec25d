//! Sums over the elements of a block's two paths, in one pass over both.
//!
//! Summed by runs and within a run by lanes, so that no single sum has many terms (blocked summation: Higham
//! 1993, "The Accuracy of Floating Point Summation"). The runs are the same on any number of threads.

use super::parallel::for_each_chunk;
use crate::ops::path_sums::{
    NEGATIVES, OUTPUT_SQUARES, PATH_SUMS, PRODUCTS, RESIDUAL_SQUARES, SHORTCUT_SQUARES, SUM_SQUARES,
};

/// Elements of a run: 32 KiB of both paths, which fits a core's L1 cache.
const RUN: usize = 4096;

/// Independent sums of a run: a vector, since six sums of two do not fit the registers.
const LANES: usize = 4;

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
            *out = lanes.iter().sum();
        }
    });
}

/// Returns the sums of one run, lane by lane.
fn sums_of(shortcut: &[f32], residual: &[f32]) -> [[f32; LANES]; PATH_SUMS] {
    let mut sums = [[0.0; LANES]; PATH_SUMS];
    let (shortcut, shortcut_rest) = shortcut.as_chunks();
    let (residual, residual_rest) = residual.as_chunks();
    for (shortcut, residual) in shortcut.iter().zip(residual) {
        add(&mut sums, shortcut, residual);
    }
    // Zeros change no sum, and are not below 0.
    let padded = |rest: &[f32]| {
        let mut lanes = [0.0; LANES];
        lanes[..rest.len()].copy_from_slice(rest);
        lanes
    };
    add(&mut sums, &padded(shortcut_rest), &padded(residual_rest));
    sums
}

/// Adds one element of each path to every lane.
fn add(sums: &mut [[f32; LANES]; PATH_SUMS], shortcut: &[f32; LANES], residual: &[f32; LANES]) {
    for lane in 0..LANES {
        let (s, r) = (shortcut[lane], residual[lane]);
        let sum = s + r;
        let output = if sum > 0.0 { sum } else { 0.0 };
        sums[SHORTCUT_SQUARES][lane] += s * s;
        sums[RESIDUAL_SQUARES][lane] += r * r;
        sums[PRODUCTS][lane] += s * r;
        sums[SUM_SQUARES][lane] += sum * sum;
        sums[OUTPUT_SQUARES][lane] += output * output;
        sums[NEGATIVES][lane] += if sum < 0.0 { 1.0 } else { 0.0 };
    }
}
