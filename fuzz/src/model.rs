//! A whole model file of a network so narrow that libFuzzer can hold it.

use reslens::arch::{Architecture, BlockKind, ConvSpec, Shortcut, Stage, TensorRole};
use reslens::weights::Checkpoint;

use super::memory;

/// The factor for a header; the data need little, since tensors are decoded one at a time.
const MEMORY: usize = 64;

/// One block per stage, four channels wide: a file of some ten kilobytes.
const STAGES: [Stage; 4] = [Stage { width: 4, blocks: 1 }; 4];

const NARROW: Architecture = Architecture {
    name: "narrow",
    stem: ConvSpec { in_channels: 3, out_channels: 4, kernel: 1, stride: 2 },
    block: BlockKind::Basic,
    stages: &STAGES,
    shortcut: Shortcut::Residual,
};

/// Checks that an accepted file has every tensor of its architecture, with the length that its shape says and finite
/// values, and labels for all classes.
pub fn check(file: &[u8]) {
    memory::bounded(file.len(), MEMORY, || {
        let Ok(checkpoint) = Checkpoint::parse_as(file.to_vec(), &[NARROW]) else { return };
        for spec in checkpoint.architecture.tensors(checkpoint.classes) {
            if spec.role == TensorRole::Counter {
                continue;
            }
            let values = checkpoint.tensor(&spec.name).expect("a tensor of the architecture");
            assert_eq!(values.len(), spec.shape.iter().product::<usize>(), "{}", spec.name);
            assert!(values.iter().all(|value| value.is_finite()), "{}", spec.name);
        }
        assert_eq!(checkpoint.metadata.labels.len(), checkpoint.classes);
        checkpoint.metadata.preprocessing.check().expect("preprocessing that was checked");
        assert_eq!(checkpoint.file(), file);
    });
}
