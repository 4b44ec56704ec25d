//! The memory that gradients need, computed before it is allocated: a WebAssembly module that runs out of
//! memory aborts at once.

use crate::arch::{Architecture, ConvSpec, POOL_STRIDE};
use crate::error::{Error, Result};

use super::options::Wanted;

/// Tensors of the size of a convolution's output that autodiff holds until the backward pass has used them: the
/// normalised values and their ReLU.
const OF_CONV: usize = 2;

/// Tensors of the size of a block's output: two probes, their sums and their gradients, and the shortcut.
const OF_BLOCK: usize = 7;

/// Tensors of the size of a block's input: two probes, their sums and their gradients.
const OF_BLOCK_INPUT: usize = 6;

/// Tensors of the size of the largest activation that operations need in addition: the columns of a 3×3
/// convolution's transpose, and copies.
const AT_WORK: usize = 14;

/// Returns the bytes of the module's weights.
pub fn of_weights(architecture: Architecture, classes: usize) -> usize {
    architecture.parameters(classes) * size_of::<f32>()
}

/// Returns the most bytes that a call needs for an image of this height and width.
pub fn of_call(
    architecture: Architecture,
    classes: usize,
    size: [usize; 2],
    wanted: &Wanted,
) -> usize {
    let shrink = |[h, w]: [usize; 2], stride: usize| [h.div_ceil(stride), w.div_ceil(stride)];
    let elements = |channels: usize, [h, w]: [usize; 2]| channels * h * w;
    let stem = shrink(size, architecture.stem.stride);
    let stem_output = elements(architecture.stem.out_channels, stem);
    let mut largest = stem_output;
    let mut held = elements(3, size) + OF_CONV * stem_output;
    let mut at = shrink(stem, POOL_STRIDE);
    for block in architecture.blocks() {
        let input = elements(block.convs[0].in_channels, at);
        held += OF_BLOCK_INPUT * input;
        largest = largest.max(input);
        let mut inside = at;
        let mut hold = |conv: &ConvSpec, from: [usize; 2]| {
            let to = shrink(from, conv.stride);
            let output = elements(conv.out_channels, to);
            held += OF_CONV * output;
            largest = largest.max(output);
            to
        };
        for conv in &block.convs {
            inside = hold(conv, inside);
        }
        if let Some(projection) = &block.projection {
            hold(projection, at);
        }
        at = inside;
        held += OF_BLOCK * elements(block.output(), at);
    }
    let weights = if wanted.weights { 2 * architecture.parameters(classes) } else { 0 };
    (held + AT_WORK * largest + weights) * size_of::<f32>()
}

/// Ensures that `bytes` of memory are available.
///
/// # Errors
/// `OutOfMemory`, with `what` as their use.
pub fn ask(what: &str, bytes: usize) -> Result<()> {
    let reserved = Vec::<u8>::new().try_reserve_exact(bytes);
    reserved.map_err(|_| Error::out_of_memory(what, bytes as u64))
}
