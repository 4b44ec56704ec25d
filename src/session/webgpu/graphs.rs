//! The captured graphs of a session on a GPU, and their inputs.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use burn::tensor::Tensor;

use super::WebGpuInput;
use crate::error::GpuError;
use crate::gpu::{BoundKernel, GpuContext, Graph, GraphInput, Kernel, Reading, kernels_of};
use crate::model::{Forward, FusedResNet, Outputs, Plan};
use crate::ops::webgpu::{set_cam_class, set_reduction};
use crate::preprocess::Preprocessing;
use crate::preprocess::webgpu::PictureInput;

/// The most graphs to keep: with maps, without, and the parity check's two. Each holds the memory of a frame.
const MOST: usize = 4;

/// A captured forward pass, and the key by which it is found.
struct CachedGraph {
    /// Images, height, width.
    shape: [usize; 3],
    plan: Plan,
    input: Rc<GraphInput>,
    forward: Graph<Forward>,
}

/// Captured graphs, the most recently used last.
pub struct GraphCache {
    context: Arc<GpuContext>,
    kept: RefCell<Vec<Rc<CachedGraph>>>,
    preprocessing: Preprocessing,
    /// The tensor in which pictures become an image of the model's own size.
    own: Rc<GraphInput>,
    /// The kernels for pictures of the size of the last one.
    pictures: RefCell<Option<Rc<PictureInput>>>,
    /// Every kernel of a frame.
    kernels: Vec<Kernel>,
}

/// An answer in progress on the GPU.
pub struct Pending {
    graph: Rc<CachedGraph>,
    reading: Reading,
}

/// A forward pass that stores the input of every block, with its answer.
pub type StoredInputs = Graph<(Forward, Vec<Tensor<4>>)>;

/// An input in the tensor that graphs read, or the graph that writes it there.
struct Brought {
    /// Images, height, width.
    shape: [usize; 3],
    input: Rc<GraphInput>,
    /// The graph to run first, if the input is a picture.
    pictures: Option<Rc<PictureInput>>,
}

impl GraphCache {
    /// Makes an empty cache for a `network` whose forward passes by the plans `every` run every kernel.
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

    /// Submits the forward pass of `network`, after the kernels that write a picture to its input.
    ///
    /// # Errors
    /// [`GpuError::Lost`] if the device fails, [`GpuError::Bitmap`] for a bitmap that the browser cannot copy.
    pub fn submit(
        &self,
        network: &FusedResNet,
        input: WebGpuInput<'_>,
        plan: &Plan,
    ) -> Result<Pending, GpuError> {
        set_reduction(&self.context, plan.reduction);
        if let Some(class) = plan.cam {
            set_cam_class(&self.context, class);
        }
        let Brought { shape, input, pictures } = self.bring(network, input)?;
        let graph = self.find(network, shape, plan, input)?;
        let reading = graph.forward.submit(kernels(&pictures));
        Ok(Pending { graph, reading })
    }

    /// Does the same with a graph that is not kept, and stores the input of every block in it.
    ///
    /// # Errors
    /// [`GpuError::Lost`] if the device fails.
    pub fn submit_storing(
        &self,
        network: &FusedResNet,
        input: WebGpuInput<'_>,
        plan: &Plan,
    ) -> Result<(Reading, StoredInputs), GpuError> {
        let Brought { input, pictures, .. } = self.bring(network, input)?;
        let forward = || network.forward_storing(input.tensor(), plan);
        let graph = Graph::capture(self.context.clone(), forward)?;
        Ok((graph.submit(kernels(&pictures)), graph))
    }

    /// Submits the part of the forward pass that starts at the stored input of `block`.
    ///
    /// # Errors
    /// [`GpuError::Lost`] if the device fails.
    pub fn submit_from(
        &self,
        network: &FusedResNet,
        stored: &StoredInputs,
        block: usize,
        plan: &Plan,
    ) -> Result<(Reading, Graph<Forward>), GpuError> {
        let (_, inputs) = &stored.outputs;
        let forward = || network.forward_from(block, inputs[block].clone(), plan, |_| ());
        let graph = Graph::capture(self.context.clone(), forward)?;
        Ok((graph.submit([].iter()), graph))
    }

    /// Writes an input to the tensor that graphs of its shape read.
    fn bring(&self, network: &FusedResNet, input: WebGpuInput<'_>) -> Result<Brought, GpuError> {
        let pictures = match input {
            WebGpuInput::Images(images, shape) => {
                let input = self.input_of(network, shape)?;
                input.write(&images);
                return Ok(Brought { shape, input, pictures: None });
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
                pictures.copy(bitmap)?;
                pictures
            }
        };
        let shape = own_shape(&self.preprocessing);
        Ok(Brought { shape, input: self.own.clone(), pictures: Some(pictures) })
    }

    /// Returns the input tensor of graphs of a shape. One is enough, because frames run one after another.
    fn input_of(
        &self,
        network: &FusedResNet,
        shape: [usize; 3],
    ) -> Result<Rc<GraphInput>, GpuError> {
        if shape == own_shape(&self.preprocessing) {
            return Ok(self.own.clone());
        }
        match self.kept.borrow().iter().find(|each| each.shape == shape) {
            Some(like) => Ok(like.input.clone()),
            None => Ok(Rc::new(GraphInput::new(network.empty_input(shape))?)),
        }
    }

    /// Prepares frames of the model's own size, so that the first one is like those after it.
    ///
    /// # Errors
    /// [`GpuError::Lost`] if the device fails.
    pub fn prepare(&self, network: &FusedResNet, plan: &Plan) -> Result<(), GpuError> {
        self.find(network, own_shape(&self.preprocessing), plan, self.own.clone()).map(drop)
    }

    /// Reads back the network's input for a picture, opaque RGBA8.
    pub fn preprocess(&self, rgba: &[u8], size: [usize; 2]) -> Reading {
        // A separate one: the camera's is kept.
        let pictures = PictureInput::new(&self.own, &self.preprocessing, size);
        pictures.write(rgba);
        pictures.read_back()
    }

    /// Returns the graph for pictures of `size`, width and height, made unless the last one had the same.
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

    /// Returns the graph for a shape and a plan, captured on `input` if there is none.
    fn find(
        &self,
        network: &FusedResNet,
        shape: [usize; 3],
        plan: &Plan,
        input: Rc<GraphInput>,
    ) -> Result<Rc<CachedGraph>, GpuError> {
        let mut kept = self.kept.borrow_mut();
        let same = kept.iter().position(|each| each.shape == shape && each.plan.same_graph(plan));
        let graph = match same {
            Some(index) => kept.remove(index),
            None => {
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

/// Returns the graph that writes a picture to a graph's input.
fn kernels(pictures: &Option<Rc<PictureInput>>) -> impl Iterator<Item = &BoundKernel> {
    pictures.iter().flat_map(|pictures| pictures.kernels().iter())
}

/// Returns the number of images, height and width of a picture's image.
fn own_shape(preprocessing: &Preprocessing) -> [usize; 3] {
    [1, preprocessing.input_size, preprocessing.input_size]
}

impl Pending {
    /// Waits for the answer.
    ///
    /// # Errors
    /// [`GpuError::Lost`] if it does not come.
    pub async fn outputs(self) -> Result<Outputs, GpuError> {
        read(&self.graph.forward.outputs, self.reading).await
    }
}

/// Waits for the answer of a forward pass.
///
/// # Errors
/// [`GpuError::Lost`] if it does not come.
pub async fn read(forward: &Forward, reading: Reading) -> Result<Outputs, GpuError> {
    Ok(forward.outputs(reading.read_f32().await?))
}
