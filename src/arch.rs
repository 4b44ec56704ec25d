//! The table of architectures, and what is derived from its rows: blocks, tensors, counts.
//!
//! He et al. 2015, "Deep Residual Learning for Image Recognition" (arXiv 1512.03385), table 1, in
//! torchvision's layout: the stride of a bottleneck sits on its 3×3 convolution.

/// The kind of a residual block: how many convolutions it stacks, and of which size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockKind {
    /// Two 3×3 convolutions: ResNet-18 and -34.
    Basic,
    /// 1×1, 3×3, 1×1 with four times as many channels at the end: ResNet-50, -101 and -152.
    Bottleneck,
}

impl BlockKind {
    /// The name in the JavaScript API.
    pub fn name(self) -> &'static str {
        match self {
            BlockKind::Basic => "basic",
            BlockKind::Bottleneck => "bottleneck",
        }
    }

    /// Output channels of a block for each channel of its width.
    pub fn expansion(self) -> usize {
        match self {
            BlockKind::Basic => 1,
            BlockKind::Bottleneck => 4,
        }
    }
}

/// Whether blocks add their input to F(x).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shortcut {
    /// output = ReLU(F(x) + shortcut): He et al.'s residual networks.
    Residual,
    /// output = ReLU(F(x)): the plain networks that they are compared with.
    Plain,
}

/// A stage: blocks of one width. All stages but the first halve height and width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stage {
    /// Channels of its 3×3 convolutions.
    pub width: usize,
    /// Number of blocks.
    pub blocks: usize,
}

/// One row of the table: everything that distinguishes a network from the others.
///
/// Between stem and stages there is always a 3×3 max-pool with stride 2; after the stages, the mean over the
/// pixels and the fully connected layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Architecture {
    /// torchvision's name.
    pub name: &'static str,
    /// The first convolution.
    pub stem: ConvSpec,
    /// The kind of block of all stages.
    pub block: BlockKind,
    /// `layer1`, `layer2` and so on.
    pub stages: &'static [Stage],
    /// Whether its blocks have shortcuts.
    pub shortcut: Shortcut,
}

/// Returns torchvision's row of this name: its networks differ only in their blocks.
const fn torchvision(
    name: &'static str,
    block: BlockKind,
    stages: &'static [Stage],
) -> Architecture {
    let stem = ConvSpec { in_channels: 3, out_channels: 64, kernel: 7, stride: 2 };
    Architecture { name, stem, block, stages, shortcut: Shortcut::Residual }
}

/// Returns torchvision's widths with the given number of blocks in each stage.
const fn stages(blocks: [usize; 4]) -> [Stage; 4] {
    let [first, second, third, fourth] = blocks;
    [
        Stage { width: 64, blocks: first },
        Stage { width: 128, blocks: second },
        Stage { width: 256, blocks: third },
        Stage { width: 512, blocks: fourth },
    ]
}

/// All architectures. A new one is a new row.
pub const ARCHITECTURES: [Architecture; 5] = [
    torchvision("resnet18", BlockKind::Basic, &stages([2, 2, 2, 2])),
    torchvision("resnet34", BlockKind::Basic, &stages([3, 4, 6, 3])),
    torchvision("resnet50", BlockKind::Bottleneck, &stages([3, 4, 6, 3])),
    torchvision("resnet101", BlockKind::Bottleneck, &stages([3, 4, 23, 3])),
    torchvision("resnet152", BlockKind::Bottleneck, &stages([3, 8, 36, 3])),
];

/// Height and width of the max-pool's window. Its padding is half of that, rounded down.
pub const POOL_KERNEL: usize = 3;

/// Stride of the max-pool.
pub const POOL_STRIDE: usize = 2;

/// Factor between the input's height and width and those of the last block.
pub const TOTAL_STRIDE: usize = 32;

/// One convolution of a block, without bias, followed by a batch norm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvSpec {
    /// Channels in.
    pub in_channels: usize,
    /// Channels out.
    pub out_channels: usize,
    /// Height and width of the kernel; the padding is `kernel / 2`.
    pub kernel: usize,
    /// Stride, the same in both directions.
    pub stride: usize,
}

impl ConvSpec {
    /// Returns the padding that keeps the size at stride 1.
    pub fn padding(&self) -> usize {
        self.kernel / 2
    }
}

