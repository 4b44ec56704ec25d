//! From a checkpoint to a [`ResNet`]: torchvision's names to this crate's fields.

use burn::module::{Param, RunningState};
use burn::nn::{BatchNorm, Linear};
use burn::tensor::{Device, Tensor, TensorData};

use super::block::ConvNorm;
use super::resnet::ResNet;
use crate::error::Result;
use crate::weights::Checkpoint;

impl ResNet {
    /// The network that `checkpoint` describes.
    ///
    /// # Errors
    /// [`crate::error::ModelError::Tensor`] for a tensor with values that are not finite.
    pub fn load(checkpoint: &Checkpoint, device: &Device) -> Result<Self> {
        let source = Source { checkpoint, device };
        let mut network = ResNet::new(checkpoint.architecture, checkpoint.classes, device);
        source.conv_norm(&mut network.stem, "conv1", "bn1")?;
        let specs = checkpoint.architecture.blocks();
        for (block, spec) in network.blocks.iter_mut().zip(specs) {
            let name = spec.name;
            for (index, conv) in (1..).zip(&mut block.convs) {
                source.conv_norm(
                    conv,
                    &format!("{name}.conv{index}"),
                    &format!("{name}.bn{index}"),
                )?;
            }
            if let Some(projection) = &mut block.projection {
                let (conv, norm) = (format!("{name}.downsample.0"), format!("{name}.downsample.1"));
                source.conv_norm(projection, &conv, &norm)?;
            }
        }
        network.fc = source.linear("fc", checkpoint.architecture.features(), checkpoint.classes)?;
        Ok(network)
    }
}

struct Source<'a> {
    checkpoint: &'a Checkpoint,
    device: &'a Device,
}

impl Source<'_> {
    fn tensor<const D: usize>(&self, name: &str, shape: [usize; D]) -> Result<Tensor<D>> {
        let values = self.checkpoint.tensor(name)?;
        Ok(Tensor::from_data(TensorData::new(values, shape), self.device))
    }

    fn conv_norm(&self, layer: &mut ConvNorm, conv: &str, norm: &str) -> Result<()> {
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
