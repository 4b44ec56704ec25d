//! What a caller may ask of a classification, checked against the model.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::arch::BlockSpec;
use crate::error::{Error, Result};
use crate::model::{Path, Plan};
use crate::ops::Reduction;

/// Predictions that are returned when the caller does not say how many.
const DEFAULT_TOP_K: usize = 5;

/// The options of `classify` and `logits`, in the JavaScript API's words. Each may be missing, which
/// in JavaScript means `undefined`, too.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Options {
    /// How many predictions.
    pub top_k: Option<f64>,
    /// Which blocks to look into; none by default.
    pub taps: Option<Taps>,
    /// How channels become a map; `mean-abs` by default.
    pub reduce: Option<Reduce>,
    /// Blocks whose F(x) is left out; none by default.
    pub ablate: Option<Vec<String>>,
}

/// Which blocks to look into.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Taps {
    /// `none` or `all`.
    Word(String),
    /// The blocks' names.
    Blocks(Vec<String>),
}

/// How channels become a map.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Reduce {
    /// `mean-abs`, `mean` or `max-abs`.
    Word(String),
    /// One channel as it is.
    Channel {
        /// Its index.
        channel: f64,
    },
}

impl Options {
    /// Whether the answer has taps.
    pub fn wants_taps(&self) -> bool {
        match &self.taps {
            None => false,
            Some(Taps::Word(word)) => word != "none",
            Some(Taps::Blocks(_)) => true,
        }
    }

    /// How many predictions to return for a model of `classes` classes.
    ///
    /// # Errors
    /// `Input` unless it is a whole number from 1 to `classes`.
    pub fn top_k(&self, classes: usize) -> Result<usize> {
        match self.top_k {
            None => Ok(DEFAULT_TOP_K.min(classes)),
            Some(k) if k.fract() == 0.0 && (1.0..=classes as f64).contains(&k) => Ok(k as usize),
            Some(k) => {
                let expected = format!("a whole number from 1 to {classes}");
                Err(Error::input("topK", expected, k.to_string()))
            }
        }
    }

    /// What the forward pass of a model of these `blocks` is to record and to leave out.
    ///
    /// # Errors
    /// `Input` for an unknown block or reduction, or a channel that a map does not have.
    pub fn plan(&self, blocks: &[BlockSpec]) -> Result<Plan> {
        let tapped = match &self.taps {
            None => vec![],
            Some(Taps::Word(word)) if word == "none" => vec![],
            Some(Taps::Word(word)) if word == "all" => (0..blocks.len()).collect(),
            Some(Taps::Word(word)) => {
                let expected = "'none', 'all' or a list of blocks";
                return Err(Error::input("taps", expected, format!("'{word}'")));
            }
            Some(Taps::Blocks(names)) => indices("taps", names, blocks)?,
        };
        let reduction = self.reduction()?;
        if let Reduction::Channel(channel) = reduction {
            check_channel(channel, &tapped, blocks)?;
        }
        let ablated = indices("ablate", self.ablate.as_deref().unwrap_or_default(), blocks)?;
        let left_out = ablated.into_iter().map(|block| (block, Path::Residual)).collect();
        Ok(Plan { taps: tapped, reduction, left_out })
    }

    fn reduction(&self) -> Result<Reduction> {
        let found = match &self.reduce {
            None => return Ok(Reduction::default()),
            Some(Reduce::Word(word)) => match word.as_str() {
                "mean-abs" => return Ok(Reduction::MeanAbs),
                "mean" => return Ok(Reduction::Mean),
                "max-abs" => return Ok(Reduction::MaxAbs),
                _ => format!("'{word}'"),
            },
            Some(Reduce::Channel { channel }) if channel.fract() == 0.0 && *channel >= 0.0 => {
                return Ok(Reduction::Channel(*channel as usize));
            }
            Some(Reduce::Channel { channel }) => format!("channel {channel}"),
        };
        let expected = "'mean-abs', 'mean', 'max-abs' or {channel: n} with a whole n ≥ 0";
        Err(Error::input("reduce", expected, found))
    }
}

/// The indices of the blocks called `names`, each once, in the network's order.
fn indices(what: &str, names: &[String], blocks: &[BlockSpec]) -> Result<Vec<usize>> {
    let index = |name: &String| {
        blocks.iter().position(|block| block.name == *name).ok_or_else(|| {
            let known: Vec<_> = blocks.iter().map(|block| block.name.as_str()).collect();
            Error::input(what, format!("blocks among {}", known.join(", ")), format!("'{name}'"))
        })
    };
    let indices: Result<BTreeSet<usize>> = names.iter().map(index).collect();
    Ok(indices?.into_iter().collect())
}

/// Every part of every tapped block must have the channel; a block's input may be its narrowest.
fn check_channel(channel: usize, tapped: &[usize], blocks: &[BlockSpec]) -> Result<()> {
    for block in tapped.iter().map(|&index| &blocks[index]) {
        let channels = block.convs[0].input.min(block.output());
        if channel >= channels {
            let expected = format!("a channel below {channels} for {}", block.name);
            return Err(Error::input("reduce", expected, format!("channel {channel}")));
        }
    }
    Ok(())
}
