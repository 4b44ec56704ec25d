//! Convolutions: direct, or by Winograd's transforms around 36 matrix products.

use burn::tensor::DType;
use burn_wgpu::CubeTensor;

use super::dims;
use crate::gpu::{ELEMENTWISE, ENABLE_QUADS, GpuContext, Kernel, KernelConfig};
use crate::ops::conv::{Algorithm, Algorithms, Conv, ConvShape};

/// Channels that a thread of `conv.wgsl` reads and computes at a time.
const INPUT_STEP: usize = 4;
const OUTPUT_STEP: usize = 8;

/// Pixels that a thread of `conv.wgsl` computes.
const PIXEL_STEP: usize = 4;

/// Threads of its workgroup along the channels; along the pixels, times the parts of a sum, there are as many.
const CONV_GROUP: usize = 8;

/// Channels that a workgroup computes, and that are together in packed weights.
const OUTPUT_BLOCK: usize = OUTPUT_STEP * CONV_GROUP;

/// The fewest products in a part of a split sum.
const SPLIT_PRODUCTS: usize = 256;

/// Outputs of a Winograd tile in each direction; then the number of its frequencies.
const TILE: usize = 4;
const FREQUENCIES: usize = 36;

const SUMS_SPLIT_K: &str = include_str!("wgsl/sums_split_k.wgsl");
const SUMS_WHOLE: &str = include_str!("wgsl/sums_whole.wgsl");
const CONV: &str = include_str!("wgsl/conv.wgsl");
const WEIGHTS_PER_THREAD: &str = include_str!("wgsl/weights_per_thread.wgsl");
const WEIGHTS_PER_QUAD: &str = include_str!("wgsl/weights_per_quad.wgsl");
const INPUT_PADDED: &str = include_str!("wgsl/input_padded.wgsl");
const INPUT_INSIDE: &str = include_str!("wgsl/input_inside.wgsl");
const WINOGRAD_TILES: &str = include_str!("wgsl/winograd_tiles.wgsl");

/// What is added to a sum of products (bias, shortcut), and whether ReLU follows.
pub struct Epilogue {
    pub bias: CubeTensor,
    pub shortcut: Option<CubeTensor>,
    pub relu: bool,
}

impl Epilogue {
    fn finish(&self) -> Finish {
        match self.shortcut {
            None => Finish::Bias { relu: self.relu },
            Some(_) => Finish::Shortcut,
        }
    }

    fn tensors(self) -> Vec<CubeTensor> {
        std::iter::once(self.bias).chain(self.shortcut).collect()
    }
}

/// Returns the WGSL that finishes a sum.
#[derive(Clone, Copy)]
enum Finish {
    None,
    Bias { relu: bool },
    Shortcut,
}

impl Finish {
    fn text(self) -> &'static str {
        match self {
            Finish::None => include_str!("wgsl/finish_none.wgsl"),
            Finish::Bias { .. } => include_str!("wgsl/finish_bias.wgsl"),
            Finish::Shortcut => include_str!("wgsl/finish_shortcut.wgsl"),
        }
    }

    /// Returns its constants; `first` is the first binding that the rest of the kernel leaves free.
    fn constants(self, first: usize) -> Vec<(&'static str, usize)> {
        let mut constants = vec![("first_binding", first)];
        match self {
            Finish::None => (),
            Finish::Bias { relu } => {
                constants.extend([("second_binding", first + 1), ("relu", relu.into())]);
            }
            Finish::Shortcut => {
                constants.extend([("second_binding", first + 1), ("third_binding", first + 2)]);
            }
        }
        constants
    }
}

/// The cases that there are kernels for.
pub const ALGORITHMS: Algorithms =
    Algorithms { known: &[Algorithm::Direct, Algorithm::WinogradF4], weight: 4 };

/// Whether `conv` is computed by Winograd's algorithm rather than directly.
fn is_winograd(conv: &Conv) -> bool {
    match conv.algorithm {
        Algorithm::Direct => false,
        Algorithm::WinogradF2 => unreachable!("algorithms are chosen among `ALGORITHMS`"),
        Algorithm::WinogradF4 => true,
    }
}

/// Packs weights `[O, I, K, K]` as the algorithm reads them.
pub fn pack_weights(weights: CubeTensor, conv: Conv) -> CubeTensor {
    let config = GpuContext::of(&weights).config;
    let dtype = if config.half_weights { DType::F16 } else { DType::F32 };
    let (length, count) = if is_winograd(&conv) {
        let count = conv.in_channels * padded_output(&conv);
        (FREQUENCIES * count, count)
    } else {
        let length = conv.kernel * conv.kernel * padded_input(&conv) * padded_output(&conv);
        (length, length)
    };
    let sizes = [count, conv.in_channels, conv.out_channels];
    pack_kernel(&conv, config).launch_converting(weights, length, dtype, &sizes)
}

