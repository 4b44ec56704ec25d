//! A picture without meaning on which two engines must agree.

use super::Session;
use crate::error::{Error, Result};
use crate::model::{BlockTap, Outputs, Part, TapPlan};
use crate::ops::Reduction;

/// Largest difference between two engines, relative to the largest value of each result.
pub const TOLERANCE: f32 = 1e-3;

impl Session {
    /// Logits and maps of the probe at the model's own size, one after the other: what
    /// [`Session::check`] of another engine expects.
    ///
    /// # Errors
    /// `Gpu` if the GPU fails.
    pub async fn probe(&self) -> Result<Vec<f32>> {
        Ok(self.run_probe().await?.into_iter().flat_map(|(_, values)| values).collect())
    }

    /// Compares this engine with what the [`Session::probe`] of another one gave. On a GPU it is
    /// the warm-up, too: every kernel that a frame can use is compiled and run.
    ///
    /// # Errors
    /// `Parity` if any result is off by more than the tolerance, `Gpu` if the GPU fails.
    pub async fn check(&self, expected: &[f32]) -> Result<()> {
        let mut expected = expected;
        for (what, found) in self.run_probe().await? {
            let Some((values, rest)) = expected.split_at_checked(found.len()) else {
                let wanted = format!("the probe of the same model, {} values more", found.len());
                return Err(Error::input("probe", wanted, format!("{}", expected.len())));
            };
            compare("webgpu", what, &found, values)?;
            expected = rest;
        }
        Ok(())
    }

    /// Every result of the probe with its name.
    async fn run_probe(&self) -> Result<Vec<(String, Vec<f32>)>> {
        let input = image(self.metadata.preprocessing.input_size.pow(2) * 3);
        let plan = TapPlan {
            blocks: last_of_each_stage(self),
            reduction: Reduction::Mean,
            ablated: vec![],
        };
        let Outputs { logits, taps, .. } = self.forward(input, &plan).await?;
        let maps = taps.into_iter().flat_map(|BlockTap { block, maps }| {
            let name = self.block_name(block);
            let named = move |(part, map): (Part, crate::model::Map)| {
                (format!("{name}'s {}", part.name()), map.data)
            };
            Part::ALL.into_iter().zip(maps).map(named)
        });
        Ok(std::iter::once(("the logits".to_owned(), logits)).chain(maps).collect())
    }
}

/// Blocks of a stage have the same shapes. Tapping its last one and no other, the probe runs each
/// convolution both ways: with the addition in its epilogue, and with F(x) written out.
fn last_of_each_stage(session: &Session) -> Vec<usize> {
    let blocks = &session.blocks;
    let begins = |index: usize| blocks.get(index).is_none_or(|block| block.projection.is_some());
    (0..blocks.len()).filter(|index| begins(index + 1)).collect()
}

/// Values in [-2, 2] without a pattern that a wrong kernel could hide in: a linear congruential
/// generator with the constants of Numerical Recipes.
pub fn image(length: usize) -> Vec<f32> {
    let mut state = 1u32;
    std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 22) as f32 - 2.0
    })
    .take(length)
    .collect()
}

/// # Errors
/// `Parity` if `found` is off from `expected` by more than the tolerance.
pub fn compare(engine: &'static str, what: String, found: &[f32], expected: &[f32]) -> Result<()> {
    let found = largest_difference(found, expected);
    if found > TOLERANCE {
        return Err(Error::Parity { engine, what, found, allowed: TOLERANCE });
    }
    Ok(())
}

/// max |a − b| / max |b|; infinite if any difference is not a number.
fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    let largest = b.iter().fold(0.0f32, |most, value| most.max(value.abs()));
    let difference = a.iter().zip(b).fold(0.0f32, |most, (a, b)| {
        let difference = (a - b).abs();
        if difference.is_nan() { f32::INFINITY } else { most.max(difference) }
    });
    difference / largest.max(f32::MIN_POSITIVE)
}
