//! Questions about a trained network: its accuracy, the accuracy without one block, and its paths' contributions.
//!
//! Each question is answered in slices of a few pictures, so that a worker can listen between them. A question is
//! about the network at the moment of asking.

use std::ops::Range;
use std::rc::Rc;

use burn::tensor::{Device, Tensor};
use serde::Serialize;

use super::data::{Digits, TEST};
use super::forward::{Forward, Kernels, Parts, Statistics, Trace, Weights};
use super::network::Network;
use super::presets::{Activation, Place, Recipe};
use super::train::{count_right, cross_entropy, images};
use crate::gradients::numbers;

/// Pictures per slice. It divides the number of test pictures.
const SLICE: usize = 24;

/// A copy of a network with its running statistics, which is not trained further.
pub struct Trained {
    recipe: Recipe,
    weights: Weights,
    digits: Rc<Digits>,
    device: Device,
}

/// A network's result on the test pictures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Score {
    /// The share of correct answers.
    pub test_accuracy: f32,
    /// The mean cross-entropy.
    pub loss: f32,
}

/// The accuracy without one block.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Deleted {
    /// The block, from 0.
    pub block: usize,
    /// The share of correct answers on the test pictures when the block passes its input through.
    pub test_accuracy: f32,
}

/// What the paths of a block contribute, over all test pictures.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct LedgerRow {
    /// The block, from 0.
    pub block: usize,
    /// ‖F(x)‖ / ‖x‖; `None` in a plain network.
    pub ratio: Option<f32>,
    /// The cosine between x and F(x); `None` in a plain network, or where one of them is 0.
    pub cosine: Option<f32>,
    /// The share of the sum's elements below 0, which the ReLU after it sets to 0; `None` without such a ReLU.
    pub clipped: Option<f32>,
}

impl Trained {
    /// Copies a network.
    pub fn new(network: &Network, digits: Rc<Digits>) -> Self {
        let device = Device::flex();
        let (recipe, weights) = (network.recipe, network.weights(&device));
        Self { recipe, weights, digits, device }
    }

    fn forward(&self) -> Forward<'_> {
        Forward {
            recipe: &self.recipe,
            weights: &self.weights,
            statistics: Statistics::Running,
            kernels: Kernels::Own,
        }
    }

    /// Returns the stem's output for a slice's pictures, and their labels.
    fn enter(&self, slice: usize) -> (Tensor<4>, Vec<u8>) {
        let batch = self.digits.test(pictures(slice));
        let x = self.forward().stem(images(&batch, &self.device), &mut Trace::default());
        (x, batch.labels)
    }
}

fn pictures(slice: usize) -> Range<usize> {
    slice * SLICE..(slice + 1) * SLICE
}

/// A question that is answered slice by slice.
pub trait Question {
    /// Its answer.
    type Answer;

    /// Computes the next slice, and returns the number of completed slices.
    fn advance(&mut self) -> usize;

    /// Returns the number of slices.
    fn total(&self) -> usize;

    /// Returns the answer so far; complete when all slices are done.
    fn answer(&self) -> Self::Answer;
}

/// The accuracy of the network.
pub struct Test {
    trained: Trained,
    done: usize,
    right: usize,
    loss: f64,
}

impl Test {
    /// Starts the question for a network.
    pub fn new(trained: Trained) -> Self {
        Self { trained, done: 0, right: 0, loss: 0.0 }
    }
}

impl Question for Test {
    type Answer = Score;

    fn advance(&mut self) -> usize {
        let (x, labels) = self.trained.enter(self.done);
        let logits = self.trained.forward().from_block(0, x, &mut Trace::default());
        self.right += count_right(&numbers(logits.clone()), &labels);
        self.loss += f64::from(numbers(cross_entropy(logits, &labels))[0]);
        self.done += 1;
        self.done
    }

    fn total(&self) -> usize {
        TEST / SLICE
    }

    fn answer(&self) -> Score {
        let test_accuracy = self.right as f32 / (self.done * SLICE) as f32;
        Score { test_accuracy, loss: (self.loss / self.done as f64) as f32 }
    }
}