/// The names of a convolution and of the batch norm after it in a state dict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerNames {
    /// Such as `layer1.0.conv1`.
    pub conv: String,
    /// Such as `layer1.0.bn1`.
    pub norm: String,
}

impl LayerNames {
    fn new(conv: impl Into<String>, norm: impl Into<String>) -> Self {
        Self { conv: conv.into(), norm: norm.into() }
    }
}

/// One block: output = ReLU(F(x) + shortcut), or ReLU(F(x)) in a plain network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockSpec {
    /// torchvision's name, such as `layer1.0`.
    pub name: String,
    /// The convolutions of F(x), in order: two (basic) or three (bottleneck).
    pub convs: Vec<ConvSpec>,
    /// The 1×1 convolution on the shortcut, or `None` where the shapes match (identity) or where there
    /// is no shortcut.
    pub projection: Option<ConvSpec>,
    /// Whether the block has a shortcut.
    pub shortcut: Shortcut,
}

impl BlockSpec {
    /// Channels of the block's output.
    pub fn output(&self) -> usize {
        self.convs[self.convs.len() - 1].out_channels
    }

    /// Returns the factor by which height and width shrink: 1 or 2.
    pub fn stride(&self) -> usize {
        self.convs.iter().map(|conv| conv.stride).product()
    }

    /// Returns torchvision's names for a convolution of F(x), by its index.
    pub fn conv_names(&self, index: usize) -> LayerNames {
        let (name, number) = (&self.name, index + 1);
        LayerNames::new(format!("{name}.conv{number}"), format!("{name}.bn{number}"))
    }

    /// Returns torchvision's names for the convolution on the shortcut.
    pub fn projection_names(&self) -> LayerNames {
        let name = &self.name;
        LayerNames::new(format!("{name}.downsample.0"), format!("{name}.downsample.1"))
    }

    /// Returns all convolutions with their names, in the order of a state dict: F(x), then the shortcut.
    pub fn layers(&self) -> impl Iterator<Item = (LayerNames, ConvSpec)> {
        let convs = self.convs.iter().enumerate();
        let convs = convs.map(|(index, conv)| (self.conv_names(index), *conv));
        convs.chain(self.projection.map(|conv| (self.projection_names(), conv)))
    }
}

/// The content of a tensor in a state dict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TensorRole {
    /// Trained numbers, weights or biases. They count as parameters.
    Parameter,
    /// A batch norm's running mean or variance.
    RunningStatistic,
    /// A batch norm's `num_batches_tracked`: an integer scalar that inference does not use. May be
    /// missing.
    Counter,
}

/// A tensor in the checkpoints of an architecture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorSpec {
    /// torchvision's name.
    pub name: String,
    /// torchvision's shape; `[]` for a scalar.
    pub shape: Vec<usize>,
    /// Its content.
    pub role: TensorRole,
}

impl Architecture {
    /// Returns the row called `name`.
    pub fn by_name(name: &str) -> Option<Architecture> {
        ARCHITECTURES.into_iter().find(|row| row.name == name)
    }

    /// Returns all residual blocks, in the order of a forward pass.
    pub fn blocks(&self) -> Vec<BlockSpec> {
        let mut blocks = Vec::new();
        let mut input = self.stem.out_channels;
        for (stage, &Stage { width, blocks: count }) in self.stages.iter().enumerate() {
            let output = width * self.block.expansion();
            for index in 0..count {
                let stride = if stage > 0 && index == 0 { 2 } else { 1 };
                let projected =
                    self.shortcut == Shortcut::Residual && (stride != 1 || input != output);
                blocks.push(BlockSpec {
                    name: format!("layer{}.{index}", stage + 1),
                    convs: self.convs(input, width, stride),
                    projection: projected.then_some(ConvSpec {
                        in_channels: input,
                        out_channels: output,
                        kernel: 1,
                        stride,
                    }),
                    shortcut: self.shortcut,
                });
                input = output;
            }
        }
        blocks
    }

    fn convs(&self, input: usize, width: usize, stride: usize) -> Vec<ConvSpec> {
        match self.block {
            BlockKind::Basic => vec![
                ConvSpec { in_channels: input, out_channels: width, kernel: 3, stride },
                ConvSpec { in_channels: width, out_channels: width, kernel: 3, stride: 1 },
            ],
            BlockKind::Bottleneck => vec![
                ConvSpec { in_channels: input, out_channels: width, kernel: 1, stride: 1 },
                ConvSpec { in_channels: width, out_channels: width, kernel: 3, stride },
                ConvSpec { in_channels: width, out_channels: 4 * width, kernel: 1, stride: 1 },
            ],
        }
    }

