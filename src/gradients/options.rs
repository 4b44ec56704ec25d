//! The options of gradients, checked against the model.

use serde::Deserialize;

use crate::arch::BlockSpec;
use crate::error::{Error, Result};
use crate::model::Path;
use crate::session::options::{chosen, class_index, left_out};
use crate::session::{Ablation, Blocks};

/// The options of `gradients`, with the JavaScript API's names. Each may be missing.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct GradientOptions {
    /// The quantity to differentiate: `logit` (default) or `loss`.
    pub of: Option<String>,
    /// The class; by default the top-1 class.
    pub index: Option<f64>,
    /// Paths that are left out; none by default.
    pub ablate: Option<Vec<Ablation>>,
    /// Whether to return the gradients of the weights; not by default.
    pub weights: Option<bool>,
    /// The blocks at whose outputs to compute Grad-CAM; none by default.
    pub maps: Option<Blocks>,
}

/// The quantity to differentiate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// The class's logit.
    Logit,
    /// −ln softmax(logits) of the class, at temperature 1.
    Loss,
}

/// Options that fit the model. Blocks are named by their indices.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The quantity to differentiate.
    pub of: Of,
    /// The class; none: the top-1 class.
    pub index: Option<usize>,
    /// Paths that are left out, at most one of each block.
    pub left_out: Vec<(usize, Path)>,
    /// Whether to return the weights' gradients.
    pub weights: bool,
    /// Blocks whose Grad-CAM to compute.
    pub maps: Vec<usize>,
}

impl GradientOptions {
    /// Checks the options for a model with these `blocks` and `classes`.
    ///
    /// # Errors
    /// `Input` for an unknown objective, block or path, for both paths of one block, and for a class that
    /// does not exist.
    pub fn check(&self, blocks: &[BlockSpec], classes: usize) -> Result<Wanted> {
        let of = match self.of.as_deref() {
            None | Some("logit") => Of::Logit,
            Some("loss") => Of::Loss,
            Some(other) => {
                return Err(Error::input("of", "'logit' or 'loss'", format!("'{other}'")));
            }
        };
        Ok(Wanted {
            of,
            index: self.index.map(|index| class_index("index", index, classes)).transpose()?,
            left_out: left_out(self.ablate.as_deref().unwrap_or_default(), blocks)?,
            weights: self.weights.unwrap_or(false),
            maps: chosen("maps", self.maps.as_ref(), blocks)?,
        })
    }
}
