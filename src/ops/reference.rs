//! The scalar reference: every operation as the plainest loops that define it.
//!
//! Engines are checked against them at load, and every kernel in the tests. Shapes are those of
//! [`super::FusedOps`].

use super::conv::{ConvShape, Epilogue};
use super::{PATH_SUMS, Reduction};

/// Computes a convolution with `weights` `[O, I, K, K]`: each output value is the sum of its channel's weights times
/// the inputs under the kernel. Reads each weight once and in order, because this runs at every load.
pub fn conv(
    x: &[f32],
    weights: &[f32],
    shape: &ConvShape,
    epilogue: Epilogue<'_>,
    out: &mut [f32],
) {
    let (depth, channels) = (shape.conv.depth(), shape.conv.out_channels);
    let patches = patches(x, shape);
    for (channel, weights) in weights.chunks_exact(depth).enumerate() {
        for (pixel, patch) in patches.chunks_exact(depth).enumerate() {
            let index = pixel * channels + channel;
            let out = &mut out[index..index + 1];
            epilogue.finish_run(&[dot(weights, patch)], index, channel, out);
        }
    }
}

/// Returns the inputs under the kernel of each output pixel, `[N · H' · W'][I, K, K]`; 0 in the padding.
fn patches(x: &[f32], shape: &ConvShape) -> Vec<f32> {
    let (input, kernel) = (shape.conv.in_channels, shape.conv.kernel);
    let taps = kernel * kernel;
    let mut patches = vec![0.0; shape.out_pixels() * input * taps];
    for (pixel, patch) in patches.chunks_exact_mut(input * taps).enumerate() {
        let (image, y, x_) = split_pixel(pixel, shape);
        for tap in 0..taps {
            let from = shape.input_pixel(y, x_, tap / kernel, tap % kernel);
            let Some(from) = from else { continue };
            let values = &x[(image * shape.h * shape.w + from) * input..][..input];
            for (patch, value) in patch[tap..].iter_mut().step_by(taps).zip(values) {
                *patch = *value;
            }
        }
    }
    patches
}

/// Number of partial sums of a product of vectors, so that it is vectorised.
const LANES: usize = 8;

/// Returns Σ aᵢ · bᵢ, in a call for each sum, so that a browser can continue in faster code.
#[inline(never)]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    let mut sums = [0.0; LANES];
    for (a, b) in a.iter().zip(b) {
        sums = std::array::from_fn(|lane| sums[lane] + a[lane] * b[lane]);
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
}

/// Returns the image, row and column of an output pixel.
fn split_pixel(pixel: usize, shape: &ConvShape) -> (usize, usize, usize) {
    let (row, x) = (pixel / shape.out_w, pixel % shape.out_w);
    (row / shape.out_h, row % shape.out_h, x)
}

/// Computes the 3×3 maximum, stride 2, padding 1.
pub fn max_pool(x: &[f32], [n, h, w, c]: [usize; 4]) -> Vec<f32> {
    let (out_h, out_w) = (h.div_ceil(2), w.div_ceil(2));
    let mut out = vec![f32::NEG_INFINITY; n * out_h * out_w * c];
    for image in 0..n {
        for y in 0..out_h {
            for x_ in 0..out_w {
                for from_y in (2 * y).saturating_sub(1)..(2 * y + 2).min(h) {
                    for from_x in (2 * x_).saturating_sub(1)..(2 * x_ + 2).min(w) {
                        for channel in 0..c {
                            let value = x[((image * h + from_y) * w + from_x) * c + channel];
                            let most = &mut out[((image * out_h + y) * out_w + x_) * c + channel];
                            *most = most.max(value);
                        }
                    }
                }
            }
        }
    }
    out
}

/// Returns `a[i] + b[i]` for each i.
pub fn add(a: &[f32], b: &[f32]) -> Vec<f32> {
    a.iter().zip(b).map(|(a, b)| a + b).collect()
}

