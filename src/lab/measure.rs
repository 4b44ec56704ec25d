//! Measurements of what a step did to each convolution.

use burn::tensor::Gradients;

use super::forward::HandedOn;
use super::network::Network;
use crate::gradients::{numbers, rms};

/// The weights of the convolutions before the first step.
pub struct Start {
    layers: Vec<Vec<f32>>,
}

impl Start {
    /// Keeps a copy of the weights.
    pub fn new(network: &Network) -> Self {
        Self { layers: network.layers.iter().map(|layer| layer.weight.values.clone()).collect() }
    }
}

/// One number for each convolution, in the network's order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layers {
    /// ‖∂L/∂W‖, without weight decay.
    pub gradient: Vec<f32>,
    /// ‖η ∂L/∂W‖ / ‖W‖.
    pub update: Vec<f32>,
    /// Root mean square of the layer's output.
    pub activation: Vec<f32>,
    /// ‖∂L/∂x‖ at the layer's output x.
    pub backward: Vec<f32>,
    /// The share of the weights whose bits differ from those before the first step.
    pub changed: Vec<f32>,
    /// The number of weights.
    pub weights: Vec<u32>,
}

impl Layers {
    /// Measures the last step, at this rate.
    pub fn measure(
        network: &Network,
        start: &Start,
        rate: f32,
        handed_on: Vec<HandedOn>,
        gradients: &mut Gradients,
    ) -> Self {
        let mut layers = Self::default();
        for (layer, start) in network.layers.iter().zip(&start.layers) {
            let weight = &layer.weight;
            let gradient = norm(&weight.gradient);
            layers.gradient.push(gradient as f32);
            layers.update.push((f64::from(rate) * gradient / norm(&weight.before)) as f32);
            let changed = weight.values.iter().zip(start).filter(|(now, then)| differ(now, then));
            layers.changed.push(changed.count() as f32 / start.len() as f32);
            layers.weights.push(start.len() as u32);
        }
        for HandedOn { output, probe } in handed_on {
            let back = probe.grad_remove(gradients).map(numbers).unwrap_or_default();
            layers.activation.push(rms(output));
            layers.backward.push(norm(&back) as f32);
        }
        layers
    }
}

/// Returns whether two numbers have different bits.
fn differ(a: &f32, b: &f32) -> bool {
    a.to_bits() != b.to_bits()
}

/// Returns the root of the sum of the squares, in double precision.
pub fn norm(values: &[f32]) -> f64 {
    values.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt()
}
