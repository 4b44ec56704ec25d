//! The CPU backend: Burn's Flex tensors, ready as soon as a call returns.

mod self_test;

use std::borrow::Cow;

use burn::tensor::Device;
use pollster::block_on;

use super::{Backend, Session, read_model};
use crate::error::{Error, ModelError, Result};
use crate::model::{FusedResNet, Outputs, Plan};
use crate::ops::cpu::run_frame;
use crate::preprocess::{Picture, Preprocessing};
use self_test::Reference;

/// Runs a network on the processor.
pub struct Cpu;

/// What the network runs on.
pub struct CpuInput<'a> {
    /// Normalised images, `[N, H, W, 3]`.
    images: Cow<'a, [f32]>,
    /// N, H, W.
    shape: [usize; 3],
}

impl Session<Cpu> {
    /// Reads a model file, packs it for the CPU, and compares what the CPU computes with the scalar
    /// reference.
    ///
    /// # Errors
    /// `Model` if the file cannot be used, `Parity` if this machine computes wrong numbers.
    pub fn load(file: Vec<u8>) -> Result<Self> {
        let (folded, metadata) = read_model(file)?;
        let reference = Reference::compute(&folded)?;
        let network = FusedResNet::new(folded, &Device::flex());
        let session = Self::new(Cpu, network, metadata);
        reference.check(&session)?;
        Ok(session)
    }
}

impl Backend for Cpu {
    type Input<'a> = CpuInput<'a>;

    fn images<'a>(images: Cow<'a, [f32]>, shape: [usize; 3]) -> CpuInput<'a> {
        CpuInput { images, shape }
    }

    fn preprocess<'a>(
        &self,
        preprocessing: &Preprocessing,
        picture: Picture<'a>,
    ) -> Result<CpuInput<'a>> {
        let (rgba, width, height) = picture.rgba()?;
        let size = preprocessing.input_size;
        let image = preprocessing.apply(rgba, width, height)?;
        Ok(CpuInput { images: image.into(), shape: [1, size, size] })
    }

    async fn run(
        &self,
        network: &FusedResNet,
        input: Self::Input<'_>,
        plan: &Plan,
    ) -> Result<Outputs> {
        let CpuInput { images, shape } = input;
        let input = network.input(images.into_owned(), shape);
        let read = || block_on(network.forward(input, plan).read());
        Ok(run_frame(read).expect("the CPU does not fail"))
    }

    fn blame(&self, overflow: ModelError) -> Error {
        overflow.into()
    }
}
