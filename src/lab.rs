//! Twin networks, plain and residual, that are trained while one looks on.
//!
//! Small networks of 8 to 200 layers learn 8×8 digits: a stem, blocks of two 3×3 convolutions on 4×4 cells, a mean, a
//! linear layer. The twins have the same weights, the same pictures in the same order, and differ in one thing: whether
//! a block adds its input. All randomness is the lab's own, so the same settings give the same numbers.
//!
//! - [`data`] holds the digits,
//! - [`presets`] is the table of what was tried, [`settings`] checks what a caller wants,
//! - [`network`] are a network's numbers, [`forward`] runs it,
//! - [`ops`] are a convolution and a batch norm with their gradients, [`kernels`] what computes them,
//! - [`train`] makes steps by Burn's autodiff, [`measure`] says what they did,
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
