//! Direct convolution as a matrix product over unfolded pixels ("im2col"), in bands.
//!
//! A band of output pixels is unfolded into panels that stay in the L2 cache while all channels
//! pass: Chellapilla et al. 2006, "High Performance Convolutional Neural Networks for Document
//! Processing". Serves the stem, the strided convolutions and all 1×1 convolutions.

use super::gemm::{self, COLUMNS, ROWS};
use super::parallel::for_each_chunk;
use crate::ops::conv::{Conv, ConvShape, Epilogue};

/// Values of an unfolded band, at most: a quarter of a megabyte of L2.
const BAND_VALUES: usize = 64 * 1024;

/// Weights `[O, I, K, K]` in panels of output channels, `[O / 8][K · K · I][8]`.
pub fn pack_weights(weights: &[f32], conv: &Conv) -> Vec<f32> {
    let taps = conv.kernel * conv.kernel;
    let depth = taps * conv.input;
    let mut packed = Vec::with_capacity(depth * conv.output.next_multiple_of(COLUMNS));
    gemm::pack_columns(depth, conv.output, &mut packed, |k, output| {
        let (tap, input) = (k / conv.input, k % conv.input);
        weights[(output * conv.input + input) * taps + tap]
    });
    packed
}

/// Convolution of `x`, `[N, H, W, I]`, into `out`, `[N, H', W', O]`.
pub fn conv(
    x: &[f32],
    weights: &[f32],
    shape: &ConvShape,
    epilogue: Epilogue<'_>,
    out: &mut [f32],
) {
    let conv = &shape.conv;
    let depth = conv.kernel * conv.kernel * conv.input;
    let pixels = (BAND_VALUES / depth).clamp(ROWS, 128).next_multiple_of(ROWS);
    for_each_chunk(out, pixels * conv.output, |band, out| {
        let first = band * pixels;
        let panels = unfold(x, shape, first, out.len() / conv.output);
        for (panel, b) in weights.chunks_exact(depth * COLUMNS).enumerate() {
            for (group, a) in panels.chunks_exact(depth * ROWS).enumerate() {
                let tile = gemm::tile(a, b);
                write_tile(&tile, shape, epilogue, first, group * ROWS, panel * COLUMNS, out);
            }
        }
    });
}

/// Finishes the sums of a tile and writes what lies inside of the band and of the channels.
fn write_tile(
    tile: &gemm::Tile,
    shape: &ConvShape,
    epilogue: Epilogue<'_>,
    first_pixel: usize,
    row: usize,
    column: usize,
    out: &mut [f32],
) {
    let channels = shape.conv.output;
    for (sums, pixel) in tile.iter().zip(row..out.len() / channels) {
        let start = pixel * channels + column;
        let width = COLUMNS.min(channels - column);
        let out = &mut out[start..start + width];
        epilogue.finish_run(&sums[..width], first_pixel * channels + start, column, out);
    }
}

/// The inputs of `count` output pixels from `first` on, as panels `[count / 4][K · K · I][4]`.
fn unfold(x: &[f32], shape: &ConvShape, first: usize, count: usize) -> Vec<f32> {
    let conv = &shape.conv;
    let depth = conv.kernel * conv.kernel * conv.input;
    let mut panels = vec![0.0; depth * count.next_multiple_of(ROWS)];
    for pixel in 0..count {
        let (row, out_x) = ((first + pixel) / shape.out_w, (first + pixel) % shape.out_w);
        let (image, out_y) = (row / shape.out_h, row % shape.out_h);
        let panel = &mut panels[pixel / ROWS * depth * ROWS..][..depth * ROWS];
        for tap in 0..conv.kernel * conv.kernel {
            let (ky, kx) = (tap / conv.kernel, tap % conv.kernel);
            let Some(from) = shape.input_pixel(out_y, out_x, ky, kx) else { continue };
            let from = (image * shape.h * shape.w + from) * conv.input;
            let to = panel[tap * conv.input * ROWS..].as_chunks_mut::<ROWS>().0;
            for (to, value) in to.iter_mut().zip(&x[from..from + conv.input]) {
                to[pixel % ROWS] = *value;
            }
        }
    }
    panels
}
