//! Code that the targets for PyTorch's checkpoints share.

use reslens::weights::safetensors::{Header, MAX_DIMENSIONS, MAX_ENTRIES};
use reslens::weights::source::Source;

use super::memory;

/// Reads the state dict of a checkpoint, in at most `factor` bytes for each of `length`. Then writes it as safetensors,
/// and checks that reading that gives the same.
pub fn check(file: &[u8], length: usize, factor: usize) {
    memory::bounded(length, factor, || {
        let Ok(Source { state, .. }) = Source::read(file, None) else { return };
        let size: usize = state.tensors.values().map(|tensor| tensor.data.len()).sum();
        assert!(size <= file.len(), "{size} bytes of tensors");
        let fits = |shape: &[usize]| shape.len() <= MAX_DIMENSIONS;
        let readable = state.tensors.len() <= MAX_ENTRIES
            && state.tensors.values().all(|tensor| fits(&tensor.shape))
            && !state.tensors.contains_key("__metadata__");
        if !readable {
            return;
        }
        let written = state.to_safetensors();
        let header = Header::read(&written).expect("a file that was just written");
        assert_eq!(header.tensors.len(), state.tensors.len());
        for (name, entry) in header.tensors {
            let tensor = &state.tensors[&name];
            assert_eq!((entry.dtype, &entry.shape), (tensor.dtype, &tensor.shape), "{name}");
            assert_eq!(written[entry.data], tensor.data, "data of {name}");
        }
    });
}
