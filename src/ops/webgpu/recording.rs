//! A forward pass recorded once and replayed for every frame.
//!
//! To launch a kernel CubeCL looks up its pipeline, finds memory for its result, writes its sizes into
//! a uniform buffer and makes a bind group: for some sixty launches that is most of what a frame costs the
//! processor. Its graphs keep all of that; a replay encodes the dispatches and nothing else.

use std::ops::Range;

use burn::backend::{DispatchTensorKind, TensorMetadata};
use burn::tensor::{Bytes, Tensor};
use burn_wgpu::CubeTensor;
use cubecl::client::Graph;
use cubecl::server::ServerError;

use super::slots::Slots;

/// The launches of a forward pass, with the memory that they read and write: the input's and the
/// outputs' are the tensors of the recorded run.
pub struct Recording<Outputs> {
    graph: Graph,
    input: CubeTensor,
    /// Where the launches write.
    slots: Slots,
    /// What the forward pass returned. Each replay computes its tensors anew.
    pub outputs: Outputs,
}

impl<Outputs> Recording<Outputs> {
    /// Runs `forward` on `input`, so that kernels are compiled and memory is there, has its answer read
    /// by `read`, then runs it again as a recording.
    ///
    /// # Errors
    /// What `read` says, or the client.
    pub async fn make<Answer, E: From<ServerError>>(
        input: Tensor<4>,
        forward: impl Fn(Tensor<4>) -> Outputs,
        read: impl AsyncFnOnce(Outputs) -> Result<Answer, E>,
    ) -> Result<(Self, Answer), E> {
        let primitive = cube_tensor(&input);
        let client = primitive.client.clone();
        let mut slots = Slots::default();
        client.graph_prepare()?;
        // Read before the recording begins, which takes over the memory that this run leaves.
        let outputs = slots.serve(|| forward(input.clone()));
        let answer = match read(outputs).await {
            Ok(answer) => answer,
            Err(error) => {
                // Nothing was recorded; this ends the preparation, which is all that it could refuse.
                drop(client.stop_capture());
                return Err(error);
            }
        };
        slots.gather_results(&client);
        client.start_capture()?;
        let outputs = slots.serve(|| forward(input));
        let graph = client.stop_capture()?;
        Ok((Self { graph, input: primitive, slots, outputs }, answer))
    }

    /// Runs the forward pass on another input of the same shape.
    ///
    /// # Errors
    /// What the client says.
    pub fn replay(&self, input: Vec<f32>) -> Result<(), ServerError> {
        assert_eq!(input.len(), self.input.shape().num_elements(), "values of the recorded input");
        self.input.client.write(&self.input.handle, Bytes::from_elems(input));
        // SAFETY: input and outputs live in `self`, the weights in the network that was recorded, which
        // outlives its recordings. One client writes, replays and reads, in this order.
        unsafe { self.graph.replay() }
    }

    /// The results of the last replay, in the order of their launches: one buffer is mapped.
    ///
    /// # Errors
    /// What the client says.
    pub async fn read(&self) -> Result<Vec<Vec<f32>>, ServerError> {
        let (memory, places) = self.slots.results();
        let bytes = self.input.client.read_async(vec![memory.clone()]).await?.remove(0);
        let values = |place: &Range<u64>| {
            let (values, _) = bytes[place.start as usize..place.end as usize].as_chunks();
            values.iter().copied().map(f32::from_ne_bytes).collect()
        };
        Ok(places.iter().map(values).collect())
    }
}

fn cube_tensor(tensor: &Tensor<4>) -> CubeTensor {
    match tensor.clone().into_dispatch().kind {
        DispatchTensorKind::Cube(tensor) => tensor.float(),
        #[allow(unreachable_patterns, reason = "there may be no other backend")]
        _ => unreachable!("a recording is made on a GPU"),
    }
}
