//! A residual block: output = ReLU(shortcut(x) + F(x)).

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, PaddingConfig2d};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};

use super::tap::BlockParts;
use crate::arch::{BlockSpec, ConvSpec, Shortcut};

/// A convolution without bias and the batch norm behind it.
#[derive(Module, Debug)]
pub struct ConvNorm {
    /// Weights `[O, I, K, K]`.
    pub conv: Conv2d,
    /// Scale, shift and running statistics, `[O]` each.
    pub norm: BatchNorm,
}

impl ConvNorm {
    /// Initialises it by He's rule, as for layers followed by a ReLU.
    pub fn new(spec: &ConvSpec, device: &Device) -> Self {
        let padding = spec.padding();
        let conv = Conv2dConfig::new([spec.in_channels, spec.out_channels], [spec.kernel; 2])
            .with_stride([spec.stride; 2])
            .with_padding(PaddingConfig2d::Explicit(padding, padding, padding, padding))
            .with_bias(false)
            .with_initializer(burn::nn::Initializer::KaimingNormal {
                gain: std::f64::consts::SQRT_2,
                fan_out_only: true,
            });
        Self { conv: conv.init(device), norm: BatchNormConfig::new(spec.out_channels).init(device) }
    }

    /// Computes the convolution and its batch norm: `[N, I, H, W]` → `[N, O, H', W']`.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        self.norm.forward(self.conv.forward(x))
    }
}

/// Two (basic) or three (bottleneck) convolutions with one shortcut past all of them.
#[derive(Module, Debug)]
pub struct ResidualBlock {
    /// The layers of F(x), with ReLUs in between.
    pub convs: Vec<ConvNorm>,
    /// The 1×1 convolution on the shortcut, if x and F(x) differ in shape.
    pub projection: Option<ConvNorm>,
    /// Whether there is a shortcut.
    #[module(skip)]
    pub shortcut: Shortcut,
}

impl ResidualBlock {
    /// Makes a block with random weights.
    pub fn new(spec: &BlockSpec, device: &Device) -> Self {
        Self {
            convs: spec.convs.iter().map(|conv| ConvNorm::new(conv, device)).collect(),
            projection: spec.projection.map(|conv| ConvNorm::new(&conv, device)),
            shortcut: spec.shortcut,
        }
    }

    /// Returns all parts of the block for `x`, `[N, C, H, W]`. In a plain network the shortcut is 0.
    pub fn forward(&self, x: Tensor<4>) -> BlockParts {
        let residual = self.residual(x.clone());
        let (shortcut, sum) = match self.shortcut(x.clone()) {
            Some(shortcut) => (shortcut.clone(), shortcut + residual.clone()),
            None => (residual.zeros_like(), residual.clone()),
        };
        let output = relu(sum.clone());
        BlockParts { input: x, shortcut, residual, sum, output }
    }

    /// Returns F(x): the stacked layers, without the shortcut and the last ReLU.
    pub fn residual(&self, x: Tensor<4>) -> Tensor<4> {
        let (last, first) = self.convs.split_last().expect("a block has convolutions");
        last.forward(first.iter().fold(x, |x, conv| relu(conv.forward(x))))
    }

    /// Returns `x` itself, or its projection; nothing in a plain network.
    pub fn shortcut(&self, x: Tensor<4>) -> Option<Tensor<4>> {
        match (self.shortcut, &self.projection) {
            (Shortcut::Residual, Some(projection)) => Some(projection.forward(x)),
            (Shortcut::Residual, None) => Some(x),
            (Shortcut::Plain, _) => None,
        }
    }
}
