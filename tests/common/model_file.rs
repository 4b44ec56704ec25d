//! Model files for tests to corrupt: every part of one can be changed before it is written.

use reslens::arch::{Architecture, TensorRole};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A tensor as the header describes it, and its data.
#[derive(Clone)]
pub struct Tensor {
    /// The element type's name.
    pub dtype: &'static str,
    /// Extents.
    pub shape: Vec<usize>,
    /// Data, which need not match the type and shape.
    pub data: Vec<u8>,
}

impl Tensor {
    /// Makes a tensor of F32 values.
    pub fn f32(shape: &[usize], values: &[f32]) -> Tensor {
        let data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        Tensor { dtype: "F32", shape: shape.into(), data }
    }
}

/// A safetensors file.
#[derive(Clone, Default)]
pub struct ModelFile {
    /// The tensors.
    pub tensors: BTreeMap<String, Tensor>,
    /// `__metadata__`.
    pub metadata: BTreeMap<String, String>,
}

impl ModelFile {
    /// Makes a file with all tensors of `architecture`: zeros in F16.
    pub fn of(architecture: &str, classes: usize) -> ModelFile {
        let architecture = Architecture::by_name(architecture).unwrap();
        let tensors = architecture.tensors(classes).into_iter().map(|spec| {
            let (dtype, size) = match spec.role {
                TensorRole::Counter => ("I64", 8),
                TensorRole::Parameter | TensorRole::RunningStatistic => ("F16", 2),
            };
            let data = vec![0; size * spec.shape.iter().product::<usize>()];
            (spec.name, Tensor { dtype, shape: spec.shape, data })
        });
        ModelFile { tensors: tensors.collect(), metadata: BTreeMap::new() }
    }

    /// Returns the file's bytes, with the data in the order of the names.
    pub fn bytes(&self) -> Vec<u8> {
        let mut header: BTreeMap<&str, Value> = BTreeMap::new();
        if !self.metadata.is_empty() {
            header.insert("__metadata__", json!(self.metadata));
        }
        let mut data = Vec::new();
        for (name, tensor) in &self.tensors {
            let begin = data.len();
            data.extend(&tensor.data);
            let Tensor { dtype, shape, .. } = tensor;
            let offsets = [begin, data.len()];
            let entry = json!({"dtype": dtype, "shape": shape, "data_offsets": offsets});
            header.insert(name, entry);
        }
        with_header(&json!(header).to_string(), &data)
    }
}

/// Returns a file with any header and data.
pub fn with_header(header: &str, data: &[u8]) -> Vec<u8> {
    let length = (header.len() as u64).to_le_bytes();
    [&length, header.as_bytes(), data].concat()
}
