//! Named tensors in memory, between reading a checkpoint and writing a file.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::dtype::Dtype;
use super::metadata;

/// One tensor, its data little-endian and row-major.
pub struct Tensor {
    /// Element type.
    pub dtype: Dtype,
    /// Extents, outermost first; empty for a scalar.
    pub shape: Vec<usize>,
    /// The data, as long as type and shape say.
    pub data: Vec<u8>,
}

/// The tensors of a network, and its metadata.
#[derive(Default)]
pub struct StateDict {
    /// Tensors by torchvision's names.
    pub tensors: BTreeMap<String, Tensor>,
    /// Entries for the safetensors header.
    pub metadata: BTreeMap<String, String>,
}

impl StateDict {
    /// Converts F64 tensors to F32; returns how many there were.
    pub fn narrow(&mut self) -> usize {
        let doubles = self.tensors.values_mut().filter(|tensor| tensor.dtype == Dtype::F64);
        doubles
            .map(|tensor| {
                let values = tensor.data.as_chunks().0.iter();
                let values =
                    values.flat_map(|&bytes| (f64::from_le_bytes(bytes) as f32).to_le_bytes());
                tensor.data = values.collect();
                tensor.dtype = Dtype::F32;
            })
            .count()
    }

    /// Writes the safetensors file. The same tensors and metadata give the same bytes.
    pub fn to_safetensors(&self) -> Vec<u8> {
        let mut header = BTreeMap::from([("__metadata__", json!(self.metadata))]);
        let mut end = 0;
        for (name, tensor) in &self.tensors {
            let begin = end;
            end += tensor.data.len();
            let Tensor { dtype, shape, .. } = tensor;
            let entry =
                json!({"dtype": dtype.name(), "shape": shape, "data_offsets": [begin, end]});
            header.insert(name, entry);
        }
        let mut header = json!(header).to_string().into_bytes();
        // Spaces align the data to 8 bytes, which helps other readers.
        header.resize(header.len().next_multiple_of(8), b' ');
        let mut file = Vec::with_capacity(8 + header.len() + end);
        file.extend((header.len() as u64).to_le_bytes());
        file.extend(header);
        for tensor in self.tensors.values() {
            file.extend(&tensor.data);
        }
        file
    }

    /// Sets the labels' entry.
    pub fn set_labels(&mut self, labels: Vec<String>) {
        self.metadata.insert(metadata::LABELS.into(), Value::from(labels).to_string());
    }
}
