//! A whole ZIP archive.

use super::checkpoint;

/// Files in an archive may be compressed to a hundredth, and a pickle takes what pickles take.
const MEMORY: usize = 100 * 1024;

/// Reads the archive as a checkpoint.
pub fn check(file: &[u8]) {
    checkpoint::check(file, file.len(), MEMORY);
}
