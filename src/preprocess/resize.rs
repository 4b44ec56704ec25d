//! Resampling on the CPU: along the rows, then along the columns, in integers, by the tables of [`super::resample`].
//!
//! Like Pillow, it rounds to 8 bits between the two passes: it adds half of the last bit before it shifts the fraction
//! away, so the result is the same to the bit. A pixel's four channels are the four lanes of a vector. The first pass
//! reads far more pixels than the second and multiplies 16-bit numbers: one instruction computes eight such products
//! and adds them in pairs, and none is as fast for 32 bits. A weight has 22 bits and takes two of these numbers.

use wide::bytemuck::cast;
use wide::{i16x8, i32x4, u8x16};

use super::picture::Rows;
use super::resample::{PRECISION, Resampling};
use super::{is_opaque, on_white};

/// A pixel, RGBA8.
type Pixel = [u8; 4];

/// Bytes of rows that are copied and resampled at a time, so that they stay in a cache.
const STRIP: usize = 1 << 17;

/// Pixels that are read past the last one under a triangle, with weights of 0.
const SLACK: usize = 5;

/// Resamples the columns, then the rows, of a picture on white. Rows under no output's triangle are not read.
/// Returns opaque RGBA8 rows.
pub fn resize(picture: &Rows<'_>, columns: &Resampling, rows: &Resampling) -> Vec<u8> {
    let (first_row, height) = rows.inputs();
    let out_width = columns.outputs();
    let narrow = resample_rows(picture, columns, first_row, height);
    let mut resized = vec![[0; 4]; rows.outputs() * out_width];
    for (out, (first, weights)) in resized.chunks_exact_mut(out_width).zip(rows.triangles()) {
        let inputs = &narrow[(first - first_row) * out_width..];
        resample_column(inputs, weights, out);
    }
    resized.into_flattened()
}

/// Resamples the columns of `height` rows.
fn resample_rows(
    picture: &Rows<'_>,
    columns: &Resampling,
    first_row: usize,
    height: usize,
) -> Vec<Pixel> {
    let (first_column, count) = columns.inputs();
    let triangles = Triangles::new(columns);
    let mut narrow = vec![[0; 4]; height * columns.outputs()];
    let strip_rows = (STRIP / (4 * picture.width)).clamp(1, height);
    // From the first column of a strip's first row to the last column of its last row.
    let mut strip = vec![[0; 4]; (strip_rows - 1) * picture.width + count + SLACK];
    let mut row = first_row;
    for out in narrow.chunks_mut(strip_rows * columns.outputs()) {
        let outs = out.chunks_exact_mut(columns.outputs());
        let pixels = (outs.len() - 1) * picture.width + count;
        picture.copy(4 * (row * picture.width + first_column), strip[..pixels].as_flattened_mut());
        row += outs.len();
        for (index, out) in outs.enumerate() {
            let inputs = &mut strip[index * picture.width..];
            let used = inputs[..count].as_flattened_mut();
            if !is_opaque(used) {
                on_white(used);
            }
            triangles.resample(inputs, out);
        }
    }
    narrow
}

/// A [`Resampling`] of columns, whose weights are pairs of 16 bits: weight = `high · 2¹¹ + low`.
struct Triangles {
    /// For each output, its first input, counted from the first input that any output needs, and the number of its
    /// elements in `weights`.
    spans: Vec<(usize, usize)>,
    /// The weights of four inputs; 0 for inputs outside the triangle.
    weights: Vec<FourWeights>,
}

/// Weights of the inputs 0 and 2, and of the inputs 1 and 3, each pair in the 32 bits of a vector's lane.
struct FourWeights {
    high: [i32; 2],
    low: [i32; 2],
}

/// Bits of a weight's lower part. The upper part has as many, or is 2¹¹, which also fits into 16 bits.
const LOW_BITS: u32 = PRECISION / 2;

impl Triangles {
    fn new(columns: &Resampling) -> Self {
        let (first_column, _) = columns.inputs();
        let mut weights = Vec::new();
        let spans = columns.triangles().map(|(first, of_output)| {
            let fours = of_output.chunks(4).map(FourWeights::new);
            let before = weights.len();
            weights.extend(fours);
            (first - first_column, weights.len() - before)
        });
        Self { spans: spans.collect(), weights }
    }

    /// Computes a row of outputs: each is a sum over neighbouring inputs. `row` begins with the first input that is
    /// needed.
    fn resample(&self, row: &[Pixel], out: &mut [Pixel]) {
        let mut weights = &self.weights[..];
        for (out, &(first, fours)) in out.iter_mut().zip(&self.spans) {
            let (of_output, others) = weights.split_at(fours);
            weights = others;
            let inputs = row[first..first + 4 * fours + 2].as_flattened();
            let (mut high, mut low) = (i32x4::ZERO, i32x4::splat(HALF));
            // Four pixels, and the two further ones that the second load reads.
            for (bytes, four) in inputs.windows(24).step_by(16).zip(of_output) {
                let [even, odd] = pairs(bytes.as_array().expect("24 bytes"));
                high += even.dot(splat(four.high[0])) + odd.dot(splat(four.high[1]));
                low += even.dot(splat(four.low[0])) + odd.dot(splat(four.low[1]));
            }
            *out = round((high << LOW_BITS as i32) + low);
        }
    }
}

impl FourWeights {
    /// Packs up to four weights.
    fn new(some: &[i32]) -> Self {
        let mut weights = [0; 4];
        weights[..some.len()].copy_from_slice(some);
        let pairs = |part: fn(i32) -> i32| {
            let [a, b, c, d] = weights.map(part);
            [a | c << 16, b | d << 16]
        };
        Self {
            high: pairs(|weight| weight >> LOW_BITS),
            low: pairs(|weight| weight % (1 << LOW_BITS)),
        }
    }
}

/// Takes 24 bytes of pixels; returns the channels of pixels 0 and 2, and of pixels 1 and 3, side by side.
#[inline(always)]
fn pairs(bytes: &[u8; 24]) -> [i16x8; 2] {
    let (first, last) = (bytes.first_chunk().expect("16"), bytes.last_chunk().expect("16"));
    let mixed = u8x16::unpack_low(u8x16::new(*first), u8x16::new(*last));
    // A byte followed by a zero byte is a 16-bit number.
    [u8x16::unpack_low(mixed, u8x16::ZERO), u8x16::unpack_high(mixed, u8x16::ZERO)].map(cast)
}

#[inline(always)]
fn splat(pair: i32) -> i16x8 {
    cast(i32x4::splat(pair))
}

/// Computes each output as a sum over the rows of `inputs`, which are as long as `out`.
fn resample_column(inputs: &[Pixel], weights: &[i32], out: &mut [Pixel]) {
    let width = out.len();
    for (column, out) in out.iter_mut().enumerate() {
        let inputs = inputs[column..].iter().step_by(width);
        let sum = inputs.zip(weights).fold(i32x4::splat(HALF), |sum, (pixel, weight)| {
            sum + i32x4::new(pixel.map(i32::from)) * i32x4::splat(*weight)
        });
        *out = round(sum);
    }
}

/// Half of the last bit before the point.
const HALF: i32 = 1 << (PRECISION - 1);

/// Shifts the sums to integers and clamps them to 0 to 255.
#[inline(always)]
fn round(sum: i32x4) -> Pixel {
    let value = (sum >> PRECISION as i32).max(i32x4::ZERO).min(i32x4::splat(255));
    value.to_array().map(|value| value as u8)
}
