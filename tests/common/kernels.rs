//! Every kernel of an engine against the scalar reference, over shapes at the edges of tiles, lanes and images. The
//! same bodies run on every engine, natively and in a browser. They are async because in a browser a GPU's numbers can
//! only be awaited.

use std::future::Future;
use std::pin::Pin;

use burn::tensor::{Device, Tensor, TensorData};
use reslens::arch::ConvSpec;
use reslens::ops::conv::{Algorithm, Conv, Epilogue};
use reslens::ops::{self, CamClass, PATH_SUMS, Reduction, reference};

use super::close::{assert_close, assert_close_at_scale};

/// The device that runs the kernels, and the accuracy to expect.
pub struct Target<'a> {
    pub device: &'a Device,
    /// Allowed difference, relative to the largest value.
    pub tolerance: f32,
    /// Selects the values that are drawn.
    pub seed: u32,
}

impl Target<'_> {
    /// Draws values in [-1, 1), the same in every run.
    fn values(&self, stream: u32, length: usize) -> Vec<f32> {
        let mut state = (stream ^ (self.seed << 8)).wrapping_mul(2_654_435_761).wrapping_add(1);
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 23) as f32 - 1.0
        };
        (0..length).map(|_| next()).collect()
    }
}

/// A tolerance of some hundred f32 roundings.
pub const SINGLE: f32 = 1e-5;

/// A test on a device; it panics if a value is wrong.
pub type Test = for<'a> fn(&'a Target<'a>) -> Pin<Box<dyn Future<Output = ()> + 'a>>;

/// The tests that every engine must pass, by name.
pub const ALL: [(&str, Test); 12] = [
    ("direct_convolution", |target| Box::pin(direct_convolution(target))),
    ("winograd_convolution", |target| {
        Box::pin(winograd_convolution(target, Algorithm::WinogradF4))
    }),
    ("long_sums", |target| Box::pin(deep_convolution(target))),
    ("winograd_is_exact_enough_at_512_channels", |target| Box::pin(deep_winograd(target))),
    ("max_pool", |target| Box::pin(max_pool(target))),
    ("mean_pool_and_fully_connected", |target| Box::pin(head(target))),
    ("reductions_are_what_their_names_say", |target| Box::pin(reductions(target))),
    ("reductions_of_every_part", |target| Box::pin(reduce_parts(target))),
    ("add_and_relu", |target| Box::pin(add_and_relu(target))),
    ("zeros_of_anything", |target| Box::pin(zeros_like(target))),
    ("sums_of_a_blocks_paths", |target| Box::pin(path_sums(target))),
    ("class_activation_maps", |target| Box::pin(cam(target))),
];

/// Tests of kernels that only the CPU has.
pub const CPU: [(&str, Test); 1] = [("winograd_convolution_of_small_tiles", |target| {
    Box::pin(winograd_convolution(target, Algorithm::WinogradF2))
})];

fn tensor<const D: usize>(values: &[f32], shape: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values.to_vec(), shape), device)
}

async fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data_async().await.unwrap().try_to_vec().unwrap()
}

/// Checks a convolution with and without ReLU and with a shortcut.
pub async fn check_conv(conv: Conv, [n, h, w]: [usize; 3], target: &Target<'_>) {
    let device = target.device;
    let scale = 1.0; // the size of bias and shortcut alone
    let what = format!("{conv:?} on {n}×{h}×{w}");
    let Conv { in_channels: input, out_channels: output, kernel, .. } = conv;
    let x = target.values(1, n * h * w * input);
    let weights = target.values(2, output * input * kernel * kernel);
    let bias = target.values(3, output);
    let shape = conv.shape([n, h, w]);
    let shortcut = target.values(4, shape.out_pixels() * output);

    let packed = ops::pack_weights(tensor(&weights, [output, input, kernel, kernel], device), conv);
    let x_tensor = tensor(&x, [n, h, w, input], device);
    let bias_tensor = tensor(&bias, [output], device);
    let expected = |shortcut: Option<&[f32]>, relu: bool| {
        let mut out = vec![f32::NAN; shape.out_pixels() * output];
        reference::conv(&x, &weights, &shape, Epilogue { bias: &bias, shortcut, relu }, &mut out);
        out
    };
    for relu in [false, true] {
        let found = ops::conv(x_tensor.clone(), packed.clone(), bias_tensor.clone(), conv, relu);
        assert_close_at_scale(
            format!("{what}, relu {relu}"),
            &numbers(found).await,
            &expected(None, relu),
            target.tolerance,
            scale,
        );
    }
    let shortcut_tensor = tensor(&shortcut, [n, shape.out_h, shape.out_w, output], device);
    let found = ops::conv_add_relu(x_tensor, packed, bias_tensor, shortcut_tensor, conv);
    assert_close_at_scale(
        format!("{what}, shortcut"),
        &numbers(found).await,
        &expected(Some(&shortcut), true),
        target.tolerance,
        scale,
    );
}

