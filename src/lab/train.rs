//! A training session, one step at a time.

use std::f64::consts::PI;
use std::rc::Rc;

use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Tensor};
use serde::Serialize;

use super::data::{Batch, CHANNELS, CLASSES, Digits, SIDE, TRAIN};
use super::forward::{Forward, Kernels, Statistics, Trace};
use super::measure::{Layers, Start};
use super::network::{Network, Rule, from_values};
use super::random::Random;
use super::settings::Plan;
use super::trained::Trained;
use crate::error::{Error, Result};
use crate::gradients::{memory, numbers};
use crate::session::options::place;

/// The stream of random numbers for shuffling pictures.
const ORDER: u32 = 2;

/// The most tensors of the size of an activation that are held at once for each layer, with probes and gradients.
const HELD: usize = 10;

/// A network in training.
pub struct Session {
    plan: Plan,
    digits: Rc<Digits>,
    network: Network,
    start: Start,
    random: Random,
    /// Indices of the pictures in the order of this epoch.
    order: Vec<usize>,
    /// The number of steps made.
    made: usize,
    /// The learning rate of the last step.
    rate: f32,
    device: Device,
}

/// One step.
#[derive(Clone, Debug)]
pub struct Step {
    /// The number of steps so far, this one included.
    pub step: usize,
    /// Cross-entropy of the batch, before the update.
    pub loss: f32,
    /// The share of the batch that was classified correctly, before the update.
    pub accuracy: f32,
    /// The learning rate.
    pub rate: f32,
    /// The measurements, if requested.
    pub layers: Option<Layers>,
}

/// One weight in the last step: after = before − rate · (gradient + decay + momentum).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Followed {
    /// Which step it was, from 1.
    pub step: usize,
    /// The convolution, from 0.
    pub layer: usize,
    /// The weight's index in `[O, I, 3, 3]`.
    pub index: usize,
    /// W.
    pub before: f32,
    /// ∂L/∂W.
    pub gradient: f32,
    /// η.
    pub rate: f32,
    /// λW, the term of weight decay.
    pub decay: f32,
    /// μv, the term of earlier steps.
    pub momentum: f32,
    /// The current W.
    pub after: f32,
}

impl Session {
    /// Makes a network with random weights.
    ///
    /// # Errors
    /// `OutOfMemory` if there is no memory for a step.
    pub fn new(plan: Plan, digits: Rc<Digits>) -> Result<Self> {
        let recipe = &plan.recipe;
        let activation = recipe.batch * recipe.width * SIDE * SIDE * size_of::<f32>();
        memory::ask("a step of the training", activation * HELD * recipe.convs())?;
        let network = Network::new(&plan);
        let start = Start::new(&network);
        let random = Random::new(plan.seed, ORDER);
        let order = (0..TRAIN).collect();
        let device = Device::flex().autodiff();
        Ok(Self { plan, digits, network, start, random, order, made: 0, rate: 0.0, device })
    }

    /// Returns the plan of the training.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Returns the number of steps made.
    pub fn made(&self) -> usize {
        self.made
    }

    /// Returns whether all steps have been made.
    pub fn is_done(&self) -> bool {
        self.made >= self.plan.steps()
    }

    /// Makes a step.
    pub fn step(&mut self, measure: bool) -> Step {
        let batch = self.next_batch();
        let weights = self.network.weights(&self.device).tracked();
        let forward = Forward {
            recipe: &self.plan.recipe,
            weights: &weights,
            statistics: Statistics::Batch,
            kernels: Kernels::Own,
        };
        let mut trace = if measure { Trace::probing() } else { Trace::default() };
        let logits = forward.logits(images(&batch, &self.device), &mut trace);
        let right = count_right(&numbers(logits.clone().inner()), &batch.labels);
        let loss = cross_entropy(logits, &batch.labels);
        let value = numbers(loss.clone().inner())[0];
        let mut gradients = loss.backward();
        let of_parameters = weights.gradients(&gradients);

        let rate = self.next_rate();
        let rule =
            Rule { rate, momentum: self.plan.recipe.momentum, decay: self.plan.recipe.decay };
        for (parameter, gradient) in self.network.parameters().zip(of_parameters) {
            parameter.update(gradient, &rule);
        }
        let norms = self.network.layers.iter_mut().filter_map(|layer| layer.norm.as_mut());
        for (norm, [mean, variance]) in norms.zip(trace.statistics) {
            norm.follow(&numbers(mean.inner()), &numbers(variance.inner()));
        }
        let layers = measure.then(|| {
            Layers::measure(&self.network, &self.start, rate, trace.handed_on, &mut gradients)
        });
        self.made += 1;
        self.rate = rate;
        let accuracy = right as f32 / batch.labels.len() as f32;
        Step { step: self.made, loss: value, accuracy, rate, layers }
    }

