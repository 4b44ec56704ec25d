//! ResNet: from a row of [`crate::arch`] to a forward pass that can be looked into.
//!
//! [`ResNet`] is an ordinary Burn module in batch norms and all: the readable truth, which can be
//! trained. For inference, [`FoldedResNet`] holds its weights with the batch norms folded in, and
//! [`FusedResNet`] runs them on a backend's fused operations.

pub mod block;
pub mod folded;
pub mod forward;
pub mod fused;
pub mod load;
pub mod plan;
pub mod resnet;
pub mod tap;

pub use block::ResidualBlock;
pub use folded::FoldedResNet;
pub use forward::{Forward, Outputs};
pub use fused::FusedResNet;
pub use plan::{Path, Plan};
pub use resnet::ResNet;
pub use tap::{BlockParts, BlockTap, Map, Part};
