//! One error type for the whole crate. Every message says what was expected and what was found.

use std::borrow::Cow;

use thiserror::Error;

/// The crate's result type.
pub type Result<T> = std::result::Result<T, Error>;

/// An error, grouped as in the JavaScript API (see [`Error::name`]).
#[derive(Debug, Error)]
pub enum Error {
    /// The model file cannot be used.
    #[error("{0}")]
    Model(#[from] ModelError),

    /// An argument cannot be used.
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
        /// Largest difference that is allowed, relative to the same value.
        allowed: f32,
    },

    /// The GPU cannot be used, or no longer.
    #[error("{0}")]
    Gpu(#[from] GpuError),

    /// There is not enough memory for a request.
    #[error("not enough memory: {what} needs {needed} MiB; process less at once")]
    OutOfMemory {
        /// The part that requested the memory.
        what: String,
        /// The required MiB.
        needed: u64,
    },
}

impl Error {
    /// Returns an [`Error::OutOfMemory`] for `what`, which needs so many bytes.
    pub fn out_of_memory(what: &str, bytes: u64) -> Self {
        Self::OutOfMemory { what: what.into(), needed: bytes >> 20 }
    }

    /// Returns an [`Error::Input`] about the argument `what`.
    pub fn input(
        what: impl Into<String>,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        let (what, expected, found) = (what.into(), expected.into(), found.into());
        Error::Input(InputError { what, expected, found })
    }

    /// Returns the `name` of the JavaScript error.
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

/// Why the GPU cannot be used.
#[derive(Clone, Debug, Error)]
pub enum GpuError {
    /// There is none, or none that can be opened.
    #[error("WebGPU cannot be used here: {0}")]
    Unavailable(String),

    /// It refused a kernel or a command; the results cannot be trusted.
    #[error("the GPU refused its work: {0}")]
    Refused(String),

    /// The browser cannot copy this bitmap to a texture; the GPU itself is fine.
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
        /// The expected content.
        expected: String,
        /// The actual content.
        found: String,
    },

    /// The bytes are a recognised file of another kind.
    #[error("this is {}: {advice}", excerpt(what, LONGEST))]
    Foreign {
        /// The kind of file, with its article.
        what: String,
        /// What to do.
        advice: &'static str,
    },

    /// The file ends too early.
    #[error("the file is incomplete, download it again: expected {expected}, found {found}")]
    Incomplete {
        /// The expected rest.
        expected: String,
        /// The remaining bytes.
        found: String,
    },

    /// The file holds several networks, none of them more likely to be meant.
    #[error(
        "expected one state dict of a ResNet{}, found {}: choose one with `cargo xtask model import \
         --prefix`",
        wanted.as_ref().map(|wanted| format!(" called `{wanted}`")).unwrap_or_default(),
        excerpt(&quoted(candidates), LONGEST)
    )]
    Ambiguous {
        /// The requested prefix.
        wanted: Option<String>,
        /// The available prefixes.
        candidates: Vec<String>,
    },

    /// A tensor is missing, unexpected, or does not fit the architecture.
    #[error(
        "tensor `{}`: expected {expected}, found {}",
        excerpt(name, LONGEST),
        excerpt(found, LONGEST)
    )]
    Tensor {
        /// The tensor's name in the file.
        name: String,
        /// What the architecture or the format requires.
        expected: String,
        /// What the file holds.
        found: String,
    },

    /// A metadata entry has a value that cannot be used.
    #[error("metadata `{key}`: expected {expected}, found {}", excerpt(found, LONGEST))]
    Metadata {
        /// The entry's key, such as `reslens.labels`.
        key: String,
        /// The allowed values.
        expected: String,
        /// The actual value.
        found: String,
    },

    /// The tensors' names fit none of the architectures.
    #[error("not a ResNet that reslens knows: expected {expected}, found {found}")]
    Architecture {
        /// The known architectures.
        expected: String,
        /// What the names suggest.
        found: String,
    },

    /// The network's numbers overflow.
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

/// The most characters of foreign text in a message, which may be as long as a file.
const LONGEST: usize = 400;

/// Returns the beginning of a text, for a message.
pub(crate) fn excerpt(text: &str, longest: usize) -> Cow<'_, str> {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

/// Returns names as a list for a message.
pub(crate) fn quoted(names: &[impl AsRef<str>]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{}`", name.as_ref())).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_short_even_if_the_names_in_it_are_long() {
        let long = "é".repeat(1_000_000);
        let tensor =
            ModelError::Tensor { name: long.clone(), expected: "one".into(), found: long.clone() };
        for message in [tensor.to_string(), Error::input("taps", "one", long).to_string()] {
            assert!(message.chars().count() < 1000 && message.contains("é…"), "{message}");
        }
    }
}
