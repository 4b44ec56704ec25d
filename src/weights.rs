//! Model files: from bytes to named tensors of a known architecture.
//!
//! Which of a file's state dicts is used, and its tensors' names, are decided in [`names`]
//! alone. A [`Checkpoint`] exists only for a file that is valid in every respect: its header
//! ([`safetensors`]), its metadata ([`metadata`]), its architecture and every tensor's name, shape
//! and type ([`layout`]), and its values ([`values`]). The file's bytes may be elsewhere ([`bytes`]); they are read in
//! pieces.

pub mod bytes;
pub mod dtype;
pub mod format;
pub mod labels;
pub mod layout;
pub mod metadata;
pub mod names;
pub mod safetensors;
#[cfg(feature = "pickle")]
pub mod source;
#[cfg(feature = "pickle")]
pub mod state_dict;
pub mod text;
#[cfg(feature = "pickle")]
pub mod torch;
mod values;

use std::borrow::Cow;

use crate::arch::{ARCHITECTURES, Architecture};
use crate::error::{ModelError, Result};
use bytes::ModelBytes;
use layout::Layout;
pub use metadata::Metadata;
pub use names::Taken;
use safetensors::{Entry, Header};

/// A model file that has been checked; tensors are decoded one at a time.
#[derive(Debug)]
pub struct Checkpoint<B = Vec<u8>> {
    /// Which ResNet it is.
    pub architecture: Architecture,
    /// Outputs of the fully connected layer; at least 2.
    pub classes: usize,
    /// Which of the file's state dicts it uses.
    pub taken: Taken,
    /// Labels, preprocessing and calibration.
    pub metadata: Metadata,
    header: Header,
    bytes: B,
}

/// Values of a tensor to read at a time.
const PIECE: usize = 64 * 1024;

impl<B: ModelBytes> Checkpoint<B> {
    /// Checks `bytes`, a whole safetensors file, and keeps them.
    ///
    /// # Errors
    /// [`ModelError`] for anything but a file with the tensors of one of
    /// [`ARCHITECTURES`](crate::arch::ARCHITECTURES), in the right shapes and types, with
    /// finite values and no others in their state dict, and matching metadata. Nothing as large as a tensor is
    /// allocated.
    pub fn parse(bytes: B) -> Result<Self> {
        Self::parse_as(bytes, &ARCHITECTURES)
    }

    /// [`Checkpoint::parse`] for other architectures than those of the table.
    ///
    /// # Errors
    /// As [`Checkpoint::parse`].
    pub fn parse_as(bytes: B, rows: &[Architecture]) -> Result<Self> {
        let mut header = Header::read(&bytes)?;
        let taken = header.take(None)?;
        let Layout { architecture, classes } = Layout::find(&header, rows)?;
        let metadata = Metadata::parse(&header.metadata, classes)?;
        for (name, entry) in &header.tensors {
            values::check(name, entry.dtype, pieces(&bytes, entry))?;
        }
        Ok(Self { architecture, classes, taken, metadata, header, bytes })
    }

    /// Returns the values of the tensor `name`, in the file's (row-major) order; all finite.
    ///
    /// # Errors
    /// [`ModelError::Tensor`] if the file has no such tensor, or one of integers.
    pub fn tensor(&self, name: &str) -> Result<Vec<f32>> {
        let invalid = |found: String| ModelError::Tensor {
            name: name.into(),
            expected: format!("a tensor of numbers in this {}", self.architecture.name),
            found,
        };
        let entry = self.header.tensors.get(name).ok_or_else(|| invalid("none".into()))?;
        let count = entry.data.len() / entry.dtype.size();
        let values = values::decode(entry.dtype, count, pieces(&self.bytes, entry));
        Ok(values.ok_or_else(|| invalid(entry.describe()))?)
    }

    /// Returns the file's bytes.
    pub fn into_bytes(self) -> B {
        self.bytes
    }
}

impl Checkpoint {
    /// Returns the file's bytes.
    pub fn file(&self) -> &[u8] {
        &self.bytes
    }
}

/// Returns a tensor's data.
fn pieces<'a>(bytes: &'a impl ModelBytes, entry: &Entry) -> impl Iterator<Item = Cow<'a, [u8]>> {
    bytes.pieces(entry.data.clone(), PIECE * entry.dtype.size())
}
