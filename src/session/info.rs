//! The description of a loaded model.

use serde::Serialize;

use crate::arch::{
    Architecture, BlockSpec, ConvSpec, LayerNames, POOL_KERNEL, POOL_STRIDE, Shortcut,
};
use crate::ops::Conv;
use crate::weights::Metadata;

/// The description of a model.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ModelInfo {
    /// torchvision's name, such as `resnet18`.
    pub architecture: &'static str,
    /// The classes' names.
    pub labels: Vec<String>,
    /// Height and width of the network's input.
    pub input_size: usize,
    /// The length to which a picture's shorter side is scaled, before the central square is cut out.
    pub resize: usize,
    /// Mean of red, green and blue in [0, 1].
    pub mean: [f32; 3],
    /// Their standard deviation.
    pub std: [f32; 3],
    /// Trained numbers, counted as torchvision does.
    pub parameters: usize,
    /// The first convolution.
    pub stem: ConvInfo,
    /// The max-pool after it.
    pub pool: PoolInfo,
    /// The residual blocks in order.
    pub blocks: Vec<BlockInfo>,
    /// Length of the pooled features, which the fully connected layer reads.
    pub features: usize,
    /// The weights' licence.
    pub licence: Option<String>,
    /// The model card: the model's origin and purpose.
    pub card: Option<String>,
}

/// The description of a residual block.
#[derive(Clone, Debug, Serialize)]
pub struct BlockInfo {
    /// torchvision's name, such as `layer1.0`.
    pub name: String,
    /// `basic` or `bottleneck`.
    pub kind: &'static str,
    /// `identity`, `projection`, or `none` in a plain network.
    pub shortcut: &'static str,
    /// `[C, H, W]` of its output at the model's input size.
    pub shape: [usize; 3],
    /// The convolutions of F(x) in order.
    pub convs: Vec<ConvInfo>,
    /// The convolution on the shortcut, if there is one.
    pub projection: Option<ConvInfo>,
}

/// The description of a convolution, at the model's input size.
#[derive(Clone, Debug, Serialize)]
pub struct ConvInfo {
    /// torchvision's name, such as `layer1.0.conv1`.
    pub name: String,
    /// Height and width of the kernel; the padding is half of it, rounded down.
    pub kernel: usize,
    /// Stride, the same in both directions.
    pub stride: usize,
    /// `[C, H, W]` of its input.
    pub input: [usize; 3],
    /// `[C, H, W]` of its output.
    pub output: [usize; 3],
}

/// The description of the max-pool, at the model's input size.
#[derive(Clone, Debug, Serialize)]
pub struct PoolInfo {
    /// Height and width of the window.
    pub kernel: usize,
    /// Stride, the same in both directions.
    pub stride: usize,
    /// `[C, H, W]` of its output.
    pub output: [usize; 3],
}

impl ModelInfo {
    /// Describes a network of this architecture with `metadata`.
    pub(super) fn new(architecture: Architecture, metadata: &Metadata) -> Self {
        let preprocessing = &metadata.preprocessing;
        let size = preprocessing.input_size;
        let stem = ConvInfo::new(architecture.stem_names(), &architecture.stem, size);
        let pool = PoolInfo::behind(&stem);
        Self {
            architecture: architecture.name,
            labels: metadata.labels.clone(),
            input_size: size,
            resize: preprocessing.resize,
            mean: preprocessing.mean,
            std: preprocessing.std,
            parameters: architecture.parameters(metadata.labels.len()),
            blocks: blocks(architecture, pool.output[1]),
            stem,
            pool,
            features: architecture.features(),
            licence: metadata.licence.clone(),
            card: metadata.card.clone(),
        }
    }
}

impl ConvInfo {
    /// Describes a convolution of images of `size` × `size`.
    fn new(names: LayerNames, spec: &ConvSpec, size: usize) -> Self {
        let ConvSpec { in_channels, out_channels, kernel, stride } = *spec;
        let out_size = Conv::direct(spec).output_size(size);
        let [input, output] = [[in_channels, size, size], [out_channels, out_size, out_size]];
        Self { name: names.conv, kernel, stride, input, output }
    }
}

impl PoolInfo {
    fn behind(stem: &ConvInfo) -> Self {
        let [channels, size, _] = stem.output;
        let size = size.div_ceil(POOL_STRIDE);
        Self { kernel: POOL_KERNEL, stride: POOL_STRIDE, output: [channels, size, size] }
    }
}

/// Describes the blocks after a stem and max-pool that leave `size` × `size` pixels.
fn blocks(architecture: Architecture, size: usize) -> Vec<BlockInfo> {
    let mut size = size;
    let describe = |block: BlockSpec| {
        let input = size;
        let convs: Vec<_> = (block.convs.iter().enumerate())
            .map(|(index, conv)| {
                let info = ConvInfo::new(block.conv_names(index), conv, size);
                size = info.output[1];
                info
            })
            .collect();
        BlockInfo {
            kind: architecture.block.name(),
            shortcut: match (block.shortcut, block.projection) {
                (Shortcut::Plain, _) => "none",
                (Shortcut::Residual, None) => "identity",
                (Shortcut::Residual, Some(_)) => "projection",
            },
            shape: [block.output(), size, size],
            convs,
            projection: block
                .projection
                .map(|conv| ConvInfo::new(block.projection_names(), &conv, input)),
            name: block.name,
        }
    };
    architecture.blocks().into_iter().map(describe).collect()
}
