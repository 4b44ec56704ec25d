//! The numbers in a tensor's bytes, at any alignment.

use std::borrow::Cow;
use std::iter::once;

use super::dtype::Dtype;
use crate::error::ModelError;

/// Values to decode at a time. A browser keeps running unoptimised code until the function returns, so one
/// call for millions of weights would be slow to the end. It optimises whole functions, so the called ones
/// are kept small by `inline(never)`.
const PIECE: usize = 4096;

/// Decodes `count` values, given in pieces of whole ones, as F32; `None` for integers.
pub fn decode<'a>(
    dtype: Dtype,
    count: usize,
    pieces: impl Iterator<Item = Cow<'a, [u8]>>,
) -> Option<Vec<f32>> {
    if !matches!(dtype, Dtype::F64 | Dtype::F32 | Dtype::F16 | Dtype::Bf16) {
        return None;
    }
    let mut values = Vec::with_capacity(count);
    for piece in pieces {
        for data in piece.chunks(PIECE * dtype.size()) {
            decode_piece(dtype, data, &mut values);
        }
    }
    Some(values)
}

/// Appends the values of a floating-point type, and nothing for other types.
#[inline(never)]
fn decode_piece(dtype: Dtype, data: &[u8], values: &mut Vec<f32>) {
    match dtype {
        Dtype::F64 => values.extend(doubles(data)),
        Dtype::F32 => values.extend(singles(data).map(f32::from_bits)),
        Dtype::F16 => values.extend(halves(data).map(f16_to_f32)),
        Dtype::Bf16 => values.extend(halves(data).map(bf16_to_f32)),
        _ => {}
    }
}

/// Without a branch, so that it is vectorised; the crate `half` relies on instructions that wasm
/// does not have. The exponent is corrected by a multiplication, which subnormal numbers survive:
/// Giesen 2012, "Half-to-float done quickly" (<https://gist.github.com/rygorous/2144712>).
fn f16_to_f32(bits: u16) -> f32 {
    let magnitude = u32::from(bits & 0x7fff);
    let scaled = f32::from_bits(magnitude << 13) * f32::from_bits((127 + 112) << 23);
    let infinite = if magnitude >= 0x7c00 { 0x7f80_0000 } else { 0 };
    f32::from_bits(scaled.to_bits() | infinite | u32::from(bits & 0x8000) << 16)
}

fn bf16_to_f32(bits: u16) -> f32 {
    f32::from_bits(u32::from(bits) << 16)
}

/// Checks in place that all values, given in pieces of whole ones, are finite, and that no variance is negative.
pub fn check<'a>(
    name: &str,
    dtype: Dtype,
    pieces: impl Iterator<Item = Cow<'a, [u8]>>,
) -> Result<(), ModelError> {
    // A batch norm divides by the root of its variance.
    let is_variance = name.ends_with(".running_var");
    let mut before = 0;
    for data in pieces {
        let refuse = |expected: &str, wrong: fn(f32) -> bool| {
            let found = find(dtype, &data, wrong);
            refuse(name, expected, found.map(|(position, value)| (before + position, value)))
        };
        if !all_finite(dtype, &data) {
            refuse("finite values", |value| !value.is_finite())?;
        }
        if is_variance {
            refuse("variances of at least 0", |value| value < 0.0)?;
        }
        before += data.len() / dtype.size();
    }
    Ok(())
}

fn refuse(name: &str, expected: &str, found: Option<(usize, f32)>) -> Result<(), ModelError> {
    let Some((position, value)) = found else { return Ok(()) };
    Err(ModelError::Tensor {
        name: name.into(),
        expected: expected.into(),
        found: format!("{value} at element {position}"),
    })
}

/// Returns whether no value has an exponent of all ones. Without an early exit, so that it is vectorised.
#[inline(never)]
fn all_finite(dtype: Dtype, data: &[u8]) -> bool {
    let ones = |mask: u16| halves(data).fold(false, |found, bits| found | (bits & mask == mask));
    match dtype {
        Dtype::F64 => !doubles(data).fold(false, |found, value| found | !value.is_finite()),
        Dtype::F32 => !singles(data).fold(false, |found, bits| found | (bits << 1 >= 0xff00_0000)),
        Dtype::F16 => !ones(0x7c00),
        Dtype::Bf16 => !ones(0x7f80),
        _ => true,
    }
}

/// Returns the first value that is `wrong`, and its position.
fn find(dtype: Dtype, data: &[u8], wrong: fn(f32) -> bool) -> Option<(usize, f32)> {
    let values = decode(dtype, data.len() / dtype.size(), once(Cow::Borrowed(data)))?;
    values.into_iter().enumerate().find(|&(_, value)| wrong(value))
}

fn halves(data: &[u8]) -> impl Iterator<Item = u16> {
    data.as_chunks().0.iter().map(|&bytes| u16::from_le_bytes(bytes))
}

/// Rounds to F32; too large values become infinite.
fn doubles(data: &[u8]) -> impl Iterator<Item = f32> {
    data.as_chunks().0.iter().map(|&bytes| f64::from_le_bytes(bytes) as f32)
}

fn singles(data: &[u8]) -> impl Iterator<Item = u32> {
    data.as_chunks().0.iter().map(|&bytes| u32::from_le_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use half::{bf16, f16};

    use super::*;

    #[test]
    fn values_that_are_not_finite_are_seen_in_every_type() {
        let in_types = |value: f32| {
            [
                (Dtype::F64, f64::from(value).to_le_bytes().to_vec()),
                (Dtype::F32, value.to_le_bytes().to_vec()),
                (Dtype::F16, f16::from_f32(value).to_le_bytes().to_vec()),
                (Dtype::Bf16, bf16::from_f32(value).to_le_bytes().to_vec()),
            ]
        };
        for value in [0.0, -1.5, 65504.0, f32::INFINITY, f32::NEG_INFINITY, f32::NAN] {
            for (dtype, data) in in_types(value) {
                assert_eq!(all_finite(dtype, &data), value.is_finite(), "{value} in {dtype:?}");
            }
        }
    }

    #[test]
    fn every_16_bit_number_is_decoded_as_the_crate_half_does() {
        let bytes: Vec<u8> = (0..=u16::MAX).flat_map(u16::to_le_bytes).collect();
        let expected = |decode: fn(u16) -> f32| (0..=u16::MAX).map(decode).collect::<Vec<_>>();
        for (dtype, expected) in [
            (Dtype::F16, expected(|bits| f16::from_bits(bits).to_f32())),
            (Dtype::Bf16, expected(|bits| bf16::from_bits(bits).to_f32())),
        ] {
            let found = decode(dtype, 1 << 16, once(Cow::Borrowed(&bytes[..]))).unwrap();
            assert_eq!(found.len(), expected.len());
            for (found, expected) in found.iter().zip(expected) {
                assert!(
                    found.to_bits() == expected.to_bits() || found.is_nan() && expected.is_nan()
                );
            }
        }
    }
}
