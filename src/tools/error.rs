//! The errors of the commands, with the file or address in the message.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::error::{Error, ModelError};

/// The commands' result type.
pub type Result<T> = std::result::Result<T, ToolError>;

/// Why a command failed.
#[derive(Debug, Error)]
pub enum ToolError {
    /// A file or folder cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },

    /// A file is not a usable model, or a picture that the model cannot classify.
    #[error("{}: {source}", path.display())]
    Model {
        /// The file.
        path: PathBuf,
        /// The error about it.
        source: Error,
    },

    /// A picture cannot be decoded.
    #[error("{}: {source}", path.display())]
    Picture {
        /// The file.
        path: PathBuf,
        /// The decoder's error.
        source: image::ImageError,
    },

    /// An argument, or one of the user's files, cannot be used.
    #[error("{what}: expected {expected}, found {found}")]
    Usage {
        /// The file or argument.
        what: String,
        /// What is allowed.
        expected: String,
        /// What was found.
        found: String,
    },

    /// A checkpoint is unavailable.
    #[error(
        "cannot download {url}: {reason}\nGet the file {file} another way, put it into the folder \
         {}, and run the command again.",
        folder.display()
    )]
    Download {
        /// Its address.
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
    /// Returns a system error about `path`.
    pub fn io(path: &Path) -> impl FnOnce(io::Error) -> ToolError + '_ {
        |source| ToolError::Io { path: path.into(), source }
    }

    /// Returns an error about the model or picture `path`.
    pub fn model(path: &Path) -> impl FnOnce(Error) -> ToolError + '_ {
        |source| ToolError::Model { path: path.into(), source }
    }

    /// Returns an error about the tensor `name` of the file `path`.
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

    /// Returns an error about `what`.
    pub fn usage(
        what: impl Into<String>,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> ToolError {
        ToolError::Usage { what: what.into(), expected: expected.into(), found: found.into() }
    }
}
