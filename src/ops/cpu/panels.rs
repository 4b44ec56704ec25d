//! The destination of one panel of output channels.
//!
//! A panel is written either straight into the pixels of the output or, when threads share the channels of a small
//! image, into a separate block that is interleaved with the others at the end.

use super::gemm::COLUMNS;
use super::parallel::for_each_chunk;
use super::scratch::with_scratch;

/// Pixels that a thread interleaves at a time.
const PIXELS: usize = 32;

/// The place of a panel of [`COLUMNS`] output channels in its destination.
#[derive(Clone, Copy)]
pub struct Destination {
    /// The index of the panel's first channel.
    pub channel: usize,
    /// The distance between pixels, in values.
    pub stride: usize,
    /// The offset of the first pixel's values.
    pub offset: usize,
}

impl Destination {
    /// Returns the place within pixels of `channels` channels.
    pub fn in_pixels(panel: usize, channels: usize) -> Self {
        let channel = panel * COLUMNS;
        Self { channel, stride: channels, offset: channel }
    }

    /// Returns the place in a separate block.
    fn in_block(panel: usize) -> Self {
        Self { channel: panel * COLUMNS, stride: COLUMNS, offset: 0 }
    }
}

/// Fills `out`, `[pixels][O]`, with the threads sharing the output channels: `write` gets a panel's
/// index, its destination and its block.
pub fn for_each_panel(
    out: &mut [f32],
    channels: usize,
    write: impl Fn(usize, Destination, &mut [f32]) + Sync,
) {
    let block = out.len() / channels * COLUMNS;
    with_scratch(channels.div_ceil(COLUMNS) * block, |blocks| {
        for_each_chunk(blocks, block, |panel, block| {
            write(panel, Destination::in_block(panel), block);
        });
        for_each_chunk(out, PIXELS * channels, |first, out| {
            for (pixel, out) in out.chunks_exact_mut(channels).enumerate() {
                let pixel = first * PIXELS + pixel;
                for (block, out) in blocks.chunks_exact(block).zip(out.chunks_mut(COLUMNS)) {
                    out.copy_from_slice(&block[pixel * COLUMNS..][..out.len()]);
                }
            }
        });
    });
}