/// Convolves `x`, `[N, H, W, I]`, with packed weights: `[N, H', W', O]`.
pub fn convolve(x: CubeTensor, weights: CubeTensor, end: Epilogue, conv: Conv) -> CubeTensor {
    let [n, h, w, channels] = dims(&x);
    assert_eq!(channels, conv.in_channels, "channels of the convolution's input");
    let shape = conv.shape([n, h, w]);
    match is_winograd(&conv) {
        false => direct(x, weights, end, &shape),
        true => winograd(x, weights, end, &shape),
    }
}

fn direct(x: CubeTensor, weights: CubeTensor, end: Epilogue, shape: &ConvShape) -> CubeTensor {
    let conv = &shape.conv;
    let config = GpuContext::of(&x).config;
    let kernel = direct_kernel(conv, end.finish(), config, shape.out_pixels());
    let out = [shape.n, shape.out_h, shape.out_w, conv.out_channels];
    let x = if needs_border(conv) { pad(x, conv) } else { x };
    let [_, h, w, _] = dims(&x);
    let sizes = product_sizes(conv, [shape.out_pixels(), h, w, shape.out_h, shape.out_w]);
    let groups = product_groups(conv, conv.kernel, config, [shape.out_pixels(), 1]);
    kernel.launch(vec![x, weights], end.tensors(), out, &sizes, groups)
}

fn winograd(x: CubeTensor, weights: CubeTensor, end: Epilogue, shape: &ConvShape) -> CubeTensor {
    let ConvShape { conv, n, h, w, .. } = *shape;
    let [down, across] = [h.div_ceil(TILE), w.div_ceil(TILE)];
    let tiles = n * down * across;
    let sizes = |channels| [channels, h, w, down, across];
    let inputs = input_kernel().launch_elementwise(
        vec![x],
        vec![],
        [FREQUENCIES, tiles, conv.in_channels],
        tiles * conv.in_channels,
        &sizes(conv.in_channels),
    );
    let config = GpuContext::of(&inputs).config;
    let products = products_kernel(&conv, config, tiles).launch(
        vec![inputs, weights],
        vec![],
        [FREQUENCIES, tiles, conv.out_channels],
        &product_sizes(&conv, [tiles, 1, tiles, 1, tiles]),
        product_groups(&conv, 1, config, [tiles, FREQUENCIES]),
    );
    output_kernel(end.finish()).launch_elementwise(
        vec![products],
        end.tensors(),
        [n, h, w, conv.out_channels],
        tiles * conv.out_channels,
        &sizes(conv.out_channels),
    )
}

/// Returns the sizes for `conv.wgsl`: pixels of the result, height and width of input and result, their channels.
fn product_sizes(conv: &Conv, [pixels, h, w, out_h, out_w]: [usize; 5]) -> [usize; 7] {
    [pixels, h, w, out_h, out_w, padded_input(conv) / INPUT_STEP, conv.out_channels]
}

/// Returns the numbers of workgroups of `conv.wgsl`: along channels, pixels and layers.
fn product_groups(
    conv: &Conv,
    kernel: usize,
    config: KernelConfig,
    [pixels, layers]: [usize; 2],
) -> [usize; 3] {
    let rows = CONV_GROUP / split_k(conv, kernel, config);
    [conv.out_channels.div_ceil(OUTPUT_BLOCK), pixels.div_ceil(PIXEL_STEP * rows), layers]
}

/// Whether the input is padded before the convolution instead of in it. Only the picture itself has too few channels,
/// and it is copied for them anyway.
fn needs_border(conv: &Conv) -> bool {
    !conv.in_channels.is_multiple_of(INPUT_STEP)
}

fn pad(x: CubeTensor, conv: &Conv) -> CubeTensor {
    let [n, h, w, c] = dims(&x);
    let border = conv.padding;
    let out = [n, h + 2 * border, w + 2 * border, padded_input(conv)];
    let count = out.iter().product();
    let sizes = [c, out[3], border, h, w];
    Kernel::new("pad", &[include_str!("wgsl/pad.wgsl"), ELEMENTWISE]).launch_elementwise(
        vec![x],
        vec![],
        out,
        count,
        &sizes,
    )
}

fn direct_kernel(conv: &Conv, finish: Finish, config: KernelConfig, pixels: usize) -> Kernel {
    let padding = if needs_border(conv) { 0 } else { conv.padding };
    product_kernel("conv", [conv.kernel, conv.stride, padding], conv, finish, (config, pixels))
}

