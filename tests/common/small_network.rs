//! Small networks drawn at random, against the scalar reference.

use burn::tensor::Device;
use proptest::prelude::*;
use reslens::arch::{Architecture, BlockKind, BlockSpec, ConvSpec, LayerNames, Shortcut, Stage};
use reslens::error::Result;
use reslens::model::folded::{FoldedConv, Linear, Place};
use reslens::model::reference::ReferencePass;
use reslens::model::{FoldedLayers, FusedResNet, Path, Plan};

use super::{close, generator};

/// Largest difference, relative to the largest sum of terms.
pub const EXACT: f32 = 1e-4;

/// A small network, its input, and the paths that are left out of it.
#[derive(Clone, Debug)]
pub struct Case {
    pub architecture: Architecture,
    pub classes: usize,
    /// Height and width.
    pub size: [usize; 2],
    pub seed: u32,
    pub left_out: Vec<(usize, Path)>,
}

/// Networks of one to three stages, with any of their paths left out.
pub fn case() -> impl Strategy<Value = Case> {
    let stage =
        (1usize..4, 1usize..4).prop_map(|(fours, blocks)| Stage { width: 4 * fours, blocks });
    let stages = prop::collection::vec(stage, 1..4);
    let cut = prop::option::of(prop::sample::select(Path::ALL.to_vec()));
    let cuts = prop::collection::vec(cut, 9);
    let kind = prop::sample::select(vec![BlockKind::Basic, BlockKind::Bottleneck]);
    let size = [1usize..3, 1usize..3].prop_map(|size| size.map(|side| 32 * side));
    (kind, stages, 1usize..6, size, 0u32..1000, cuts).prop_map(
        |(block, stages, classes, size, seed, cuts)| {
            let stages: &'static [Stage] = Vec::leak(stages);
            let stem = ConvSpec { in_channels: 3, out_channels: 4, kernel: 7, stride: 2 };
            let name = "small";
            let architecture =
                Architecture { name, stem, block, stages, shortcut: Shortcut::Residual };
            let count = architecture.blocks().len();
            let cut = |(block, path): (usize, Option<Path>)| path.map(|path| (block, path));
            let left_out = cuts.into_iter().take(count).enumerate().filter_map(cut).collect();
            Case { architecture, classes, size, seed, left_out }
        },
    )
}

impl FoldedLayers for Case {
    fn architecture(&self) -> Architecture {
        self.architecture
    }

    fn conv(
        &self,
        LayerNames { conv: name, .. }: &LayerNames,
        spec: &ConvSpec,
    ) -> Result<FoldedConv> {
        let fan_in = spec.in_channels * spec.kernel * spec.kernel;
        let weights = self.drawn(name, spec.out_channels * fan_in, (3.0 / fan_in as f32).sqrt());
        let bias = self.drawn(&format!("{name} bias"), spec.out_channels, 0.2);
        Ok(FoldedConv { spec: *spec, weights, bias })
    }

    fn linear(&self) -> Result<Linear> {
        let weights = self.drawn("fc", self.classes * self.architecture.features(), 1.0);
        Ok(Linear { weights, bias: self.drawn("fc bias", self.classes, 0.5) })
    }
}

impl Case {
    pub fn drawn(&self, name: &str, count: usize, spread: f32) -> Vec<f32> {
        generator::values(&format!("{name} {}", self.seed), count, 0.0, spread)
    }

    pub fn network(&self, device: &Device) -> FusedResNet {
        FusedResNet::load(self, self.size, device, |_, _| ()).unwrap()
    }

    /// Compares the logits with those of the scalar reference, relative to the size of the terms that are summed.
    pub async fn check_against_reference(&self, device: &Device) {
        let network = self.network(device);
        let [h, w] = self.size;
        let images = self.drawn("input", 3 * h * w, 2.0);
        let plan = Plan { left_out: self.left_out.clone(), ..Plan::default() };
        let forward = network.forward(network.input(images, [1, h, w]), &plan);
        let found = forward.read().await.unwrap().logits;
        let linear = self.linear().unwrap();
        // The features are means of ReLU outputs: none is negative.
        let absolute = |values: &[f32]| values.iter().map(|value| value.abs()).collect();
        let sizes = Linear { weights: absolute(&linear.weights), bias: absolute(&linear.bias) };
        let scale = self.reference(&sizes).into_iter().fold(1.0, f32::max);
        let expected = self.reference(&linear);
        close::assert_close_at_scale(format!("{self:?}"), &found, &expected, EXACT, scale);
    }

    /// Returns the scalar reference's logits with this last layer.
    fn reference(&self, linear: &Linear) -> Vec<f32> {
        let [h, w] = self.size;
        let mut pass = ReferencePass::new(self.drawn("input", 3 * h * w, 2.0), [1, h, w]);
        let Architecture { stem, .. } = self.architecture;
        pass.conv(Place::Stem, &self.folded(&self.architecture.stem_names(), &stem));
        for (index, block) in self.architecture.blocks().into_iter().enumerate() {
            let cut = self.left_out.iter().find(|(cut, _)| *cut == index).map(|(_, path)| *path);
            self.run_block(&mut pass, block, cut);
        }
        pass.logits(linear)
    }

    fn folded(&self, names: &LayerNames, spec: &ConvSpec) -> FoldedConv {
        self.conv(names, spec).unwrap()
    }

    /// Runs a block: without its shortcut as a block of a plain network, without its residual with F(x) = 0.
    fn run_block(&self, pass: &mut ReferencePass, block: BlockSpec, cut: Option<Path>) {
        let shortcut = if cut == Some(Path::Shortcut) { Shortcut::Plain } else { block.shortcut };
        let block = BlockSpec { shortcut, ..block };
        if let Some(spec) = &block.projection {
            pass.conv(Place::Projection, &self.folded(&block.projection_names(), spec));
        }
        for (index, spec) in block.convs.iter().enumerate() {
            let mut conv = self.folded(&block.conv_names(index), spec);
            if cut == Some(Path::Residual) && index + 1 == block.convs.len() {
                conv.weights.fill(0.0);
                conv.bias.fill(0.0);
            }
            pass.conv(Place::Residual(&block, index), &conv);
        }
    }
}
