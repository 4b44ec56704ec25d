//! The graphs that a session on a GPU has captured, and what brings pictures to them.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use super::WebGpuInput;
use crate::error::GpuError;
use crate::gpu::{GpuContext, Graph, GraphInput, Kernel, Reading, kernels_of};
use crate::model::{Forward, FusedResNet, Outputs, Plan};
use crate::ops::webgpu::set_reduction;
use crate::preprocess::Preprocessing;
use crate::preprocess::webgpu::PictureInput;

/// Graphs that are kept: with maps, without, and the parity check's two. Each holds the memory of a frame.
const MOST: usize = 4;

/// A forward pass and what distinguishes it from another one.
struct CachedGraph {
    /// Images, height, width.
    shape: [usize; 3],
    plan: Plan,
    input: Rc<GraphInput>,
    forward: Graph<Forward>,
}

/// Captured graphs, the last used at the end.
pub struct GraphCache {
    context: Arc<GpuContext>,
    kept: RefCell<Vec<Rc<CachedGraph>>>,
    preprocessing: Preprocessing,
    /// Where pictures become an image of the model's own size.
    own: Rc<GraphInput>,
    /// For pictures of the size of the last one.
    pictures: RefCell<Option<Rc<PictureInput>>>,
    /// All that frames run.
    kernels: Vec<Kernel>,
}

/// An answer that the GPU is computing.
pub struct Pending {
    graph: Rc<CachedGraph>,
    reading: Reading,
}

impl GraphCache {
    /// None yet, of a `network` whose forward passes by the plans `every` run every kernel.
    ///
    /// # Errors
    /// [`GpuError::Lost`] if the device fails.
    pub fn new(
        context: Arc<GpuContext>,
        network: &FusedResNet,
        preprocessing: &Preprocessing,
        every: &[Plan],
    ) -> Result<Self, GpuError> {
        let own = Rc::new(GraphInput::new(network.empty_input(own_shape(preprocessing)))?);
        let forwards =
            || every.iter().map(|plan| network.forward(own.tensor(), plan)).collect::<Vec<_>>();
        let kernels = kernels_of(forwards);
        let (kept, pictures) = Default::default();
        Ok(Self { context, kept, preprocessing: preprocessing.clone(), own, pictures, kernels })
    }

    /// Returns how many kernels there are.
    pub fn kernels(&self) -> usize {
        self.kernels.len()
    }

    /// Compiles one of them.
    pub fn compile(&self, kernel: usize) {
        self.context.pipeline(&self.kernels[kernel]);
    }

    /// Submits the forward pass of `network`, behind the kernels that bring a picture to its input.
    ///
    /// # Errors
    /// [`GpuError::Lost`] if the device fails.
    pub fn submit(
        &self,
        network: &FusedResNet,
        input: WebGpuInput<'_>,
        plan: &Plan,
    ) -> Result<Pending, GpuError> {
        set_reduction(&self.context, plan.reduction);
        let pictures = match input {
            WebGpuInput::Images(images, shape) => {
                let graph = self.find(network, shape, plan)?;
                graph.input.write(&images);
                let reading = graph.forward.submit([].iter());
                return Ok(Pending { graph, reading });
            }
            WebGpuInput::Pixels(rgba, size) => {
                let pictures = self.pictures(size);
                pictures.write(&rgba);
                pictures
            }
            #[cfg(target_arch = "wasm32")]
            WebGpuInput::Bitmap(bitmap) => {
                let size = [bitmap.width(), bitmap.height()].map(|side| side as usize);
                let pictures = self.pictures(size);
                pictures.copy(bitmap);
                pictures
            }
        };
        let graph = self.find(network, own_shape(&self.preprocessing), plan)?;
        let reading = graph.forward.submit(pictures.kernels().iter());
        Ok(Pending { graph, reading })
    }

    /// Gets ready for frames of the model's own size, so that the first one is like those after it.
    ///
    /// # Errors
    /// [`GpuError::Lost`] if the device fails.
    pub fn prepare(&self, network: &FusedResNet, plan: &Plan) -> Result<(), GpuError> {
        self.find(network, own_shape(&self.preprocessing), plan).map(drop)
    }

    /// Reads what the network gets of a picture, opaque RGBA8.
    pub fn preprocess(&self, rgba: &[u8], size: [usize; 2]) -> Reading {
        // Of its own: the camera's is kept.
        let pictures = PictureInput::new(&self.own, &self.preprocessing, size);
        pictures.write(rgba);
        pictures.read_back()
    }

    /// Returns what takes pictures of `size`, width and height, made unless the last one had the same.
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

    /// Returns the graph for a shape and a plan, captured if there is none.
    fn find(
        &self,
        network: &FusedResNet,
        shape: [usize; 3],
        plan: &Plan,
    ) -> Result<Rc<CachedGraph>, GpuError> {
        let mut kept = self.kept.borrow_mut();
        let same = kept.iter().position(|each| each.shape == shape && each.plan.same_graph(plan));
        let graph = match same {
            Some(index) => kept.remove(index),
            None => {
                // Frames run one after the other: what they read can lie in one place.
                let input = match kept.iter().find(|each| each.shape == shape) {
                    _ if shape == own_shape(&self.preprocessing) => self.own.clone(),
                    Some(like) => like.input.clone(),
                    None => Rc::new(GraphInput::new(network.empty_input(shape))?),
                };
                let forward = || network.forward(input.tensor(), plan);
                let forward = Graph::capture(self.context.clone(), forward)?;
                Rc::new(CachedGraph { shape, plan: plan.clone(), input, forward })
            }
        };
        kept.push(graph.clone());
        let surplus = kept.len().saturating_sub(MOST);
        kept.drain(..surplus);
        Ok(graph)
    }
}

/// Images, height and width of what a picture becomes.
fn own_shape(preprocessing: &Preprocessing) -> [usize; 3] {
    [1, preprocessing.input_size, preprocessing.input_size]
}

impl Pending {
    /// Waits for the answer.
    ///
    /// # Errors
    /// [`GpuError::Lost`] if it does not come.
    pub async fn outputs(self) -> Result<Outputs, GpuError> {
        Ok(self.graph.forward.outputs.outputs(self.reading.read_f32().await?))
    }
}
