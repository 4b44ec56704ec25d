//! The table of architectures, and what follows from a row: blocks, tensors, counts.
//!
//! He et al. 2015, "Deep Residual Learning for Image Recognition" (arXiv 1512.03385), table 1, in
//! torchvision's layout: the stride of a bottleneck sits on its 3×3 convolution.

/// How many convolutions a residual block stacks, and of which kind.
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

/// One row: a network is its kind of block and how many of them each of the four stages has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Architecture {
    /// torchvision's name.
    pub name: &'static str,
    /// The block that all stages are built of.
    pub block: BlockKind,
    /// Blocks in `layer1` to `layer4`.
    pub depths: [usize; 4],
}

/// All architectures. A further one is a further row.
pub const ARCHITECTURES: [Architecture; 5] = [
    Architecture { name: "resnet18", block: BlockKind::Basic, depths: [2, 2, 2, 2] },
    Architecture { name: "resnet34", block: BlockKind::Basic, depths: [3, 4, 6, 3] },
    Architecture { name: "resnet50", block: BlockKind::Bottleneck, depths: [3, 4, 6, 3] },
    Architecture { name: "resnet101", block: BlockKind::Bottleneck, depths: [3, 4, 23, 3] },
    Architecture { name: "resnet152", block: BlockKind::Bottleneck, depths: [3, 8, 36, 3] },
];

/// Channels that the stem produces.
pub const STEM_CHANNELS: usize = 64;

/// Factor between the input's height and width and those of the last block.
pub const TOTAL_STRIDE: usize = 32;

/// One convolution of a block, without bias, followed by a batch norm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvSpec {
    /// Channels in.
    pub input: usize,
    /// Channels out.
    pub output: usize,
    /// Height and width of the kernel; the padding is `kernel / 2`.
    pub kernel: usize,
    /// Stride, the same in both directions.
    pub stride: usize,
}

impl ConvSpec {
    /// The padding that keeps the size at stride 1.
    pub fn padding(&self) -> usize {
        self.kernel / 2
    }
}

/// The first convolution of every ResNet.
pub const STEM: ConvSpec = ConvSpec { input: 3, output: STEM_CHANNELS, kernel: 7, stride: 2 };

/// One residual block: output = ReLU(shortcut + F(x)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockSpec {
    /// torchvision's name, such as `layer1.0`.
    pub name: String,
    /// The convolutions of F(x), in order: two (basic) or three (bottleneck).
    pub convs: Vec<ConvSpec>,
    /// The 1×1 convolution on the shortcut, or `None` where the shapes match (identity).
    pub projection: Option<ConvSpec>,
}

impl BlockSpec {
    /// Channels of the block's output.
    pub fn output(&self) -> usize {
        self.convs[self.convs.len() - 1].output
    }

    /// Factor by which height and width shrink: 1 or 2.
    pub fn stride(&self) -> usize {
        self.convs.iter().map(|conv| conv.stride).product()
    }
}

/// What a tensor of a state dict holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TensorRole {
    /// A trained number: weights and biases. Counts as a parameter.
    Parameter,
    /// A batch norm's running mean or variance.
    RunningStatistic,
    /// A batch norm's `num_batches_tracked`: an integer scalar that inference does not use. May be
    /// missing.
    Counter,
}

/// A tensor that a checkpoint of an architecture has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorSpec {
    /// torchvision's name.
    pub name: String,
    /// torchvision's shape; `[]` for a scalar.
    pub shape: Vec<usize>,
    /// What it holds.
    pub role: TensorRole,
}

impl Architecture {
    /// The row called `name`.
    pub fn by_name(name: &str) -> Option<Architecture> {
        ARCHITECTURES.into_iter().find(|row| row.name == name)
    }

    /// All residual blocks, in the order of a forward pass.
    pub fn blocks(&self) -> Vec<BlockSpec> {
        let mut blocks = Vec::new();
        let mut input = STEM_CHANNELS;
        for (stage, &depth) in self.depths.iter().enumerate() {
            let width = STEM_CHANNELS << stage;
            let output = width * self.block.expansion();
            for index in 0..depth {
                let stride = if stage > 0 && index == 0 { 2 } else { 1 };
                blocks.push(BlockSpec {
                    name: format!("layer{}.{index}", stage + 1),
                    convs: self.convs(input, width, stride),
                    projection: (stride != 1 || input != output).then_some(ConvSpec {
                        input,
                        output,
                        kernel: 1,
                        stride,
                    }),
                });
                input = output;
            }
        }
        blocks
    }

    fn convs(&self, input: usize, width: usize, stride: usize) -> Vec<ConvSpec> {
        match self.block {
            BlockKind::Basic => vec![
                ConvSpec { input, output: width, kernel: 3, stride },
                ConvSpec { input: width, output: width, kernel: 3, stride: 1 },
            ],
            BlockKind::Bottleneck => vec![
                ConvSpec { input, output: width, kernel: 1, stride: 1 },
                ConvSpec { input: width, output: width, kernel: 3, stride },
                ConvSpec { input: width, output: 4 * width, kernel: 1, stride: 1 },
            ],
        }
    }

    /// Length of the pooled features: 512 or 2048.
    pub fn features(&self) -> usize {
        (STEM_CHANNELS << 3) * self.block.expansion()
    }

    /// The number in the name: stem, convolutions of all F(x), fully connected layer. Shortcuts
    /// are not counted.
    pub fn weighted_layers(&self) -> usize {
        1 + self.blocks().iter().map(|block| block.convs.len()).sum::<usize>() + 1
    }

    /// Trained numbers, as torchvision counts them.
    pub fn parameters(&self, classes: usize) -> usize {
        self.tensors(classes)
            .iter()
            .filter(|tensor| tensor.role == TensorRole::Parameter)
            .map(|tensor| tensor.shape.iter().product::<usize>())
            .sum()
    }

    /// Every tensor of torchvision's state dict, in its order.
    pub fn tensors(&self, classes: usize) -> Vec<TensorSpec> {
        let mut tensors = Vec::new();
        push_conv(&mut tensors, "conv1", "bn1", &STEM);
        for block in self.blocks() {
            let name = &block.name;
            for (index, conv) in (1..).zip(&block.convs) {
                push_conv(
                    &mut tensors,
                    &format!("{name}.conv{index}"),
                    &format!("{name}.bn{index}"),
                    conv,
                );
            }
            if let Some(conv) = &block.projection {
                let downsample = format!("{name}.downsample");
                push_conv(
                    &mut tensors,
                    &format!("{downsample}.0"),
                    &format!("{downsample}.1"),
                    conv,
                );
            }
        }
        let mut push = |name: &str, shape: Vec<usize>| {
            tensors.push(TensorSpec { name: name.into(), shape, role: TensorRole::Parameter });
        };
        push("fc.weight", vec![classes, self.features()]);
        push("fc.bias", vec![classes]);
        tensors
    }
}

/// A convolution and the batch norm behind it.
fn push_conv(tensors: &mut Vec<TensorSpec>, conv: &str, norm: &str, spec: &ConvSpec) {
    use TensorRole::{Counter, Parameter, RunningStatistic};
    let kernel = vec![spec.output, spec.input, spec.kernel, spec.kernel];
    let channels = vec![spec.output];
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
