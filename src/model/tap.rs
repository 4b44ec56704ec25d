//! Taps of a forward pass: the parts of a block, and their maps.

use burn::tensor::Tensor;

use super::plan::Path;

/// All parts of one block. `[N, C, H, W]` from [`super::ResNet`], `[N, H, W, C]` from
/// [`super::FusedResNet`].
#[derive(Clone, Debug)]
pub struct BlockParts {
    /// x, the block's input.
    pub input: Tensor<4>,
    /// x itself, or its projection.
    pub shortcut: Tensor<4>,
    /// F(x), before the addition.
    pub residual: Tensor<4>,
    /// shortcut + F(x), before the last ReLU.
    pub sum: Tensor<4>,
    /// ReLU(sum), the block's output.
    pub output: Tensor<4>,
}

/// The two paths of one block, `[N, H, W, C]` each.
#[derive(Clone, Debug)]
pub struct Paths {
    /// x itself, or its projection.
    pub shortcut: Tensor<4>,
    /// F(x).
    pub residual: Tensor<4>,
    /// The only remaining path, if the other one is left out and 0.
    pub only: Option<Path>,
}

/// The name of one of the [`BlockParts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// x.
    Input,
    /// x or its projection.
    Shortcut,
    /// F(x).
    Residual,
    /// shortcut + F(x).
    Sum,
    /// ReLU(sum).
    Output,
}

impl Part {
    /// All parts in the order of their computation.
    pub const ALL: [Part; 5] =
        [Part::Input, Part::Shortcut, Part::Residual, Part::Sum, Part::Output];

    /// The name in the JavaScript API.
    pub fn name(self) -> &'static str {
        match self {
            Part::Input => "input",
            Part::Shortcut => "shortcut",
            Part::Residual => "residual",
            Part::Sum => "sum",
            Part::Output => "output",
        }
    }
}

impl BlockParts {
    /// Returns the tensor of one part.
    pub fn part(&self, part: Part) -> &Tensor<4> {
        match part {
            Part::Input => &self.input,
            Part::Shortcut => &self.shortcut,
            Part::Residual => &self.residual,
            Part::Sum => &self.sum,
            Part::Output => &self.output,
        }
    }
}

/// One part of a block, reduced over its channels.
#[derive(Clone, Debug)]
pub struct Map {
    /// Pixels from top to bottom.
    pub height: usize,
    /// Pixels from left to right.
    pub width: usize,
    /// Channels that were reduced.
    pub channels: usize,
    /// `[H, W]`.
    pub data: Vec<f32>,
    /// Smallest value.
    pub min: f32,
    /// Largest value.
    pub max: f32,
}

impl Map {
    /// Makes a map of these values, `[H, W]`, reduced from `channels`.
    pub fn new(data: Vec<f32>, [height, width]: [usize; 2], channels: usize) -> Self {
        let min = data.iter().copied().fold(f32::INFINITY, f32::min);
        let max = data.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        Self { height, width, channels, data, min, max }
    }
}

/// The maps of one block, in the order of [`Part::ALL`].
#[derive(Clone, Debug)]
pub struct BlockTap {
    /// The block's index.
    pub block: usize,
    /// One map for each part.
    pub maps: [Map; 5],
}
