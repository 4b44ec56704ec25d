//! The fused operations of inference, as a Burn backend extension.
//!
//! Activations are `[N, H, W, C]` (channels last), so that a pixel's channels are contiguous for
//! the kernels and for the taps alike. Letters: N batch, H and W height and width, C channels (I in,
//! O out), K kernel size.
//!
//! Backends implement [`FusedOps`]; the functions of this module wrap it for
//! [`Tensor`]s. [`reference`] has a scalar reference for every one of them.

pub mod cam;
pub mod conv;
#[cfg(feature = "cpu")]
pub mod cpu;
pub mod path_sums;
pub mod reduction;
pub mod reference;
#[cfg(feature = "webgpu")]
pub mod webgpu;

use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, DispatchDevice, backend_extension};
use burn::tensor::{Device, Tensor, TensorData};

use crate::arch::ConvSpec;
pub use cam::CamClass;
pub use conv::{Algorithm, Conv};
pub use path_sums::PATH_SUMS;
pub use reduction::Reduction;

/// The operations of a forward pass. A backend has one or several kernels for each.
#[backend_extension(Flex: cfg(feature = "cpu"), Cube: cfg(feature = "webgpu"))]
pub trait FusedOps: Backend {
    /// Packs weights `[O, I, K, K]` into the one-dimensional layout that `conv.algorithm` reads.
    fn pack_weights(weights: FloatTensor<Self>, conv: Conv) -> FloatTensor<Self>;

    /// Computes a convolution with bias and, on request, ReLU: `[N, H, W, I]` → `[N, H', W', O]`.
    ///
    /// `weights` are packed for `conv`, `bias` is `[O]`.
    fn conv(
        x: FloatTensor<Self>,
        weights: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        conv: Conv,
        relu: bool,
    ) -> FloatTensor<Self>;

    /// Computes ReLU(convolution + bias + shortcut), the end of a residual block; `shortcut` has the
    /// output's shape.
    fn conv_add_relu(
        x: FloatTensor<Self>,
        weights: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        shortcut: FloatTensor<Self>,
        conv: Conv,
    ) -> FloatTensor<Self>;

    /// Computes the 3×3 maximum with stride 2 and padding 1: `[N, H, W, C]` → `[N, H', W', C]`.
    fn max_pool(x: FloatTensor<Self>) -> FloatTensor<Self>;

    /// Computes the mean over all pixels, and the fully connected layer on it: `[N, H, W, C]`, `[O, C]`, `[O]` →
    /// `[N, C + O]`, the embedding of each image, then its logits.
    fn head(
        x: FloatTensor<Self>,
        weights: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    /// Returns the elementwise sum of two tensors of the same shape.
    fn add(a: FloatTensor<Self>, b: FloatTensor<Self>) -> FloatTensor<Self>;

    /// Returns max(a + b, 0) of two tensors of the same shape.
    fn add_relu(a: FloatTensor<Self>, b: FloatTensor<Self>) -> FloatTensor<Self>;

    /// max(x, 0).
    fn relu(x: FloatTensor<Self>) -> FloatTensor<Self>;

    /// Returns zeros of the shape of `x`, made by a kernel of this crate rather than Burn's.
    fn zeros_like(x: FloatTensor<Self>) -> FloatTensor<Self>;

    /// Reduces all parts of a residual block to one number per pixel: `[1, H, W, C]`, four times
    /// `[1, H', W', C']` → `[H·W + 4·H'·W']`, one map after another.
    fn reduce_parts(
        input: FloatTensor<Self>,
        shortcut: FloatTensor<Self>,
        residual: FloatTensor<Self>,
        sum: FloatTensor<Self>,
        output: FloatTensor<Self>,
        reduction: Reduction,
    ) -> FloatTensor<Self>;

    /// Computes sums over the elements of a block's two paths: `[1, H, W, C]` twice → `[P · PATH_SUMS]`, the sums of
    /// each of P runs of elements, in the order of [`path_sums`]. The number of runs is the
    /// backend's choice.
    fn path_sums(shortcut: FloatTensor<Self>, residual: FloatTensor<Self>) -> FloatTensor<Self>;

    /// Computes class activation maps of a network's last block: shortcut, residual and output `[1, H, W, C]`, the
    /// result `[1, C + O]` of [`head`](Self::head) and its weights `[O, C]` → `[3·H·W]`, the maps of
    /// shortcut, residual and output, one after another.
    ///
    /// A cell of a map is the sum over the channels of weight × part / (H·W), of those channels where the
    /// output is above 0: Zhou et al. 2016, "Learning Deep Features for Discriminative Localization"
    /// (arXiv 1512.04150), section 2. So the cells of the output's map and the class's bias add up to its
    /// logit, and the maps of shortcut and residual to that of the output.
    fn cam(
        shortcut: FloatTensor<Self>,
        residual: FloatTensor<Self>,
        output: FloatTensor<Self>,
        head: FloatTensor<Self>,
        weights: FloatTensor<Self>,
        class: CamClass,
    ) -> FloatTensor<Self>;
}

/// Returns the convolution of `spec` with the algorithm that is fastest on `device` for an input of
/// `size`, height and width. It accepts inputs of other sizes as well.
pub fn fastest(spec: &ConvSpec, size: [usize; 2], device: &Device) -> Conv {
    #[cfg(feature = "cpu")]
    if matches!(device.as_dispatch(), DispatchDevice::Flex(_)) {
        return Conv::cheapest(spec, size, cpu::ALGORITHMS);
    }
    #[cfg(feature = "webgpu")]
    if matches!(device.as_dispatch(), DispatchDevice::Cube(_)) {
        return Conv::cheapest(spec, size, webgpu::ALGORITHMS);
    }
    Conv::direct(spec)
}

/// Uploads values to a device. Burn's `Tensor::from_data` could convert them to every type, quantised
/// ones included, and would take more space in a wasm file than this whole crate.
pub fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D], device: &Device) -> Tensor<D> {
    let data = TensorData::new(values, shape);
    let tensor =
        <Dispatch as FloatTensorOps<Dispatch>>::float_from_data(data, device.as_dispatch());
    Tensor::from_dispatch(tensor)
}

