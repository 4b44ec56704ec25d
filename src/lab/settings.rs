//! A caller's training settings, checked.

use serde::{Deserialize, Serialize};

use super::data::TRAIN;
use super::presets::{Activation, Norm, PRESETS, Place, Recipe};
use crate::error::{Error, Result};

/// The default preset.
const DEFAULT: &str = "shallow";

/// A preset and its overrides, with the JavaScript API's names. Each may be missing.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Settings {
    /// The name of a preset; default: `shallow`.
    pub preset: Option<String>,
    /// The seed of the weights and of the order of the pictures; default: 1.
    pub seed: Option<f64>,
    /// Weighted layers. This and all that follow are explained at [`Recipe`].
    pub depth: Option<f64>,
    /// Channels.
    pub width: Option<f64>,
    /// Whether blocks add their input.
    pub skip: Option<bool>,
    /// Whether there are batch norms.
    pub norm: Option<Norm>,
    /// After each convolution.
    pub activation: Option<Activation>,
    /// Of the activation between two blocks.
    pub place: Option<Place>,
    /// Spread of the initial weights.
    pub init: Option<f64>,
    /// The highest learning rate.
    pub rate: Option<f64>,
    /// Steps until it is reached.
    pub warmup: Option<f64>,
    /// The momentum.
    pub momentum: Option<f64>,
    /// Weight decay.
    pub decay: Option<f64>,
    /// How often each picture is seen.
    pub epochs: Option<f64>,
    /// Pictures per step.
    pub batch: Option<f64>,
}

/// Checked settings.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// The preset's name.
    pub preset: &'static str,
    /// The seed of all random numbers.
    pub seed: u32,
    /// The network and how it is trained.
    #[serde(skip)]
    pub recipe: Recipe,
}

impl Plan {
    /// Returns the steps of an epoch; pictures that do not fill a batch are left for the next epoch's order.
    pub fn steps_of_epoch(&self) -> usize {
        TRAIN / self.recipe.batch
    }

    /// Returns the number of all steps.
    pub fn steps(&self) -> usize {
        self.recipe.epochs * self.steps_of_epoch()
    }
}

impl Settings {
    /// Checks that a setting of this name exists, because the reader of JavaScript objects ignores unknown ones.
    ///
    /// # Errors
    /// `Input`, with the existing names.
    pub fn knows(name: &str) -> Result<()> {
        let object = serde_json::json!({ name: null });
        let read = serde_json::from_value::<Self>(object);
        read.map(drop)
            .map_err(|error| Error::input("settings", "names of settings", error.to_string()))
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// `Input` for an unknown preset, and for numbers outside their range.
    pub fn check(&self) -> Result<Plan> {
        let name = self.preset.as_deref().unwrap_or(DEFAULT);
        let Some(preset) = PRESETS.iter().find(|preset| preset.name == name) else {
            let names = PRESETS.map(|preset| format!("'{}'", preset.name)).join(", ");
            return Err(Error::input("preset", format!("one of {names}"), format!("'{name}'")));
        };
        let base = preset.recipe;
        let recipe = Recipe {
            depth: whole("depth", self.depth, base.depth, 8, 200)?,
            width: whole("width", self.width, base.width, 4, 16)?,
            skip: self.skip.unwrap_or(base.skip),
            norm: self.norm.unwrap_or(base.norm),
            activation: self.activation.unwrap_or(base.activation),
            place: self.place.unwrap_or(base.place),
            init: number("init", self.init, base.init, 0.01, 10.0)?,
            rate: number("rate", self.rate, base.rate, 1e-6, 10.0)?,
            warmup: whole("warmup", self.warmup, base.warmup, 0, 10_000)?,
            momentum: number("momentum", self.momentum, base.momentum, 0.0, 0.999)?,
            decay: number("decay", self.decay, base.decay, 0.0, 0.1)?,
            epochs: whole("epochs", self.epochs, base.epochs, 1, 100)?,
            batch: whole("batch", self.batch, base.batch, 8, 128)?,
        };
        if !recipe.depth.is_multiple_of(2) {
            let expected = "an even number: stem and head, and two layers for each block";
            return Err(Error::input("depth", expected, recipe.depth.to_string()));
        }
        let seed = whole("seed", self.seed, 1, 0, u32::MAX)?;
        Ok(Plan { preset: preset.name, seed, recipe })
    }
}

/// Returns an override within its range, or the preset's whole number.
fn whole<T>(what: &str, value: Option<f64>, base: T, least: T, most: T) -> Result<T>
where
    T: TryFrom<u64> + std::fmt::Display + PartialOrd,
{
    let Some(value) = value else { return Ok(base) };
    let wanted = (value.fract() == 0.0 && value >= 0.0).then_some(value as u64);
    let wanted = wanted.and_then(|wanted| T::try_from(wanted).ok());
    match wanted {
        Some(wanted) if wanted >= least && wanted <= most => Ok(wanted),
        _ => {
            Err(Error::input(what, format!("an integer from {least} to {most}"), value.to_string()))
        }
    }
}

/// Returns an override within its range, or the preset's number.
fn number(what: &str, value: Option<f64>, base: f32, least: f64, most: f64) -> Result<f32> {
    match value {
        None => Ok(base),
        Some(value) if (least..=most).contains(&value) => Ok(value as f32),
        Some(value) => {
            Err(Error::input(what, format!("a number from {least} to {most}"), value.to_string()))
        }
    }
}
