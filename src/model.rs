//! ResNet: from a row of [`crate::arch`] to a forward pass with taps.
//!
//! [`ResNet`] is an ordinary Burn module, batch norms included: the readable definition, which can be
//! trained. For inference, [`FoldedLayers`] gives its layers with the batch norms folded in, and
//! [`FusedResNet`] runs them on a backend's fused operations.

pub mod block;
pub mod cam;
pub mod folded;
pub mod forward;
pub mod fused;
pub mod load;
pub mod plan;
pub mod reference;
pub mod resnet;
pub mod stats;
pub mod tap;

pub use block::ResidualBlock;
pub use cam::Cam;
pub use folded::FoldedLayers;
pub use forward::{Forward, Outputs};
pub use fused::FusedResNet;
pub use plan::{Path, Plan};
pub use resnet::ResNet;
pub use stats::BlockStats;
pub use tap::{BlockParts, BlockTap, Map, Part};
