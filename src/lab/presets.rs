//! Presets: one table of tested settings. `docs/lab.md` has the results.

use serde::{Deserialize, Serialize};

/// Whether there are batch norms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Norm {
    /// After each convolution.
    Batch,
    /// None at all.
    None,
}

/// The function after a convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Activation {
    /// max(0, x).
    Relu,
    /// The hyperbolic tangent.
    Tanh,
    /// 1 / (1 + e⁻ˣ).
    Sigmoid,
}

/// The place of the activation between two blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// After the addition: f(x + F(x)), as in He et al. 2015.
    After,
    /// Before the convolutions, in F: x + F(f(x)). The sum passes on unchanged (He et al. 2016).
    Before,
}

/// A network and how it is trained.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Recipe {
    /// Weighted layers: stem, two for each block, head. Even.
    pub depth: usize,
    /// Channels of every convolution.
    pub width: usize,
    /// Whether blocks add their input. If not, it is the plain twin.
    pub skip: bool,
    /// Whether there are batch norms.
    pub norm: Norm,
    /// After each convolution.
    pub activation: Activation,
    /// Of the activation between two blocks.
    pub place: Place,
    /// Standard deviation of a convolution's initial weights, in units of He's √(2 / fan-in).
    pub init: f32,
    /// The highest learning rate.
    pub rate: f32,
    /// Steps in which the rate rises to it. It then decays as a cosine.
    pub warmup: usize,
    /// The momentum μ: how much of the last step the next one keeps.
    pub momentum: f32,
    /// Weight decay.
    pub decay: f32,
    /// How often each picture is seen.
    pub epochs: usize,
    /// Pictures per step.
    pub batch: usize,
}

impl Recipe {
    /// Returns the number of residual blocks, of two convolutions each.
    pub fn blocks(&self) -> usize {
        (self.depth - 2) / 2
    }

    /// Returns the number of 3×3 convolutions: the stem's, and those of the blocks.
    pub fn convs(&self) -> usize {
        1 + 2 * self.blocks()
    }
}

/// Tested settings, with a name.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    /// Its name.
    pub name: &'static str,
    /// With shortcuts; the plain twin has `skip: false`.
    pub recipe: Recipe,
}

/// Batch norm and ReLU, as in He et al. 2015.
const BATCH_NORM: Recipe = Recipe {
    depth: 20,
    width: 8,
    skip: true,
    norm: Norm::Batch,
    activation: Activation::Relu,
    place: Place::After,
    init: 1.0,
    rate: 0.02,
    warmup: 0,
    momentum: 0.9,
    decay: 1e-4,
    epochs: 8,
    batch: 32,
};

/// Saturating activations and no norm: the gradients shrink from layer to layer. Without weight decay, so that a weight
/// only changes by its gradient.
const NO_NORM: Recipe = Recipe {
    norm: Norm::None,
    activation: Activation::Sigmoid,
    place: Place::Before,
    init: 1.41,
    rate: 0.1,
    decay: 0.0,
    epochs: 10,
    ..BATCH_NORM
};

/// The presets, the shallowest first.
pub const PRESETS: [Preset; 7] = [
    Preset { name: "shallow", recipe: Recipe { depth: 8, ..BATCH_NORM } },
    Preset { name: "cracks", recipe: BATCH_NORM },
    Preset { name: "deep", recipe: Recipe { depth: 56, warmup: 20, ..BATCH_NORM } },
    Preset {
        name: "very-deep",
        recipe: Recipe { depth: 152, warmup: 40, epochs: 7, ..BATCH_NORM },
    },
    Preset { name: "vanishing", recipe: Recipe { momentum: 0.95, batch: 24, ..NO_NORM } },
    // With smaller weights the gradients of the plain twin's first layers are too small to change any weight.
    Preset { name: "frozen", recipe: Recipe { init: 1.0, epochs: 8, ..NO_NORM } },
    Preset {
        name: "tanh",
        recipe: Recipe {
            activation: Activation::Tanh,
            place: Place::After,
            init: 1.0,
            rate: 0.05,
            ..NO_NORM
        },
    },
];