pub fn conv(
    input: usize,
    output: usize,
    kernel: usize,
    stride: usize,
    algorithm: Algorithm,
) -> Conv {
    Conv::new(&ConvSpec { in_channels: input, out_channels: output, kernel, stride }, algorithm)
}

async fn direct_convolution(target: &Target<'_>) {
    for (kernel, stride) in [(1, 1), (1, 2), (3, 1), (3, 2), (7, 2)] {
        for (input, output) in [(1, 1), (3, 8), (3, 64), (4, 7), (5, 9), (17, 16), (64, 24)] {
            for size in [[1, 7, 7], [1, 8, 9], [2, 5, 11], [1, 1, 1], [3, 13, 4]] {
                check_conv(conv(input, output, kernel, stride, Algorithm::Direct), size, target)
                    .await;
            }
        }
    }
}

async fn winograd_convolution(target: &Target<'_>, algorithm: Algorithm) {
    for (input, output) in [(4, 1), (4, 8), (8, 7), (12, 9), (64, 16), (20, 24)] {
        for size in [
            [1, 1, 1],
            [1, 4, 4],
            [1, 3, 5],
            [1, 7, 7],
            [2, 5, 9],
            [1, 14, 14],
            [3, 8, 4],
            [1, 33, 2],
            [1, 56, 17],
        ] {
            check_conv(conv(input, output, 3, 1, algorithm), size, target).await;
        }
    }
    // All that passes the ReLU is a sum of which only a thousandth is left.
    check_conv(conv(12, 1, 3, 1, algorithm), [1, 3, 1], target).await;
}

async fn deep_winograd(target: &Target<'_>) {
    check_conv(conv(512, 16, 3, 1, Algorithm::WinogradF4), [1, 7, 7], target).await;
}

/// Sums that the GPU splits into 2, 4 and 8 slices, and one that cannot be split.
async fn deep_convolution(target: &Target<'_>) {
    for input in [128, 132, 256, 260, 512] {
        for (output, kernel, stride, size) in
            [(24, 3, 2, [1, 7, 7]), (70, 1, 2, [2, 5, 3]), (9, 3, 1, [1, 14, 14])]
        {
            let conv = conv(input, output, kernel, stride, Algorithm::Direct);
            check_conv(conv, size, target).await;
        }
        check_conv(conv(input, 24, 3, 1, Algorithm::WinogradF4), [1, 9, 6], target).await;
    }
}

async fn max_pool(target: &Target<'_>) {
    for shape in [[1, 1, 1, 1], [1, 2, 2, 3], [2, 7, 5, 8], [1, 16, 9, 13], [3, 6, 6, 64]] {
        check_max_pool(shape, target).await;
    }
}

/// Checks the max-pool of an input N, H, W, C.
pub async fn check_max_pool(shape: [usize; 4], target: &Target<'_>) {
    let x = target.values(5, shape.iter().product());
    let found = ops::max_pool(tensor(&x, shape, target.device));
    let [n, h, w, c] = shape;
    assert_eq!(found.dims(), [n, h.div_ceil(2), w.div_ceil(2), c]);
    let expected = reference::max_pool(&x, shape);
    assert_close(format!("{shape:?}"), &numbers(found).await, &expected, target.tolerance);
}

async fn head(target: &Target<'_>) {
    for (shape, classes) in
        [([1, 1, 1, 4], 1), ([1, 4, 4, 512], 50), ([3, 2, 5, 36], 17), ([2, 7, 7, 8], 1000)]
    {
        check_head(shape, classes, f32::MIN_POSITIVE, target).await;
    }
}

