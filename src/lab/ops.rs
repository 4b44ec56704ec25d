//! The lab's operations with their gradients, as a Burn backend extension.
//!
//! Two operations take most of a step's time, and on 4×4 cells Burn's stock ones are slow, so these have kernels of
//! their own. Everything else is Burn's.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, TensorMetadata, backend_extension};
use burn::tensor::{Tensor, TensorData};

use super::kernels;

/// Added to a variance before its root is taken.
pub const EPSILON: f32 = 1e-5;

/// The operations that a backend implements. Activations are `[N, C, 4, 4]`.
#[backend_extension(Flex, Autodiff)]
pub trait LabOps: Backend {
    /// Computes a 3×3 convolution with stride 1 and zero padding; weights are `[O, I, 3, 3]`.
    fn conv(x: FloatTensor<Self>, weights: FloatTensor<Self>) -> FloatTensor<Self>;

    /// Computes batch norm with the batch's own statistics. Returns the output, and the batch's mean and biased
    /// variance, `[C]`, which are constants.
    fn norm(
        x: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        shift: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);
}

/// See [`LabOps::conv`].
pub fn conv(x: Tensor<4>, weights: Tensor<4>) -> Tensor<4> {
    Tensor::from_dispatch(Dispatch::conv(x.into_dispatch(), weights.into_dispatch()))
}

/// See [`LabOps::norm`].
pub fn norm(x: Tensor<4>, scale: Tensor<1>, shift: Tensor<1>) -> (Tensor<4>, [Tensor<1>; 2]) {
    let [scale, shift] = [scale, shift].map(Tensor::into_dispatch);
    let (output, mean, variance) = Dispatch::norm(x.into_dispatch(), scale, shift);
    (Tensor::from_dispatch(output), [mean, variance].map(Tensor::from_dispatch))
}

type FlexTensor = FloatTensor<Flex>;

impl LabOps for Flex {
    fn conv(x: FlexTensor, weights: FlexTensor) -> FlexTensor {
        let (x, weights) = (x.to_contiguous(), weights.to_contiguous());
        let [n, inputs, h, w] = x.shape().dims();
        let [outputs, ..] = weights.shape().dims::<4>();
        tensor(kernels::conv(values(&x), values(&weights), inputs), [n, outputs, h, w])
    }

    fn norm(
        x: FlexTensor,
        scale: FlexTensor,
        shift: FlexTensor,
    ) -> (FlexTensor, FlexTensor, FlexTensor) {
        let x = x.to_contiguous();
        let normed = kernels::norm(values(&x), values(&scale), values(&shift), EPSILON);
        let [n, channels, h, w] = x.shape().dims();
        let [mean, variance] =
            [normed.mean, normed.variance].map(|values| tensor(values, [channels]));
        (tensor(normed.output, [n, channels, h, w]), mean, variance)
    }
}

impl<C: CheckpointStrategy> LabOps for Autodiff<Flex, C> {
    fn conv(x: FloatTensor<Self>, weights: FloatTensor<Self>) -> FloatTensor<Self> {
        let prepared = Conv.prepare::<C>([x.node(), weights.node()]).compute_bound().stateful();
        let (x, weights) = (x.into_primitive(), weights.into_primitive());
        let output = Flex::conv(x.clone(), weights.clone());
        match prepared {
            OpsKind::Tracked(prepared) => prepared.finish((x, weights), output),
            OpsKind::UnTracked(prepared) => prepared.finish(output),
        }
    }

    fn norm(
        x: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        shift: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let nodes = [x.node(), scale.node(), shift.node()];
        let prepared = Norm.prepare::<C>(nodes).compute_bound().stateful();
        let [x, scale, shift] = [x, scale, shift].map(|tensor| tensor.into_primitive());
        let (output, mean, variance) = Flex::norm(x.clone(), scale.clone(), shift);
        let output = match prepared {
            OpsKind::Tracked(prepared) => {
                prepared.finish([x, scale, mean.clone(), variance.clone()], output)
            }
            OpsKind::UnTracked(prepared) => prepared.finish(output),
        };
        (output, <FloatTensor<Self>>::new(mean), <FloatTensor<Self>>::new(variance))
    }
}

/// The backward pass of a convolution.
#[derive(Debug)]
struct Conv;

impl Backward<Flex, 2> for Conv {
    /// Input and weights.
    type State = (FlexTensor, FlexTensor);

    fn backward(self, ops: Ops<Self::State, 2>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<Flex>(&ops.node).to_contiguous();
        let (x, weights) = (ops.state.0.to_contiguous(), ops.state.1.to_contiguous());
        let [n, inputs, h, w] = x.shape().dims();
        let [outputs, _, height, width] = weights.shape().dims();
        let [of_x, of_weights] = ops.parents;
        if let Some(node) = of_x {
            let found = kernels::conv_x_gradient(values(&gradient), values(&weights), inputs);
            gradients.register::<Flex>(node.id, tensor(found, [n, inputs, h, w]));
        }
        if let Some(node) = of_weights {
            let found =
                kernels::conv_weight_gradient(values(&x), values(&gradient), inputs, outputs);
            gradients.register::<Flex>(node.id, tensor(found, [outputs, inputs, height, width]));
        }
    }
}

/// The backward pass of a batch norm.
#[derive(Debug)]
struct Norm;

impl Backward<Flex, 3> for Norm {
    /// Input, scale, mean and variance.
    type State = [FlexTensor; 4];

    fn backward(self, ops: Ops<Self::State, 3>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<Flex>(&ops.node).to_contiguous();
        let [x, scale, mean, variance] = ops.state;
        let x = x.to_contiguous();
        let statistics = [values(&mean), values(&variance)];
        let found = kernels::norm_gradients(
            values(&x),
            values(&scale),
            statistics,
            EPSILON,
            values(&gradient),
        );
        let [n, channels, h, w] = x.shape().dims();
        let [of_x, of_scale, of_shift] = ops.parents;
        if let Some(node) = of_x {
            gradients.register::<Flex>(node.id, tensor(found.x, [n, channels, h, w]));
        }
        for (node, found) in [(of_scale, found.scale), (of_shift, found.shift)] {
            if let Some(node) = node {
                gradients.register::<Flex>(node.id, tensor(found, [channels]));
            }
        }
    }
}

fn values(x: &FlexTensor) -> &[f32] {
    x.as_slice().expect("a contiguous f32 tensor")
}

fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, shape))
}
