//! What can go wrong in the commands, with the file or address in the message.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::error::{Error, ModelError};

/// The commands' result.
pub type Result<T> = std::result::Result<T, ToolError>;

/// Why a command failed.
#[derive(Debug, Error)]
pub enum ToolError {
    /// A file or folder cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },

    /// A file is no usable model, or a picture that a model cannot be used on.
    #[error("{}: {source}", path.display())]
    Model {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Error,
    },

    /// A picture cannot be decoded.
    #[error("{}: {source}", path.display())]
    Picture {
        /// The file.
        path: PathBuf,
        /// What the decoder says.
        source: image::ImageError,
    },

    /// Something given on the command line, or a file of the user's, cannot be used.
    #[error("{what}: expected {expected}, found {found}")]
    Usage {
        /// The file or argument.
        what: String,
        /// What is allowed.
        expected: String,
        /// What was there.
        found: String,
    },

    /// A checkpoint is unavailable.
    #[error(
        "cannot download {url}: {reason}\nGet the file {file} another way, put it into the folder \
         {}, and run the command again.",
        folder.display()
    )]
    Download {
        /// Where it should have come from.
        url: String,
        /// What happened.
        reason: String,
        /// The file's name.
        file: String,
        /// Where the command looks for it before it downloads.
        folder: PathBuf,
    },
}

impl ToolError {
    /// An error of the system about `path`.
    pub fn io(path: &Path) -> impl FnOnce(io::Error) -> ToolError + '_ {
        |source| ToolError::Io { path: path.into(), source }
    }

    /// An error about the model or picture `path`.
    pub fn model(path: &Path) -> impl FnOnce(Error) -> ToolError + '_ {
        |source| ToolError::Model { path: path.into(), source }
    }

    /// The tensor `name` of the file `path` is wrong.
    pub fn tensor(
        path: &Path,
        name: &str,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> ToolError {
        let (expected, found) = (expected.into(), found.into());
        let error = ModelError::Tensor { name: name.into(), expected, found };
        ToolError::Model { path: path.into(), source: error.into() }
    }

    /// `what` cannot be used.
    pub fn usage(
        what: impl Into<String>,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> ToolError {
        ToolError::Usage { what: what.into(), expected: expected.into(), found: found.into() }
    }
}
