//! A network's weights with the batch norms folded into the convolutions, in plain memory.
//!
//! From here an engine packs its own layout ([`super::FusedResNet`]), and the scalar reference
//! runs as it is.

use crate::arch::{Architecture, ConvSpec, Shortcut};
use crate::ops::conv::{Conv, Epilogue};
use crate::ops::reference;

/// A convolution with bias, equal to a convolution and its batch norm.
pub struct FoldedConv {
    /// Channels, kernel, stride.
    pub spec: ConvSpec,
    /// `[O, I, K, K]`.
    pub weights: Vec<f32>,
    /// `[O]`.
    pub bias: Vec<f32>,
}

/// A residual block.
pub struct FoldedBlock {
    /// torchvision's name, such as `layer1.0`.
    pub name: String,
    /// The convolutions of F(x).
    pub convs: Vec<FoldedConv>,
    /// The convolution of the shortcut, if it is no identity.
    pub projection: Option<FoldedConv>,
    /// Whether it has a shortcut.
    pub shortcut: Shortcut,
}

/// All of a network's weights.
pub struct FoldedResNet {
    /// The row of the table that this is.
    pub architecture: Architecture,
    /// The first convolution.
    pub stem: FoldedConv,
    /// The residual blocks in order.
    pub blocks: Vec<FoldedBlock>,
    /// `[classes, features]`.
    pub fc_weights: Vec<f32>,
    /// `[classes]`.
    pub fc_bias: Vec<f32>,
}

impl FoldedResNet {
    /// Logits `[N, classes]` of images `[N, H, W, 3]` by the scalar reference.
    pub fn reference_logits(&self, images: &[f32], [n, h, w]: [usize; 3]) -> Vec<f32> {
        let stem = self.stem.reference(Activation { values: images.to_vec(), n, h, w }, None, true);
        let mut x = Activation {
            values: reference::max_pool(
                &stem.values,
                [stem.n, stem.h, stem.w, self.stem.spec.output],
            ),
            n,
            h: stem.h.div_ceil(2),
            w: stem.w.div_ceil(2),
        };
        for block in &self.blocks {
            let (last, first) = block.convs.split_last().expect("a block has convolutions");
            let shortcut = match (block.shortcut, &block.projection) {
                (Shortcut::Plain, _) => None,
                (Shortcut::Residual, None) => Some(x.values.clone()),
                (Shortcut::Residual, Some(conv)) => {
                    Some(conv.reference(x.clone(), None, false).values)
                }
            };
            let hidden = first.iter().fold(x, |x, conv| conv.reference(x, None, true));
            x = last.reference(hidden, shortcut.as_deref(), true);
        }
        let features = self.architecture.features();
        let pooled = reference::mean_pool(&x.values, [x.n, x.h, x.w, features]);
        reference::linear(&pooled, &self.fc_weights, &self.fc_bias, features)
    }
}

impl FoldedConv {
    /// Whether all its numbers are. Without an early exit, so that it is vectorised.
    pub fn is_finite(&self) -> bool {
        let values = self.weights.iter().chain(&self.bias);
        values.fold(true, |all, value| all & value.is_finite())
    }

    /// ReLU(convolution) of images `[N, H, W, I]` by the scalar reference: `[N, H', W', O]`.
    pub fn reference_relu(&self, images: Vec<f32>, [n, h, w]: [usize; 3]) -> Vec<f32> {
        self.reference(Activation { values: images, n, h, w }, None, true).values
    }

    fn reference(&self, x: Activation, shortcut: Option<&[f32]>, relu: bool) -> Activation {
        let ConvSpec { input, output, kernel, .. } = self.spec;
        let shape = Conv::direct(&self.spec).shape([x.n, x.h, x.w]);
        let mut values = vec![0.0; shape.out_pixels() * output];
        let weights = reference::pack_weights(&self.weights, [output, input, kernel, kernel]);
        let epilogue = Epilogue { bias: &self.bias, shortcut, relu };
        reference::conv(&x.values, &weights, &shape, epilogue, &mut values);
        Activation { values, n: x.n, h: shape.out_h, w: shape.out_w }
    }
}

/// A batch norm in inference, `[O]` each: y = (x − mean) · γ / √(variance + ε) + β.
pub struct Norm {
    /// γ
    pub gamma: Vec<f32>,
    /// β
    pub beta: Vec<f32>,
    /// Of what the layer saw in training.
    pub mean: Vec<f32>,
    /// Likewise.
    pub variance: Vec<f32>,
    /// ε
    pub epsilon: f64,
}

impl Norm {
    /// With a convolution before it, whose `weights` are `[O, I, K, K]`, it is a convolution with
    /// w·γ / √(variance + ε) and a bias: Jacob et al. 2017 (arXiv 1712.05877), section 3.2.
    pub fn fold(self, mut weights: Vec<f32>, spec: ConvSpec) -> FoldedConv {
        let mut bias = Vec::with_capacity(spec.output);
        let per_channel = weights.len() / spec.output;
        for (channel, weights) in weights.chunks_exact_mut(per_channel).enumerate() {
            let variance = self.variance[channel] as f64;
            let scale = self.gamma[channel] as f64 / (variance + self.epsilon).sqrt();
            bias.push((self.beta[channel] as f64 - self.mean[channel] as f64 * scale) as f32);
            for weight in weights {
                *weight = (*weight as f64 * scale) as f32;
            }
        }
        FoldedConv { spec, weights, bias }
    }
}

/// `[N, H, W, C]` of the scalar reference.
#[derive(Clone)]
struct Activation {
    values: Vec<f32>,
    n: usize,
    h: usize,
    w: usize,
}
