//! The forward pass of the lab's networks.
//!
//! The input is `[N, 4, 4, 4]`, everything after the stem `[N, width, 4, 4]`.

use burn::tensor::activation::{relu, sigmoid, tanh};
use burn::tensor::module::{batch_norm, batch_norm_train, conv2d};
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Gradients, Tensor};

use super::ops::{self, EPSILON};
use super::presets::{Activation, Place, Recipe};
use crate::gradients::numbers;

/// The weights of a network on a device.
#[derive(Clone, Debug)]
pub struct Weights {
    /// The stem, then two for each block.
    pub layers: Vec<LayerWeights>,
    /// `[width, 10]`.
    pub head: Tensor<2>,
    /// `[10]`.
    pub bias: Tensor<1>,
}

/// The weights of a convolution.
#[derive(Clone, Debug)]
pub struct LayerWeights {
    /// `[O, I, 3, 3]`.
    pub weight: Tensor<4>,
    /// Present if there are batch norms.
    pub norm: Option<NormWeights>,
}

/// The weights of a batch norm, `[width]` each.
#[derive(Clone, Debug)]
pub struct NormWeights {
    /// γ.
    pub scale: Tensor<1>,
    /// β.
    pub shift: Tensor<1>,
    /// The running mean.
    pub mean: Tensor<1>,
    /// The running variance.
    pub variance: Tensor<1>,
}

impl Weights {
    /// Makes autodiff compute the gradients of all trained weights.
    pub fn tracked(self) -> Self {
        let layers = self.layers.into_iter().map(|layer| LayerWeights {
            weight: layer.weight.require_grad(),
            norm: layer.norm.map(|norm| NormWeights {
                scale: norm.scale.require_grad(),
                shift: norm.shift.require_grad(),
                ..norm
            }),
        });
        Self {
            layers: layers.collect(),
            head: self.head.require_grad(),
            bias: self.bias.require_grad(),
        }
    }

    /// Reads the gradients, in the order of `Network::parameters`.
    pub fn gradients(&self, gradients: &Gradients) -> Vec<Vec<f32>> {
        let mut all = Vec::new();
        for layer in &self.layers {
            all.push(gradient(&layer.weight, gradients));
            if let Some(norm) = &layer.norm {
                all.extend([&norm.scale, &norm.shift].map(|of| gradient(of, gradients)));
            }
        }
        all.push(gradient(&self.head, gradients));
        all.push(gradient(&self.bias, gradients));
        all
    }
}

/// If nothing is propagated back, the gradient is 0.
fn gradient<const D: usize>(of: &Tensor<D>, gradients: &Gradients) -> Vec<f32> {
    let found = of.grad(gradients);
    found.map_or_else(|| vec![0.0; of.dims().iter().product()], numbers)
}

/// The statistics that a batch norm uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statistics {
    /// The batch's own: training.
    Batch,
    /// The running ones: evaluation.
    Running,
}

/// The operations that compute convolutions and batch norms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernels {
    /// The lab's own.
    Own,
    /// Burn's: the tests' oracle.
    Stock,
}

/// The record of a forward pass, in addition to its result.
#[derive(Debug, Default)]
pub struct Trace {
    /// Mean and variance of the batch, `[width]` each, for each batch norm.
    pub statistics: Vec<[Tensor<1>; 2]>,
    /// The output of each layer, if requested.
    pub handed_on: Vec<HandedOn>,
    /// Whether it is requested.
    pub probing: bool,
}

/// A layer's output, the input of the next one.
#[derive(Debug)]
pub struct HandedOn {
    /// After norm, addition and activation; not tracked.
    pub output: Tensor<4>,
    /// Zeros that are added, whose gradient is the output's: see `gradients::probes`.
    pub probe: Tensor<4>,
}

impl Trace {
    /// Makes a trace that records the outputs of layers.
    pub fn probing() -> Self {
        Self { probing: true, ..Self::default() }
    }

    fn hand_on(&mut self, x: Tensor<4>) -> Tensor<4> {
        if !self.probing {
            return x;
        }
        let probe = Tensor::zeros(x.dims(), &x.device()).require_grad();
        self.handed_on.push(HandedOn { output: x.clone().inner(), probe: probe.clone() });
        x + probe
    }
}

