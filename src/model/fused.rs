//! The network that inference runs: its folded layers, packed for a backend's fused operations.

use std::sync::Arc;

use burn::tensor::{Device, Tensor};

use super::cam::ReducedCam;
use super::folded::{FoldedConv, FoldedLayers, Linear, Place};
use super::forward::{Forward, ReducedTap, ShownBlock};
use super::plan::{Path, Plan};
use super::stats::ReducedStats;
use super::tap::{BlockParts, Paths};
use crate::arch::{Architecture, ConvSpec, LayerNames, POOL_STRIDE, Shortcut};
use crate::error::{Error, Result};
use crate::ops::{self, Conv, tensor};

/// A convolution with its packed weights.
#[derive(Debug)]
pub struct FusedConv {
    conv: Conv,
    weights: Tensor<1>,
    bias: Tensor<1>,
}

impl FusedConv {
    /// Packs the weights for the fused operations of `device`.
    ///
    /// It accepts images of any size, and is fastest for `size`, height and width.
    pub fn new(folded: FoldedConv, size: [usize; 2], device: &Device) -> Self {
        let conv = ops::fastest(&folded.spec, size, device);
        let shape = [conv.out_channels, conv.in_channels, conv.kernel, conv.kernel];
        Self {
            conv,
            weights: ops::pack_weights(tensor(folded.weights, shape, device), conv),
            bias: tensor(folded.bias, [conv.out_channels], device),
        }
    }

    /// Returns the convolution of `x`, `[N, H, W, I]`, with a ReLU on request: `[N, H', W', O]`.
    pub fn forward(&self, x: Tensor<4>, relu: bool) -> Tensor<4> {
        ops::conv(x, self.weights.clone(), self.bias.clone(), self.conv, relu)
    }

    /// Returns ReLU(convolution + shortcut).
    fn forward_add_relu(&self, x: Tensor<4>, shortcut: Tensor<4>) -> Tensor<4> {
        ops::conv_add_relu(x, self.weights.clone(), self.bias.clone(), shortcut, self.conv)
    }
}

/// A residual block. Activations are `[N, H, W, C]`.
#[derive(Debug)]
struct FusedBlock {
    convs: Vec<FusedConv>,
    projection: Option<FusedConv>,
    shortcut: Shortcut,
}

impl FusedBlock {
    /// Computes only the output: the addition and the last ReLU are part of the last convolution.
    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let (last, hidden) = self.hidden(x.clone());
        match self.shortcut(x) {
            Some(shortcut) => last.forward_add_relu(hidden, shortcut),
            None => last.forward(hidden, true),
        }
    }

    /// Computes the same numbers path by path. A path that is left out, or absent in a plain network, is 0.
    fn paths(&self, x: Tensor<4>, left_out: Option<Path>) -> Paths {
        let shortcut = match left_out {
            Some(Path::Shortcut) => None,
            Some(Path::Residual) | None => self.shortcut(x.clone()),
        };
        let residual = (left_out != Some(Path::Residual)).then(|| self.residual(x.clone()));
        let (shortcut, residual, only) = match (shortcut, residual) {
            (Some(shortcut), Some(residual)) => (shortcut, residual, None),
            (Some(shortcut), None) => {
                let zeros = ops::zeros_like(shortcut.clone());
                (shortcut, zeros, Some(Path::Shortcut))
            }
            (None, Some(residual)) => {
                let zeros = ops::zeros_like(residual.clone());
                (zeros, residual, Some(Path::Residual))
            }
            (None, None) => {
                let zeros = ops::zeros_like(self.residual(x));
                (zeros.clone(), zeros, Some(Path::Residual))
            }
        };
        Paths { shortcut, residual, only }
    }

    /// Computes F(x).
    fn residual(&self, x: Tensor<4>) -> Tensor<4> {
        let (last, hidden) = self.hidden(x);
        last.forward(hidden, false)
    }

    /// Returns x or its projection; nothing in a plain network.
    fn shortcut(&self, x: Tensor<4>) -> Option<Tensor<4>> {
        match (self.shortcut, &self.projection) {
            (Shortcut::Plain, _) => None,
            (Shortcut::Residual, None) => Some(x),
            (Shortcut::Residual, Some(projection)) => Some(projection.forward(x, false)),
        }
    }

    /// Returns F's last convolution and its input.
    fn hidden(&self, x: Tensor<4>) -> (&FusedConv, Tensor<4>) {
        let (last, first) = self.convs.split_last().expect("a block has convolutions");
        (last, first.iter().fold(x, |x, conv| conv.forward(x, true)))
    }
}

impl Paths {
    /// Returns shortcut + F(x).
    fn sum(&self) -> Tensor<4> {
        match self.only {
            None => ops::add(self.residual.clone(), self.shortcut.clone()),
            Some(Path::Residual) => self.residual.clone(),
            Some(Path::Shortcut) => self.shortcut.clone(),
        }
    }

    /// Returns ReLU(shortcut + F(x)), in one pass.
    fn output(&self) -> Tensor<4> {
        match self.only {
            None => ops::add_relu(self.residual.clone(), self.shortcut.clone()),
            Some(_) => ops::relu(self.sum()),
        }
    }

    /// Returns every part of the block, whose input is `x`.
    fn parts(&self, x: Tensor<4>) -> BlockParts {
        let (shortcut, residual, sum) = (self.shortcut.clone(), self.residual.clone(), self.sum());
        let output = ops::relu(sum.clone());
        BlockParts { input: x, shortcut, residual, sum, output }
    }
}

/// A ResNet for inference.
#[derive(Debug)]
pub struct FusedResNet {
    /// The network's row in the table.
    pub architecture: Architecture,
    stem: FusedConv,
    blocks: Vec<FusedBlock>,
    fc_weights: Tensor<2>,
    fc_bias: Tensor<1>,
    /// The fully connected layer in memory, for class activation maps.
    biases: Arc<[f32]>,
    device: Device,
}