/// Returns the larger of 0 and `x[i]` for each i.
pub fn relu(x: &[f32]) -> Vec<f32> {
    x.iter().map(|value| if *value > 0.0 { *value } else { 0.0 }).collect()
}

/// Returns the larger of 0 and `a[i] + b[i]` for each i.
pub fn add_relu(a: &[f32], b: &[f32]) -> Vec<f32> {
    relu(&add(a, b))
}

/// Returns as many zeros as `x` has values.
pub fn zeros_like(x: &[f32]) -> Vec<f32> {
    vec![0.0; x.len()]
}

/// Returns one number for each pixel of each part, `parts` being values `[pixels, channels]` and their
/// number of channels. Sums in f64.
pub fn reduce_parts(parts: &[(&[f32], usize)], reduction: Reduction) -> Vec<f32> {
    let mut maps = Vec::new();
    for (values, channels) in parts {
        for pixel in 0..values.len() / channels {
            let (mut sum, mut sum_abs, mut max_abs) = (0.0f64, 0.0f64, 0.0f64);
            for channel in 0..*channels {
                let value = f64::from(values[pixel * channels + channel]);
                sum += value;
                sum_abs += value.abs();
                max_abs = max_abs.max(value.abs());
            }
            let reduced = match reduction {
                Reduction::MeanAbs => sum_abs / *channels as f64,
                Reduction::Mean => sum / *channels as f64,
                Reduction::MaxAbs => max_abs,
                Reduction::Channel(channel) => f64::from(values[pixel * channels + channel]),
            };
            maps.push(reduced as f32);
        }
    }
    maps
}

/// Returns the sums over all elements of a block's two paths, in the order of [`super::path_sums`].
pub fn path_sums(shortcut: &[f32], residual: &[f32]) -> [f64; PATH_SUMS] {
    let mut sums = [0.0; PATH_SUMS];
    for (s, r) in shortcut.iter().zip(residual) {
        let sum = f64::from(s + r);
        let (s, r) = (f64::from(*s), f64::from(*r));
        let output = if sum > 0.0 { sum } else { 0.0 };
        let negative = if sum < 0.0 { 1.0 } else { 0.0 };
        let terms = [s * s, r * r, s * r, sum * sum, output * output, negative];
        for (sum, term) in sums.iter_mut().zip(terms) {
            *sum += term;
        }
    }
    sums
}

/// Returns the class activation maps of `parts`, which are shortcut, residual and output `[pixels, channels]`,
/// for a class with these `weights`, `[channels]`: one map after the other. Sums in f64.
pub fn cam(parts: [&[f32]; 3], weights: &[f32]) -> Vec<f32> {
    let channels = weights.len();
    let pixels = parts[0].len() / channels;
    let mut maps = Vec::new();
    for part in parts {
        for pixel in 0..pixels {
            let mut sum = 0.0f64;
            for (channel, &weight) in weights.iter().enumerate() {
                let index = pixel * channels + channel;
                if parts[2][index] > 0.0 {
                    sum += f64::from(weight) * f64::from(part[index]);
                }
            }
            maps.push((sum / pixels as f64) as f32);
        }
    }
    maps
}

/// Returns the mean over all pixels.
pub fn mean_pool(x: &[f32], [n, h, w, c]: [usize; 4]) -> Vec<f32> {
    let pixels = h * w;
    let mut out = vec![0.0; n * c];
    for image in 0..n {
        for pixel in 0..pixels {
            for channel in 0..c {
                out[image * c + channel] += x[(image * pixels + pixel) * c + channel];
            }
        }
    }
    out.iter().map(|sum| sum / pixels as f32).collect()
}

/// Returns `x · weightsᵀ + bias`.
pub fn linear(x: &[f32], weights: &[f32], bias: &[f32], input: usize) -> Vec<f32> {
    x.chunks_exact(input)
        .flat_map(|row| weights.chunks_exact(input).zip(bias).map(|(w, b)| dot(row, w) + b))
        .collect()
}
