//! Parity: two backends must agree on a synthetic noise image.

use super::{Backend, Session};
use crate::arch::BlockSpec;
use crate::error::{Error, Result};
use crate::model::{BlockTap, Cam, Outputs, Part, Path, Plan};
use crate::ops::{CamClass, Reduction};

impl<B: Backend> Session<B> {
    /// Runs the probe at the model's own size. Returns its logits and maps one after another, which a
    /// GPU's `check` compares with its own.
    ///
    /// # Errors
    /// `Gpu` if the GPU fails.
    pub async fn probe(&self) -> Result<Vec<f32>> {
        Ok(self.run_probe().await?.into_iter().flat_map(|(_, values)| values).collect())
    }

    /// Returns every result of the probe with its name. Backends round differently, and a sum near 0 may fall
    /// on either side of it. Results that jump there are left out, or, like the activation maps of the two paths,
    /// added up to results that do not.
    pub(super) async fn run_probe(&self) -> Result<Vec<(String, Vec<f32>)>> {
        let size = self.metadata.preprocessing.input_size;
        let image = noise(3 * size * size);
        let mut results = Vec::new();
        for plan in plans(&self.blocks) {
            let input = B::images((&image[..]).into(), [1, size, size]);
            let Outputs { logits, taps, stats, cam, .. } = self.run(input, &plan).await?;
            let without = if plan.left_out.is_empty() { "" } else { ", blocks left out" };
            results.push((format!("the logits{without}"), logits));
            for BlockTap { block, maps } in taps {
                let name = self.block_name(block);
                let named = Part::ALL.into_iter().zip(maps);
                results.extend(
                    named.map(|(part, map)| {
                        (format!("{name}'s {}{without}", part.name()), map.data)
                    }),
                );
            }
            results.extend(stats.iter().map(|stats| {
                let name = self.block_name(stats.block);
                (format!("{name}'s statistics{without}"), stats.continuous().to_vec())
            }));
            if let Some(Cam { total, shortcut, residual, .. }) = cam {
                let paths = shortcut.data.iter().zip(&residual.data).map(|(a, b)| a + b);
                results.push((format!("the paths' activation maps{without}"), paths.collect()));
                results.push((format!("the class activation map{without}"), total.data));
            }
        }
        Ok(results)
    }
}

/// Returns the probe's plans, which reach every kernel of a frame. Blocks of a stage have the same shapes:
/// with all parts of its last one shown and nothing of the others, each convolution runs both ways, with the addition
/// in its epilogue, and with F(x) written out. Then all blocks are left out, which is little work.
pub fn plans(blocks: &[BlockSpec]) -> [Plan; 2] {
    let last_of_stages = last_of_stages(blocks);
    let all = (0..blocks.len()).map(|block| (block, Path::Residual)).collect();
    let taps = last_of_stages.clone();
    let left_out = Plan { taps, reduction: Reduction::MaxAbs, left_out: all, ..Plan::default() };
    // Maps a given class: two backends may disagree on the top one of noise, and both be right.
    let cam = Some(CamClass::Index(0));
    let taps = last_of_stages.clone();
    [Plan { taps, stats: last_of_stages, cam, ..Plan::default() }, left_out]
}

/// Returns the index of each stage's last block.
pub fn last_of_stages(blocks: &[BlockSpec]) -> Vec<usize> {
    let begins = |index: usize| blocks.get(index).is_none_or(|block| block.projection.is_some());
    (0..blocks.len()).filter(|index| begins(index + 1)).collect()
}

/// Returns values in [-2, 2] without a pattern in which a wrong kernel could hide: a linear congruential generator with
/// the constants of Numerical Recipes.
pub fn noise(length: usize) -> Vec<f32> {
    let mut state = 1u32;
    std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 22) as f32 - 2.0
    })
    .take(length)
    .collect()
}

/// # Errors
/// `Parity` if `found` is off from `expected` by more than is allowed.
pub fn compare(
    engine: &'static str,
    what: String,
    found: &[f32],
    expected: &[f32],
    allowed: f32,
) -> Result<()> {
    let found = largest_difference(found, expected);
    if found > allowed {
        return Err(Error::Parity { engine, what, found, allowed });
    }
    Ok(())
}

/// Returns max |a − b| / max |b|; infinite if any difference is not a number.
fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    let largest = b.iter().fold(0.0f32, |most, value| most.max(value.abs()));
    let difference = a.iter().zip(b).fold(0.0f32, |most, (a, b)| {
        let difference = (a - b).abs();
        if difference.is_nan() { f32::INFINITY } else { most.max(difference) }
    });
    difference / largest.max(f32::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_may_be_off_by_the_tolerance_of_the_largest_and_no_more() {
        let passes = |found: &[f32], expected: &[f32]| {
            compare("cpu", "".into(), found, expected, 0.25).is_ok()
        };
        assert!(
            passes(&[4.0, 0.0], &[4.0, 1.0]) && passes(&[-5.0], &[-4.0]) && passes(&[0.0], &[0.0])
        );
        for (found, expected) in [
            ([4.0, 0.0], [4.0, 1.125]),
            ([-4.0, 4.0], [4.0, 4.0]),
            ([f32::NAN, 4.0], [1.0, 4.0]),
            ([f32::INFINITY, 4.0], [1.0, 4.0]),
            ([1e-6, 0.0], [0.0, 0.0]),
        ] {
            assert!(!passes(&found, &expected), "{found:?} for {expected:?}");
        }
    }
}
