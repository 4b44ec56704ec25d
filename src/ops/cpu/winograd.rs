//! Winograd convolution F(t×t, 3×3) for tiles of t = 4 and t = 2: for each input and output channel 36 products
//! where a direct 3×3 convolution needs 144, or 16 where it needs 36.
//!
//! Lavin & Gray 2015, "Fast Algorithms for Convolutional Neural Networks" (arXiv 1509.09308). A patch
//! of p×p inputs, p = t + 2, is transformed (BᵀdB), its p² frequencies are multiplied with the transformed
//! kernels as p² matrix products over the channels, and each sum of p×p is transformed into t×t
//! outputs (AᵀmA).

mod transform;

use std::array;
use std::marker::PhantomData;

pub use transform::{F2, F4};
use transform::{LANES, Patch, TAPS, Transform, transform_kernels, transform_tile};
use wide::f32x4;

use super::gemm::{self, COLUMNS, ROWS};
use super::panels::{Destination, for_each_panel};
use super::parallel;
use super::scratch::with_scratch;
use crate::ops::conv::{Conv, ConvShape, Epilogue};

/// The smallest number of frequencies in the tiles of a band: enough to hide reading the weights behind the products,
/// few enough that the transforms stay in the L2 cache, and a whole number of panels at 56×56 pixels.
const BAND_FREQUENCIES: usize = 28 * 36;
/// Input channels whose kernels are transformed into a block in the L1 cache before they are copied to their
/// places: frequencies are a power of two apart there, where they compete for the same cache lines.
const PACKED_AT_ONCE: usize = 16;
/// Images with fewer tiles are split by output channels.
const MIN_TILES_BY_ROWS: usize = 64;

/// Packs weights `[O, I, 3, 3]`, transformed, in panels of output channels: `[O / 8][p²][I][8]`.
///
/// Runs on one thread: in a browser that has just loaded this file, the compiler needs the other cores.
pub fn pack_weights<F: Transform<TILE, PATCH>, const TILE: usize, const PATCH: usize>(
    weights: &[f32],
    conv: &Conv,
) -> Vec<f32> {
    let (panels, length) =
        (conv.out_channels.div_ceil(COLUMNS), PATCH * PATCH * conv.in_channels * COLUMNS);
    // Panel by panel: filling all of the memory with zeros first would take as long as packing it.
    let mut packed = Vec::with_capacity(panels * length);
    let mut values = vec![0.0; length];
    for panel in 0..panels {
        pack_panel::<F, TILE, PATCH>(weights, conv, panel, &mut values);
        packed.extend_from_slice(&values);
    }
    packed
}

/// Packs one panel, `[p²][I][8]`; in a separate call, so that a browser can switch to optimised code.
#[inline(never)]
fn pack_panel<F: Transform<TILE, PATCH>, const TILE: usize, const PATCH: usize>(
    weights: &[f32],
    conv: &Conv,
    panel: usize,
    packed: &mut [f32],
) {
    let (input, output) = (conv.in_channels, conv.out_channels);
    let kernels = weights.as_chunks::<TAPS>().0;
    let packed = packed.as_chunks_mut::<COLUMNS>().0;
    let kernel = |channel: usize, i: usize| match channel < output {
        true => kernels[channel * input + i],
        false => [0.0; TAPS],
    };
    let mut block = [[[[0.0; COLUMNS]; PACKED_AT_ONCE]; PATCH]; PATCH];
    for first_input in (0..input).step_by(PACKED_AT_ONCE) {
        let inputs = first_input..input.min(first_input + PACKED_AT_ONCE);
        for (row, i) in inputs.clone().enumerate() {
            for first in (0..COLUMNS).step_by(LANES) {
                let lanes: [_; LANES] =
                    array::from_fn(|lane| kernel(panel * COLUMNS + first + lane, i));
                let taps = array::from_fn(|tap| f32x4::new(lanes.map(|taps| taps[tap])));
                let values = transform_kernels::<F, TILE, PATCH>(taps);
                let values = values.as_flattened().iter();
                for (to, values) in block.as_flattened_mut().iter_mut().zip(values) {
                    to[row][first..first + LANES].copy_from_slice(&values.to_array());
                }
            }
        }
        for (packed, block) in packed.chunks_exact_mut(input).zip(block.as_flattened()) {
            packed[inputs.clone()].copy_from_slice(&block[..inputs.len()]);
        }
    }
}

