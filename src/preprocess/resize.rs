//! Resampling on the CPU: along the rows, then along the columns, in integers, as [`super::resample`] says.
//!
//! Like Pillow it rounds to 8 bits between the two passes, and adds half of the last bit before the point is
//! shifted away, so that the result is the same to the bit. A pixel's four channels are the four lanes of a vector.

use wide::i32x4;

use super::resample::{PRECISION, Resampling};
use super::{is_opaque, on_white};

/// A pixel, RGBA8.
type Pixel = [u8; 4];

/// Resamples the columns, then the rows, of a picture with rows of `width` pixels RGBA8, on white where they
/// are transparent. Columns and rows under no output's triangle are not read. Returns opaque RGBA8 rows.
pub fn resize(rgba: &[u8], width: usize, columns: &Resampling, rows: &Resampling) -> Vec<u8> {
    let (first_column, count) = columns.inputs();
    let (first_row, height) = rows.inputs();
    let out_width = columns.outputs();
    let picture = rgba.as_chunks().0.chunks_exact(width).skip(first_row).take(height);
    let mut narrow = vec![[0; 4]; height * out_width];
    let mut opaque = Vec::new();
    for (row, out) in picture.zip(narrow.chunks_exact_mut(out_width)) {
        let row = &row[first_column..first_column + count];
        if is_opaque(row.as_flattened()) {
            resample_row(row, first_column, columns, out);
        } else {
            opaque.clear();
            opaque.extend_from_slice(row);
            on_white(opaque.as_flattened_mut());
            resample_row(&opaque, first_column, columns, out);
        }
    }
    let mut resized = vec![[0; 4]; rows.outputs() * out_width];
    for (out, (first, weights)) in resized.chunks_exact_mut(out_width).zip(rows.triangles()) {
        let inputs = &narrow[(first - first_row) * out_width..];
        resample_column(inputs, weights, out);
    }
    resized.into_flattened()
}

/// Each output is a sum over neighbours of a row that begins with the picture's column `first`.
fn resample_row(row: &[Pixel], first: usize, columns: &Resampling, out: &mut [Pixel]) {
    for (out, (start, weights)) in out.iter_mut().zip(columns.triangles()) {
        let inputs = &row[start - first..][..weights.len()];
        *out = round(sum(inputs.iter().zip(weights)));
    }
}

/// Each output is a sum over the rows of `inputs`, which are as long as `out`.
fn resample_column(inputs: &[Pixel], weights: &[i32], out: &mut [Pixel]) {
    let width = out.len();
    for (column, out) in out.iter_mut().enumerate() {
        let inputs = inputs[column..].iter().step_by(width);
        *out = round(sum(inputs.zip(weights)));
    }
}

#[inline(always)]
fn sum<'a>(inputs: impl Iterator<Item = (&'a Pixel, &'a i32)>) -> i32x4 {
    let half = i32x4::splat(1 << (PRECISION - 1));
    inputs.fold(half, |sum, (pixel, weight)| {
        sum + i32x4::new(pixel.map(i32::from)) * i32x4::splat(*weight)
    })
}

/// The integers of a sum, each brought into 0 to 255.
#[inline(always)]
fn round(sum: i32x4) -> Pixel {
    let value = (sum >> PRECISION as i32).max(i32x4::ZERO).min(i32x4::splat(255));
    value.to_array().map(|value| value as u8)
}
