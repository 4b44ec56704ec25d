//! The network that inference runs: [`FoldedResNet`] packed for a backend's fused operations.

use burn::tensor::{Device, Tensor};

use super::folded::{FoldedBlock, FoldedConv, FoldedResNet};
use super::forward::{Forward, ReducedTap};
use super::plan::{Path, Plan};
use super::tap::BlockParts;
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

    /// The same numbers, every part of them. A path that is left out, or that a plain network does not
    /// have, is 0.
    fn forward_parts(&self, x: Tensor<4>, left_out: Option<Path>) -> BlockParts {
        let shortcut = match left_out {
            Some(Path::Shortcut) => None,
            Some(Path::Residual) | None => self.shortcut(x.clone()),
        };
        let residual = (left_out != Some(Path::Residual)).then(|| self.residual(x.clone()));
        let (shortcut, residual, sum) = match (shortcut, residual) {
            (Some(shortcut), Some(residual)) => {
                let sum = ops::add(residual.clone(), shortcut.clone());
                (shortcut, residual, sum)
            }
            (Some(shortcut), None) => {
                (shortcut.clone(), ops::zeros_like(shortcut.clone()), shortcut)
            }
            (None, Some(residual)) => {
                (ops::zeros_like(residual.clone()), residual.clone(), residual)
            }
            (None, None) => {
                let zeros = ops::zeros_like(self.residual(x.clone()));
                (zeros.clone(), zeros.clone(), zeros)
            }
        };
        let output = ops::relu(sum.clone());
        BlockParts { input: x, shortcut, residual, sum, output }
    }

    /// F(x).
    fn residual(&self, x: Tensor<4>) -> Tensor<4> {
        let (last, hidden) = self.hidden(x);
        last.forward(hidden, false)
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
    pub fn forward(&self, images: Tensor<4>, plan: &Plan) -> Forward {
        let x = self.stem(images);
        let (taps, x) = self.blocks(0, x, plan);
        Forward { taps, head: self.head(x), features: self.architecture.features() }
    }

    /// Runs the first convolution and the max-pool: `[N, H, W, 3]` → `[N, H / 4, W / 4, C]` in
    /// torchvision's networks.
    pub fn stem(&self, images: Tensor<4>) -> Tensor<4> {
        ops::max_pool(self.stem.forward(images, true))
    }

    /// Runs the blocks from the one with index `from` on, whose input is `x`. Returns the maps that were
    /// asked for and the last block's output.
    pub fn blocks(&self, from: usize, x: Tensor<4>, plan: &Plan) -> (Vec<ReducedTap>, Tensor<4>) {
        let mut taps = Vec::new();
        let run = |x, (index, block): (usize, &FusedBlock)| {
            let (tapped, left_out) = (plan.taps.contains(&index), plan.left_out_of(index));
            if !tapped && left_out.is_none() {
                return block.forward(x);
            }
            let parts = block.forward_parts(x, left_out);
            if tapped {
                taps.push(ReducedTap::new(index, &parts, plan.reduction));
            }
            parts.output
        };
        let x = self.blocks.iter().enumerate().skip(from).fold(x, run);
        (taps, x)
    }

    /// Runs the mean over all pixels and the fully connected layer: `[N, H, W, features]` →
    /// `[N, features + classes]`.
    pub fn head(&self, x: Tensor<4>) -> Tensor<2> {
        ops::head(x, self.fc_weights.clone(), self.fc_bias.clone())
    }
}
