//! A network's weights with the batch norms folded into the convolutions, in plain memory.
//!
//! A folded network is several times as large as its file, and a packed one is larger still. So its layers are
//! folded one after another, and each is visited by the code that needs it ([`super::reference`]) and packed
//! ([`super::FusedResNet`]) before the next: no two layers are held in this form.

use crate::arch::{Architecture, BlockSpec, ConvSpec, LayerNames};
use crate::error::Result;

/// A source of a network's layers, each in any order and any number of times.
pub trait FoldedLayers {
    /// Returns the network's row in the table.
    fn architecture(&self) -> Architecture;

    /// Returns the convolution with these names and numbers.
    ///
    /// # Errors
    /// [`ModelError::Tensor`](crate::error::ModelError::Tensor) for values that are not finite, or do not stay so.
    fn conv(&self, names: &LayerNames, spec: &ConvSpec) -> Result<FoldedConv>;

    /// Returns the fully connected layer.
    ///
    /// # Errors
    /// As for [`conv`](Self::conv).
    fn linear(&self) -> Result<Linear>;
}

/// The place of a convolution in its network.
#[derive(Clone, Copy, Debug)]
pub enum Place<'a> {
    /// It is the first one.
    Stem,
    /// It is on the shortcut of the block that follows.
    Projection,
    /// It belongs to F(x) of a block, at this index.
    Residual(&'a BlockSpec, usize),
}

/// A convolution with bias, equal to a convolution and its batch norm.
pub struct FoldedConv {
    /// Channels, kernel, stride.
    pub spec: ConvSpec,
    /// `[O, I, K, K]`.
    pub weights: Vec<f32>,
    /// `[O]`.
    pub bias: Vec<f32>,
}

impl FoldedConv {
    /// Returns whether all its numbers are finite.
    pub fn is_finite(&self) -> bool {
        self.weights.chunks(PIECE).chain([&self.bias[..]]).all(all_finite)
    }
}

/// Values to check in one call: see [`crate::weights::values`].
const PIECE: usize = 4096;

/// Checks all values without an early exit, so that it is vectorised.
#[inline(never)]
fn all_finite(values: &[f32]) -> bool {
    values.iter().fold(true, |all, value| all & value.is_finite())
}

/// The fully connected layer.
pub struct Linear {
    /// `[classes, features]`.
    pub weights: Vec<f32>,
    /// `[classes]`.
    pub bias: Vec<f32>,
}

/// A batch norm in inference, `[O]` each: y = (x − mean) · γ / √(variance + ε) + β.
pub struct Norm {
    /// γ
    pub gamma: Vec<f32>,
    /// β
    pub beta: Vec<f32>,
    /// The running mean of training.
    pub mean: Vec<f32>,
    /// The running variance of training.
    pub variance: Vec<f32>,
    /// ε
    pub epsilon: f64,
}

impl Norm {
    /// Folds it into the convolution before it, whose `weights` are `[O, I, K, K]`, which gives a convolution with
    /// w·γ / √(variance + ε) and a bias: Jacob et al. 2017 (arXiv 1712.05877), section 3.2.
    pub fn fold(self, mut weights: Vec<f32>, spec: ConvSpec) -> FoldedConv {
        let mut bias = Vec::with_capacity(spec.out_channels);
        let per_channel = weights.len() / spec.out_channels;
        for (channel, weights) in weights.chunks_exact_mut(per_channel).enumerate() {
            let variance = self.variance[channel] as f64;
            let scale = self.gamma[channel] as f64 / (variance + self.epsilon).sqrt();
            bias.push((self.beta[channel] as f64 - self.mean[channel] as f64 * scale) as f32);
            multiply(weights, scale);
        }
        FoldedConv { spec, weights, bias }
    }
}

/// Multiplies in double precision.
#[inline(never)]
fn multiply(values: &mut [f32], by: f64) {
    for value in values {
        *value = (*value as f64 * by) as f32;
    }
}
