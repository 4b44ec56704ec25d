//! Conversion of checkpoints to files that reslens reads.

use std::fs;
use std::path::Path;

use super::error::{Result, ToolError};
use super::state_dict::{StateDict, Tensor};
use super::{files, torch};
use crate::weights::safetensors::Header;
use crate::weights::{Checkpoint, metadata};

/// What to do besides the conversion.
#[derive(Clone, Debug, Default)]
pub struct Options<'a> {
    /// A file with the classes' names: a JSON array, or one name a line.
    pub labels: Option<&'a Path>,
    /// Store kernels and matrices with half precision.
    pub half: bool,
    /// What the model card should say.
    pub card: Option<String>,
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// torchvision's name of the architecture.
    pub architecture: &'static str,
    /// Outputs of the model.
    pub classes: usize,
    /// The file's length.
    pub bytes: usize,
}

/// Converts the checkpoint `source`, a `.safetensors` file or else one of PyTorch, to `output`.
///
/// `output` is written only if reslens can load it.
///
/// # Errors
/// [`ToolError`] for files that cannot be read or written, and for models that cannot be used.
pub fn import(source: &Path, output: &Path, options: &Options) -> Result<Imported> {
    let mut state = match source.extension() {
        Some(extension) if extension == "safetensors" => read_safetensors(source)?,
        _ => torch::read(source)?,
    };
    if let Some(path) = options.labels {
        let text = fs::read_to_string(path).map_err(ToolError::io(path))?;
        state.set_labels(&text, path)?;
    }
    if let Some(card) = &options.card {
        state.metadata.insert(metadata::CARD.into(), card.clone());
    }
    if options.half {
        state.halve(source)?;
    }
    let checkpoint = Checkpoint::parse(state.to_safetensors()).map_err(ToolError::model(source))?;
    files::write(output, checkpoint.file())?;
    let Checkpoint { architecture, classes, .. } = checkpoint;
    Ok(Imported { architecture: architecture.name, classes, bytes: checkpoint.file().len() })
}

fn read_safetensors(path: &Path) -> Result<StateDict> {
    let file = fs::read(path).map_err(ToolError::io(path))?;
    let header = Header::read(&file).map_err(|error| ToolError::model(path)(error.into()))?;
    let tensors = header.tensors.into_iter().map(|(name, entry)| {
        let (dtype, data) = (entry.dtype.name(), file[entry.data].to_vec());
        (name, Tensor { dtype, shape: entry.shape, data })
    });
    Ok(StateDict { tensors: tensors.collect(), metadata: header.metadata })
}
