//! Model files: from bytes to named tensors of a known architecture.
//!
//! A [`Checkpoint`] exists only for a file that is right in everything: its header
//! ([`safetensors`]), its metadata ([`metadata`]), its architecture and every tensor's name, shape
//! and type ([`layout`]), and its values ([`values`]). The checks run on the file's bytes in place.

pub mod layout;
pub mod metadata;
pub mod safetensors;
mod values;

use crate::arch::Architecture;
use crate::error::{ModelError, Result};
use layout::Layout;
pub use metadata::Metadata;
use safetensors::{Entry, Header};

/// A model file that has been checked; tensors are decoded one at a time.
#[derive(Debug)]
pub struct Checkpoint {
    /// Which ResNet it is.
    pub architecture: Architecture,
    /// Outputs of the fully connected layer; at least 1.
    pub classes: usize,
    /// Labels, preprocessing and calibration.
    pub metadata: Metadata,
    header: Header,
    bytes: Vec<u8>,
}

impl Checkpoint {
    /// Checks `bytes`, a whole safetensors file, and keeps them.
    ///
    /// # Errors
    /// [`ModelError`] for anything but a file with the tensors of one of
    /// [`ARCHITECTURES`](crate::arch::ARCHITECTURES) and no others, in the right shapes and
    /// types, with finite values, and metadata that fit. Nothing as large as a tensor is
    /// allocated.
    pub fn parse(bytes: Vec<u8>) -> Result<Checkpoint> {
        let header = Header::read(&bytes)?;
        let Layout { architecture, classes } = Layout::find(&header)?;
        let metadata = Metadata::parse(&header.metadata, classes)?;
        for (name, entry) in &header.tensors {
            values::check(name, entry.dtype, &bytes[entry.data.clone()])?;
        }
        Ok(Checkpoint { architecture, classes, metadata, header, bytes })
    }

    /// The file's bytes, as they were parsed.
    pub fn file(&self) -> &[u8] {
        &self.bytes
    }

    /// The values of the tensor called `name`, in the file's (row-major) order; all finite.
    ///
    /// # Errors
    /// [`ModelError::Tensor`] where the file has no such tensor, or one of integers.
    pub fn tensor(&self, name: &str) -> Result<Vec<f32>> {
        let invalid = |found: String| ModelError::Tensor {
            name: name.into(),
            expected: format!("a tensor of numbers in this {}", self.architecture.name),
            found,
        };
        let entry = self.header.tensors.get(name).ok_or_else(|| invalid("none".into()))?;
        let Entry { dtype, data, .. } = entry;
        let values = values::decode(*dtype, &self.bytes[data.clone()]);
        Ok(values.ok_or_else(|| invalid(entry.describe()))?)
    }
}