/// Convolves `x`, `[N, H, W, I]`, into `out`, `[N, H', W', O]`.
///
/// Large images are split over threads by rows, so that a band's transforms stay in the cache; small
/// ones by output channels, so that each thread reads only its part of the weights, which are
/// the larger part of the work there.
pub fn conv<F: Transform<TILE, PATCH>, const TILE: usize, const PATCH: usize>(
    x: &[f32],
    weights: &[f32],
    shape: &ConvShape,
    epilogue: Epilogue<'_>,
    out: &mut [f32],
) {
    assert!(shape.conv.suits_winograd(), "{:?}", shape.conv);
    let image_in = shape.h * shape.w * shape.conv.in_channels;
    let image_out = shape.out_h * shape.out_w * shape.conv.out_channels;
    let images = x.chunks_exact(image_in).zip(out.chunks_exact_mut(image_out));
    for (image, (x, out)) in images.enumerate() {
        let whole = Band::<F, TILE, PATCH>::new(shape, 0, shape.out_h, image * image_out);
        if whole.tiles() < MIN_TILES_BY_ROWS {
            whole.convolve_by_channels(x, weights, epilogue, out);
            continue;
        }
        let row_out = shape.out_w * shape.conv.out_channels;
        let least = (BAND_FREQUENCIES / (PATCH * PATCH)).div_ceil(whole.tiles_across());
        let bands = Bands::new(shape.out_h.div_ceil(TILE), least);
        let first_row = |band| shape.out_h.min(bands.first_tile_row(band) * TILE);
        let first_value = |band| first_row(band) * row_out;
        parallel::for_each_part(out, bands.count, first_value, |band, out| {
            let (first_row, first) = (first_row(band), whole.first + first_value(band));
            let band = Band::<F, TILE, PATCH>::new(shape, first_row, out.len() / row_out, first);
            band.convolve_by_rows(x, weights, epilogue, out);
        });
    }
}

/// The division of an image's rows of tiles: into bands of the size that suits the cache, and the last of these into
/// single rows, so that all threads finish at about the same time.
struct Bands {
    /// Rows of tiles of a whole band.
    rows: usize,
    /// Whole bands.
    whole: usize,
    /// Bands of either kind.
    count: usize,
}

impl Bands {
    fn new(tile_rows: usize, rows: usize) -> Self {
        let whole = (tile_rows - 1) / rows;
        Self { rows, whole, count: whole + tile_rows - whole * rows }
    }

    fn first_tile_row(&self, band: usize) -> usize {
        self.rows * band.min(self.whole) + band.saturating_sub(self.whole)
    }
}

/// Some rows of an image's output: a multiple of `TILE`, except for the image's last.
struct Band<'a, F, const TILE: usize, const PATCH: usize> {
    shape: &'a ConvShape,
    transform: PhantomData<F>,
    first_row: usize,
    rows: usize,
    /// The band's first element, counted in the whole output.
    first: usize,
}

