//! PyTorch checkpoints: ZIP archives, and the pickle streams from before version 1.6.
//!
//! Bytes in, named tensors out. A pickle is read as data ([`pickle`]) and searched for tensors
//! ([`walk`]); nothing in it is ever run. Anything besides the tensors, such as an optimizer,
//! is ignored. No step needs more memory than a multiple of the file's length.

mod archive;
mod graph;
mod legacy;
mod pickle;
mod view;
mod walk;

use std::borrow::Cow;

use super::format::{self, LEGACY, ZIP};
use super::names::Name;
use crate::error::ModelError;
use archive::Archive;
use legacy::Legacy;
pub use view::View;
use walk::Found;

/// A checkpoint whose pickle has been read, but not its data.
pub struct Checkpoint<'a> {
    storages: Storages<'a>,
    tensors: Vec<Found>,
}

/// The location of the tensors' data.
enum Storages<'a> {
    Archive(Archive<'a>),
    Legacy(Legacy<'a>),
}

impl<'a> Checkpoint<'a> {
    /// Reads the pickle of a checkpoint that `torch.save` wrote: a state dict, a dictionary around
    /// one, or a whole model.
    ///
    /// # Errors
    /// [`ModelError::Foreign`] for a file that is not a checkpoint, [`ModelError::Incomplete`] for part
    /// of one, [`ModelError::Format`] for a broken one.
    pub fn read(file: &'a [u8]) -> Result<Checkpoint<'a>, ModelError> {
        let (storages, tensors, arrays) = if file.starts_with(ZIP) {
            let archive = Archive::open(file)?;
            let text = archive.pickle()?;
            let (graph, root, _) = pickle::read(&text, 0)?;
            let (tensors, arrays) = walk::tensors(&graph, root)?;
            (Storages::Archive(archive), tensors, arrays)
        } else if file.starts_with(LEGACY) {
            let (legacy, graph, root) = Legacy::open(file)?;
            let (tensors, arrays) = walk::tensors(&graph, root)?;
            (Storages::Legacy(legacy), tensors, arrays)
        } else if format::is_torch(file) {
            // A pickle, though not one of `torch.save`: name its content, if it can be read.
            let (graph, root, _) = pickle::read(file, 0)?;
            let (_, arrays) = walk::tensors(&graph, root)?;
            let what = if arrays > 0 { NUMPY } else { "a pickle that `torch.save` did not write" };
            return Err(ModelError::Foreign { what: what.into(), advice: SAVE_AGAIN });
        } else {
            return Err(format::foreign(file).unwrap_or_else(|| {
                invalid("a checkpoint of `torch.save`", "bytes of an unknown format")
            }));
        };
        if tensors.is_empty() && arrays > 0 {
            return Err(ModelError::Foreign { what: NUMPY.into(), advice: SAVE_AGAIN });
        }
        Ok(Checkpoint { storages, tensors })
    }

    /// Returns each tensor's name and its description in the pickle, in the pickle's order.
    pub fn tensors(&self) -> impl Iterator<Item = (Name<'_>, &View)> {
        self.tensors
            .iter()
            .map(|found| (Name { container: &found.container, key: &found.key }, &found.view))
    }

    /// Returns a tensor's data, row-major and little-endian.
    ///
    /// # Errors
    /// [`ModelError::Tensor`] about `name` if the storage is missing or too short.
    pub fn data(&self, name: &str, view: &View) -> Result<Cow<'_, [u8]>, ModelError> {
        let storage = match &self.storages {
            Storages::Archive(archive) => archive.storage(view.storage())?,
            Storages::Legacy(legacy) => legacy.storage(view.storage()).map(Cow::Borrowed),
        };
        let refuse = |expected: String, found: String| {
            let name = name.into();
            ModelError::Tensor { name, expected, found }
        };
        let Some(storage) = storage else {
            let found = format!("none named `{}`", view.storage());
            return Err(refuse("its storage in the file".into(), found));
        };
        view.copy(storage).map_err(|(expected, found)| refuse(expected, found))
    }
}

const NUMPY: &str = "a pickle of NumPy arrays";
const SAVE_AGAIN: &str = "load it in Python, and save the tensors with `torch.save` or \
                          `safetensors.torch.save_file`";

/// Returns an error about the file as a whole.
fn invalid(expected: impl Into<String>, found: impl Into<String>) -> ModelError {
    ModelError::Format { format: "PyTorch", expected: expected.into(), found: found.into() }
}
