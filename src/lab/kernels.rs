//! Kernels of the lab's operations and of their gradients, on 4×4 cells: a row of a channel is one vector.
//!
//! Activations are `[N, C, 4, 4]`. Products and sums are rounded one by one, in an order that does not depend on the
//! machine, so the results have the same bits everywhere. Their reference is Burn's stock operations.

use wide::f32x4;

use super::data::SIDE;

/// Cells of a channel.
const CELLS: usize = SIDE * SIDE;

/// Weights of a 3×3 kernel, and its height and width.
const TAPS: usize = KERNEL * KERNEL;
const KERNEL: usize = 3;

/// A channel of a picture as a convolution reads it: for each horizontal tap its rows, moved by that tap and with a
/// row of zeros above and below.
type Moved = [[f32x4; SIDE + 2]; KERNEL];

/// Returns the rows of a channel, moved by −1, 0 and 1 cells.
fn moved(channel: &[f32]) -> Moved {
    let mut all = [[f32x4::ZERO; SIDE + 2]; KERNEL];
    for (y, row) in channel.as_chunks::<SIDE>().0.iter().enumerate() {
        let [a, b, c, d] = *row;
        all[0][y + 1] = f32x4::new([0.0, a, b, c]);
        all[1][y + 1] = f32x4::new([a, b, c, d]);
        all[2][y + 1] = f32x4::new([b, c, d, 0.0]);
    }
    all
}

/// Returns the rows of all channels of all pictures.
fn all_moved(x: &[f32]) -> Vec<Moved> {
    x.chunks_exact(CELLS).map(moved).collect()
}

/// Computes a 3×3 convolution, stride 1, zero padding: x `[N, I, 4, 4]`, weights `[O, I, 3, 3]` → `[N, O, 4, 4]`.
pub fn conv(x: &[f32], weights: &[f32], inputs: usize) -> Vec<f32> {
    let outputs = weights.len() / (inputs * TAPS);
    let mut result = Vec::with_capacity(x.len() / inputs * outputs);
    let mut channels = Vec::with_capacity(inputs);
    for picture in x.chunks_exact(inputs * CELLS) {
        channels.clear();
        channels.extend(picture.chunks_exact(CELLS).map(moved));
        for of_output in weights.chunks_exact(inputs * TAPS) {
            let mut sums = [f32x4::ZERO; SIDE];
            for (rows, kernel) in channels.iter().zip(of_output.as_chunks::<TAPS>().0) {
                for (tap, weight) in kernel.iter().enumerate() {
                    let weight = f32x4::splat(*weight);
                    let rows = &rows[tap % KERNEL][tap / KERNEL..];
                    for (sum, row) in sums.iter_mut().zip(rows) {
                        *sum += weight * *row;
                    }
                }
            }
            result.extend(sums.iter().flat_map(|row| row.to_array()));
        }
    }
    result
}

/// Computes the gradient of [`conv`] with respect to x: a convolution of the output's gradient `[N, O, 4, 4]` with
/// kernels rotated by 180 degrees.
pub fn conv_x_gradient(gradient: &[f32], weights: &[f32], inputs: usize) -> Vec<f32> {
    let outputs = weights.len() / (inputs * TAPS);
    let kernels = weights.as_chunks::<TAPS>().0;
    let turned = (0..inputs).flat_map(|input| {
        (0..outputs).flat_map(move |output| kernels[output * inputs + input].iter().rev().copied())
    });
    conv(gradient, &turned.collect::<Vec<_>>(), outputs)
}

/// Computes the gradient of [`conv`] with respect to the weights, `[O, I, 3, 3]`.
pub fn conv_weight_gradient(
    x: &[f32],
    gradient: &[f32],
    inputs: usize,
    outputs: usize,
) -> Vec<f32> {
    let x = all_moved(x);
    let gradient: Vec<[f32x4; SIDE]> = gradient.chunks_exact(CELLS).map(rows).collect();
    let mut result = Vec::with_capacity(outputs * inputs * TAPS);
    for output in 0..outputs {
        for input in 0..inputs {
            let mut sums = [f32x4::ZERO; TAPS];
            let pictures = x.iter().skip(input).step_by(inputs);
            for (rows, slope) in pictures.zip(gradient.iter().skip(output).step_by(outputs)) {
                for (tap, sum) in sums.iter_mut().enumerate() {
                    let rows = &rows[tap % KERNEL][tap / KERNEL..];
                    for (row, slope) in rows.iter().zip(slope) {
                        *sum += *row * *slope;
                    }
                }
            }
            result.extend(sums.map(total));
        }
    }
    result
}

/// Returns the four rows of a channel.
fn rows(channel: &[f32]) -> [f32x4; SIDE] {
    let rows = channel.as_chunks::<SIDE>().0;
    std::array::from_fn(|y| f32x4::new(rows[y]))
}

/// Returns the sum of a vector's elements, in a fixed order.
fn total(vector: f32x4) -> f32 {
    let [a, b, c, d] = vector.to_array();
    (a + b) + (c + d)
}

