//! Statistics of a block: how much each path contributes to the sum.

use burn::tensor::Tensor;

use super::tap::Paths;
use crate::ops::path_sums::{
    NEGATIVES, OUTPUT_SQUARES, PRODUCTS, RESIDUAL_SQUARES, SHORTCUT_SQUARES, SUM_SQUARES,
};
use crate::ops::{self, PATH_SUMS};

/// The statistics of one block, over all C×H×W elements of its parts.
#[derive(Clone, Debug, PartialEq)]
pub struct BlockStats {
    /// The block's index.
    pub block: usize,
    /// Root mean square of the shortcut; 0 where it is left out.
    pub shortcut: f32,
    /// Root mean square of F(x); 0 where it is left out.
    pub residual: f32,
    /// Root mean square of their sum.
    pub sum: f32,
    /// Root mean square of the block's output.
    pub output: f32,
    /// ‖F(x)‖ / ‖shortcut‖; `None` where a path is left out, or where the shortcut is 0.
    pub ratio: Option<f32>,
    /// The cosine between shortcut and F(x), both as vectors; `None` where a path is left out or 0.
    pub cosine: Option<f32>,
    /// The share of the sum's elements below 0, which ReLU sets to 0.
    pub clipped: f32,
}

/// The sums from which a block's statistics are computed, on their device.
pub struct ReducedStats {
    block: usize,
    /// Whether the block has both paths.
    complete: bool,
    /// Elements of each part.
    elements: usize,
    /// `[runs · PATH_SUMS]`.
    pub(super) sums: Tensor<1>,
}

impl ReducedStats {
    /// Measures the paths of a block, `[1, H, W, C]` each.
    pub fn new(block: usize, paths: &Paths) -> Self {
        let Paths { shortcut, residual, only } = paths;
        Self {
            block,
            complete: only.is_none(),
            elements: shortcut.dims().iter().product(),
            sums: ops::path_sums(shortcut.clone(), residual.clone()),
        }
    }

    /// Computes the statistics from the values of [`sums`](Self::sums).
    pub(super) fn stats(&self, values: &[f32]) -> BlockStats {
        let mut sums = [0.0f64; PATH_SUMS];
        for run in values.as_chunks::<PATH_SUMS>().0 {
            for (sum, value) in sums.iter_mut().zip(run) {
                *sum += f64::from(*value);
            }
        }
        let elements = self.elements as f64;
        let rms = |squares: usize| (sums[squares] / elements).sqrt() as f32;
        let [shortcut, residual] = [sums[SHORTCUT_SQUARES], sums[RESIDUAL_SQUARES]].map(f64::sqrt);
        let ratio = (self.complete && shortcut > 0.0).then(|| (residual / shortcut) as f32);
        let both = self.complete && shortcut > 0.0 && residual > 0.0;
        let cosine = both.then(|| (sums[PRODUCTS] / (shortcut * residual)).clamp(-1.0, 1.0) as f32);
        BlockStats {
            block: self.block,
            shortcut: rms(SHORTCUT_SQUARES),
            residual: rms(RESIDUAL_SQUARES),
            sum: rms(SUM_SQUARES),
            output: rms(OUTPUT_SQUARES),
            ratio,
            cosine,
            clipped: (sums[NEGATIVES] / elements) as f32,
        }
    }
}

impl BlockStats {
    /// Returns the numbers that change little if the activations change little, in the order of the fields and with 0
    /// for missing ones: all except the clipped share.
    pub fn continuous(&self) -> [f32; 6] {
        let [ratio, cosine] = [self.ratio, self.cosine].map(Option::unwrap_or_default);
        [self.shortcut, self.residual, self.sum, self.output, ratio, cosine]
    }
}
