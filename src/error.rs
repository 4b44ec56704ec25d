//! One error type for the whole crate. Every message says what was expected and what was found.

use std::borrow::Cow;

use thiserror::Error;

/// The crate's result.
pub type Result<T> = std::result::Result<T, Error>;

/// What can go wrong, grouped as the JavaScript API names it (see [`Error::name`]).
#[derive(Debug, Error)]
pub enum Error {
    /// The model file cannot be used.
    #[error("{0}")]
    Model(#[from] ModelError),

    /// What the caller passed cannot be used.
    #[error("{0}")]
    Input(#[from] InputError),

    /// An engine's numbers differ from the reference: it must not be used.
    #[error(
        "the {engine} engine computes wrong numbers here: {what}, off by {found:.1e} of the largest \
         value, where at most {allowed:.0e} is allowed"
    )]
    Parity {
        /// Which engine was checked, such as `cpu`.
        engine: &'static str,
        /// Which result differs, such as `logits`.
        what: String,
        /// Largest difference, relative to the largest reference value.
        found: f32,
        /// Largest difference that is allowed, likewise.
        allowed: f32,
    },

    /// The GPU cannot be used, or not any more.
    #[error("{0}")]
    Gpu(#[from] GpuError),

    /// The memory that a request needs is unavailable.
    #[error("not enough memory: {what} needs {needed} MiB; process less at once")]
    OutOfMemory {
        /// What asked for the memory.
        what: String,
        /// MiB that it needs.
        needed: u64,
    },
}

impl Error {
    /// An [`Error::OutOfMemory`] of `what`, which needs so many bytes.
    pub fn out_of_memory(what: &str, bytes: u64) -> Self {
        Self::OutOfMemory { what: what.into(), needed: bytes >> 20 }
    }

    /// An [`Error::Input`] about the argument `what`.
    pub fn input(
        what: impl Into<String>,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        let (what, expected, found) = (what.into(), expected.into(), found.into());
        Error::Input(InputError { what, expected, found })
    }

    /// The `name` that the JavaScript error carries.
    pub fn name(&self) -> &'static str {
        match self {
            Error::Model(_) => "ModelInvalid",
            Error::Input(_) => "InputInvalid",
            Error::Parity { .. } => "ParityFailed",
            Error::Gpu(GpuError::Unavailable(_) | GpuError::Refused(_)) => "BackendUnavailable",
            Error::Gpu(GpuError::Bitmap(_)) => "InputInvalid",
            Error::Gpu(GpuError::Lost(_)) => "DeviceLost",
            Error::Gpu(GpuError::OutOfMemory) | Error::OutOfMemory { .. } => "OutOfMemory",
        }
    }
}

/// What a GPU can do to a caller.
#[derive(Clone, Debug, Error)]
pub enum GpuError {
    /// There is none, or none that can be opened.
    #[error("WebGPU cannot be used here: {0}")]
    Unavailable(String),

    /// It does not accept a kernel or a command; the results cannot be trusted.
    #[error("the GPU refused its work: {0}")]
    Refused(String),

    /// The browser does not copy this bitmap to a texture; nothing is wrong with the GPU.
    #[error("picture: expected one that the browser can copy to the GPU, found an error: {0}")]
    Bitmap(String),

    /// The device is gone: a driver was reset, a cable was pulled, the browser took it away.
    #[error("the GPU was lost: {0}")]
    Lost(String),

    /// Its memory is full.
    #[error("the GPU's memory is full: close other tabs, or use the CPU")]
    OutOfMemory,
}

/// Why a model file cannot be used.
#[derive(Debug, Error)]
pub enum ModelError {
    /// The bytes are not a file of the expected format.
    #[error("not a {format} file: expected {expected}, found {}", excerpt(found, LONGEST))]
    Format {
        /// The format that was expected, such as `safetensors`.
        format: &'static str,
        /// What should have stood there.
        expected: String,
        /// What stood there.
        found: String,
    },

    /// The bytes are something else, which can be told.
    #[error("this is {}: {advice}", excerpt(what, LONGEST))]
    Foreign {
        /// What it is, with its article.
        what: String,
        /// What to do.
        advice: &'static str,
    },

    /// The file ends too early.
    #[error("the file is incomplete, download it again: expected {expected}, found {found}")]
    Incomplete {
        /// What should have followed.
        expected: String,
        /// What is left.
        found: String,
    },

    /// The file holds several networks, none of them likelier than the others.
    #[error(
        "expected one state dict of a ResNet{}, found {}: choose one with `cargo xtask model import \
         --prefix`",
        wanted.as_ref().map(|wanted| format!(" called `{wanted}`")).unwrap_or_default(),
        excerpt(&quoted(candidates), LONGEST)
    )]
    Ambiguous {
        /// The prefix that was asked for.
        wanted: Option<String>,
        /// The prefixes that there are.
        candidates: Vec<String>,
    },

    /// A tensor is missing, extra, or not what the architecture needs.
    #[error(
        "tensor `{}`: expected {expected}, found {}",
        excerpt(name, LONGEST),
        excerpt(found, LONGEST)
    )]
    Tensor {
        /// The tensor's name in the file.
        name: String,
        /// What the architecture or the format asks for.
        expected: String,
        /// What the file holds.
        found: String,
    },

    /// A metadata entry has a value that cannot be used.
    #[error("metadata `{key}`: expected {expected}, found {}", excerpt(found, LONGEST))]
    Metadata {
        /// The entry's key, such as `reslens.labels`.
        key: String,
        /// What is allowed there.
        expected: String,
        /// What stands there.
        found: String,
    },

    /// The tensors' names fit none of the architectures.
    #[error("not a ResNet that reslens knows: expected {expected}, found {found}")]
    Architecture {
        /// The architectures that are known.
        expected: String,
        /// What the names suggest.
        found: String,
    },

    /// With its weights, numbers become too large to be computed with.
    #[error("not a network that can be run: expected finite logits, found {found}")]
    Overflow {
        /// The first logit that is not finite.
        found: f32,
    },
}

impl ModelError {
    /// # Errors
    /// [`ModelError::Overflow`] if any of the `logits` is not finite.
    pub fn refuse_overflow(logits: &[f32]) -> std::result::Result<(), ModelError> {
        match logits.iter().find(|logit| !logit.is_finite()) {
            Some(&found) => Err(ModelError::Overflow { found }),
            None => Ok(()),
        }
    }
}

/// Why an argument of a call cannot be used.
#[derive(Debug, Error)]
#[error("{what}: expected {expected}, found {}", excerpt(found, LONGEST))]
pub struct InputError {
    /// The argument, such as `topK`.
    pub what: String,
    /// What is allowed.
    pub expected: String,
    /// What was passed.
    pub found: String,
}

/// Characters that a message has, at most, of what somebody else has written: that may be as long as a file.
const LONGEST: usize = 400;

/// The beginning of a text, for a message.
pub(crate) fn excerpt(text: &str, longest: usize) -> Cow<'_, str> {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

/// Names in a message.
pub(crate) fn quoted(names: &[impl AsRef<str>]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{}`", name.as_ref())).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_short_however_long_what_it_names() {
        let long = "é".repeat(1_000_000);
        let tensor =
            ModelError::Tensor { name: long.clone(), expected: "one".into(), found: long.clone() };
        for message in [tensor.to_string(), Error::input("taps", "one", long).to_string()] {
            assert!(message.chars().count() < 1000 && message.contains("é…"), "{message}");
        }
    }
}