/// Checks the mean and the fully connected layer on an input N, H, W, C; `scale` is the size of the terms.
pub async fn check_head(shape: [usize; 4], classes: usize, scale: f32, target: &Target<'_>) {
    let &Target { device, tolerance, .. } = target;
    let [n, _, _, channels] = shape;
    let x = target.values(6, shape.iter().product());
    let (weights, bias) = (target.values(7, classes * channels), target.values(8, classes));
    let found = ops::head(
        tensor(&x, shape, device),
        tensor(&weights, [classes, channels], device),
        tensor(&bias, [classes], device),
    );
    assert_eq!(found.dims(), [n, channels + classes]);
    let found = numbers(found).await;
    let embeddings = reference::mean_pool(&x, shape);
    for (found, embedding) in
        found.chunks_exact(channels + classes).zip(embeddings.chunks_exact(channels))
    {
        let (pooled, logits) = found.split_at(channels);
        let expected = reference::linear(embedding, &weights, &bias, channels);
        for (part, found, expected) in
            [("embedding", pooled, embedding), ("logits", logits, &expected)]
        {
            let what = format!("{shape:?}, {classes} classes, {part}");
            assert_close_at_scale(what, found, expected, tolerance, scale);
        }
    }
}

/// The parts of a block that halves height and width: each must be written to its own place.
async fn reductions(&Target { device, .. }: &Target<'_>) {
    let pixels = [[1.0, -3.0, 0.5, 0.0], [-1.0, -1.0, -1.0, -1.0]];
    for (reduction, expected) in [
        (Reduction::MeanAbs, [1.125, 1.0]),
        (Reduction::Mean, [-0.375, -1.0]),
        (Reduction::MaxAbs, [3.0, 1.0]),
        (Reduction::Channel(2), [0.5, -1.0]),
    ] {
        let input = tensor(&pixels.concat(), [1, 1, 2, 4], device);
        let others = [10.0, 20.0, 30.0, 40.0].map(|factor| {
            let twice: Vec<f32> = pixels[0].iter().map(|value| value * factor).collect();
            tensor(&twice.repeat(2), [1, 1, 1, 8], device)
        });
        let [shortcut, residual, sum, output] = others;
        let maps = ops::reduce_parts([input, shortcut, residual, sum, output], reduction);
        let scaled = [10.0, 20.0, 30.0, 40.0].map(|factor| expected[0] * factor);
        let expected = [&expected[..], &scaled].concat();
        assert_eq!(numbers(maps).await, expected, "{reduction:?}");
    }
}

/// Blocks that keep height and width, and blocks that halve them, against the reference.
async fn reduce_parts(target: &Target<'_>) {
    for (input, output) in [
        ([1, 1, 4], [1, 1, 4]),
        ([7, 5, 64], [7, 5, 64]),
        ([7, 5, 64], [4, 3, 128]),
        ([13, 2, 12], [7, 1, 20]),
        ([2, 2, 256], [1, 1, 2048]),
    ] {
        check_reduce_parts(input, output, target).await;
    }
}

/// Checks every reduction of a block whose input and output are H, W, C.
pub async fn check_reduce_parts(input: [usize; 3], output: [usize; 3], target: &Target<'_>) {
    let shapes = [input].into_iter().chain([output; 4]);
    let parts: Vec<_> = (11..)
        .zip(shapes)
        .map(|(stream, [h, w, c])| (target.values(stream, h * w * c), [1, h, w, c]))
        .collect();
    let plain: Vec<_> = parts.iter().map(|(part, shape)| (&part[..], shape[3])).collect();
    let last = input[2].min(output[2]) - 1;
    for reduction in [
        Reduction::MeanAbs,
        Reduction::Mean,
        Reduction::MaxAbs,
        Reduction::Channel(0),
        Reduction::Channel(last),
    ] {
        let tensors = std::array::from_fn(|i| tensor(&parts[i].0, parts[i].1, target.device));
        assert_close_at_scale(
            format!("{reduction:?} of {input:?} and {output:?}"),
            &numbers(ops::reduce_parts(tensors, reduction)).await,
            &reference::reduce_parts(&plain, reduction),
            target.tolerance,
            1.0,
        );
    }
}

/// Shapes whose number of elements is not a multiple of a vector or of a workgroup.
const ELEMENTWISE: [[usize; 4]; 4] = [[1, 1, 1, 1], [1, 2, 3, 5], [3, 7, 5, 12], [1, 33, 31, 17]];

async fn add_and_relu(target: &Target<'_>) {
    for shape in ELEMENTWISE {
        check_add_and_relu(shape, target).await;
    }
}

/// Checks sums and ReLUs of tensors N, H, W, C.
pub async fn check_add_and_relu(shape: [usize; 4], target: &Target<'_>) {
    let length = shape.iter().product();
    let (a, b) = (target.values(9, length), target.values(10, length));
    let both = || [&a, &b].map(|values| tensor(values, shape, target.device));
    let [a_tensor, b_tensor] = both();
    let sum = ops::add(a_tensor, b_tensor);
    let expected = reference::add(&a, &b);
    assert_eq!(numbers(sum.clone()).await, expected, "{shape:?}, add");
    assert_eq!(numbers(ops::relu(sum)).await, reference::relu(&expected), "{shape:?}, relu");
    let [a_tensor, b_tensor] = both();
    let output = ops::add_relu(a_tensor, b_tensor);
    assert_eq!(numbers(output).await, reference::add_relu(&a, &b), "{shape:?}, both at once");
}

