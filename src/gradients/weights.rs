//! The gradients of a network's weights.

use burn::module::Param;
use burn::tensor::{Gradients, Tensor};
use serde::Serialize;

use super::rms;
use crate::arch::{Architecture, BlockSpec};
use crate::model::ResNet;

/// Root mean squares of one layer's weights and of their gradients.
#[derive(Clone, Debug, Serialize)]
pub struct WeightGradient {
    /// torchvision's name of the layer, such as `layer1.0.conv1` or `fc`.
    pub name: String,
    /// Root mean square of the weights in the file.
    pub weight: f32,
    /// Root mean square of the gradient with respect to them.
    pub gradient: f32,
}

/// Returns a network whose convolutions and fully connected layer require gradients.
pub fn tracked(mut network: ResNet) -> ResNet {
    let convs = network
        .blocks
        .iter_mut()
        .flat_map(|block| block.convs.iter_mut().chain(&mut block.projection));
    for layer in std::iter::once(&mut network.stem).chain(convs) {
        layer.conv.weight = layer.conv.weight.clone().set_require_grad(true);
    }
    network.fc.weight = network.fc.weight.set_require_grad(true);
    network
}

/// Reads the gradients of a [`tracked`] network, in the order of a state dict.
pub fn read(
    network: &ResNet,
    architecture: Architecture,
    gradients: &Gradients,
) -> Vec<WeightGradient> {
    let blocks = architecture.blocks();
    let names = blocks.iter().flat_map(BlockSpec::layers).map(|(names, _)| names.conv);
    let names = std::iter::once(architecture.stem_names().conv).chain(names);
    let convs = network.blocks.iter().flat_map(|block| block.convs.iter().chain(&block.projection));
    let layers = std::iter::once(&network.stem).chain(convs);
    let mut weights: Vec<_> = names
        .zip(layers)
        .map(|(name, layer)| of_layer(name, &layer.conv.weight, gradients))
        .collect();
    weights.push(of_layer("fc".into(), &network.fc.weight, gradients));
    weights
}

/// A layer that no gradient reaches, as in F(x) that is left out, has a gradient of 0.
fn of_layer<const D: usize>(
    name: String,
    weight: &Param<Tensor<D>>,
    gradients: &Gradients,
) -> WeightGradient {
    let weight = weight.val();
    let gradient = weight.grad(gradients).map_or(0.0, rms);
    WeightGradient { name, weight: rms(weight.inner()), gradient }
}
