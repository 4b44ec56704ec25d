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

/// Checks without allocating that all values are finite, and that no variance is negative.
pub fn check(name: &str, dtype: Dtype, data: &[u8]) -> Result<(), ModelError> {
    let Some(position) = first_not_finite(dtype, data) else {
        return check_variance(name, dtype, data);
    };
    let value = value_at(dtype, data, position);
    Err(invalid(name, "finite values", value, position))
}

/// A batch norm divides by the root of its variance.
fn check_variance(name: &str, dtype: Dtype, data: &[u8]) -> Result<(), ModelError> {
    if !name.ends_with(".running_var") {
        return Ok(());
    }
    for position in 0..data.len() / dtype.size() {
        let value = value_at(dtype, data, position);
        if value < 0.0 {
            return Err(invalid(name, "a variance of at least 0", value, position));
        }
    }
    Ok(())
}

fn invalid(name: &str, expected: &str, value: f32, position: usize) -> ModelError {
    ModelError::Tensor {
        name: name.into(),
        expected: expected.into(),
        found: format!("{value} at element {position}"),
    }
}

/// The first element whose exponent is all ones: an infinity or not a number.
fn first_not_finite(dtype: Dtype, data: &[u8]) -> Option<usize> {
    let all_ones = |mask: u16| halves(data).position(|bits| bits & mask == mask);
    match dtype {
        Dtype::F32 => data.as_chunks().0.iter().position(|&b| !f32::from_le_bytes(b).is_finite()),
        Dtype::F16 => all_ones(0x7c00),
        Dtype::Bf16 => all_ones(0x7f80),
        Dtype::I64 => None,
    }
}

/// One element, which must be a float.
fn value_at(dtype: Dtype, data: &[u8], position: usize) -> f32 {
    let element = &data[position * dtype.size()..][..dtype.size()];
    decode(dtype, element).expect("only floats are checked")[0]
}

fn halves(data: &[u8]) -> impl Iterator<Item = u16> {
    data.as_chunks().0.iter().map(|&bytes| u16::from_le_bytes(bytes))
}
