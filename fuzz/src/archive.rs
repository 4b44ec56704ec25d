//! A whole ZIP archive.

use super::checkpoint;

/// Files in an archive may be compressed a hundredfold, and a pickle takes 1024 bytes for each of its own.
const MEMORY: usize = 100 * 1024;

/// Reads the archive as a checkpoint.
pub fn check(file: &[u8]) {
    checkpoint::check(file, file.len(), MEMORY);
}
