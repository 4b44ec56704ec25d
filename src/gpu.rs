//! A small WebGPU runtime: it runs kernels on the memory of Burn's tensors, and turns every fault into an error.
//!
//! It knows nothing of networks. From the bottom up: [`Kernel`] is WGSL text with constants, `KernelCall` a kernel
//! with its arguments, `BoundKernel` one with its pipeline and bind group, and [`Graph`] a list of these that
//! is captured once and submitted for every frame. [`GpuContext`] makes them on the device that
//! [`Gpu`] opened.
//!
//! CubeCL, below Burn, holds the tensors' memory and nothing else: launching through it costs a look-up and
//! a bind group each time, and hides the result. With our own pipelines a frame is one pass, encoded
//! from objects that were made once, and one submission.

mod bound;
mod call;
mod config;
mod context;
mod device;
mod faults;
mod graph;
mod kernel;
mod launch;
mod memory;
mod pool;
mod readback;

pub use burn_wgpu::{WgpuResource, wgpu};

pub use bound::{BoundKernel, BoundKernels, encode};
pub use call::{Binding, KernelCall};
pub use config::KernelConfig;
pub use context::GpuContext;
pub use device::{Gpu, OpenOptions};
pub use faults::Faults;
pub use graph::{Graph, GraphInput, kernels_of};
pub use kernel::{ELEMENTWISE, ENABLE_QUADS, Kernel};
pub use launch::elementwise_groups;
pub use memory::{ByteCount, TrackedBuffer, TrackedTexture};
pub use readback::{Readback, Reading};
