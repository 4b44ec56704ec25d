//! The CPU backend: Burn's Flex tensors, ready as soon as a call returns.

mod self_test;

use std::borrow::Cow;

use burn::tensor::{Device, Tensor};
use pollster::block_on;

use super::{Backend, Session};
use crate::error::{Error, ModelError, Result};
use crate::model::{FoldedLayers, Forward, FusedResNet, Outputs, Plan};
use crate::ops::cpu::run_frame;
use crate::preprocess::{Picture, Preprocessing};
use crate::weights::Checkpoint;
use crate::weights::bytes::ModelBytes;
use self_test::{Probe, Reference};

/// A backend that runs a network on the CPU.
pub struct Cpu;

/// The network's input.
pub struct CpuInput<'a> {
    /// Normalised images, `[N, H, W, 3]`.
    images: Cow<'a, [f32]>,
    /// N, H, W.
    shape: [usize; 3],
}

impl Session<Cpu> {
    /// Reads a model file, packs it for the CPU, and compares the CPU's results with the scalar
    /// reference.
    ///
    /// # Errors
    /// `Model` if the file cannot be used, `Parity` if this machine computes wrong numbers.
    pub fn load(file: impl ModelBytes) -> Result<Self> {
        let (session, reference) = Self::load_unchecked(file)?;
        reference.check(&session)?;
        Ok(session)
    }

    /// Does the same without the comparison, and returns what it needs.
    fn load_unchecked(file: impl ModelBytes) -> Result<(Self, Reference)> {
        let checkpoint = Checkpoint::parse(file)?;
        let size = checkpoint.metadata.preprocessing.input_size;
        let mut probe = Probe::new();
        let network =
            FusedResNet::load(&checkpoint, [size, size], &Device::flex(), |place, conv| {
                probe.pass.conv(place, conv);
            })?;
        let reference = probe.reference(&checkpoint.linear()?)?;
        Ok((Self::new(Cpu, network, checkpoint.metadata), reference))
    }
}

impl Backend for Cpu {
    type Input<'a> = CpuInput<'a>;
    type Stored = Vec<Tensor<4>>;

    fn images<'a>(images: Cow<'a, [f32]>, shape: [usize; 3]) -> CpuInput<'a> {
        CpuInput { images, shape }
    }

    fn preprocess<'a>(
        &self,
        preprocessing: &Preprocessing,
        picture: Picture<'a>,
    ) -> Result<CpuInput<'a>> {
        let size = preprocessing.input_size;
        let image = preprocessing.apply(picture)?;
        Ok(CpuInput { images: image.into(), shape: [1, size, size] })
    }

    async fn run(
        &self,
        network: &FusedResNet,
        input: Self::Input<'_>,
        plan: &Plan,
    ) -> Result<Outputs> {
        Ok(run_frame(|| read(&network.forward(tensor(network, input), plan))))
    }

    async fn run_storing(
        &self,
        network: &FusedResNet,
        input: Self::Input<'_>,
        plan: &Plan,
    ) -> Result<(Outputs, Self::Stored)> {
        Ok(run_frame(|| {
            let (forward, inputs) = network.forward_storing(tensor(network, input), plan);
            (read(&forward), inputs)
        }))
    }

    async fn run_from(
        &self,
        network: &FusedResNet,
        stored: &Self::Stored,
        block: usize,
        plan: &Plan,
    ) -> Result<Outputs> {
        let input = stored[block].clone();
        Ok(run_frame(|| read(&network.forward_from(block, input, plan, |_| ()))))
    }

    fn blame(&self, overflow: ModelError) -> Error {
        overflow.into()
    }
}

fn tensor(network: &FusedResNet, CpuInput { images, shape }: CpuInput<'_>) -> Tensor<4> {
    network.input(images.into_owned(), shape)
}

fn read(forward: &Forward) -> Outputs {
    block_on(forward.read()).expect("the CPU does not fail")
}
