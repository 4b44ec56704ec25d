//! Grad-CAM: where in a block's output the evidence for a class is.
//!
//! Selvaraju et al. 2017, "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based
//! Localization" (arXiv 1610.02391), equations 1 and 2. At the last block, and of a logit, it is the exact
//! class activation map with negative cells at 0: after that block there are only a mean and a linear
//! layer, whose gradient is the same in every cell.

use burn::tensor::Tensor;
use burn::tensor::activation::relu;

use super::numbers;
use crate::model::Map;

/// Returns ReLU(Σ over the channels of (mean over the cells of the gradient) × activation): `[1, C, H, W]`
/// twice → `[H, W]`.
pub fn map(gradient: Tensor<4>, activation: Tensor<4>) -> Map {
    let [_, channels, height, width] = activation.dims();
    let importance = gradient.mean_dims(&[2, 3]);
    let cells = relu((activation * importance).sum_dim(1));
    Map::new(numbers(cells), [height, width], channels)
}