/// See [`FusedOps::pack_weights`].
pub fn pack_weights(weights: Tensor<4>, conv: Conv) -> Tensor<1> {
    Tensor::from_dispatch(Dispatch::pack_weights(weights.into_dispatch(), conv))
}

/// See [`FusedOps::conv`].
pub fn conv(
    x: Tensor<4>,
    weights: Tensor<1>,
    bias: Tensor<1>,
    conv: Conv,
    relu: bool,
) -> Tensor<4> {
    let [x, weights, bias] = [x.into_dispatch(), weights.into_dispatch(), bias.into_dispatch()];
    Tensor::from_dispatch(Dispatch::conv(x, weights, bias, conv, relu))
}

/// See [`FusedOps::conv_add_relu`].
pub fn conv_add_relu(
    x: Tensor<4>,
    weights: Tensor<1>,
    bias: Tensor<1>,
    shortcut: Tensor<4>,
    conv: Conv,
) -> Tensor<4> {
    let [n, h, w, _] = x.dims();
    let shape = conv.shape([n, h, w]);
    let out = [n, shape.out_h, shape.out_w, conv.out_channels];
    assert_eq!(shortcut.dims(), out, "shape of the shortcut");
    let [x, weights, bias] = [x.into_dispatch(), weights.into_dispatch(), bias.into_dispatch()];
    Tensor::from_dispatch(Dispatch::conv_add_relu(x, weights, bias, shortcut.into_dispatch(), conv))
}

/// See [`FusedOps::max_pool`].
pub fn max_pool(x: Tensor<4>) -> Tensor<4> {
    Tensor::from_dispatch(Dispatch::max_pool(x.into_dispatch()))
}

/// See [`FusedOps::head`].
pub fn head(x: Tensor<4>, weights: Tensor<2>, bias: Tensor<1>) -> Tensor<2> {
    let ([classes], [_, _, _, channels]) = (bias.dims(), x.dims());
    assert_eq!(weights.dims(), [classes, channels], "shape of the fully connected layer's weights");
    let [x, weights, bias] = [x.into_dispatch(), weights.into_dispatch(), bias.into_dispatch()];
    Tensor::from_dispatch(Dispatch::head(x, weights, bias))
}

/// See [`FusedOps::add`].
pub fn add(a: Tensor<4>, b: Tensor<4>) -> Tensor<4> {
    assert_eq!(a.dims(), b.dims(), "shapes of the terms");
    Tensor::from_dispatch(<Dispatch as FusedOps>::add(a.into_dispatch(), b.into_dispatch()))
}

/// See [`FusedOps::add_relu`].
pub fn add_relu(a: Tensor<4>, b: Tensor<4>) -> Tensor<4> {
    assert_eq!(a.dims(), b.dims(), "shapes of the terms");
    Tensor::from_dispatch(Dispatch::add_relu(a.into_dispatch(), b.into_dispatch()))
}

/// See [`FusedOps::relu`].
pub fn relu(x: Tensor<4>) -> Tensor<4> {
    Tensor::from_dispatch(<Dispatch as FusedOps>::relu(x.into_dispatch()))
}

/// See [`FusedOps::zeros_like`].
pub fn zeros_like(x: Tensor<4>) -> Tensor<4> {
    Tensor::from_dispatch(<Dispatch as FusedOps>::zeros_like(x.into_dispatch()))
}

/// See [`FusedOps::reduce_parts`].
pub fn reduce_parts(parts: [Tensor<4>; 5], reduction: Reduction) -> Tensor<1> {
    assert!(parts.iter().all(|part| part.dims()[0] == 1), "maps are of one image");
    let [input, shortcut, residual, sum, output] = parts.map(Tensor::into_dispatch);
    let maps = Dispatch::reduce_parts(input, shortcut, residual, sum, output, reduction);
    Tensor::from_dispatch(maps)
}

/// See [`FusedOps::path_sums`].
pub fn path_sums(shortcut: Tensor<4>, residual: Tensor<4>) -> Tensor<1> {
    assert_eq!(shortcut.dims(), residual.dims(), "shapes of the paths");
    assert_eq!(shortcut.dims()[0], 1, "sums are of one image");
    let [shortcut, residual] = [shortcut, residual].map(Tensor::into_dispatch);
    Tensor::from_dispatch(Dispatch::path_sums(shortcut, residual))
}

/// See [`FusedOps::cam`]; `parts` are shortcut, residual and output.
pub fn cam(
    parts: [Tensor<4>; 3],
    head: Tensor<2>,
    weights: Tensor<2>,
    class: CamClass,
) -> Tensor<1> {
    let ([classes, channels], [n, _, _, c]) = (weights.dims(), parts[2].dims());
    assert!(parts.iter().all(|part| part.dims() == parts[2].dims()), "shapes of the parts");
    assert_eq!(head.dims(), [n, channels + classes], "shape of the head's result");
    assert_eq!([n, c], [1, channels], "maps are of one image, with the head's channels");
    let [shortcut, residual, output] = parts.map(Tensor::into_dispatch);
    let (head, weights) = (head.into_dispatch(), weights.into_dispatch());
    Tensor::from_dispatch(Dispatch::cam(shortcut, residual, output, head, weights, class))
}