fn products_kernel(conv: &Conv, config: KernelConfig, tiles: usize) -> Kernel {
    product_kernel("winograd products", [1, 1, 0], conv, Finish::None, (config, tiles))
}

fn product_kernel(
    name: &'static str,
    [kernel, stride, padding]: [usize; 3],
    conv: &Conv,
    finish: Finish,
    (config, pixels): (KernelConfig, usize),
) -> Kernel {
    let inside = padding == 0;
    let split_k = split_k(conv, kernel, config);
    let mut constants = vec![
        ("kernel", kernel),
        ("stride", stride),
        ("padding", padding),
        ("row_taps", if inside { 1 } else { kernel }),
        ("split_k", split_k),
    ];
    // After the two factors and the result.
    constants.extend(finish.constants(3));
    let quads = config.quads && quads_pay(CONV_GROUP / split_k, pixels);
    let texts = vec![
        if quads { ENABLE_QUADS } else { "" },
        precision(config),
        CONV,
        if inside { INPUT_INSIDE } else { INPUT_PADDED },
        if quads { WEIGHTS_PER_QUAD } else { WEIGHTS_PER_THREAD },
        if split_k == 1 { SUMS_WHOLE } else { SUMS_SPLIT_K },
        finish.text(),
    ];
    Kernel { name, texts, constants }
}

/// Whether threads should read for each other. A quad takes four `rows` of threads, which have the same channels. It
/// computes four rows of pixels even where only one is needed: up to a third more work is accepted, since quads save
/// that much.
fn quads_pay(rows: usize, pixels: usize) -> bool {
    let with = pixels.next_multiple_of(4 * PIXEL_STEP);
    rows >= 4 && 3 * with <= 4 * pixels.next_multiple_of(PIXEL_STEP)
}

/// Returns the number of parts that a sum over the input channels is split into: 1, 2, 4 or 8. The longest sums are
/// those with the fewest pixels.
fn split_k(conv: &Conv, kernel: usize, config: KernelConfig) -> usize {
    if !config.split_k {
        return 1;
    }
    let most = kernel * kernel * conv.in_channels / SPLIT_PRODUCTS;
    let fits = |parts: &usize| conv.in_channels.is_multiple_of(4 * parts);
    [8, 4, 2].into_iter().filter(|parts| *parts <= most).find(fits).unwrap_or(1)
}

fn input_kernel() -> Kernel {
    Kernel::new(
        "winograd input",
        &[WINOGRAD_TILES, include_str!("wgsl/winograd_input.wgsl"), ELEMENTWISE],
    )
}

fn output_kernel(finish: Finish) -> Kernel {
    // After the products and the result.
    let constants = finish.constants(2);
    let texts =
        [WINOGRAD_TILES, include_str!("wgsl/winograd_output.wgsl"), finish.text(), ELEMENTWISE];
    Kernel { constants, ..Kernel::new("winograd output", &texts) }
}

/// Returns the element type of the weights.
fn precision(config: KernelConfig) -> &'static str {
    if config.half_weights {
        include_str!("wgsl/weights_f16.wgsl")
    } else {
        include_str!("wgsl/weights_f32.wgsl")
    }
}

fn pack_kernel(conv: &Conv, config: KernelConfig) -> Kernel {
    let (text, constants) = match is_winograd(conv) {
        false => {
            (include_str!("wgsl/pack_weights.wgsl"), vec![("taps", conv.kernel * conv.kernel)])
        }
        true => (include_str!("wgsl/pack_winograd.wgsl"), vec![]),
    };
    Kernel { constants, ..Kernel::new("pack weights", &[precision(config), text, ELEMENTWISE]) }
}

fn padded_input(conv: &Conv) -> usize {
    conv.in_channels.next_multiple_of(INPUT_STEP)
}

fn padded_output(conv: &Conv) -> usize {
    conv.out_channels.next_multiple_of(OUTPUT_BLOCK)
}

/// Returns every kernel that `conv` can launch, except for padding.
#[cfg(test)]
pub fn kernels(conv: &Conv, config: KernelConfig) -> Vec<Kernel> {
    let finishes = [Finish::Bias { relu: false }, Finish::Bias { relu: true }, Finish::Shortcut];
    // Too few for quads, and enough for them.
    let products = |kernel: &dyn Fn(usize) -> Kernel| [1, 1024].map(kernel);
    let mut kernels = vec![pack_kernel(conv, config)];
    for finish in finishes {
        match is_winograd(conv) {
            false => {
                kernels.extend(products(&|pixels| direct_kernel(conv, finish, config, pixels)));
            }
            true => kernels.push(output_kernel(finish)),
        }
    }
    if is_winograd(conv) {
        kernels.push(input_kernel());
        kernels.extend(products(&|tiles| products_kernel(conv, config, tiles)));
    }
    kernels
}
