//! Conversion of checkpoints to files that reslens reads.

use std::fs;
use std::path::Path;

use half::f16;

use super::error::{Result, ToolError};
use super::files;
use crate::weights::dtype::Dtype;
use crate::weights::source::Source;
use crate::weights::state_dict::StateDict;
use crate::weights::{Checkpoint, Taken, labels, metadata};

/// What to do besides the conversion.
#[derive(Clone, Debug, Default)]
pub struct Options<'a> {
    /// A file with the classes' names, in one of the shapes that [`labels::parse`] reads. Without
    /// one, `config.json` beside the checkpoint is asked.
    pub labels: Option<&'a Path>,
    /// The state dict to take, by the prefix of its names in the file.
    pub prefix: Option<&'a str>,
    /// Store kernels and matrices with half precision.
    pub half: bool,
    /// The text of the model card.
    pub card: Option<String>,
}

/// The result of an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// torchvision's name of the architecture.
    pub architecture: &'static str,
    /// Outputs of the model.
    pub classes: usize,
    /// The file's length.
    pub bytes: usize,
    /// Which state dict of the checkpoint was taken.
    pub taken: Taken,
    /// Notes for the user, each a sentence.
    pub notes: Vec<String>,
}

/// Converts the checkpoint `source`, safetensors or PyTorch's by its bytes, to `output`.
///
/// `output` is written only if reslens can load it.
///
/// # Errors
/// [`ToolError`] for files that cannot be read or written, and for models that cannot be used.
pub fn import(source: &Path, output: &Path, options: &Options) -> Result<Imported> {
    let (checkpoint, taken, notes) = convert(source, options)?;
    files::write(output, checkpoint.file())?;
    let Checkpoint { architecture, classes, .. } = checkpoint;
    let bytes = checkpoint.file().len();
    Ok(Imported { architecture: architecture.name, classes, bytes, taken, notes })
}

/// Reads any checkpoint as a file for reslens, in memory, for a command that uses it at once.
///
/// # Errors
/// As [`import`].
pub fn load(source: &Path) -> Result<Vec<u8>> {
    let (checkpoint, _, _) = convert(source, &Options::default())?;
    Ok(checkpoint.into_bytes())
}

fn convert(source: &Path, options: &Options) -> Result<(Checkpoint, Taken, Vec<String>)> {
    let refuse = |error| ToolError::model(source)(error);
    let file = fs::read(source).map_err(ToolError::io(source))?;
    let Source { mut state, taken, narrowed } =
        Source::read(&file, options.prefix).map_err(|error| refuse(error.into()))?;
    drop(file);
    let mut notes = Vec::new();
    if narrowed > 0 {
        notes.push(format!("{narrowed} tensors of F64 were converted to F32"));
    }
    match options.labels {
        Some(path) => state.set_labels(read_labels(path)?),
        None => notes.extend(labels_beside(source, &mut state)),
    }
    if let Some(card) = &options.card {
        state.metadata.insert(metadata::CARD.into(), card.clone());
    }
    if options.half {
        halve(&mut state, source)?;
    }
    let checkpoint = Checkpoint::parse(state.to_safetensors()).map_err(refuse)?;
    Ok((checkpoint, taken, notes))
}

fn read_labels(path: &Path) -> Result<Vec<String>> {
    let bytes = fs::read(path).map_err(ToolError::io(path))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    labels::parse(&name, &bytes).map_err(ToolError::model(path))
}

/// Takes the labels of a `config.json` beside the checkpoint, as HuggingFace has it, if they fit and the file has none
/// of its own; returns a note for the user.
fn labels_beside(source: &Path, state: &mut StateDict) -> Option<String> {
    let path = source.with_file_name("config.json");
    let bytes = fs::read(&path).ok().filter(|bytes| labels::has_id2label(bytes))?;
    if state.metadata.contains_key(metadata::LABELS) {
        return None;
    }
    let classes = state.tensors.get("fc.weight").and_then(|tensor| tensor.shape.first().copied());
    let place = path.display();
    match labels::parse("config.json", &bytes) {
        Ok(labels) if Some(labels.len()) == classes => {
            state.set_labels(labels);
            Some(format!("the labels come from {place}"))
        }
        Ok(labels) => Some(format!("{place} has {} labels, which do not fit", labels.len())),
        Err(error) => Some(format!("the labels of {place} cannot be used: {error}")),
    }
}

/// Converts the F32 kernels and matrices to F16. The rest, vectors of batch norms and biases, is a thousandth of the
/// file, and its least robust part.
fn halve(state: &mut StateDict, path: &Path) -> Result<()> {
    for (name, tensor) in &mut state.tensors {
        if tensor.dtype == Dtype::F32 && tensor.shape.len() > 1 {
            tensor.data = to_f16(&tensor.data).map_err(|value| {
                let largest = format!("values up to {} (drop --f16)", f16::MAX);
                ToolError::tensor(path, name, largest, value.to_string())
            })?;
            tensor.dtype = Dtype::F16;
        }
    }
    Ok(())
}

/// Converts F32 to F16; returns the first finite value that F16 cannot hold. Infinite ones are refused elsewhere.
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