impl FusedResNet {
    /// Folds and packs the weights for the fused operations of `device`, layer by layer, and passes each folded
    /// convolution to `visit` in the order of a forward pass, a projection before its block.
    ///
    /// The network accepts images of any size, and is fastest for `size`, height and width.
    ///
    /// # Errors
    /// Those of `layers`.
    pub fn load(
        layers: &impl FoldedLayers,
        size: [usize; 2],
        device: &Device,
        mut visit: impl FnMut(Place<'_>, &FoldedConv),
    ) -> Result<Self> {
        let architecture = layers.architecture();
        let mut fuse = |place: Place<'_>, names: LayerNames, spec: &ConvSpec, size| {
            let folded = layers.conv(&names, spec)?;
            visit(place, &folded);
            let fused = FusedConv::new(folded, size, device);
            let out = size.map(|size| fused.conv.output_size(size));
            Ok::<_, Error>((fused, out))
        };
        let (stem, size) = fuse(Place::Stem, architecture.stem_names(), &architecture.stem, size)?;
        let mut size = size.map(|size| size.div_ceil(POOL_STRIDE));
        let mut blocks = Vec::new();
        for block in architecture.blocks() {
            let projection = block.projection.as_ref();
            let projection = projection
                .map(|spec| fuse(Place::Projection, block.projection_names(), spec, size));
            let mut convs = Vec::new();
            for (index, spec) in block.convs.iter().enumerate() {
                let place = Place::Residual(&block, index);
                let (conv, out) = fuse(place, block.conv_names(index), spec, size)?;
                convs.push(conv);
                size = out;
            }
            let projection = projection.transpose()?.map(|(conv, _)| conv);
            blocks.push(FusedBlock { convs, projection, shortcut: block.shortcut });
        }
        let Linear { weights, bias } = layers.linear()?;
        let classes = bias.len();
        Ok(Self {
            architecture,
            stem,
            blocks,
            fc_weights: tensor(weights, [classes, architecture.features()], device),
            biases: bias.clone().into(),
            fc_bias: tensor(bias, [classes], device),
            device: device.clone(),
        })
    }

    /// Brings normalised images, `[N, H, W, 3]`, to the device.
    pub fn input(&self, images: Vec<f32>, [n, h, w]: [usize; 3]) -> Tensor<4> {
        tensor(images, [n, h, w, 3], &self.device)
    }

    /// Allocates a tensor on the device for images `[N, H, W, 3]`.
    #[cfg(feature = "webgpu")]
    pub fn empty_input(&self, [n, h, w]: [usize; 3]) -> Tensor<4> {
        self.input(vec![0.0; n * h * w * 3], [n, h, w])
    }

    /// Runs images from [`input`](Self::input); taps and other extras of a plan need N = 1.
    pub fn forward(&self, images: Tensor<4>, plan: &Plan) -> Forward {
        self.forward_from(0, self.stem(images), plan, |_| ())
    }

    /// Does the same, and also returns the input of every block, where [`forward_from`](Self::forward_from)
    /// can start.
    pub fn forward_storing(&self, images: Tensor<4>, plan: &Plan) -> (Forward, Vec<Tensor<4>>) {
        let mut inputs = Vec::new();
        let forward = self.forward_from(0, self.stem(images), plan, |x| inputs.push(x.clone()));
        (forward, inputs)
    }

    /// Runs the blocks from the one with index `from` on, whose input is `x`, then the head. Calls `visit`
    /// with the input of each of these blocks.
    pub fn forward_from(
        &self,
        from: usize,
        x: Tensor<4>,
        plan: &Plan,
        mut visit: impl FnMut(&Tensor<4>),
    ) -> Forward {
        let (mut x, mut shown, mut last_paths) = (x, Vec::new(), None);
        for (index, block) in self.blocks.iter().enumerate().skip(from) {
            visit(&x);
            let left_out = plan.left_out_of(index);
            let (tapped, measured) = (plan.taps.contains(&index), plan.stats.contains(&index));
            let mapped = plan.cam.is_some() && index + 1 == self.blocks.len();
            if !tapped && !measured && !mapped && left_out.is_none() {
                x = block.forward(x);
                continue;
            }
            let paths = block.paths(x.clone(), left_out);
            let parts = tapped.then(|| paths.parts(x));
            x = parts.as_ref().map_or_else(|| paths.output(), |parts| parts.output.clone());
            shown.push(ShownBlock {
                tap: parts.map(|parts| ReducedTap::new(index, parts, plan.reduction)),
                stats: measured.then(|| ReducedStats::new(index, &paths)),
            });
            last_paths = mapped.then_some(paths);
        }
        let head = self.head(x.clone());
        let cam = plan.cam.zip(last_paths).map(|(class, paths)| {
            let (weights, bias) = (self.fc_weights.clone(), self.biases.clone());
            ReducedCam::new(paths, x, head.clone(), weights, bias, class)
        });
        Forward { shown, head, cam, features: self.architecture.features() }
    }

    /// Runs the first convolution and the max-pool: `[N, H, W, 3]` → `[N, H / 4, W / 4, C]` in
    /// torchvision's networks.
    pub fn stem(&self, images: Tensor<4>) -> Tensor<4> {
        ops::max_pool(self.stem.forward(images, true))
    }

    /// Runs the mean over all pixels and the fully connected layer: `[N, H, W, features]` →
    /// `[N, features + classes]`.
    pub fn head(&self, x: Tensor<4>) -> Tensor<2> {
        ops::head(x, self.fc_weights.clone(), self.fc_bias.clone())
    }
}
