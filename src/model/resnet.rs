//! ResNet as an ordinary Burn module.

use burn::module::Module;
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::nn::{Linear, LinearConfig, PaddingConfig2d};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};

use super::block::{ConvNorm, ResidualBlock};
use super::tap::BlockParts;
use crate::arch::Architecture;

/// Stem, residual blocks, mean over the pixels, fully connected layer.
///
/// He et al. 2015 (arXiv 1512.03385) in torchvision's layout; `[N, 3, H, W]` → `[N, classes]`.
#[derive(Module, Debug)]
pub struct ResNet {
    /// The first convolution: 7×7 with stride 2 in torchvision's networks.
    pub stem: ConvNorm,
    /// 3×3, stride 2.
    pub max_pool: MaxPool2d,
    /// `layer1.0` to `layer4.n`.
    pub blocks: Vec<ResidualBlock>,
    /// From the pooled features to logits.
    pub fc: Linear,
}

impl ResNet {
    /// Makes a network with random weights, ready for training.
    pub fn new(architecture: Architecture, classes: usize, device: &Device) -> Self {
        let blocks = architecture.blocks();
        Self {
            stem: ConvNorm::new(&architecture.stem, device),
            max_pool: MaxPool2dConfig::new([3, 3])
                .with_strides([2, 2])
                .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
                .init(),
            blocks: blocks.iter().map(|block| ResidualBlock::new(block, device)).collect(),
            fc: LinearConfig::new(architecture.features(), classes).init(device),
        }
    }

    /// Returns logits `[N, classes]` of normalised images `[N, 3, H, W]`.
    pub fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        self.forward_with(images, |_, _| {})
    }

    /// Works like [`Self::forward`], and passes every block's index and parts to `tap`.
    pub fn forward_with(
        &self,
        images: Tensor<4>,
        mut tap: impl FnMut(usize, &BlockParts),
    ) -> Tensor<2> {
        let mut x = self.entry(images);
        for (index, block) in self.blocks.iter().enumerate() {
            let parts = block.forward(x);
            tap(index, &parts);
            x = parts.output;
        }
        self.head(x)
    }

    /// Runs the layers before the blocks: `[N, 3, H, W]` → the first block's input, `[N, C, H/4, W/4]`.
    pub fn entry(&self, images: Tensor<4>) -> Tensor<4> {
        self.max_pool.forward(relu(self.stem.forward(images)))
    }

    /// Runs the layers after the blocks: the last one's output `[N, C, H, W]` → logits `[N, classes]`.
    pub fn head(&self, x: Tensor<4>) -> Tensor<2> {
        self.fc.forward(x.mean_dims(&[2, 3]).flatten::<2>(1, 3))
    }

    /// Returns the number of layers with weights from image to logits; shortcuts are not counted.
    pub fn weighted_layers(&self) -> usize {
        1 + self.blocks.iter().map(|block| block.convs.len()).sum::<usize>() + 1
    }
}
