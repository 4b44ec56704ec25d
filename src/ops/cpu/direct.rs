//! Direct convolution as a matrix product over unfolded pixels ("im2col"), in bands.
//!
//! A band of output pixels is unfolded into panels that stay in the L2 cache while all channels
//! pass: Chellapilla et al. 2006, "High Performance Convolutional Neural Networks for Document
//! Processing". Serves the stem, the strided convolutions and all 1×1 convolutions.

use std::array;

use super::gemm::{self, COLUMNS, ROWS};
use super::panels::{Destination, for_each_panel};
use super::parallel::for_each_chunk;
use super::scratch::with_scratch;
use crate::ops::conv::{Conv, ConvShape, Epilogue};

/// The most values of an unfolded band: a quarter of a megabyte of L2.
const BAND_VALUES: usize = 64 * 1024;

/// The number of bands is a multiple of this, so they divide evenly among 2, 4 and 8 threads.
const BANDS_MULTIPLE: usize = 8;

/// Outputs of at most this many pixels are split by channels.
const MAX_PIXELS_BY_CHANNELS: usize = 196;

/// Packs weights `[O, I, K, K]` in panels of output channels, `[O / 8][K · K · I][8]`.
pub fn pack_weights(weights: &[f32], conv: &Conv) -> Vec<f32> {
    let (taps, depth) = (conv.kernel * conv.kernel, conv.depth());
    let mut packed = Vec::with_capacity(depth * conv.out_channels.next_multiple_of(COLUMNS));
    gemm::pack_columns(depth, conv.out_channels, &mut packed, |k, output| {
        let (tap, input) = (k / conv.in_channels, k % conv.in_channels);
        weights[(output * conv.in_channels + input) * taps + tap]
    });
    packed
}

/// Convolves `x`, `[N, H, W, I]`, into `out`, `[N, H', W', O]`.
///
/// Threads share the pixels of large outputs and the channels of small ones, as in
/// [`super::winograd`].
pub fn conv(
    x: &[f32],
    weights: &[f32],
    shape: &ConvShape,
    epilogue: Epilogue<'_>,
    out: &mut [f32],
) {
    let (channels, depth) = (shape.conv.out_channels, shape.conv.depth());
    if shape.out_pixels() <= MAX_PIXELS_BY_CHANNELS {
        let length = shape.out_pixels().next_multiple_of(ROWS) * depth;
        with_scratch(length, |panels| {
            for_each_chunk(panels, ROWS * depth, |group, panel| {
                unfold(x, shape, group * ROWS, panel);
            });
            let band = Band { shape, first: 0, panels };
            for_each_panel(out, channels, |panel, to, out| {
                band.multiply(weights, panel, to, epilogue, out);
            });
        });
        return;
    }
    let most = (BAND_VALUES / depth).clamp(ROWS, 128);
    let bands = shape.out_pixels().div_ceil(most).next_multiple_of(BANDS_MULTIPLE);
    let pixels = shape.out_pixels().div_ceil(bands).next_multiple_of(ROWS);
    for_each_chunk(out, pixels * channels, |index, out| {
        let first = index * pixels;
        let count = out.len() / channels;
        with_scratch(count.next_multiple_of(ROWS) * depth, |panels| {
            for (group, panel) in panels.chunks_exact_mut(ROWS * depth).enumerate() {
                unfold(x, shape, first + group * ROWS, panel);
            }
            let band = Band { shape, first, panels };
            for panel in 0..channels.div_ceil(COLUMNS) {
                let to = Destination::in_pixels(panel, channels);
                band.multiply(weights, panel, to, epilogue, out);
            }
        });
    });
}

/// Some pixels of the output, and their unfolded inputs.
struct Band<'a> {
    shape: &'a ConvShape,
    /// The first pixel, counted over all images.
    first: usize,
    /// `[pixels / 4][K · K · I][4]`.
    panels: &'a [f32],
}

impl Band<'_> {
    /// Computes one panel of output channels of all pixels.
    fn multiply(
        &self,
        weights: &[f32],
        panel: usize,
        to: Destination,
        epilogue: Epilogue<'_>,
        out: &mut [f32],
    ) {
        let (channels, depth) = (self.shape.conv.out_channels, self.shape.conv.depth());
        let width = COLUMNS.min(channels - to.channel);
        let pixels = out.len() / to.stride;
        let b = &weights[panel * depth * COLUMNS..][..depth * COLUMNS];
        for (group, a) in self.panels.chunks_exact(depth * ROWS).enumerate() {
            let tile = gemm::tile(a, b);
            for (sums, pixel) in tile.iter().zip(group * ROWS..pixels) {
                let out = &mut out[pixel * to.stride + to.offset..][..width];
                let index = (self.first + pixel) * channels + to.channel;
                epilogue.finish_run(sums, index, to.channel, out);
            }
        }
    }
}

/// Returns the inputs of four output pixels from `first` on, as a panel `[K · K · I][4]`.
///
/// In channels-last order the inputs under a row of the kernel are contiguous.
fn unfold(x: &[f32], shape: &ConvShape, first: usize, panel: &mut [f32]) {
    let conv = &shape.conv;
    let panel = panel.as_chunks_mut::<ROWS>().0;
    for (ky, to) in panel.chunks_exact_mut(conv.kernel * conv.in_channels).enumerate() {
        let lines: [Line<'_>; ROWS] = array::from_fn(|lane| line(x, shape, first + lane, ky));
        if let [Some((0, a)), Some((0, b)), Some((0, c)), Some((0, d))] = lines
            && [a, b, c, d].iter().all(|line| line.len() == to.len())
        {
            for ((((to, a), b), c), d) in to.iter_mut().zip(a).zip(b).zip(c).zip(d) {
                *to = [*a, *b, *c, *d];
            }
            continue;
        }
        to.fill([0.0; ROWS]);
        for (lane, line) in lines.into_iter().enumerate() {
            let Some((start, line)) = line else { continue };
            for (to, value) in to[start..].iter_mut().zip(line) {
                to[lane] = *value;
            }
        }
    }
}

/// Returns the inputs under a row of the kernel that are inside the image, and how many before them are not; `None` if
/// none is inside.
type Line<'a> = Option<(usize, &'a [f32])>;

/// Returns the line of output pixel `pixel`, counted over all images, at the kernel's row `ky`.
fn line<'a>(x: &'a [f32], shape: &ConvShape, pixel: usize, ky: usize) -> Line<'a> {
    let Conv { in_channels: input, kernel, stride, padding, .. } = shape.conv;
    if pixel >= shape.out_pixels() {
        return None;
    }
    let (row, out_x) = (pixel / shape.out_w, pixel % shape.out_w);
    let (image, out_y) = (row / shape.out_h, row % shape.out_h);
    let y = (out_y * stride + ky).checked_sub(padding).filter(|y| *y < shape.h)?;
    let left = out_x * stride;
    let (from, to) = (left.saturating_sub(padding), (left + kernel - padding).min(shape.w));
    let row = (image * shape.h + y) * shape.w;
    let values = x.get((row + from) * input..(row + to) * input)?;
    Some(((from + padding - left) * input, values))
}
