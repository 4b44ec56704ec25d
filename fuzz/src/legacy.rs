//! A checkpoint from before version 1.6: pickles in a row, then the storages.

use reslens::weights::format::LEGACY;

use super::checkpoint;

/// The same factor as for pickles in an archive.
const MEMORY: usize = 1024;

/// Reads the bytes after PyTorch's magic number, and the bytes as they are.
pub fn check(bytes: &[u8]) {
    let file =
        if bytes.starts_with(LEGACY) { bytes.to_vec() } else { [LEGACY, b".", bytes].concat() };
    checkpoint::check(&file, file.len(), MEMORY);
}
