//! The numbers in a tensor's bytes, which lie at any alignment.

use half::{bf16, f16};

use super::safetensors::Dtype;
use crate::error::ModelError;

/// The values as F32, or `None` for integers.
pub fn decode(dtype: Dtype, data: &[u8]) -> Option<Vec<f32>> {
    match dtype {
        Dtype::F32 => Some(data.as_chunks().0.iter().map(|&b| f32::from_le_bytes(b)).collect()),
        Dtype::F16 => Some(halves(data).map(|bits| f16::from_bits(bits).to_f32()).collect()),
        Dtype::Bf16 => Some(halves(data).map(|bits| bf16::from_bits(bits).to_f32()).collect()),
        Dtype::I64 => None,
    }
}

/// Checks in place that all values are finite, and that no variance is negative.
pub fn check(name: &str, dtype: Dtype, data: &[u8]) -> Result<(), ModelError> {
    if !all_finite(dtype, data) {
        return refuse(name, "finite values", find(dtype, data, |value| !value.is_finite()));
    }
    // A batch norm divides by the root of its variance.
    if name.ends_with(".running_var") {
        return refuse(name, "variances of at least 0", find(dtype, data, |value| value < 0.0));
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

/// Whether no value has an exponent of ones only. Without an early exit, so that it is vectorised.
fn all_finite(dtype: Dtype, data: &[u8]) -> bool {
    let ones = |mask: u16| halves(data).fold(false, |found, bits| found | (bits & mask == mask));
    let bits = || data.as_chunks().0.iter().map(|&bytes| u32::from_le_bytes(bytes));
    match dtype {
        Dtype::F32 => !bits().fold(false, |found, bits| found | (bits << 1 >= 0xff00_0000)),
        Dtype::F16 => !ones(0x7c00),
        Dtype::Bf16 => !ones(0x7f80),
        Dtype::I64 => true,
    }
}

/// The first value that is `wrong`, and its position.
fn find(dtype: Dtype, data: &[u8], wrong: impl Fn(f32) -> bool) -> Option<(usize, f32)> {
    const ELEMENTS: usize = 1024;
    data.chunks(ELEMENTS * dtype.size())
        .filter_map(|piece| decode(dtype, piece))
        .flatten()
        .enumerate()
        .find(|&(_, value)| wrong(value))
}

fn halves(data: &[u8]) -> impl Iterator<Item = u16> {
    data.as_chunks().0.iter().map(|&bytes| u16::from_le_bytes(bytes))
}
