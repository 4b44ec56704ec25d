//! Class activation maps: where in the last block the evidence for a class is, and on which path.
//!
//! Zhou et al. 2016, "Learning Deep Features for Discriminative Localization" (arXiv 1512.04150). Here it is
//! exact and not an explanation after the fact: after the last block there are only a mean and a linear layer.

use std::sync::Arc;

use burn::tensor::Tensor;

use super::tap::{Map, Paths};
use crate::ops::{self, CamClass};

/// The evidence for one class: its logit is the sum of `bias` and all cells of `total`.
#[derive(Clone, Debug)]
pub struct Cam {
    /// The class's index.
    pub class: usize,
    /// Its logit.
    pub logit: f32,
    /// Its bias in the fully connected layer.
    pub bias: f32,
    /// The contribution of each cell of the last block, the sum of the two maps below.
    pub total: Map,
    /// The part of the shortcut.
    pub shortcut: Map,
    /// The part of F(x).
    pub residual: Map,
}

/// The maps on their device.
pub struct ReducedCam {
    class: CamClass,
    /// Biases of all classes.
    bias: Arc<[f32]>,
    /// Height, width and channels of the last block.
    size: [usize; 3],
    /// `[3·H·W]`: of shortcut, residual and output.
    pub(super) maps: Tensor<1>,
}

impl ReducedCam {
    /// Maps the paths and the output of a network's last block, `[1, H, W, C]` each. `head` is `[1, C + O]`: embedding
    /// and logits; the weights of the fully connected layer are `[O, C]`, its biases `[O]`.
    pub fn new(
        paths: Paths,
        output: Tensor<4>,
        head: Tensor<2>,
        weights: Tensor<2>,
        bias: Arc<[f32]>,
        class: CamClass,
    ) -> Self {
        let Paths { shortcut, residual, .. } = paths;
        let [_, height, width, channels] = output.dims();
        let maps = ops::cam([shortcut, residual, output], head, weights, class);
        Self { class, bias, size: [height, width, channels], maps }
    }

    /// Returns the evidence from the values of [`maps`](Self::maps), for an image with these `logits`.
    pub(super) fn cam(&self, values: &[f32], logits: &[f32]) -> Cam {
        let class = self.class.index(logits);
        let [height, width, channels] = self.size;
        let mut maps = values.chunks_exact(height * width).map(|map| {
            let data = map.to_vec();
            Map::new(data, [height, width], channels)
        });
        let mut next = || maps.next().expect("values of three maps");
        let [shortcut, residual, total] = [next(), next(), next()];
        Cam { class, logit: logits[class], bias: self.bias[class], total, shortcut, residual }
    }
}
