//! The `reslens.*` entries of a file's `__metadata__`; every one of them may be missing.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::de::DeserializeOwned;

use crate::error::{ModelError, Result, excerpt};
use crate::preprocess::Preprocessing;

/// Key of the architecture's name.
pub const ARCHITECTURE: &str = "reslens.architecture";
/// Key of the labels: a JSON array of strings, one for each output.
pub const LABELS: &str = "reslens.labels";
/// Key of the input's height and width, in pixels.
pub const INPUT_SIZE: &str = "reslens.input_size";
/// Key of the shorter side's length before the crop, in pixels.
pub const RESIZE: &str = "reslens.resize";
/// Key of the channels' means: a JSON array of three numbers.
pub const MEAN: &str = "reslens.mean";
/// Key of the channels' standard deviations: a JSON array of three numbers.
pub const STD: &str = "reslens.std";
/// Key of the resampling filter's name.
pub const INTERPOLATION: &str = "reslens.interpolation";
/// Key of the number by which logits are divided before the softmax.
pub const TEMPERATURE: &str = "reslens.temperature";
/// Key of the top probability below which the model abstains.
pub const ABSTAIN_BELOW: &str = "reslens.abstain_below";
/// Key of the weights' licence.
pub const LICENCE: &str = "reslens.licence";
/// Key of the model card: the weights' origin.
pub const CARD: &str = "reslens.card";

/// torchvision's names of ImageNet's classes, one per line.
const IMAGENET_CATEGORIES: &str = include_str!("imagenet_categories.txt");

/// Outputs of an ImageNet model.
const IMAGENET_CLASSES: usize = 1000;

/// The metadata of a model file.
#[derive(Clone, Debug, PartialEq)]
pub struct Metadata {
    /// A name for each output.
    pub labels: Vec<String>,
    /// How a picture is prepared for the network.
    pub preprocessing: Preprocessing,
    /// Probabilities are softmax(logits / temperature); finite and greater than 0.
    pub temperature: f32,
    /// Top probability, in [0, 1], below which the model abstains.
    pub abstain_below: Option<f32>,
    /// The weights' licence.
    pub licence: Option<String>,
    /// The model card.
    pub card: Option<String>,
}

impl Metadata {
    /// Reads the entries for a model with `classes` outputs. Foreign keys are ignored.
    ///
    /// Without labels, 1000 outputs are ImageNet's categories; other numbers are `class 0`, `class 1`…
    /// Without a size for resizing, its ratio to the input's size is torchvision's 256 : 224.
    ///
    /// # Errors
    /// [`ModelError::Metadata`] naming the key of an entry that cannot be used.
    pub fn parse(entries: &BTreeMap<String, String>, classes: usize) -> Result<Metadata> {
        let entries = Entries(entries);
        let temperature = entries.number(TEMPERATURE, "a finite number above 0", |t| t > 0.0)?;
        let abstain_below =
            entries.number(ABSTAIN_BELOW, "a number from 0 to 1", |p| (0.0..=1.0).contains(&p))?;
        Ok(Metadata {
            labels: entries.labels(classes)?,
            preprocessing: entries.preprocessing()?,
            temperature: temperature.unwrap_or(1.0),
            abstain_below,
            licence: entries.text(LICENCE).map(Into::into),
            card: entries.text(CARD).map(Into::into),
        })
    }
}

/// Returns a [`ModelError::Metadata`] about the entry `key`.
pub(super) fn invalid(key: &str, expected: String, found: String) -> ModelError {
    ModelError::Metadata { key: key.into(), expected, found }
}

/// Typed access to the entries.
struct Entries<'a>(&'a BTreeMap<String, String>);

impl Entries<'_> {
    fn text(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    fn labels(&self, classes: usize) -> Result<Vec<String>> {
        let Some(labels) = self.json::<Vec<String>>(LABELS, "a JSON array of strings")? else {
            return Ok(default_labels(classes));
        };
        if labels.len() != classes {
            let expected = format!("{classes} labels, as many as the model has outputs");
            return Err(invalid(LABELS, expected, labels.len().to_string()).into());
        }
        Ok(labels)
    }

    fn preprocessing(&self) -> Result<Preprocessing> {
        self.check_interpolation()?;
        let default = Preprocessing::default();
        let channels = "a JSON array of three numbers";
        let input_size = self.parsed(INPUT_SIZE, "a whole number")?.unwrap_or(default.input_size);
        let resize = match self.parsed(RESIZE, "a whole number")? {
            Some(resize) => resize,
            None => input_size.saturating_mul(default.resize).div_ceil(default.input_size),
        };
        let preprocessing = Preprocessing {
            resize,
            input_size,
            mean: self.json(MEAN, channels)?.unwrap_or(default.mean),
            std: self.json(STD, channels)?.unwrap_or(default.std),
        };
        preprocessing.check()?;
        Ok(preprocessing)
    }

    /// Checks the resampling filter: torchvision uses the same one for all its ResNets, and only that is accepted.
    fn check_interpolation(&self) -> Result<()> {
        match self.text(INTERPOLATION) {
            None | Some("bilinear") => Ok(()),
            Some(other) => Err(invalid(INTERPOLATION, "bilinear".into(), quoted(other)).into()),
        }
    }

    /// Reads a number, written as in JSON, in the range that `allowed` defines and `expected` describes.
    fn number(
        &self,
        key: &str,
        expected: &str,
        allowed: impl Fn(f32) -> bool,
    ) -> Result<Option<f32>> {
        // Not `str::parse`, whose table of powers for the last bit would be an eighth of all data in a wasm file.
        match self.read(key, expected, |text| serde_json::from_str::<f32>(text).ok())? {
            Some(value) if !value.is_finite() || !allowed(value) => {
                Err(invalid(key, expected.into(), value.to_string()).into())
            }
            value => Ok(value),
        }
    }

    fn parsed<T: FromStr>(&self, key: &str, expected: &str) -> Result<Option<T>> {
        self.read(key, expected, |text| text.trim().parse().ok())
    }

    fn read<T>(
        &self,
        key: &str,
        expected: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>> {
        let Some(text) = self.text(key) else { return Ok(None) };
        let value = read(text).ok_or_else(|| invalid(key, expected.into(), quoted(text)))?;
        Ok(Some(value))
    }

    fn json<T: DeserializeOwned>(&self, key: &str, expected: &str) -> Result<Option<T>> {
        let Some(text) = self.text(key) else { return Ok(None) };
        let value = serde_json::from_str(text);
        let found = |error| format!("{} ({error})", quoted(text));
        Ok(Some(value.map_err(|error| invalid(key, expected.into(), found(error)))?))
    }
}

fn default_labels(classes: usize) -> Vec<String> {
    if classes == IMAGENET_CLASSES {
        IMAGENET_CATEGORIES.lines().map(Into::into).collect()
    } else {
        (0..classes).map(|class| format!("class {class}")).collect()
    }
}

/// Returns the beginning of a value, for a message.
fn quoted(text: &str) -> String {
    format!("`{}`", excerpt(text, 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_category_for_every_class_of_imagenet() {
        let labels = default_labels(IMAGENET_CLASSES);
        assert_eq!(labels.len(), IMAGENET_CLASSES);
        assert_eq!((labels[0].as_str(), labels[999].as_str()), ("tench", "toilet tissue"));
        assert_eq!(default_labels(2), ["class 0", "class 1"]);
    }
}