/// Zeros even for values whose product with zero is not zero.
async fn zeros_like(target: &Target<'_>) {
    for shape in ELEMENTWISE {
        let mut x = target.values(16, shape.iter().product());
        let odd = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY];
        x.iter_mut().zip(odd).for_each(|(x, odd)| *x = odd);
        let zeros = ops::zeros_like(tensor(&x, shape, target.device));
        assert_eq!(zeros.dims(), shape);
        assert_eq!(numbers(zeros).await, reference::zeros_like(&x), "{shape:?}");
    }
}

/// Runs of elements that are cut short, and paths that take several runs.
async fn path_sums(target: &Target<'_>) {
    for size in [[1, 1, 4], [3, 5, 12], [7, 7, 512], [16, 16, 8], [33, 31, 20], [56, 56, 64]] {
        check_path_sums(size, target).await;
    }
}

/// Checks the sums of a block whose paths are H, W, C.
pub async fn check_path_sums([h, w, c]: [usize; 3], target: &Target<'_>) {
    let (length, shape) = (h * w * c, [1, h, w, c]);
    let shortcut = target.values(12, length);
    // The paths differ and are not orthogonal; some of their sums s + r are 0.
    let residual: Vec<f32> = target
        .values(13, length)
        .iter()
        .zip(&shortcut)
        .enumerate()
        .map(|(i, (r, s))| if i % 7 == 0 { -s } else { 0.5 * r + 0.25 * s - 0.1 })
        .collect();
    let [s, r] = [&shortcut, &residual].map(|path| tensor(path, shape, target.device));
    let runs = numbers(ops::path_sums(s, r)).await;
    let mut found = [0.0; PATH_SUMS];
    for run in runs.as_chunks::<PATH_SUMS>().0 {
        found.iter_mut().zip(run).for_each(|(sum, value)| *sum += f64::from(*value));
    }
    let expected = reference::path_sums(&shortcut, &residual);
    let most = expected.iter().fold(0.0f64, |most, sum| most.max(sum.abs()));
    for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!(
            (found - expected).abs() <= 1e-5 * most,
            "{h}×{w}×{c}, sum {index} is {found}, expected {expected}"
        );
    }
    assert_eq!(found[PATH_SUMS - 1], expected[PATH_SUMS - 1], "{h}×{w}×{c}, negatives");
}

/// Maps of a given class and of the top one, which may be the first, the last, or one of two with equal logits.
async fn cam(target: &Target<'_>) {
    for (size, classes, top) in [
        ([1, 1, 4], 1, 0),
        ([4, 4, 512], 50, 49),
        ([3, 5, 12], 7, 0),
        ([7, 7, 2048], 10, 4),
        ([2, 9, 260], 1000, 700),
    ] {
        check_cam(size, [classes, top], f32::MIN_POSITIVE, target).await;
    }
}

/// Checks the maps of H, W, C for `top`, the top class, and for one in the middle; `scale` is the size of the terms.
pub async fn check_cam(
    [h, w, c]: [usize; 3],
    [classes, top]: [usize; 2],
    scale: f32,
    target: &Target<'_>,
) {
    let &Target { device, tolerance, .. } = target;
    let (length, shape) = (h * w * c, [1, h, w, c]);
    let (shortcut, residual) = (target.values(14, length), target.values(15, length));
    let output = reference::relu(&reference::add(&shortcut, &residual));
    let weights = target.values(16, classes * c);
    let mut head = target.values(17, c + classes);
    head[c + top] = 2.0;
    head[c + classes - 1] = 2.0; // of equal logits the first wins
    for (class, index) in [(CamClass::Top, top), (CamClass::Index(classes / 2), classes / 2)] {
        let parts = [&shortcut, &residual, &output].map(|part| tensor(part, shape, device));
        let head = tensor(&head, [1, c + classes], device);
        let maps = ops::cam(parts, head, tensor(&weights, [classes, c], device), class);
        let weights = &weights[index * c..][..c];
        assert_close_at_scale(
            format!("{class:?} of {classes} on {h}×{w}×{c}"),
            &numbers(maps).await,
            &reference::cam([&shortcut, &residual, &output], weights),
            tolerance,
            scale,
        );
    }
}
