//! The header of a whole safetensors file: the format's own crate must read the same from it.

use reslens::weights::safetensors::Header;
use safetensors::SafeTensors;

use super::memory;

/// JSON in bounded collections: a short name takes up a string, an entry and a node of a tree.
const MEMORY: usize = 64;

/// Checks that an accepted file is also accepted by the format's own crate, which finds the same tensors in the same
/// places.
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
    // The choice of a state dict may be refused, but nothing else.
    let _ = taken.take(None);
    assert!(taken.tensors.len() <= other.len());
}
