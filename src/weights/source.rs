//! One reader for every checkpoint: safetensors and PyTorch's formats, distinguished by their bytes.

use super::format;
use super::names::{Choice, Name, Taken};
use super::safetensors::Header;
use super::state_dict::{StateDict, Tensor};
use super::torch;
use crate::error::ModelError;

/// A state dict that was read.
pub struct Source {
    /// Its tensors under torchvision's names, F64 converted to F32, and the file's metadata.
    pub state: StateDict,
    /// Which state dict of the file it is.
    pub taken: Taken,
    /// The number of tensors that were F64.
    pub narrowed: usize,
}

impl Source {
    /// Reads the state dict of a ResNet from a file's bytes: the one called `prefix`, else the
    /// likeliest. Pickles are read, never run.
    ///
    /// # Errors
    /// [`ModelError`] for a file that is neither safetensors nor a PyTorch checkpoint, that is
    /// incomplete or broken, or has several networks.
    pub fn read(file: &[u8], prefix: Option<&str>) -> Result<Source, ModelError> {
        let (mut state, taken) = if format::is_torch(file) {
            read_torch(file, prefix)
        } else {
            read_safetensors(file, prefix)
        }?;
        let narrowed = state.narrow();
        Ok(Source { state, taken, narrowed })
    }
}

fn read_safetensors(file: &[u8], prefix: Option<&str>) -> Result<(StateDict, Taken), ModelError> {
    let mut header = Header::read(file)?;
    let taken = header.take(prefix)?;
    let tensors = header.tensors.into_iter().map(|(name, entry)| {
        let data = file[entry.data].to_vec();
        (name, Tensor { dtype: entry.dtype, shape: entry.shape, data })
    });
    Ok((StateDict { tensors: tensors.collect(), metadata: header.metadata }, taken))
}

fn read_torch(file: &[u8], prefix: Option<&str>) -> Result<(StateDict, Taken), ModelError> {
    let checkpoint = torch::Checkpoint::read(file)?;
    let names: Vec<Name> = checkpoint.tensors().map(|(name, _)| name).collect();
    let choice = Choice::find(&names, prefix)?;
    let mut state = StateDict::default();
    let mut left = file.len();
    for (name, view) in checkpoint.tensors() {
        let Some(name) = choice.rename(name) else { continue };
        let refuse = |expected: String, found: String| ModelError::Tensor {
            name: name.clone(),
            expected,
            found,
        };
        let Some(dtype) = view.dtype() else {
            return Err(refuse(
                "a tensor of plain numbers".into(),
                "complex or quantised ones: save the network before it was quantised".into(),
            ));
        };
        // A view can claim more numbers than its storage has, but no state dict is larger than its file.
        left = view.size().and_then(|size| left.checked_sub(size)).ok_or_else(|| {
            let expected = format!("no more data than the file's {} bytes", file.len());
            refuse(expected, format!("shape {:?}", view.shape()))
        })?;
        let data = checkpoint.data(&name, view)?.into_owned();
        let tensor = Tensor { dtype, shape: view.shape().to_vec(), data };
        if state.tensors.insert(name.clone(), tensor).is_some() {
            return Err(refuse("one tensor of that meaning".into(), "a second one".into()));
        }
    }
    Ok((state, choice.taken))
}