/// The result of [`norm`].
pub struct Normed {
    /// `[N, C, 4, 4]`.
    pub output: Vec<f32>,
    /// Of the batch, `[C]`.
    pub mean: Vec<f32>,
    /// Of the batch, biased, `[C]`.
    pub variance: Vec<f32>,
}

/// Computes batch norm with the batch's own statistics: x `[N, C, 4, 4]`, scale and shift `[C]`.
pub fn norm(x: &[f32], scale: &[f32], shift: &[f32], epsilon: f32) -> Normed {
    let channels = scale.len();
    let count = (x.len() / channels) as f32;
    let mut result = Normed { output: vec![0.0; x.len()], mean: Vec::new(), variance: Vec::new() };
    for channel in 0..channels {
        let mean = sum(x, channel, channels, |row, _| row) / count;
        let centre = f32x4::splat(mean);
        let square = |row: f32x4, _| (row - centre) * (row - centre);
        let variance = sum(x, channel, channels, square) / count;
        let factor = f32x4::splat(scale[channel] / (variance + epsilon).sqrt());
        let shift = f32x4::splat(shift[channel]);
        let places = places(x, channel, channels);
        for (cells, out) in places.zip(places_mut(&mut result.output, channel, channels)) {
            for (row, out) in cells.as_chunks::<SIDE>().0.iter().zip(out.as_chunks_mut::<SIDE>().0)
            {
                *out = ((f32x4::new(*row) - centre) * factor + shift).to_array();
            }
        }
        result.mean.push(mean);
        result.variance.push(variance);
    }
    result
}

/// The gradients of [`norm`].
pub struct NormGradients {
    /// With respect to x.
    pub x: Vec<f32>,
    /// With respect to the scale, `[C]`.
    pub scale: Vec<f32>,
    /// With respect to the shift, `[C]`.
    pub shift: Vec<f32>,
}

/// Computes the backward pass of [`norm`], with the statistics that it returned (Ioffe and Szegedy 2015, section 3).
pub fn norm_gradients(
    x: &[f32],
    scale: &[f32],
    [mean, variance]: [&[f32]; 2],
    epsilon: f32,
    gradient: &[f32],
) -> NormGradients {
    let channels = scale.len();
    let count = (x.len() / channels) as f32;
    let mut result = NormGradients { x: vec![0.0; x.len()], scale: Vec::new(), shift: Vec::new() };
    for channel in 0..channels {
        let centre = f32x4::splat(mean[channel]);
        let inverse = 1.0 / (variance[channel] + epsilon).sqrt();
        let of_shift = sum(gradient, channel, channels, |row, _| row);
        let pairs = |row: f32x4, at: usize| row * (f32x4::new(row_at(x, at)) - centre);
        let of_scale = inverse * sum(gradient, channel, channels, pairs);
        let factor = f32x4::splat(scale[channel] * inverse);
        let [shared, tilt] = [of_shift / count, of_scale * inverse / count].map(f32x4::splat);
        let slopes = places(gradient, channel, channels).zip(places(x, channel, channels));
        for ((slopes, cells), out) in slopes.zip(places_mut(&mut result.x, channel, channels)) {
            let rows = slopes.as_chunks::<SIDE>().0.iter().zip(cells.as_chunks::<SIDE>().0);
            for ((slope, row), out) in rows.zip(out.as_chunks_mut::<SIDE>().0) {
                let centred = f32x4::new(*row) - centre;
                *out = (factor * (f32x4::new(*slope) - shared - tilt * centred)).to_array();
            }
        }
        result.scale.push(of_scale);
        result.shift.push(of_shift);
    }
    result
}

/// Returns the four values from an index on.
fn row_at(x: &[f32], at: usize) -> [f32; SIDE] {
    [x[at], x[at + 1], x[at + 2], x[at + 3]]
}

/// Sums `of` over the rows of a channel in all pictures; `of` also gets the row's index.
fn sum(x: &[f32], channel: usize, channels: usize, of: impl Fn(f32x4, usize) -> f32x4) -> f32 {
    let mut sums = [f32x4::ZERO; SIDE];
    let starts = (channel * CELLS..x.len()).step_by(channels * CELLS);
    for (start, cells) in starts.zip(places(x, channel, channels)) {
        for (y, row) in cells.as_chunks::<SIDE>().0.iter().enumerate() {
            sums[y] += of(f32x4::new(*row), start + y * SIDE);
        }
    }
    total((sums[0] + sums[1]) + (sums[2] + sums[3]))
}

/// Returns the cells of a channel, picture by picture.
fn places(x: &[f32], channel: usize, channels: usize) -> impl Iterator<Item = &[f32]> {
    x.chunks_exact(CELLS).skip(channel).step_by(channels)
}

fn places_mut(x: &mut [f32], channel: usize, channels: usize) -> impl Iterator<Item = &mut [f32]> {
    x.chunks_exact_mut(CELLS).skip(channel).step_by(channels)
}
