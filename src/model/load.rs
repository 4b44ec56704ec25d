//! From a checkpoint to a network: torchvision's names to this crate's fields.
//!
//! A [`ResNet`] is for training and for the tests. A network that is only run is folded at once: a
//! Burn module is made with random weights first, and on a GPU that links all of Burn's kernels.

use burn::module::{Param, RunningState};
use burn::nn::{BatchNorm, Linear};
use burn::tensor::{Device, Tensor, TensorData};

use super::block::ConvNorm;
use super::folded::{self, FoldedConv, FoldedLayers, Norm};
use super::resnet::ResNet;
use crate::arch::{Architecture, ConvSpec, LayerNames};
use crate::error::{ModelError, Result};
use crate::weights::Checkpoint;
use crate::weights::bytes::ModelBytes;

impl ResNet {
    /// Loads the network from `checkpoint`.
    ///
    /// # Errors
    /// [`ModelError::Tensor`] for a tensor with values that are not finite.
    pub fn load<B: ModelBytes>(checkpoint: &Checkpoint<B>, device: &Device) -> Result<Self> {
        let source = Source { checkpoint, device };
        let mut network = ResNet::new(checkpoint.architecture, checkpoint.classes, device);
        let architecture = checkpoint.architecture;
        source.conv_norm(&mut network.stem, &architecture.stem_names())?;
        let specs = architecture.blocks();
        for (block, spec) in network.blocks.iter_mut().zip(specs) {
            for (index, conv) in block.convs.iter_mut().enumerate() {
                source.conv_norm(conv, &spec.conv_names(index))?;
            }
            if let Some(projection) = &mut block.projection {
                source.conv_norm(projection, &spec.projection_names())?;
            }
        }
        network.fc = source.linear("fc", architecture.features(), checkpoint.classes)?;
        Ok(network)
    }
}

impl<B: ModelBytes> FoldedLayers for Checkpoint<B> {
    fn architecture(&self) -> Architecture {
        self.architecture
    }

    fn conv(&self, names: &LayerNames, spec: &ConvSpec) -> Result<FoldedConv> {
        let LayerNames { conv, norm } = names;
        let tensor = |field: &str| self.tensor(&format!("{norm}.{field}"));
        let running = Norm {
            gamma: tensor("weight")?,
            beta: tensor("bias")?,
            mean: tensor("running_mean")?,
            variance: tensor("running_var")?,
            epsilon: EPSILON,
        };
        let name = format!("{conv}.weight");
        let folded = running.fold(self.tensor(&name)?, *spec);
        if !folded.is_finite() {
            let expected = format!("values that stay finite when {norm} is folded into them");
            let found = "infinite ones".into();
            return Err(ModelError::Tensor { name, expected, found }.into());
        }
        Ok(folded)
    }

    fn linear(&self) -> Result<folded::Linear> {
        let (weights, bias) = (self.tensor("fc.weight")?, self.tensor("fc.bias")?);
        Ok(folded::Linear { weights, bias })
    }
}

/// torchvision's ε of batch norms, which is also Burn's default.
const EPSILON: f64 = 1e-5;

struct Source<'a, B> {
    checkpoint: &'a Checkpoint<B>,
    device: &'a Device,
}

impl<B: ModelBytes> Source<'_, B> {
    fn tensor<const D: usize>(&self, name: &str, shape: [usize; D]) -> Result<Tensor<D>> {
        let values = self.checkpoint.tensor(name)?;
        Ok(Tensor::from_data(TensorData::new(values, shape), self.device))
    }

    fn conv_norm(&self, layer: &mut ConvNorm, names: &LayerNames) -> Result<()> {
        let LayerNames { conv, norm } = names;
        let shape = layer.conv.weight.lazy_shape().dims::<4>();
        layer.conv.weight = Param::from_tensor(self.tensor(&format!("{conv}.weight"), shape)?);
        self.batch_norm(&mut layer.norm, norm, shape[0])
    }

    fn batch_norm(&self, layer: &mut BatchNorm, name: &str, channels: usize) -> Result<()> {
        let tensor = |field: &str| self.tensor(&format!("{name}.{field}"), [channels]);
        layer.gamma = Param::from_tensor(tensor("weight")?);
        layer.beta = Param::from_tensor(tensor("bias")?);
        layer.running_mean = RunningState::new(tensor("running_mean")?);
        layer.running_var = RunningState::new(tensor("running_var")?);
        Ok(())
    }

    /// torchvision stores `[classes, features]`, Burn `[features, classes]`.
    fn linear(&self, name: &str, features: usize, classes: usize) -> Result<Linear> {
        let weight = self.tensor(&format!("{name}.weight"), [classes, features])?.transpose();
        let bias = self.tensor(&format!("{name}.bias"), [classes])?;
        Ok(Linear { weight: Param::from_tensor(weight), bias: Some(Param::from_tensor(bias)) })
    }
}
