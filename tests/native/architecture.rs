//! A new network needs only a new row in the table of architectures: its file is read, and its answers are those of the
//! scalar reference.

use burn::tensor::Device;
use pollster::block_on;
use reslens::arch::{ARCHITECTURES, Architecture, BlockKind, ConvSpec, Shortcut, Stage};
use reslens::model::{FusedResNet, Plan, reference};
use reslens::weights::Checkpoint;

use crate::common::close::assert_close;
use crate::common::generator;

const CLASSES: usize = 5;
const SIZE: usize = 32;

const STAGES: [Stage; 4] = [
    Stage { width: 8, blocks: 1 },
    Stage { width: 12, blocks: 2 },
    Stage { width: 16, blocks: 1 },
    Stage { width: 20, blocks: 1 },
];

/// Narrower than any of torchvision's, and with a different stem.
const SMALL: Architecture = Architecture {
    name: "small",
    stem: ConvSpec { in_channels: 3, out_channels: 8, kernel: 3, stride: 1 },
    block: BlockKind::Basic,
    stages: &STAGES,
    shortcut: Shortcut::Residual,
};

const SMALL_PLAIN: Architecture =
    Architecture { name: "small-plain", shortcut: Shortcut::Plain, ..SMALL };

const SMALL_BOTTLENECK: Architecture =
    Architecture { name: "small-bottleneck", block: BlockKind::Bottleneck, ..SMALL };

const NEW: [Architecture; 3] = [SMALL, SMALL_PLAIN, SMALL_BOTTLENECK];

fn rows() -> Vec<Architecture> {
    ARCHITECTURES.into_iter().chain(NEW).collect()
}

#[test]
fn a_new_row_is_recognised_by_its_tensors_and_matches_the_reference() {
    for row in NEW {
        let file = generator::checkpoint(row, CLASSES);
        assert!(Checkpoint::parse(file.clone()).is_err(), "{}: it is in the table", row.name);
        let checkpoint = Checkpoint::parse_as(file, &rows()).unwrap();
        assert_eq!(checkpoint.architecture, row);
        let images: Vec<f32> =
            (0..SIZE * SIZE * 3).map(|i| ((i * 7919) % 1000) as f32 / 250.0 - 2.0).collect();
        let expected = reference::logits(&checkpoint, images.clone(), [1, SIZE, SIZE]).unwrap();
        let size = [SIZE, SIZE];
        let network = FusedResNet::load(&checkpoint, size, &Device::flex(), |_, _| ()).unwrap();
        let input = network.input(images, [1, SIZE, SIZE]);
        let found = block_on(network.forward(input, &Plan::default()).read()).unwrap().logits;
        assert_close(row.name, &found, &expected, 1e-4);
    }
}

#[test]
fn a_plain_row_has_the_blocks_of_its_twin_and_no_projections() {
    let blocks = SMALL_PLAIN.blocks();
    assert!(blocks.iter().all(|block| block.projection.is_none()));
    assert_eq!(blocks.len(), SMALL.blocks().len());
    assert!(SMALL_PLAIN.parameters(CLASSES) < SMALL.parameters(CLASSES));
}