/// The parts of a block, `[N, width, 4, 4]` each.
#[derive(Clone, Debug)]
pub struct Parts {
    /// x.
    pub input: Tensor<4>,
    /// F(x).
    pub residual: Tensor<4>,
    /// x + F(x); of a plain network F(x) alone.
    pub sum: Tensor<4>,
    /// The block's output.
    pub output: Tensor<4>,
}

/// A network that is ready to run.
#[derive(Clone, Copy, Debug)]
pub struct Forward<'a> {
    /// Its architecture.
    pub recipe: &'a Recipe,
    /// Its weights.
    pub weights: &'a Weights,
    /// The statistics of its batch norms.
    pub statistics: Statistics,
    /// The operations that it uses.
    pub kernels: Kernels,
}

impl Forward<'_> {
    /// Runs the network: `[N, 4, 4, 4]` → logits `[N, 10]`.
    pub fn logits(&self, images: Tensor<4>, trace: &mut Trace) -> Tensor<2> {
        let x = self.stem(images, trace);
        self.from_block(0, x, trace)
    }

    /// Runs the network from a block's input on.
    pub fn from_block(&self, block: usize, x: Tensor<4>, trace: &mut Trace) -> Tensor<2> {
        let blocks = block..self.recipe.blocks();
        self.head(blocks.fold(x, |x, block| self.block(block, x, trace).output))
    }

    /// Runs the first convolution with its norm and activation.
    pub fn stem(&self, images: Tensor<4>, trace: &mut Trace) -> Tensor<4> {
        let x = self.conv_norm(0, images, trace);
        trace.hand_on(self.activate_at(Place::After, x))
    }

    /// Runs a block.
    pub fn block(&self, block: usize, x: Tensor<4>, trace: &mut Trace) -> Parts {
        let inner = self.activate_at(Place::Before, x.clone());
        let inner = self.activate(self.conv_norm(2 * block + 1, inner, trace));
        let inner = trace.hand_on(inner);
        let residual = self.conv_norm(2 * block + 2, inner, trace);
        let sum = match self.recipe.skip {
            true => x.clone() + residual.clone(),
            false => residual.clone(),
        };
        let output = self.activate_at(Place::After, sum.clone());
        Parts { input: x, residual, sum, output: trace.hand_on(output) }
    }

    /// Runs the layers after the blocks: the mean over the cells and a linear layer.
    fn head(&self, x: Tensor<4>) -> Tensor<2> {
        let features = x.mean_dims(&[2, 3]).flatten::<2>(1, 3);
        features.matmul(self.weights.head.clone()) + self.weights.bias.clone().unsqueeze()
    }

    /// Runs a 3×3 convolution without bias, with stride 1 and zero padding, and its norm, if there is one.
    fn conv_norm(&self, layer: usize, x: Tensor<4>, trace: &mut Trace) -> Tensor<4> {
        let LayerWeights { weight, norm } = &self.weights.layers[layer];
        let own = self.kernels == Kernels::Own;
        let x = match own {
            true => ops::conv(x, weight.clone()),
            false => {
                let options = ConvOptions::new([1, 1], [1, 1], [1, 1], 1);
                conv2d(x, weight.clone(), None, options)
            }
        };
        let Some(norm) = norm else { return x };
        let (scale, shift) = (norm.scale.clone(), norm.shift.clone());
        if self.statistics == Statistics::Running {
            let (mean, variance) = (norm.mean.clone(), norm.variance.clone());
            return batch_norm(x, scale, shift, mean, variance, EPSILON.into());
        }
        let (output, statistics) = match own {
            true => ops::norm(x, scale, shift),
            false => {
                let normed = batch_norm_train(x, scale, shift, EPSILON.into());
                (normed.output, [normed.mean, normed.variance])
            }
        };
        trace.statistics.push(statistics);
        output
    }

    /// Applies the activation in networks that have it at `place`.
    fn activate_at(&self, place: Place, x: Tensor<4>) -> Tensor<4> {
        if self.recipe.place == place { self.activate(x) } else { x }
    }

    fn activate(&self, x: Tensor<4>) -> Tensor<4> {
        match self.recipe.activation {
            Activation::Relu => relu(x),
            Activation::Tanh => tanh(x),
            Activation::Sigmoid => sigmoid(x),
        }
    }
}
