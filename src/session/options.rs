//! The options of a classification, checked against the model.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::arch::BlockSpec;
use crate::error::{Error, Result};
use crate::model::{Path, Plan};
use crate::ops::{CamClass, Reduction};

/// The default number of predictions.
const DEFAULT_TOP_K: usize = 5;

/// The options of `classify` and `logits`, with the JavaScript API's names. Each may be missing, which
/// in JavaScript also means `undefined`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Options {
    /// How many predictions.
    pub top_k: Option<f64>,
    /// Which blocks to tap; none by default.
    pub taps: Option<Blocks>,
    /// How channels become a map; `mean-abs` by default.
    pub reduce: Option<Reduce>,
    /// Which blocks to measure; none by default.
    pub stats: Option<Blocks>,
    /// The class whose evidence is mapped; none by default.
    pub cam: Option<CamOption>,
    /// Whether the answer includes the pooled features; not by default.
    pub features: Option<bool>,
    /// Paths that are left out; none by default.
    pub ablate: Option<Vec<Ablation>>,
}

/// Some of the network's blocks.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Blocks {
    /// `none` or `all`.
    Word(String),
    /// The blocks' names.
    Names(Vec<String>),
}

/// A path that is left out.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Ablation {
    /// F(x) of the block with this name.
    Residual(String),
    /// One of the paths of a block.
    Path {
        /// The block's name.
        block: String,
        /// `residual` (default) or `shortcut`.
        path: Option<String>,
    },
}

/// The class whose evidence is mapped.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum CamOption {
    /// The top-1 class if it is true.
    Top(bool),
    /// The class with this index.
    Index(f64),
}

/// How channels become a map.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Reduce {
    /// `mean-abs`, `mean` or `max-abs`.
    Word(String),
    /// One channel, unreduced.
    Channel {
        /// Its index.
        channel: f64,
    },
}

impl Options {
    /// Returns whether the answer includes taps.
    pub fn wants_taps(&self) -> bool {
        self.taps.as_ref().is_some_and(Blocks::is_wanted)
    }

    /// Returns whether the answer includes statistics.
    pub fn wants_stats(&self) -> bool {
        self.stats.as_ref().is_some_and(Blocks::is_wanted)
    }

    /// Returns whether the answer includes the pooled features.
    pub fn wants_features(&self) -> bool {
        self.features.unwrap_or(false)
    }

    /// Returns the number of predictions for a model of `classes` classes.
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

    /// Returns the plan of a forward pass for a model with these `blocks` and `classes`.
    ///
    /// # Errors
    /// `Input` for an unknown block, path or reduction, for both paths of one block, for a channel that a map
    /// does not have, and for a class that does not exist.
    pub fn plan(&self, blocks: &[BlockSpec], classes: usize) -> Result<Plan> {
        let taps = chosen("taps", self.taps.as_ref(), blocks)?;
        let stats = chosen("stats", self.stats.as_ref(), blocks)?;
        let reduction = self.reduction()?;
        if let Reduction::Channel(channel) = reduction {
            check_channel(channel, &taps, blocks)?;
        }
        let cam = match self.cam {
            None | Some(CamOption::Top(false)) => None,
            Some(CamOption::Top(true)) => Some(CamClass::Top),
            Some(CamOption::Index(index)) => {
                Some(CamClass::Index(class_index("cam", index, classes)?))
            }
        };
        let left_out = left_out(self.ablate.as_deref().unwrap_or_default(), blocks)?;
        Ok(Plan { taps, reduction, stats, cam, left_out })
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

impl Blocks {
    /// Returns whether the answer includes a list of them, which may be empty.
    fn is_wanted(&self) -> bool {
        !matches!(self, Blocks::Word(word) if word == "none")
    }
}

/// Returns the index of a class.
///
/// # Errors
/// `Input` unless it is a whole number below `classes`.
pub(crate) fn class_index(what: &str, index: f64, classes: usize) -> Result<usize> {
    place(what, "a class", index, classes)
}

/// Returns an index below `count`; `of` names the thing for errors.
///
/// # Errors
/// `Input` unless it is a whole number below `count`.
pub(crate) fn place(what: &str, of: &str, index: f64, count: usize) -> Result<usize> {
    if index.fract() == 0.0 && (0.0..count as f64).contains(&index) {
        return Ok(index as usize);
    }
    let expected = format!("the index of {of}, a whole number from 0 to {}", count - 1);
    Err(Error::input(what, expected, index.to_string()))
}

/// Returns the path called `name`.
///
/// # Errors
/// `Input` for any other name than those of the two paths.
pub(super) fn path_called(what: &str, name: &str) -> Result<Path> {
    Path::ALL
        .into_iter()
        .find(|path| path.name() == name)
        .ok_or_else(|| Error::input(what, "the path 'residual' or 'shortcut'", format!("'{name}'")))
}

/// Returns the paths that are left out, in the network's order, at most one of each block.
///
/// # Errors
/// `Input` for an unknown block or path, and for both paths of one block.
pub(crate) fn left_out(ablations: &[Ablation], blocks: &[BlockSpec]) -> Result<Vec<(usize, Path)>> {
    let mut left_out = BTreeMap::new();
    for ablation in ablations {
        let (name, path) = match ablation {
            Ablation::Residual(block) | Ablation::Path { block, path: None } => {
                (block, Path::Residual)
            }
            Ablation::Path { block, path: Some(path) } => (block, path_called("ablate", path)?),
        };
        let other = left_out.insert(index_of("ablate", name, blocks)?, path);
        if other.is_some_and(|other| other != path) {
            return Err(both_paths(name));
        }
    }
    Ok(left_out.into_iter().collect())
}

/// Returns the error for a block without a remaining path.
pub(super) fn both_paths(block: &str) -> Error {
    Error::input("ablate", "at most one path of each block", format!("both paths of '{block}'"))
}

/// Returns the indices of the blocks in an option, each once, in the network's order.
pub(crate) fn chosen(
    what: &str,
    wanted: Option<&Blocks>,
    blocks: &[BlockSpec],
) -> Result<Vec<usize>> {
    match wanted {
        None => Ok(vec![]),
        Some(Blocks::Word(word)) if word == "none" => Ok(vec![]),
        Some(Blocks::Word(word)) if word == "all" => Ok((0..blocks.len()).collect()),
        Some(Blocks::Word(word)) => {
            let expected = "'none', 'all' or a list of blocks";
            Err(Error::input(what, expected, format!("'{word}'")))
        }
        Some(Blocks::Names(names)) => {
            let index = |name: &String| index_of(what, name, blocks);
            let indices: Result<BTreeSet<usize>> = names.iter().map(index).collect();
            Ok(indices?.into_iter().collect())
        }
    }
}

fn index_of(what: &str, name: &str, blocks: &[BlockSpec]) -> Result<usize> {
    blocks.iter().position(|block| block.name == name).ok_or_else(|| {
        let known: Vec<_> = blocks.iter().map(|block| block.name.as_str()).collect();
        Error::input(what, format!("blocks among {}", known.join(", ")), format!("'{name}'"))
    })
}

/// Checks that every part of every tapped block has the channel; a block's input may have the fewest channels.
fn check_channel(channel: usize, tapped: &[usize], blocks: &[BlockSpec]) -> Result<()> {
    for block in tapped.iter().map(|&index| &blocks[index]) {
        let channels = block.convs[0].in_channels.min(block.output());
        if channel >= channels {
            let expected = format!("a channel below {channels} for {}", block.name);
            return Err(Error::input("reduce", expected, format!("channel {channel}")));
        }
    }
    Ok(())
}
