//! A pickle in an archive as PyTorch writes it, with two storages.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::checkpoint;

/// One opcode of one byte creates an object of up to some 150 bytes, in lists that grow by doubling, and each tensor
/// that is found has its path.
const MEMORY: usize = 1024;

/// Reads the archive around these bytes. A pickle of NumPy or of anything else is also read by itself.
pub fn check(pickle: &[u8]) {
    checkpoint::check(pickle, pickle.len(), MEMORY);
    let file = archive(pickle);
    checkpoint::check(&file, file.len(), MEMORY);
}

/// Returns an archive of `data.pkl` and two storages, none of them compressed.
fn archive(pickle: &[u8]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let numbers: Vec<u8> = (0..64).collect();
    for (name, contents) in
        [("a/data.pkl", pickle), ("a/data/0", &numbers), ("a/data/1", &numbers[..12])]
    {
        archive.start_file(name, options).expect("a file of an archive in memory");
        archive.write_all(contents).expect("memory");
    }
    archive.finish().expect("an archive in memory").into_inner()
}
