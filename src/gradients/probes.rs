//! Probes, which read gradients in the middle of a network.
//!
//! Autodiff only keeps the gradients of leaves. So a leaf is inserted wherever a gradient is read: a *probe*, a
//! tensor of zeros that is added. The sum does not change, and its gradient is the probe's. A probe in
//! front of each path of a block separates the gradients of the two.

use burn::tensor::activation::relu;
use burn::tensor::{Gradients, Tensor};

use crate::model::{Path, ResNet, ResidualBlock};

/// A forward pass with probes at every block.
pub struct Probed {
    /// `[1, classes]`.
    pub logits: Tensor<2>,
    /// The probes of each block.
    pub blocks: Vec<BlockProbes>,
}

/// The probes of one block, and its output. All `[1, C, H, W]`.
pub struct BlockProbes {
    /// At the input, on the shortcut; unused where the path is left out.
    shortcut: Tensor<4>,
    /// At the input, on the path through F(x).
    residual: Tensor<4>,
    /// After the addition.
    sum: Tensor<4>,
    /// After the last ReLU.
    output: Tensor<4>,
    /// The block's output.
    pub activation: Tensor<4>,
}

/// Gradients at one block, `[1, C, H, W]` each.
pub struct Ways {
    /// With respect to the block's output.
    pub output: Tensor<4>,
    /// With respect to shortcut + F(x).
    pub sum: Tensor<4>,
    /// With respect to the block's input, the part over the shortcut.
    pub via_shortcut: Tensor<4>,
    /// With respect to the block's input, the part through F(x).
    pub via_residual: Tensor<4>,
}

impl Probed {
    /// Runs a network on an image `[1, 3, H, W]`, without the paths that are `left_out`.
    pub fn forward(network: &ResNet, image: Tensor<4>, left_out: &[(usize, Path)]) -> Self {
        let mut x = network.entry(image);
        let mut blocks = Vec::with_capacity(network.blocks.len());
        for (index, block) in network.blocks.iter().enumerate() {
            let without = left_out.iter().find(|(block, _)| *block == index).map(|(_, path)| *path);
            let probes = BlockProbes::forward(block, x, without);
            x = probes.activation.clone();
            blocks.push(probes);
        }
        Self { logits: network.head(x), blocks }
    }
}

impl BlockProbes {
    /// Runs a block on `x`, on request without one of its paths.
    fn forward(block: &ResidualBlock, x: Tensor<4>, without: Option<Path>) -> Self {
        let [on_shortcut, shortcut] = probed(x.clone());
        let [through_residual, residual] = probed(x);
        let over_shortcut = match without {
            Some(Path::Shortcut) => None,
            _ => block.shortcut(on_shortcut),
        };
        let added = match (over_shortcut, without) {
            (Some(over_shortcut), Some(Path::Residual)) => over_shortcut,
            (Some(over_shortcut), _) => over_shortcut + block.residual(through_residual),
            // A plain network only has F(x); without it nothing passes.
            (None, Some(Path::Residual)) => block.residual(through_residual).mul_scalar(0.0),
            (None, _) => block.residual(through_residual),
        };
        let [added, sum] = probed(added);
        let [activation, output] = probed(relu(added));
        Self { shortcut, residual, sum, output, activation }
    }

    /// Takes the gradients at this block out of `gradients`. A probe that no gradient reaches has 0.
    pub fn take(self, gradients: &mut Gradients) -> Ways {
        let mut take = |probe: Tensor<4>| {
            probe.grad_remove(gradients).unwrap_or_else(|| probe.inner().zeros_like())
        };
        Ways {
            output: take(self.output),
            sum: take(self.sum),
            via_shortcut: take(self.shortcut),
            via_residual: take(self.residual),
        }
    }
}

/// Returns `x` plus a probe, and the probe.
fn probed(x: Tensor<4>) -> [Tensor<4>; 2] {
    let probe = Tensor::zeros(x.dims(), &x.device()).require_grad();
    [x + probe.clone(), probe]
}
