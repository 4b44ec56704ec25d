//! ResNet in the browser with Burn: classification, and the residual maps of every block.
//!
//! The modules in the order of a frame's path:
//!
//! - [`arch`] is the table of architectures, on which everything below depends,
//! - [`weights`] reads and checks a model file,
//! - [`preprocess`] turns a picture into the network's input,
//! - [`model`] is the network: blocks, taps, forward pass,
//! - [`ops`] has the fused operations of the network, and their kernels,
//! - [`topk`] turns logits into predictions,
//! - `gpu` opens a GPU and detects its failures,
//! - [`session`] covers the whole path from pixels to an answer,
//! - `gradients` goes back along it: Burn's autodiff on the readable module,
//! - `lab` trains small twins, plain and residual, and measures each step,
//! - `wasm` is the API for JavaScript, and `threads` is its thread pool,
//! - [`error`] has the errors of all of them,
//! - `tools` fetches, imports and measures model files natively.
//!
//! # From a picture to an answer
//!
#![cfg_attr(feature = "tools", doc = "```")]
#![cfg_attr(not(feature = "tools"), doc = "```ignore")]
//! use reslens::preprocess::Picture;
//! use reslens::session::{Blocks, Cpu, Options, Session};
//!
//! let session = Session::<Cpu>::load(std::fs::read("models/webcam50.safetensors")?)?;
//! let picture = image::open("www/samples/coffee.jpg")?.into_rgba8();
//! let (width, height) = (picture.width() as usize, picture.height() as usize);
//! let picture = Picture::Rgba { rgba: &picture, width, height };
//! let options = Options { taps: Some(Blocks::Word("all".into())), ..Options::default() };
//! // GPUs need the future; the CPU's is ready when it returns.
//! let answer = pollster::block_on(session.classify(picture, &options))?;
//! assert_eq!(answer.predictions[0].label, "coffee cup");
//! assert_eq!(answer.shown.taps.map(|taps| taps.len()), Some(session.blocks()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//!
//! | feature | what it adds |
//! | --- | --- |
//! | `cpu` (default) | the CPU engine: fused kernels on the tensors of Burn's Flex backend |
//! | `webgpu` | the WebGPU engine: the same operations in WGSL; natively on any Vulkan, Metal or DirectX 12 adapter |
//! | `threads` | kernels split their work over rayon's threads; in a browser this needs shared memory |
//! | `train` | the gradients of a loaded network and the lab's twins, by Burn's autodiff on the Flex backend |
//! | `pickle` | reading PyTorch's checkpoints, whose pickle is never run |
//! | `tools` | importing, fetching and measuring model files, as the binary `reslens-model` does |
//!
//! # Invariants
//!
//! An engine that differs from the scalar reference is refused at load; taps
//! come from the same run as the logits; no input makes this crate panic.
#![deny(missing_docs, unsafe_code)]

// Unit tests share helpers with the tests of the crate, which call it by its name.
#[cfg(test)]
extern crate self as reslens;

pub mod arch;
pub mod error;
#[cfg(feature = "webgpu")]
pub mod gpu;
#[cfg(feature = "train")]
pub mod gradients;
#[cfg(feature = "train")]
pub mod lab;
#[cfg(any(feature = "cpu", feature = "webgpu"))]
pub mod model;
#[cfg(any(feature = "cpu", feature = "webgpu"))]
pub mod ops;
pub mod preprocess;
#[cfg(any(feature = "cpu", feature = "webgpu"))]
pub mod session;
#[cfg(all(target_arch = "wasm32", feature = "threads"))]
mod threads;
#[cfg(feature = "tools")]
pub mod tools;
pub mod topk;
#[cfg(all(target_arch = "wasm32", any(feature = "cpu", feature = "webgpu", feature = "pickle")))]
mod wasm;
pub mod weights;
