//! The network that inference runs: [`FoldedResNet`] packed for a backend's fused operations.

use burn::tensor::{Device, Tensor};

use super::folded::{FoldedBlock, FoldedConv, FoldedResNet};
use super::forward::{Forward, ReducedTap};
use super::tap::{BlockParts, TapPlan};
use crate::arch::{Architecture, Shortcut};
use crate::ops::{self, Conv, tensor};

/// A convolution with its packed weights.
#[derive(Debug)]
pub struct FusedConv {
    conv: Conv,
    weights: Tensor<1>,
    bias: Tensor<1>,
}

impl FusedConv {
    /// Packs the weights for the fused operations of `device`.
    pub fn new(folded: FoldedConv, device: &Device) -> Self {
        let conv = Conv::fastest(&folded.spec);
        let shape = [conv.output, conv.input, conv.kernel, conv.kernel];
        Self {
            conv,
            weights: ops::pack_weights(tensor(folded.weights, shape, device), conv),
            bias: tensor(folded.bias, [conv.output], device),
        }
    }

    /// The convolution of `x`, `[N, H, W, I]`, then ReLU if asked for: `[N, H', W', O]`.
    pub fn forward(&self, x: Tensor<4>, relu: bool) -> Tensor<4> {
        ops::conv(x, self.weights.clone(), self.bias.clone(), self.conv, relu)
    }

    /// ReLU(convolution + shortcut).
    fn forward_add_relu(&self, x: Tensor<4>, shortcut: Tensor<4>) -> Tensor<4> {
        ops::conv_add_relu(x, self.weights.clone(), self.bias.clone(), shortcut, self.conv)
    }
}

/// A residual block. Activations are `[N, H, W, C]`.
#[derive(Debug)]
struct FusedBlock {
    convs: Vec<FusedConv>,
    projection: Option<FusedConv>,
    shortcut: Shortcut,
}

impl FusedBlock {
    fn new(folded: FoldedBlock, device: &Device) -> Self {
        let fuse = |conv| FusedConv::new(conv, device);
        Self {
            convs: folded.convs.into_iter().map(fuse).collect(),
            projection: folded.projection.map(fuse),
            shortcut: folded.shortcut,
        }
    }

    /// The output alone: the addition and the last ReLU are part of the last convolution.
    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let (last, hidden) = self.hidden(x.clone());
        match self.shortcut(x) {
            Some(shortcut) => last.forward_add_relu(hidden, shortcut),
            None => last.forward(hidden, true),
        }
    }

    /// The same numbers, every part of them.
    fn forward_parts(&self, x: Tensor<4>) -> BlockParts {
        let (last, hidden) = self.hidden(x.clone());
        let shortcut = self.shortcut(x.clone());
        let residual = last.forward(hidden, false);
        let (shortcut, sum) = match shortcut {
            Some(shortcut) => (shortcut.clone(), ops::add(residual.clone(), shortcut)),
            None => (ops::zeros_like(residual.clone()), residual.clone()),
        };
        let output = ops::relu(sum.clone());
        BlockParts { input: x, shortcut, residual, sum, output }
    }

    /// Every part with F(x) left out: only the shortcut remains, and nothing in a plain network.
    fn forward_ablated(&self, x: Tensor<4>) -> BlockParts {
        let shortcut = self.shortcut(x.clone()).unwrap_or_else(|| {
            let (last, hidden) = self.hidden(x.clone());
            ops::zeros_like(last.forward(hidden, false))
        });
        BlockParts {
            input: x,
            residual: ops::zeros_like(shortcut.clone()),
            sum: shortcut.clone(),
            output: ops::relu(shortcut.clone()),
            shortcut,
        }
    }

    /// x or its projection; nothing in a plain network.
    fn shortcut(&self, x: Tensor<4>) -> Option<Tensor<4>> {
        match (self.shortcut, &self.projection) {
            (Shortcut::Plain, _) => None,
            (Shortcut::Residual, None) => Some(x),
            (Shortcut::Residual, Some(projection)) => Some(projection.forward(x, false)),
        }
    }

    /// F's last convolution and what enters it.
    fn hidden(&self, x: Tensor<4>) -> (&FusedConv, Tensor<4>) {
        let (last, first) = self.convs.split_last().expect("a block has convolutions");
        (last, first.iter().fold(x, |x, conv| conv.forward(x, true)))
    }
}

/// A ResNet for inference.
#[derive(Debug)]
pub struct FusedResNet {
    /// The row of the table that this is.
    pub architecture: Architecture,
    stem: FusedConv,
    blocks: Vec<FusedBlock>,
    fc_weights: Tensor<2>,
    fc_bias: Tensor<1>,
    device: Device,
}

impl FusedResNet {
    /// Packs the weights for the fused operations of `device`, layer by layer: no layer is held
    /// twice for longer than its packing takes.
    pub fn new(folded: FoldedResNet, device: &Device) -> Self {
        let block = |block| FusedBlock::new(block, device);
        let (classes, features) = (folded.fc_bias.len(), folded.architecture.features());
        Self {
            architecture: folded.architecture,
            stem: FusedConv::new(folded.stem, device),
            blocks: folded.blocks.into_iter().map(block).collect(),
            fc_weights: tensor(folded.fc_weights, [classes, features], device),
            fc_bias: tensor(folded.fc_bias, [classes], device),
            device: device.clone(),
        }
    }

    /// Residual blocks.
    pub fn blocks(&self) -> usize {
        self.blocks.len()
    }

    /// Brings normalised images, `[N, H, W, 3]`, to the device.
    pub fn input(&self, images: Vec<f32>, [n, h, w]: [usize; 3]) -> Tensor<4> {
        tensor(images, [n, h, w, 3], &self.device)
    }

    /// A place on the device for images `[N, H, W, 3]`.
    #[cfg(feature = "webgpu")]
    pub fn empty_input(&self, [n, h, w]: [usize; 3]) -> Tensor<4> {
        self.input(vec![0.0; n * h * w * 3], [n, h, w])
    }

    /// Runs images from [`input`](Self::input); taps need N = 1.
    pub fn forward(&self, images: Tensor<4>, plan: &TapPlan) -> Forward {
        let mut x = ops::max_pool(self.stem.forward(images, true));
        let mut taps = Vec::new();
        for (index, block) in self.blocks.iter().enumerate() {
            let tapped = plan.blocks.contains(&index);
            let ablated = plan.ablated.contains(&index);
            if !tapped && !ablated {
                x = block.forward(x);
                continue;
            }
            let parts = if ablated { block.forward_ablated(x) } else { block.forward_parts(x) };
            if tapped {
                taps.push(ReducedTap::new(index, &parts, plan.reduction));
            }
            x = parts.output;
        }
        let head = ops::head(x, self.fc_weights.clone(), self.fc_bias.clone());
        Forward { taps, head, features: self.architecture.features() }
    }
}
