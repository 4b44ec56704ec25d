//! PyTorch's checkpoints: ZIP archives, and the pickle streams of before version 1.6.
//!
//! The pickle is read as data by `pytorch-reader`; nothing in it is ever run.

use std::fs;
use std::path::Path;

use pytorch_reader::{DType, PytorchReader};

use super::error::{Result, ToolError};
use super::state_dict::{StateDict, Tensor};

/// A tensor that every ResNet has, whatever is put before the names.
const ANCHOR: &str = "layer1.0.conv1.weight";

/// Where training scripts put a state dict, the likeliest first; `module.` is what
/// `DataParallel` puts before the names.
const PREFIXES: [&str; 8] = [
    "",
    "module.",
    "state_dict.",
    "state_dict.module.",
    "model.",
    "model.module.",
    "model_state_dict.",
    "model_state_dict.module.",
];

/// The ResNet's tensors in the checkpoint `path`, under torchvision's names.
///
/// A state dict may be nested in the checkpoint; what lies beside it, such as an optimizer's
/// state, is left out.
pub fn read(path: &Path) -> Result<StateDict> {
    let length = fs::metadata(path).map_err(ToolError::io(path))?.len();
    let reader = PytorchReader::new(path)
        .map_err(|source| ToolError::Torch { path: path.into(), source })?;
    let mut names = reader.keys();
    names.sort();
    let prefix = find_prefix(&names, path)?;

    let mut state = StateDict::default();
    let mut left = length;
    for (name, tensor) in reader.tensors() {
        let Some(short) = name.strip_prefix(prefix) else { continue };
        // A view of few numbers can claim many: no state dict is larger than its file.
        left = left.checked_sub(tensor.byte_len() as u64).ok_or_else(|| {
            let expected = format!("no more data than the file's {length} bytes");
            ToolError::tensor(path, name, expected, format!("shape {:?}", tensor.shape()))
        })?;
        let data = tensor.read().map_err(ToolError::io(path))?;
        let shape = tensor.shape().to_vec();
        let tensor = Tensor { dtype: safetensors_name(tensor.dtype()), shape, data };
        state.tensors.insert(short.into(), tensor);
    }
    Ok(state)
}

/// What stands before the names of the state dict. Nothing, if there is no ResNet in the file:
/// which tensors are missing is found out later.
fn find_prefix<'a>(names: &'a [String], path: &Path) -> Result<&'a str> {
    let prefixes: Vec<&str> = names
        .iter()
        .filter_map(|name| name.strip_suffix(ANCHOR))
        .filter(|prefix| prefix.is_empty() || prefix.ends_with('.'))
        .collect();
    let known = PREFIXES.iter().find_map(|known| prefixes.iter().find(|found| *found == known));
    match (known, &prefixes[..]) {
        (Some(prefix), _) | (None, [prefix]) => Ok(prefix),
        (None, []) => Ok(""),
        (None, several) => Err(ToolError::usage(
            path.display().to_string(),
            "one state dict of a ResNet",
            several.iter().map(|prefix| format!("`{prefix}`")).collect::<Vec<_>>().join(", "),
        )),
    }
}

fn safetensors_name(dtype: DType) -> &'static str {
    match dtype {
        DType::F64 => "F64",
        DType::F32 => "F32",
        DType::F16 => "F16",
        DType::BF16 => "BF16",
        DType::I64 => "I64",
        DType::I32 => "I32",
        DType::I16 => "I16",
        DType::I8 => "I8",
        DType::U64 => "U64",
        DType::U32 => "U32",
        DType::U16 => "U16",
        DType::U8 => "U8",
        DType::Bool => "BOOL",
    }
}