/// The accuracy without each of its blocks (Veit et al. 2016, arXiv 1605.06431).
///
/// A block that is left out passes its input through. Each run starts from the stored input of its block.
pub struct Deletion {
    trained: Trained,
    done: usize,
    /// The input of each block for the current slice, and the labels.
    inputs: Vec<Tensor<4>>,
    labels: Vec<u8>,
    /// For each block, the number of correct answers without it.
    right: Vec<usize>,
}

impl Deletion {
    /// Starts the question for a network.
    pub fn new(trained: Trained) -> Self {
        let right = vec![0; trained.recipe.blocks()];
        Self { trained, done: 0, inputs: Vec::new(), labels: Vec::new(), right }
    }

    /// Stores the inputs of all blocks for a slice.
    fn enter(&mut self, slice: usize) {
        let (mut x, labels) = self.trained.enter(slice);
        let forward = self.trained.forward();
        self.inputs.clear();
        for block in 0..self.trained.recipe.blocks() {
            self.inputs.push(x.clone());
            x = forward.block(block, x, &mut Trace::default()).output;
        }
        self.labels = labels;
    }
}

impl Question for Deletion {
    type Answer = Vec<Deleted>;

    fn advance(&mut self) -> usize {
        let blocks = self.trained.recipe.blocks();
        // The first turn of a slice only stores inputs.
        match self.done % (blocks + 1) {
            0 => self.enter(self.done / (blocks + 1)),
            turn => {
                let block = turn - 1;
                let x = self.inputs[block].clone();
                let forward = self.trained.forward();
                let logits = forward.from_block(block + 1, x, &mut Trace::default());
                self.right[block] += count_right(&numbers(logits), &self.labels);
            }
        }
        self.done += 1;
        self.done
    }

    fn total(&self) -> usize {
        (self.trained.recipe.blocks() + 1) * (TEST / SLICE)
    }

    fn answer(&self) -> Vec<Deleted> {
        let rows = self.right.iter().enumerate();
        rows.map(|(block, right)| Deleted { block, test_accuracy: *right as f32 / TEST as f32 })
            .collect()
    }
}

/// The contributions of the paths of each block.
pub struct Ledger {
    trained: Trained,
    done: usize,
    sums: Vec<Sums>,
}

/// Sums over the elements of a block's parts, in double precision.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    shortcut: f64,
    residual: f64,
    product: f64,
    negative: usize,
    elements: usize,
}

impl Ledger {
    /// Starts the question for a network.
    pub fn new(trained: Trained) -> Self {
        let sums = vec![Sums::default(); trained.recipe.blocks()];
        Self { trained, done: 0, sums }
    }
}

impl Sums {
    fn add(&mut self, parts: &Parts) {
        let [x, residual, sum] =
            [&parts.input, &parts.residual, &parts.sum].map(|part| numbers(part.clone()));
        for ((x, residual), sum) in x.iter().zip(&residual).zip(&sum) {
            let (x, residual) = (f64::from(*x), f64::from(*residual));
            self.shortcut += x * x;
            self.residual += residual * residual;
            self.product += x * residual;
            self.negative += usize::from(*sum < 0.0);
        }
        self.elements += x.len();
    }

    fn row(&self, block: usize, recipe: &Recipe) -> LedgerRow {
        let (x, residual) = (self.shortcut.sqrt(), self.residual.sqrt());
        let both = x > 0.0 && residual > 0.0;
        let clips = recipe.activation == Activation::Relu && recipe.place == Place::After;
        LedgerRow {
            block,
            ratio: (recipe.skip && x > 0.0).then_some((residual / x) as f32),
            cosine: (recipe.skip && both).then_some((self.product / (x * residual)) as f32),
            clipped: clips.then_some((self.negative as f64 / self.elements as f64) as f32),
        }
    }
}

impl Question for Ledger {
    type Answer = Vec<LedgerRow>;

    fn advance(&mut self) -> usize {
        let (mut x, _) = self.trained.enter(self.done);
        let forward = self.trained.forward();
        for (block, sums) in self.sums.iter_mut().enumerate() {
            let parts = forward.block(block, x, &mut Trace::default());
            sums.add(&parts);
            x = parts.output;
        }
        self.done += 1;
        self.done
    }

    fn total(&self) -> usize {
        TEST / SLICE
    }

    fn answer(&self) -> Vec<LedgerRow> {
        let rows = self.sums.iter().enumerate();
        rows.map(|(block, sums)| sums.row(block, &self.trained.recipe)).collect()
    }
}
