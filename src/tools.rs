//! Native commands on model files, behind the program `reslens-model`.
//!
//! - [`import`] converts torchvision's checkpoints to the files that reslens reads,
//! - [`fetch`] downloads torchvision's own checkpoints and converts them,
//! - [`eval`] measures a model on a folder of pictures.

pub mod error;
pub mod eval;
pub mod fetch;
pub mod import;

mod download;
mod files;
mod state_dict;
mod torch;

pub use error::{Result, ToolError};
