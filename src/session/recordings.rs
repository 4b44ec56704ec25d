//! The forward passes that a GPU's session has recorded, and the way of its pictures to them.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use super::Input;
use crate::error::GpuError;
use crate::model::{Forward, FusedResNet, Outputs, TapPlan};
use crate::ops::webgpu::launcher::Launcher;
use crate::ops::webgpu::{Kernel, NetworkInput, PictureInput, Reading, Recording, kernels_of};
use crate::preprocess::Preprocessing;

/// Recordings that are kept: with maps, without, and the probe's two. Each holds the memory of a frame.
const MOST: usize = 4;

/// A forward pass and what distinguishes it from another one.
struct Recorded {
    /// Images, height, width.
    shape: [usize; 3],
    plan: TapPlan,
    input: Rc<NetworkInput>,
    forward: Recording<Forward>,
}

/// Recordings, the last used at the end.
pub struct Recordings {
    launcher: Arc<Launcher>,
    kept: RefCell<Vec<Rc<Recorded>>>,
    preprocessing: Preprocessing,
    /// Where pictures become an image of the model's own size.
    own: Rc<NetworkInput>,
    /// For pictures of the size of the last one.
    pictures: RefCell<Option<Rc<PictureInput>>>,
    /// What frames launch.
    kernels: Vec<Kernel>,
}

/// An answer that the GPU is computing.
pub struct Pending {
    recorded: Rc<Recorded>,
    reading: Reading,
}

impl Recordings {
    /// None yet, of a `network` whose forward passes by the plans `every` launch every kernel.
    ///
    /// # Errors
    /// [`GpuError::Lost`] if the device fails.
    pub fn new(
        launcher: Arc<Launcher>,
        network: &FusedResNet,
        preprocessing: &Preprocessing,
        every: &[TapPlan],
    ) -> Result<Self, GpuError> {
        let own = Rc::new(NetworkInput::new(network.empty_input(own_shape(preprocessing)))?);
        let forwards =
            || every.iter().map(|plan| network.forward(own.tensor(), plan)).collect::<Vec<_>>();
        let kernels = kernels_of(forwards);
        let (kept, pictures) = Default::default();
        Ok(Self { launcher, kept, preprocessing: preprocessing.clone(), own, pictures, kernels })
    }

    /// How many kernels there are.
    pub fn kernels(&self) -> usize {
        self.kernels.len()
    }

    /// Has the GPU compile one of them.
    pub fn compile(&self, kernel: usize) {
        self.launcher.pipeline(&self.kernels[kernel]);
    }

    /// Submits the forward pass of `network`, with the way of a picture to its input.
    ///
    /// # Errors
    /// [`GpuError::Lost`] if the device fails.
    pub fn submit(
        &self,
        network: &FusedResNet,
        input: Input<'_>,
        plan: &TapPlan,
    ) -> Result<Pending, GpuError> {
        self.launcher.reduce_by(plan.reduction);
        let pictures = match input {
            Input::Images(images, shape) => {
                let recorded = self.find(network, shape, plan)?;
                recorded.input.write(&images);
                let reading = recorded.forward.submit([].iter());
                return Ok(Pending { recorded, reading });
            }
            Input::Pixels(rgba, size) => {
                let pictures = self.pictures(size);
                pictures.write(&rgba);
                pictures
            }
            #[cfg(target_arch = "wasm32")]
            Input::Bitmap(bitmap) => {
                let size = [bitmap.width(), bitmap.height()].map(|side| side as usize);
                let pictures = self.pictures(size);
                pictures.copy(bitmap);
                pictures
            }
        };
        let recorded = self.find(network, own_shape(&self.preprocessing), plan)?;
        let reading = recorded.forward.submit(pictures.dispatches().iter());
        Ok(Pending { recorded, reading })
    }

    /// Gets ready for frames of the model's own size, so that the first one is like those after it.
    ///
    /// # Errors
    /// [`GpuError::Lost`] if the device fails.
    pub fn prepare(&self, network: &FusedResNet, plan: &TapPlan) -> Result<(), GpuError> {
        self.find(network, own_shape(&self.preprocessing), plan).map(drop)
    }

    /// What becomes of a picture, opaque RGBA8, on its way to the network.
    pub fn preprocess(&self, rgba: &[u8], size: [usize; 2]) -> Reading {
        // Of its own: the camera's is kept.
        let pictures = PictureInput::new(&self.own, &self.preprocessing, size);
        pictures.write(rgba);
        pictures.look()
    }

    /// The way for pictures of `size`, width and height, made unless the last one had the same.
    fn pictures(&self, size: [usize; 2]) -> Rc<PictureInput> {
        let mut last = self.pictures.borrow_mut();
        match &*last {
            Some(pictures) if pictures.size == size => pictures.clone(),
            _ => {
                let pictures = Rc::new(PictureInput::new(&self.own, &self.preprocessing, size));
                *last = Some(pictures.clone());
                pictures
            }
        }
    }

    /// The recording for a shape and a plan, made if there is none.
    fn find(
        &self,
        network: &FusedResNet,
        shape: [usize; 3],
        plan: &TapPlan,
    ) -> Result<Rc<Recorded>, GpuError> {
        let mut kept = self.kept.borrow_mut();
        let same = kept.iter().position(|each| each.shape == shape && each.plan.has_parts_of(plan));
        let recorded = match same {
            Some(index) => kept.remove(index),
            None => {
                // Frames run one after the other: what they read can lie in one place.
                let input = match kept.iter().find(|each| each.shape == shape) {
                    _ if shape == own_shape(&self.preprocessing) => self.own.clone(),
                    Some(like) => like.input.clone(),
                    None => Rc::new(NetworkInput::new(network.empty_input(shape))?),
                };
                let forward = || network.forward(input.tensor(), plan);
                let forward = Recording::make(self.launcher.clone(), forward)?;
                Rc::new(Recorded { shape, plan: plan.clone(), input, forward })
            }
        };
        kept.push(recorded.clone());
        let surplus = kept.len().saturating_sub(MOST);
        kept.drain(..surplus);
        Ok(recorded)
    }
}

/// Images, height and width of what a picture becomes.
fn own_shape(preprocessing: &Preprocessing) -> [usize; 3] {
    [1, preprocessing.input_size, preprocessing.input_size]
}

impl Pending {
    /// The answer.
    ///
    /// # Errors
    /// [`GpuError::Lost`] if it does not come.
    pub async fn outputs(self) -> Result<Outputs, GpuError> {
        Ok(self.recorded.forward.outputs.outputs(self.reading.numbers().await?))
    }
}
