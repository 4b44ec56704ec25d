//! A whole safetensors file, of which the header is read: the format's own crate must read the same in it.

use reslens::weights::safetensors::Header;
use safetensors::SafeTensors;

use super::memory;

/// JSON in bounded collections: a short name takes a string, an entry and a node of a tree.
const MEMORY: usize = 64;

/// What is accepted, the format's own crate also accepts, and finds the same tensors in the same places.
pub fn check(file: &[u8]) {
    let Ok(header) = memory::bounded(file.len(), MEMORY, || Header::read(file)) else { return };
    let other = SafeTensors::deserialize(file).expect("a file that the format's own crate reads");
    assert_eq!(header.tensors.len(), other.len());
    for (name, entry) in &header.tensors {
        let tensor = other.tensor(name).expect("a tensor that the format's own crate finds");
        assert_eq!(tensor.data(), &file[entry.data.clone()], "data of {name}");
        assert_eq!(tensor.shape(), entry.shape, "shape of {name}");
    }
    let mut taken = header;
    // Which state dict it is may be refused, and nothing else.
    let _ = taken.take(None);
    assert!(taken.tensors.len() <= other.len());
}
