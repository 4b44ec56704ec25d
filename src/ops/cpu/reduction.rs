//! Reductions of a part's channels to a map: one number per pixel.

use wide::f32x4;

use super::parallel::for_each_chunk;
use super::rest::padded;
use crate::ops::Reduction;

/// Pixels that a thread reduces at a time.
const PIXELS: usize = 64;

/// Values of a step: four independent sums of a vector each, since an addition waits four cycles for the one before.
const STEP: usize = 16;

/// Writes the map of a part, `[P, C]`, to `out`, `[P]`.
pub fn reduce(part: &[f32], channels: usize, reduction: Reduction, out: &mut [f32]) {
    for_each_chunk(out, PIXELS, |chunk, out| {
        let pixels = part[chunk * PIXELS * channels..].chunks_exact(channels);
        for (out, pixel) in out.iter_mut().zip(pixels) {
            *out = reduced(pixel, reduction);
        }
    });
}

/// Reduces the channels of one pixel, `[C]`.
fn reduced(channels: &[f32], reduction: Reduction) -> f32 {
    let mean = 1.0 / channels.len() as f32;
    match reduction {
        Reduction::MeanAbs => {
            lanes(channels, |sum, value| sum + value.abs()).iter().sum::<f32>() * mean
        }
        Reduction::Mean => lanes(channels, |sum, value| sum + value).iter().sum::<f32>() * mean,
        Reduction::MaxAbs => {
            let most = lanes(channels, |most, value| value.abs().max(most));
            most.iter().fold(0.0, |most, value| value.max(most))
        }
        Reduction::Channel(index) => channels[index],
    }
}

/// Folds the values lane by lane, starting from zeros; zeros also fill the last vector. `fold` must also fold one
/// result into another.
#[inline(always)]
fn lanes(values: &[f32], fold: impl Fn(f32x4, f32x4) -> f32x4) -> [f32; 4] {
    let mut folded = [f32x4::ZERO; STEP / 4];
    let (steps, rest) = values.as_chunks::<STEP>();
    for step in steps {
        for (folded, values) in folded.iter_mut().zip(step.as_chunks::<4>().0) {
            *folded = fold(*folded, f32x4::new(*values));
        }
    }
    for (folded, values) in folded.iter_mut().zip(rest.chunks(4)) {
        *folded = fold(*folded, padded(values));
    }
    let [a, b, c, d] = folded;
    fold(fold(a, b), fold(c, d)).to_array()
}
