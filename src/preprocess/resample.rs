//! Separable resampling of RGBA8 pictures, bit for bit as Pillow does it.
//!
//! Columns first, then rows, each rounded to 8 bits. A pass computes every output value as a weighted
//! mean of neighbouring input values; when the picture shrinks, the filter widens by the same factor,
//! which is the antialiasing. Weights are fixed-point numbers with 22 fractional bits. The algorithm
//! is that of Pillow's `Resample.c`; pixels keep four lanes, so that a compiler makes one SIMD
//! multiplication of each.

use super::{Interpolation, Span};

/// Fractional bits of a weight. With them, 255 times a sum of weights below 2 fits 31 bits.
const FRACTION_BITS: u32 = 22;

/// One half, so that a shift to the right rounds to the nearest.
const HALF: i32 = 1 << (FRACTION_BITS - 1);

/// A picture with straight alpha, in rows.
#[derive(Clone, Copy)]
pub(super) struct Rgba<'a> {
    /// [height, `width`, 4].
    pub pixels: &'a [u8],
    /// Pixels in a row.
    pub width: usize,
}

/// Which input positions make each output position along one side, and with what weights.
pub(super) struct Axis {
    /// First input position of each output position.
    starts: Vec<usize>,
    /// Where the weights of each output position begin in `weights`; one more entry for the end.
    offsets: Vec<usize>,
    /// Fixed-point weights, one output position after the other.
    weights: Vec<i32>,
}

impl Axis {
    /// The positions of `span` when a side of `source` pixels is resized to `span.resized`.
    pub fn new(source: usize, span: &Span, interpolation: Interpolation) -> Self {
        let scale = source as f64 / span.resized as f64;
        let stretch = scale.max(1.0);
        let support = support(interpolation) * stretch;

        let mut axis = Axis { starts: Vec::new(), offsets: vec![0], weights: Vec::new() };
        let mut taps = Vec::new();
        for position in (span.start..).take(span.length) {
            let centre = (position as f64 + 0.5) * scale;
            // Casts saturate: what lies before the first pixel starts at it.
            let start = (centre - support + 0.5) as usize;
            let end = ((centre + support + 0.5) as usize).min(source);
            taps.clear();
            taps.extend((start..end).map(|input| {
                let distance = (input as f64 - centre + 0.5) * (1.0 / stretch);
                filter(interpolation, distance.abs())
            }));
            let sum = taps.iter().sum::<f64>();
            axis.starts.push(start);
            axis.weights.extend(taps.iter().map(|tap| fixed(tap / sum)));
            axis.offsets.push(axis.weights.len());
        }
        axis
    }

    /// Output positions.
    fn len(&self) -> usize {
        self.starts.len()
    }

    /// First input position and weights of the output position `index`.
    fn taps(&self, index: usize) -> (usize, &[i32]) {
        let weights = &self.weights[self.offsets[index]..self.offsets[index + 1]];
        (self.starts[index], weights)
    }

    /// The input positions that any output position needs.
    fn inputs(&self) -> std::ops::Range<usize> {
        let (last, weights) = self.taps(self.len() - 1);
        self.starts[0]..last + weights.len()
    }
}

/// Half the width of the filter at scale 1.
fn support(interpolation: Interpolation) -> f64 {
    match interpolation {
        Interpolation::Bilinear => 1.0,
        Interpolation::Bicubic => 2.0,
    }
}

/// The filter's value at a distance `x` ≥ 0 from its centre.
fn filter(interpolation: Interpolation, x: f64) -> f64 {
    const A: f64 = -0.5;
    match interpolation {
        Interpolation::Bilinear if x < 1.0 => 1.0 - x,
        Interpolation::Bicubic if x < 1.0 => ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0,
        Interpolation::Bicubic if x < 2.0 => (((x - 5.0) * x + 8.0) * x - 4.0) * A,
        _ => 0.0,
    }
}

/// `weight` as a fixed-point number; halves round away from 0.
fn fixed(weight: f64) -> i32 {
    (weight * f64::from(1 << FRACTION_BITS)).round() as i32
}

/// The integer nearest to a fixed-point sum, held within 8 bits.
fn to_u8(sum: i32) -> u8 {
    (sum >> FRACTION_BITS).clamp(0, 255) as u8
}

/// The part of `image` that `columns` and `rows` make, on white: [`rows.len()`, `columns.len()`, 4].
pub(super) fn resample(image: Rgba, columns: &Axis, rows: &Axis) -> Vec<u8> {
    let needed = rows.inputs();
    let stride = 4 * columns.len();
    let mut narrowed = vec![0; needed.len() * stride];
    let mut on_white = Vec::new();
    for (y, output) in needed.clone().zip(narrowed.chunks_exact_mut(stride)) {
        let row = &image.pixels[4 * image.width * y..][..4 * image.width];
        composite_on_white(
            &row[4 * columns.inputs().start..4 * columns.inputs().end],
            &mut on_white,
        );
        resample_columns(&on_white, columns, output);
    }
    resample_rows(&narrowed, needed.start, rows, stride)
}

/// Puts the pixels of `row` on white and leaves the result in `opaque`.
fn composite_on_white(row: &[u8], opaque: &mut Vec<u8>) {
    opaque.clear();
    opaque.extend_from_slice(row);
    for pixel in opaque.as_chunks_mut::<4>().0 {
        let alpha = u32::from(pixel[3]);
        if alpha < 255 {
            for value in &mut pixel[..3] {
                *value = ((u32::from(*value) * alpha + 255 * (255 - alpha) + 127) / 255) as u8;
            }
            pixel[3] = 255;
        }
    }
}

/// One output row from the pixels of one input row, of which `row` holds `columns.inputs()`.
fn resample_columns(row: &[u8], columns: &Axis, output: &mut [u8]) {
    let first = columns.inputs().start;
    let (pixels, _) = row.as_chunks::<4>();
    for (index, output) in output.as_chunks_mut::<4>().0.iter_mut().enumerate() {
        let (start, weights) = columns.taps(index);
        let mut sum = [HALF; 4];
        for (pixel, weight) in pixels[start - first..].iter().zip(weights) {
            for (sum, value) in sum.iter_mut().zip(pixel) {
                *sum += i32::from(*value) * weight;
            }
        }
        *output = sum.map(to_u8);
    }
}

/// All output rows from input rows of `stride` bytes, the first of which is row `first`.
fn resample_rows(input: &[u8], first: usize, rows: &Axis, stride: usize) -> Vec<u8> {
    let mut output = Vec::with_capacity(rows.len() * stride);
    let mut sums = vec![HALF; stride];
    for index in 0..rows.len() {
        let (start, weights) = rows.taps(index);
        sums.fill(HALF);
        for (row, weight) in input[(start - first) * stride..].chunks_exact(stride).zip(weights) {
            for (sum, value) in sums.iter_mut().zip(row) {
                *sum += i32::from(*value) * weight;
            }
        }
        output.extend(sums.iter().map(|&sum| to_u8(sum)));
    }
    output
}
