//! Named tensors in memory: between a file that is read and a file that is written.

use std::collections::BTreeMap;
use std::path::Path;

use half::f16;
use serde_json::{Value, json};

use super::error::{Result, ToolError};
use crate::weights::metadata;

/// One tensor, its data little-endian and row-major.
pub struct Tensor {
    /// The element type's name in safetensors.
    pub dtype: &'static str,
    /// Extents, outermost first; empty for a scalar.
    pub shape: Vec<usize>,
    /// As long as type and shape say.
    pub data: Vec<u8>,
}

/// The tensors of a network, and what a file says about it.
#[derive(Default)]
pub struct StateDict {
    /// Tensors by torchvision's names.
    pub tensors: BTreeMap<String, Tensor>,
    /// Entries for the safetensors header.
    pub metadata: BTreeMap<String, String>,
}

impl StateDict {
    /// Converts the F32 kernels and matrices to F16. What is left in F32, vectors of batch norms
    /// and biases, is a thousandth of the file, and the least robust part of it.
    pub fn halve(&mut self, path: &Path) -> Result<()> {
        for (name, tensor) in &mut self.tensors {
            if tensor.dtype == "F32" && tensor.shape.len() > 1 {
                tensor.data = to_f16(&tensor.data).map_err(|value| {
                    let largest = format!("values up to {} (drop --f16)", f16::MAX);
                    ToolError::tensor(path, name, largest, value.to_string())
                })?;
                tensor.dtype = "F16";
            }
        }
        Ok(())
    }

    /// The safetensors file. The same tensors and metadata give the same bytes.
    pub fn to_safetensors(&self) -> Vec<u8> {
        let mut header = BTreeMap::from([("__metadata__", json!(self.metadata))]);
        let mut end = 0;
        for (name, tensor) in &self.tensors {
            let begin = end;
            end += tensor.data.len();
            let Tensor { dtype, shape, .. } = tensor;
            let entry = json!({"dtype": dtype, "shape": shape, "data_offsets": [begin, end]});
            header.insert(name, entry);
        }
        let mut header = json!(header).to_string().into_bytes();
        // Spaces align the data to 8 bytes, which other readers are glad of.
        header.resize(header.len().next_multiple_of(8), b' ');
        let mut file = Vec::with_capacity(8 + header.len() + end);
        file.extend((header.len() as u64).to_le_bytes());
        file.extend(header);
        for tensor in self.tensors.values() {
            file.extend(&tensor.data);
        }
        file
    }

    /// Sets the labels' entry from the text of a file: a JSON array, or one label a line.
    pub fn set_labels(&mut self, text: &str, path: &Path) -> Result<()> {
        let labels = if text.trim_start().starts_with('[') {
            serde_json::from_str::<Vec<String>>(text).map_err(|error| {
                let expected = "a JSON array of strings or one label a line";
                ToolError::usage(path.display().to_string(), expected, error.to_string())
            })?
        } else {
            text.lines().map(|line| line.trim().into()).collect()
        };
        self.metadata.insert(metadata::LABELS.into(), Value::from(labels).to_string());
        Ok(())
    }
}

/// F32 to F16, or the first finite value that F16 cannot hold. Others are refused elsewhere.
fn to_f16(data: &[u8]) -> std::result::Result<Vec<u8>, f32> {
    let mut halves = Vec::with_capacity(data.len() / 2);
    for &bytes in data.as_chunks().0 {
        let value = f32::from_le_bytes(bytes);
        let half = f16::from_f32(value);
        if half.is_infinite() && value.is_finite() {
            return Err(value);
        }
        halves.extend(half.to_le_bytes());
    }
    Ok(halves)
}
