//! The weights of a network in training, and the rule that updates them.

use burn::tensor::{Device, Tensor, TensorData};

use super::data::{CHANNELS, CLASSES};
use super::forward::{LayerWeights, NormWeights, Weights};
use super::presets::{Norm, Recipe};
use super::random::Random;
use super::settings::Plan;

/// Height and width of every convolution.
const KERNEL: usize = 3;

/// The weight of a batch's statistics in the running ones.
const STATISTICS_MOMENTUM: f32 = 0.1;

/// The stream of random numbers that weights are drawn from.
const WEIGHTS: u32 = 1;

/// Stochastic gradient descent with momentum and weight decay, at one step.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// η.
    pub rate: f32,
    /// μ.
    pub momentum: f32,
    /// λ.
    pub decay: f32,
}

/// Trained numbers, and the terms of the last step.
#[derive(Clone, Debug, Default)]
pub struct Parameter {
    /// Their current values.
    pub values: Vec<f32>,
    /// Their values before the last step.
    pub before: Vec<f32>,
    /// ∂L/∂W of the last step; empty before the first.
    pub gradient: Vec<f32>,
    /// μ·v, the contribution of earlier steps to the last one.
    pub kept: Vec<f32>,
    velocity: Vec<f32>,
}

impl Parameter {
    fn new(values: Vec<f32>) -> Self {
        let velocity = vec![0.0; values.len()];
        Self { values, velocity, ..Self::default() }
    }

    /// Updates the values: v ← μv + ∂L/∂W + λW, W ← W − ηv.
    pub fn update(&mut self, gradient: Vec<f32>, rule: &Rule) {
        self.before.clone_from(&self.values);
        self.kept.clear();
        for ((value, velocity), slope) in
            self.values.iter_mut().zip(&mut self.velocity).zip(&gradient)
        {
            let kept = rule.momentum * *velocity;
            *velocity = kept + (slope + rule.decay * *value);
            *value -= rule.rate * *velocity;
            self.kept.push(kept);
        }
        self.gradient = gradient;
    }

    fn tensor<const D: usize>(&self, shape: [usize; D], device: &Device) -> Tensor<D> {
        from_values(&self.values, shape, device)
    }
}

/// A convolution and its norm.
#[derive(Clone, Debug)]
pub struct Layer {
    /// `[O, I, 3, 3]`.
    pub weight: Parameter,
    /// Present if there are batch norms.
    pub norm: Option<BatchNorm>,
    inputs: usize,
}

/// Numbers of a batch norm, one for each channel.
#[derive(Clone, Debug)]
pub struct BatchNorm {
    /// γ.
    pub scale: Parameter,
    /// β.
    pub shift: Parameter,
    mean: Vec<f32>,
    variance: Vec<f32>,
}

impl BatchNorm {
    fn new(width: usize) -> Self {
        Self {
            scale: Parameter::new(vec![1.0; width]),
            shift: Parameter::new(vec![0.0; width]),
            mean: vec![0.0; width],
            variance: vec![1.0; width],
        }
    }

    /// Updates the running statistics with those of a batch.
    pub fn follow(&mut self, mean: &[f32], variance: &[f32]) {
        for (running, of_batch) in [(&mut self.mean, mean), (&mut self.variance, variance)] {
            for (running, of_batch) in running.iter_mut().zip(of_batch) {
                *running += STATISTICS_MOMENTUM * (of_batch - *running);
            }
        }
    }
}

/// A network.
#[derive(Clone, Debug)]
pub struct Network {
    /// Its recipe.
    pub recipe: Recipe,
    /// The stem, then two for each block.
    pub layers: Vec<Layer>,
    /// `[width, 10]`.
    pub head: Parameter,
    /// `[10]`.
    pub bias: Parameter,
}

impl Network {
    /// Makes a network with random weights. Its twin gets the same weights.
    pub fn new(plan: &Plan) -> Self {
        let recipe = plan.recipe;
        let mut random = Random::new(plan.seed, WEIGHTS);
        let mut draw = |count: usize, deviation: f64| {
            let drawn = (0..count).map(|_| (deviation * f64::from(random.normal())) as f32);
            Parameter::new(drawn.collect())
        };
        let layers = (0..recipe.convs()).map(|layer| {
            let inputs = if layer == 0 { CHANNELS } else { recipe.width };
            let fan_in = inputs * KERNEL * KERNEL;
            let deviation = f64::from(recipe.init) * (2.0 / fan_in as f64).sqrt();
            let norm = (recipe.norm == Norm::Batch).then(|| BatchNorm::new(recipe.width));
            Layer { weight: draw(recipe.width * fan_in, deviation), norm, inputs }
        });
        let layers = layers.collect();
        // A residual stream's variance grows by about one with each block: otherwise the head would start 152
        // layers with a loss of 7 to 9 instead of ln 10 (De & Smith 2020, arXiv 2002.10444).
        let grown = 1 + recipe.blocks();
        let head = draw(recipe.width * CLASSES, (1.0 / (recipe.width * grown) as f64).sqrt());
        Self { recipe, layers, head, bias: Parameter::new(vec![0.0; CLASSES]) }
    }

    /// Returns all parameters, in the order of [`Weights::gradients`].
    pub fn parameters(&mut self) -> impl Iterator<Item = &mut Parameter> {
        let layers = self.layers.iter_mut().flat_map(|layer| {
            let norm = layer.norm.iter_mut().flat_map(|norm| [&mut norm.scale, &mut norm.shift]);
            std::iter::once(&mut layer.weight).chain(norm)
        });
        layers.chain([&mut self.head, &mut self.bias])
    }

    /// Returns the network's weights as tensors.
    pub fn weights(&self, device: &Device) -> Weights {
        let width = self.recipe.width;
        let layers = self.layers.iter().map(|layer| LayerWeights {
            weight: layer.weight.tensor([width, layer.inputs, KERNEL, KERNEL], device),
            norm: layer.norm.as_ref().map(|norm| NormWeights {
                scale: norm.scale.tensor([width], device),
                shift: norm.shift.tensor([width], device),
                mean: from_values(&norm.mean, [width], device),
                variance: from_values(&norm.variance, [width], device),
            }),
        });
        Weights {
            layers: layers.collect(),
            head: self.head.tensor([width, CLASSES], device),
            bias: self.bias.tensor([CLASSES], device),
        }
    }
}

/// Returns a tensor with a copy of the values.
pub fn from_values<const D: usize>(
    values: &[f32],
    shape: [usize; D],
    device: &Device,
) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values.to_vec(), shape), device)
}
