//! Native commands on model files, used by the program `reslens-model`.
//!
//! - [`import`] converts torchvision's checkpoints to the files that reslens reads,
//! - [`fetch`] downloads torchvision's own checkpoints and converts them,
//! - [`classify`] classifies pictures,
//! - [`eval`] measures a model on a folder of pictures.

pub mod classify;
pub mod error;
pub mod eval;
pub mod fetch;
pub mod import;

mod download;
mod files;
mod picture;

pub use error::{Result, ToolError};