impl<'a, F: Transform<TILE, PATCH>, const TILE: usize, const PATCH: usize>
    Band<'a, F, TILE, PATCH>
{
    const FREQUENCIES: usize = PATCH * PATCH;

    fn new(shape: &'a ConvShape, first_row: usize, rows: usize, first: usize) -> Self {
        Self { shape, transform: PhantomData, first_row, rows, first }
    }

    fn tiles_across(&self) -> usize {
        self.shape.out_w.div_ceil(TILE)
    }

    fn tiles(&self) -> usize {
        self.rows.div_ceil(TILE) * self.tiles_across()
    }

    /// Transformed values of one panel of tiles, `[p²][I][4]`.
    fn panel_length(&self) -> usize {
        Self::FREQUENCIES * self.shape.conv.in_channels * ROWS
    }

    /// Transformed values of all tiles.
    fn tiles_length(&self) -> usize {
        self.tiles().div_ceil(ROWS) * self.panel_length()
    }

    /// Computes all output channels on the calling thread.
    fn convolve_by_rows(
        &self,
        x: &[f32],
        weights: &[f32],
        epilogue: Epilogue<'_>,
        out: &mut [f32],
    ) {
        with_scratch(self.tiles_length(), |tiles| {
            for (panel, tiles) in tiles.chunks_exact_mut(self.panel_length()).enumerate() {
                self.transform_panel(x, panel, tiles);
            }
            let channels = self.shape.conv.out_channels;
            for panel in 0..channels.div_ceil(COLUMNS) {
                let to = Destination::in_pixels(panel, channels);
                self.convolve_panel(tiles, weights, panel, to, epilogue, out);
            }
        });
    }

    /// Computes the output channels with each thread taking its own.
    fn convolve_by_channels(
        &self,
        x: &[f32],
        weights: &[f32],
        epilogue: Epilogue<'_>,
        out: &mut [f32],
    ) {
        with_scratch(self.tiles_length(), |tiles| {
            parallel::for_each_chunk(tiles, self.panel_length(), |panel, tiles| {
                self.transform_panel(x, panel, tiles);
            });
            for_each_panel(out, self.shape.conv.out_channels, |panel, to, out| {
                self.convolve_panel(tiles, weights, panel, to, epilogue, out);
            });
        });
    }

    /// Computes one panel of output channels of all tiles.
    fn convolve_panel(
        &self,
        tiles: &[f32],
        weights: &[f32],
        panel: usize,
        to: Destination,
        epilogue: Epilogue<'_>,
        out: &mut [f32],
    ) {
        // `[p²][tiles][8]`, with a whole number of panels of tiles.
        let length = Self::FREQUENCIES * self.tiles().next_multiple_of(ROWS) * COLUMNS;
        with_scratch(length, |products| {
            let products = products.as_chunks_mut::<COLUMNS>().0;
            self.multiply(tiles, weights, panel, products);
            self.write_panel(products, to, epilogue, out);
        });
    }

    /// Transforms the four tiles of a panel: `[p²][I][4]`.
    fn transform_panel(&self, x: &[f32], panel: usize, values: &mut [f32]) {
        let input = self.shape.conv.in_channels;
        // A panel that is not full repeats its last tile; those products are never read.
        let last = self.tiles() - 1;
        let patches: [_; ROWS] = array::from_fn(|row| self.patch(last.min(panel * ROWS + row)));
        for channel in (0..input).step_by(LANES) {
            let tiles = patches.each_ref().map(|patch| patch.transform::<F, TILE>(x, channel));
            let frequencies = values.chunks_exact_mut(input * ROWS);
            for (frequency, values) in frequencies.enumerate() {
                let rows =
                    gemm::transpose(tiles.each_ref().map(|tile| tile.as_flattened()[frequency]));
                let values = &mut values.as_chunks_mut::<ROWS>().0[channel..channel + LANES];
                for (to, row) in values.iter_mut().zip(rows) {
                    *to = row.to_array();
                }
            }
        }
    }

    /// Returns the positions of a tile's inputs.
    fn patch(&self, tile: usize) -> Patch<PATCH> {
        let y = self.first_row + tile / self.tiles_across() * TILE;
        let x = tile % self.tiles_across() * TILE;
        Patch::new(|row, column| {
            let pixel = self.shape.input_pixel(y, x, row, column)?;
            Some(pixel * self.shape.conv.in_channels)
        })
    }

    /// Computes the products of all tiles and one panel of output channels, summed over the input channels.
    fn multiply(
        &self,
        tiles: &[f32],
        weights: &[f32],
        panel: usize,
        products: &mut [[f32; COLUMNS]],
    ) {
        let input = self.shape.conv.in_channels;
        let kernels = Self::FREQUENCIES * input * COLUMNS;
        let kernels = weights[panel * kernels..][..kernels].chunks_exact(input * COLUMNS);
        let mut products = products.as_chunks_mut::<ROWS>().0.iter_mut();
        for (frequency, b) in kernels.enumerate() {
            let panels = tiles.chunks_exact(self.panel_length());
            for (panel, product) in panels.zip(&mut products) {
                let a = &panel[frequency * input * ROWS..][..input * ROWS];
                *product = gemm::tile(a, b);
            }
        }
    }

    /// Transforms the products of eight channels back and writes them.
    fn write_panel(
        &self,
        products: &[[f32; COLUMNS]],
        to: Destination,
        epilogue: Epilogue<'_>,
        out: &mut [f32],
    ) {
        let channels = self.shape.conv.out_channels;
        let width = COLUMNS.min(channels - to.channel);
        let per_frequency = products.len() / Self::FREQUENCIES;
        for tile in 0..self.tiles() {
            let row = tile / self.tiles_across() * TILE;
            let column = tile % self.tiles_across() * TILE;
            let outputs = transform_tile::<F, TILE, PATCH>(&products[tile..], per_frequency);
            for (y, line) in (row..self.rows).zip(&outputs) {
                for (x, sums) in (column..self.shape.out_w).zip(line) {
                    let pixel = y * self.shape.out_w + x;
                    let out = &mut out[pixel * to.stride + to.offset..][..width];
                    let index = self.first + pixel * channels + to.channel;
                    epilogue.finish_run(sums, index, to.channel, out);
                }
            }
        }
    }
}
