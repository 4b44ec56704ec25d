//! What there is to know about a loaded model.

use serde::Serialize;

use crate::arch::Architecture;
use crate::weights::Metadata;

/// What there is to know about a model.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ModelInfo {
    /// torchvision's name, such as `resnet18`.
    pub architecture: &'static str,
    /// The classes' names.
    pub labels: Vec<String>,
    /// Height and width of the network's input.
    pub input_size: usize,
    /// What a picture's shorter side is scaled to, before the central square is cut out.
    pub resize: usize,
    /// Mean of red, green and blue in [0, 1].
    pub mean: [f32; 3],
    /// Their standard deviation.
    pub std: [f32; 3],
    /// Trained numbers, counted as torchvision does.
    pub parameters: usize,
    /// The residual blocks in order.
    pub blocks: Vec<BlockInfo>,
    /// What the weights may be used for.
    pub licence: Option<String>,
    /// Where the model comes from and what it is for.
    pub card: Option<String>,
}

/// What there is to know about a residual block.
#[derive(Clone, Debug, Serialize)]
pub struct BlockInfo {
    /// torchvision's name, such as `layer1.0`.
    pub name: String,
    /// `basic` or `bottleneck`.
    pub kind: &'static str,
    /// `identity` or `projection`.
    pub shortcut: &'static str,
    /// `[C, H, W]` of its output at the model's input size.
    pub shape: [usize; 3],
}

impl ModelInfo {
    /// What `metadata` says of a network of this architecture.
    pub(super) fn new(architecture: Architecture, metadata: &Metadata) -> Self {
        let preprocessing = &metadata.preprocessing;
        Self {
            architecture: architecture.name,
            labels: metadata.labels.clone(),
            input_size: preprocessing.input_size,
            resize: preprocessing.resize,
            mean: preprocessing.mean,
            std: preprocessing.std,
            parameters: architecture.parameters(metadata.labels.len()),
            blocks: describe(architecture, preprocessing.input_size),
            licence: metadata.licence.clone(),
            card: metadata.card.clone(),
        }
    }
}

fn describe(architecture: Architecture, input_size: usize) -> Vec<BlockInfo> {
    let mut size = input_size / 4;
    architecture
        .blocks()
        .iter()
        .map(|block| {
            size /= block.stride();
            BlockInfo {
                name: block.name.clone(),
                kind: architecture.block.name(),
                shortcut: if block.projection.is_some() { "projection" } else { "identity" },
                shape: [block.output(), size, size],
            }
        })
        .collect()
}
