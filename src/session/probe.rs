//! A picture without meaning on which two engines must agree.

#[cfg(feature = "webgpu")]
use std::future::ready;

#[cfg(feature = "webgpu")]
use super::GraphCache;
use super::{Engine, Input, Session};
use crate::arch::BlockSpec;
use crate::error::{Error, Result};
#[cfg(feature = "webgpu")]
use crate::gpu::Gpu;
use crate::model::{BlockTap, Outputs, Part, TapPlan};
use crate::ops::Reduction;

/// Largest difference between two engines, relative to the largest value of each result.
pub const TOLERANCE: f32 = 1e-3;

/// Width and height of the picture that is resized on both: one side shrinks, the other one grows.
#[cfg(feature = "webgpu")]
const PICTURE: [usize; 2] = [301, 97];

/// How far the processor's resizing may be from the exact one, in 1/255, and a rounding of f32.
#[cfg(feature = "webgpu")]
const LEVELS: f32 = 1.01;

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
    /// the warm-up, too: every kernel that a frame of the model's size can use is compiled and run.
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
            compare("webgpu", what, &found, values, self.tolerance())?;
            expected = rest;
        }
        if !expected.is_empty() {
            let found = format!("{} values more", expected.len());
            return Err(Error::input("probe", "the probe of the same model", found));
        }
        match &self.engine {
            #[cfg(feature = "cpu")]
            Engine::Cpu => (),
            #[cfg(feature = "webgpu")]
            Engine::WebGpu(gpu, graphs) => self.check_preprocessing(gpu, graphs).await?,
        }
        Ok(())
    }

    /// Compares what a GPU makes of a picture with what this file's processor does, and gets ready for
    /// frames.
    #[cfg(feature = "webgpu")]
    async fn check_preprocessing(&self, gpu: &Gpu, graphs: &GraphCache) -> Result<()> {
        let [width, height] = PICTURE;
        let noise = image(4 * width * height).into_iter();
        let rgba: Vec<u8> = noise.map(|value| ((value + 2.0) * 63.0) as u8).collect();
        let rgba = crate::preprocess::opaque(&rgba, width, height)?;
        let preprocessing = &self.metadata.preprocessing;
        let expected = preprocessing.apply(&rgba, width, height)?;
        let read_back = || {
            let reading = graphs.preprocess(&rgba, PICTURE);
            async { Ok(reading.read_f32().await?.remove(0)) }
        };
        let found = gpu.guard(read_back).await?;
        let frame = || ready(graphs.prepare(&self.network, &TapPlan::default()));
        gpu.guard(frame).await?;
        let steps = found.iter().zip(&expected).zip(preprocessing.std.iter().cycle());
        let off = steps.fold(0.0f32, |most, ((found, expected), std)| {
            let off = (found - expected).abs() * std * 255.0;
            if off.is_nan() { f32::INFINITY } else { most.max(off) }
        });
        if off > LEVELS {
            let (what, [found, allowed]) =
                ("a resized picture".into(), [off / 255.0, LEVELS / 255.0]);
            return Err(Error::Parity { engine: "webgpu", what, found, allowed });
        }
        Ok(())
    }

    /// How far this engine may be from another one.
    pub(super) fn tolerance(&self) -> f32 {
        #[cfg(feature = "webgpu")]
        if let Some(gpu) = self.gpu() {
            return gpu.context().config.tolerance();
        }
        TOLERANCE
    }

    /// Every result of the probe with its name.
    async fn run_probe(&self) -> Result<Vec<(String, Vec<f32>)>> {
        let size = self.metadata.preprocessing.input_size;
        let image = image(3 * size * size);
        let mut results = Vec::new();
        for plan in plans(&self.blocks) {
            let input = Input::Images((&image[..]).into(), [1, size, size]);
            let Outputs { logits, taps, .. } = self.run(input, &plan).await?;
            let without = if plan.ablated.is_empty() { "" } else { ", blocks left out" };
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
        }
        Ok(results)
    }
}

/// What the probe runs, so that it reaches every kernel of a frame. Blocks of a stage have the same shapes:
/// tapping its last one and no other, each convolution runs both ways, with the addition in its epilogue, and
/// with F(x) written out. Then all blocks are left out, which is little work.
pub fn plans(blocks: &[BlockSpec]) -> [TapPlan; 2] {
    let begins = |index: usize| blocks.get(index).is_none_or(|block| block.projection.is_some());
    let last_of_stages: Vec<_> = (0..blocks.len()).filter(|index| begins(index + 1)).collect();
    let all = (0..blocks.len()).collect();
    [
        TapPlan { blocks: last_of_stages.clone(), reduction: Reduction::MeanAbs, ablated: vec![] },
        TapPlan { blocks: last_of_stages, reduction: Reduction::MaxAbs, ablated: all },
    ]
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

/// max |a − b| / max |b|; infinite if any difference is not a number.
fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    let largest = b.iter().fold(0.0f32, |most, value| most.max(value.abs()));
    let difference = a.iter().zip(b).fold(0.0f32, |most, (a, b)| {
        let difference = (a - b).abs();
        if difference.is_nan() { f32::INFINITY } else { most.max(difference) }
    });
    difference / largest.max(f32::MIN_POSITIVE)
}