    /// Returns what the last step did to one weight.
    ///
    /// # Errors
    /// `Input` before the first step, and for a layer or a weight that does not exist.
    pub fn follow(&self, layer: f64, index: f64) -> Result<Followed> {
        if self.made == 0 {
            return Err(Error::input("follow", "a run that has made a step", "one that has not"));
        }
        let layers = &self.network.layers;
        let layer = place("layer", "a convolution", layer, layers.len())?;
        let weight = &layers[layer].weight;
        let index = place("index", "one of its weights", index, weight.before.len())?;
        let before = weight.before[index];
        Ok(Followed {
            step: self.made,
            layer,
            index,
            before,
            gradient: weight.gradient[index],
            rate: self.rate,
            decay: self.plan.recipe.decay * before,
            momentum: weight.kept[index],
            after: weight.values[index],
        })
    }

    /// Returns a copy of the current network, for questions.
    pub fn trained(&self) -> Trained {
        Trained::new(&self.network, self.digits.clone())
    }

    /// Returns the current network.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Returns the next pictures; every epoch has its own order.
    fn next_batch(&mut self) -> Batch {
        let size = self.plan.recipe.batch;
        let of_epoch = self.made % self.plan.steps_of_epoch();
        if of_epoch == 0 {
            self.random.shuffle(&mut self.order);
        }
        self.digits.train(&self.order[of_epoch * size..][..size])
    }

    /// Returns the next step's learning rate, which rises linearly, then decays as a cosine to 0.
    fn next_rate(&self) -> f32 {
        let recipe = &self.plan.recipe;
        let (step, warmup, steps) = (self.made, recipe.warmup, self.plan.steps());
        if step < warmup {
            return recipe.rate * (step + 1) as f32 / warmup as f32;
        }
        let share = (step - warmup) as f64 / (steps.max(warmup + 1) - warmup) as f64;
        (f64::from(recipe.rate) * 0.5 * (1.0 + (PI * share.min(1.0)).cos())) as f32
    }
}

/// Returns a batch's pictures, `[N, 4, 4, 4]`.
pub fn images(batch: &Batch, device: &Device) -> Tensor<4> {
    from_values(&batch.images, [batch.labels.len(), CHANNELS, SIDE, SIDE], device)
}

/// Returns the mean of −ln softmax of the right classes, one number; logits are `[N, 10]`.
pub fn cross_entropy(logits: Tensor<2>, labels: &[u8]) -> Tensor<1> {
    let right: Vec<f32> = labels
        .iter()
        .flat_map(|label| (0..CLASSES).map(|class| f32::from(class == usize::from(*label))))
        .collect();
    let right = from_values(&right, [labels.len(), CLASSES], &logits.device());
    (log_softmax(logits, 1) * right).sum().div_scalar(-(labels.len() as f32))
}

/// Returns how many rows of the logits are largest at their label.
pub fn count_right(logits: &[f32], labels: &[u8]) -> usize {
    let rows = logits.as_chunks::<CLASSES>().0.iter().zip(labels);
    rows.filter(|(row, label)| {
        let of_label = row[usize::from(**label)];
        // NaN is never right; of equal logits the first one counts.
        !of_label.is_nan()
            && row.iter().enumerate().all(|(class, logit)| {
                *logit < of_label || (*logit == of_label && class >= usize::from(**label))
            })
    })
    .count()
}