    /// Returns torchvision's names for the first convolution.
    pub fn stem_names(&self) -> LayerNames {
        LayerNames::new("conv1", "bn1")
    }

    /// Returns the number of blocks in each stage.
    pub fn depths(&self) -> Vec<usize> {
        self.stages.iter().map(|stage| stage.blocks).collect()
    }

    /// Returns the length of the pooled features: 512 or 2048 in torchvision's networks.
    pub fn features(&self) -> usize {
        let last = self.stages.last().map_or(self.stem.out_channels, |stage| stage.width);
        last * self.block.expansion()
    }

    /// Returns the number in the name: stem, convolutions of all F(x), fully connected layer. Shortcuts
    /// are not counted.
    pub fn weighted_layers(&self) -> usize {
        1 + self.blocks().iter().map(|block| block.convs.len()).sum::<usize>() + 1
    }

    /// Returns the number of trained numbers, as torchvision counts them.
    pub fn parameters(&self, classes: usize) -> usize {
        self.tensors(classes)
            .iter()
            .filter(|tensor| tensor.role == TensorRole::Parameter)
            .map(|tensor| tensor.shape.iter().product::<usize>())
            .sum()
    }

    /// Returns every tensor of torchvision's state dict, in its order.
    pub fn tensors(&self, classes: usize) -> Vec<TensorSpec> {
        let mut tensors = Vec::new();
        push_conv(&mut tensors, &self.stem_names(), &self.stem);
        for (names, conv) in self.blocks().iter().flat_map(BlockSpec::layers) {
            push_conv(&mut tensors, &names, &conv);
        }
        let mut push = |name: &str, shape: Vec<usize>| {
            tensors.push(TensorSpec { name: name.into(), shape, role: TensorRole::Parameter });
        };
        push("fc.weight", vec![classes, self.features()]);
        push("fc.bias", vec![classes]);
        tensors
    }
}

/// A convolution and the batch norm after it.
fn push_conv(tensors: &mut Vec<TensorSpec>, names: &LayerNames, spec: &ConvSpec) {
    use TensorRole::{Counter, Parameter, RunningStatistic};
    let LayerNames { conv, norm } = names;
    let kernel = vec![spec.out_channels, spec.in_channels, spec.kernel, spec.kernel];
    let channels = vec![spec.out_channels];
    for (name, shape, role) in [
        (format!("{conv}.weight"), kernel, Parameter),
        (format!("{norm}.weight"), channels.clone(), Parameter),
        (format!("{norm}.bias"), channels.clone(), Parameter),
        (format!("{norm}.running_mean"), channels.clone(), RunningStatistic),
        (format!("{norm}.running_var"), channels, RunningStatistic),
        (format!("{norm}.num_batches_tracked"), vec![], Counter),
    ] {
        tensors.push(TensorSpec { name, shape, role });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_those_of_the_paper_and_of_torchvision() {
        for (name, layers, parameters) in [
            ("resnet18", 18, 11_689_512),
            ("resnet34", 34, 21_797_672),
            ("resnet50", 50, 25_557_032),
            ("resnet101", 101, 44_549_160),
            ("resnet152", 152, 60_192_808),
        ] {
            let architecture = Architecture::by_name(name).unwrap();
            assert_eq!(architecture.weighted_layers(), layers, "{name}");
            assert_eq!(architecture.parameters(1000), parameters, "{name}");
        }
    }

    #[test]
    fn a_shortcut_is_a_projection_exactly_where_the_shape_changes() {
        let names = |name: &str| {
            let blocks = Architecture::by_name(name).unwrap().blocks();
            let projected = blocks.into_iter().filter(|block| block.projection.is_some());
            projected.map(|block| block.name).collect::<Vec<_>>()
        };
        assert_eq!(names("resnet18"), ["layer2.0", "layer3.0", "layer4.0"]);
        assert_eq!(names("resnet50"), ["layer1.0", "layer2.0", "layer3.0", "layer4.0"]);
    }
}
