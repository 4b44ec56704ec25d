//! What can be trained: one table of settings that were tried. `docs/lab.md` has what came out.

use serde::{Deserialize, Serialize};

/// Whether there are batch norms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Norm {
    /// Behind each convolution.
    Batch,
    /// None at all.
    None,
}

/// The function behind a convolution.
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

/// Where the activation between two blocks stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// Behind the addition: f(x + F(x)), as in He et al. 2015.
    After,
    /// Before the convolutions, in F: x + F(f(x)). What passes the addition is not changed any more (He et al. 2016).
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
    /// Whether blocks add their input. Without, it is the plain twin.
    pub skip: bool,
    /// Whether there are batch norms.
    pub norm: Norm,
    /// Behind each convolution.
    pub activation: Activation,
    /// Of the activation between two blocks.
    pub place: Place,
    /// Standard deviation of a convolution's weights at the start, in units of He's √(2 / fan-in).
    pub init: f32,
    /// The highest learning rate.
    pub rate: f32,
    /// Steps in which the rate rises to it. From then on it falls as a cosine.
    pub warmup: usize,
    /// How much of the last step the next one keeps.
    pub momentum: f32,
    /// Weight decay.
    pub decay: f32,
    /// How often each picture is seen.
    pub epochs: usize,
    /// Pictures of a step.
    pub batch: usize,
}

impl Recipe {
    /// Residual blocks: two convolutions each.
    pub fn blocks(&self) -> usize {
        (self.depth - 2) / 2
    }

    /// 3×3 convolutions: the stem's, and those of the blocks.
    pub fn convs(&self) -> usize {
        1 + 2 * self.blocks()
    }
}

/// Settings that were tried, by their name.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    /// What it is called.
    pub name: &'static str,
    /// With skips; the plain twin has `skip: false`.
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
        recipe: Recipe { depth: 152, warmup: 40, epochs: 10, ..BATCH_NORM },
    },
    Preset { name: "vanishing", recipe: NO_NORM },
    // With smaller weights the gradients of the plain twin's first layers are too small to change a bit.
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
