//! Twin networks, plain and residual, that are trained with measurements of every step.
//!
//! Small networks of 8 to 200 layers learn 8×8 digits: a stem, blocks of two 3×3 convolutions on 4×4 cells, a mean, a
//! linear layer. Twins have the same initial weights and the same pictures in the same order, and differ only in
//! whether a block adds its input. All randomness is the lab's own, so the same settings give the same numbers.
//!
//! - [`data`] has the digits,
//! - [`presets`] is the table of tested settings, [`settings`] checks a caller's,
//! - [`network`] has a network's weights, [`forward`] runs it,
//! - [`ops`] has a convolution and a batch norm with their gradients, [`kernels`] their kernels,
//! - [`train`] makes steps with Burn's autodiff, [`measure`] measures them,
//! - [`trained`] examines the result.

pub mod data;
pub mod forward;
pub mod kernels;
pub mod measure;
pub mod network;
pub mod ops;
pub mod presets;
pub mod random;
pub mod settings;
pub mod train;
pub mod trained;
