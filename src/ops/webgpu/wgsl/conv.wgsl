// Convolution as an implicit matrix product: [N, H, W, I] → [N, H', W', O].
//
// A thread computes 4 pixels × 8 channels in eight named vec4 accumulators: 128 multiplications for 12 vec4 loads,
// without workgroup memory. Threads that are neighbours along x compute neighbouring channels, so they read
// neighbouring weights and the same pixels. The register blocking is that of the TFLite GPU delegate's convolution and
// of the matrix products in github.com/AnswerDotAI/gpu.cpp.
//
// x         [N, H, W, I / 4] of vec4
// weights   [ceil(O / 64), K, K, I, 16] of vec4, zeros in channels ≥ O: a workgroup's weights are contiguous,
//           in the order in which its threads read them
// y         [N, H', W', O]
//
// The last stages have few pixels and long sums. There a workgroup splits the input channels into slices (split-K), one
// for each group of its threads: enough threads, and none of them past the last pixel.
//
// With several layers of workgroups (group.z), each layer multiplies its own matrix by its own weights: then K = 1, and
// the layers are the first dimension of x, weights and y.
//
// `input_*.wgsl` reads inputs, `weights_*.wgsl` reads weights, `sums_*.wgsl` adds up the slices' sums, `finish_*.wgsl`
// computes the output from a complete sum: see README.md.

const KERNEL = {{ kernel }}u;
const STRIDE = {{ stride }}u;
const PADDING = {{ padding }}u;
const ROW_TAPS = {{ row_taps }}u; // reads for each row of the kernel
const BLOCK_VECTORS = 16u;
const SPLIT_K = {{ split_k }}u;
const ROWS = 8u / SPLIT_K; // threads of a workgroup along the pixels

struct Sizes {
    pixels: u32, // N · H' · W'
    in_height: u32,
    in_width: u32,
    out_height: u32,
    out_width: u32,
    input_vectors: u32, // per pixel
    output: u32,
}

@group(0) @binding(0) var<storage, {{ inputs }}> x: array<vec4f>;
@group(0) @binding(1) var<storage, {{ inputs }}> weights: array<Weights>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

// The sums of a slice: pixels 0 to 3, each with channels 0 to 3 (low) and 4 to 7 (high).
struct Sums {
    low0: vec4f,
    high0: vec4f,
    low1: vec4f,
    high1: vec4f,
    low2: vec4f,
    high2: vec4f,
    low3: vec4f,
    high3: vec4f,
}

// The position of an output pixel's window in the input.
struct Window {
    image: u32, // first pixel of its image
    top: i32,
    left: i32,
}

fn window(layer: u32, pixel: u32) -> Window {
    // Threads past the end repeat the last pixel and write nothing.
    let valid = min(pixel, sizes.pixels - 1u);
    let row = valid / sizes.out_width;
    let column = valid % sizes.out_width;
    return Window(
        layer * sizes.pixels + row / sizes.out_height * sizes.in_height * sizes.in_width,
        i32(row % sizes.out_height * STRIDE) - i32(PADDING),
        i32(column * STRIDE) - i32(PADDING),
    );
}

fn put(index: u32, channel: u32, output: u32, sum: f32) {
    if channel < output {
        y[index + channel] = finish(sum, index + channel, channel);
    }
}

// Stores four neighbouring channels of a pixel.
fn store(layer: u32, pixel: u32, vector: u32, sums: vec4f) {
    if pixel >= sizes.pixels {
        return;
    }
    let output = sizes.output;
    let index = (layer * sizes.pixels + pixel) * output;
    let channel = vector * 4u;
    put(index, channel, output, sums.x);
    put(index, channel + 1u, output, sums.y);
    put(index, channel + 2u, output, sums.z);
    put(index, channel + 3u, output, sums.w);
}

@compute @workgroup_size(8, ROWS, SPLIT_K)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) index: u32) {
    let thread = place(index); // channels, pixels, slice
    let layer = group.z;
    let vector = (group.x * 8u + thread.x) * 2u; // of output channels
    let pixel = (group.y * ROWS + thread.y) * 4u;
    let window0 = window(layer, pixel);
    let window1 = window(layer, pixel + 1u);
    let window2 = window(layer, pixel + 2u);
    let window3 = window(layer, pixel + 3u);
    var low0 = vec4f();
    var low1 = vec4f();
    var low2 = vec4f();
    var low3 = vec4f();
    var high0 = vec4f();
    var high1 = vec4f();
    var high2 = vec4f();
    var high3 = vec4f();
    // Threads past the end sum nothing, but do not return: `complete` may have a barrier.
    let taps = select(0u, KERNEL, is_needed(thread, pixel, vector));
    let tap_vectors = KERNEL / ROW_TAPS * sizes.input_vectors;
    let slice_vectors = tap_vectors / SPLIT_K;
    let first = thread.z * slice_vectors;
    let block = layer * ((sizes.output + 63u) / 64u) + group.x; // of 64 channels
    for (var ky = 0u; ky < taps; ky++) {
        for (var kx = 0u; kx < ROW_TAPS; kx++) {
            let tap0 = tap(window0, ky, kx);
            let tap1 = tap(window1, ky, kx);
            let tap2 = tap(window2, ky, kx);
            let tap3 = tap(window3, ky, kx);
            let rows = ((block * KERNEL + ky) * ROW_TAPS + kx) * tap_vectors + first;
            var row = rows * 4u * BLOCK_VECTORS + thread.x * 2u;
            for (var i = 0u; i < slice_vectors; i++) {
                let x0 = load(tap0, first + i);
                let x1 = load(tap1, first + i);
                let x2 = load(tap2, first + i);
                let x3 = load(tap3, first + i);
                let four = load_rows(row, thread);
                row += 4u * BLOCK_VECTORS;

                let a0 = row0_low(four);
                let b0 = row0_high(four);
                low0 = fma(vec4f(x0.x), a0, low0);
                low1 = fma(vec4f(x1.x), a0, low1);
                low2 = fma(vec4f(x2.x), a0, low2);
                low3 = fma(vec4f(x3.x), a0, low3);
                high0 = fma(vec4f(x0.x), b0, high0);
                high1 = fma(vec4f(x1.x), b0, high1);
                high2 = fma(vec4f(x2.x), b0, high2);
                high3 = fma(vec4f(x3.x), b0, high3);

                let a1 = row1_low(four);
                let b1 = row1_high(four);
                low0 = fma(vec4f(x0.y), a1, low0);
                low1 = fma(vec4f(x1.y), a1, low1);
                low2 = fma(vec4f(x2.y), a1, low2);
                low3 = fma(vec4f(x3.y), a1, low3);
                high0 = fma(vec4f(x0.y), b1, high0);
                high1 = fma(vec4f(x1.y), b1, high1);
                high2 = fma(vec4f(x2.y), b1, high2);
                high3 = fma(vec4f(x3.y), b1, high3);

                let a2 = row2_low(four);
                let b2 = row2_high(four);
                low0 = fma(vec4f(x0.z), a2, low0);
                low1 = fma(vec4f(x1.z), a2, low1);
                low2 = fma(vec4f(x2.z), a2, low2);
                low3 = fma(vec4f(x3.z), a2, low3);
                high0 = fma(vec4f(x0.z), b2, high0);
                high1 = fma(vec4f(x1.z), b2, high1);
                high2 = fma(vec4f(x2.z), b2, high2);
                high3 = fma(vec4f(x3.z), b2, high3);

                let a3 = row3_low(four);
                let b3 = row3_high(four);
                low0 = fma(vec4f(x0.w), a3, low0);
                low1 = fma(vec4f(x1.w), a3, low1);
                low2 = fma(vec4f(x2.w), a3, low2);
                low3 = fma(vec4f(x3.w), a3, low3);
                high0 = fma(vec4f(x0.w), b3, high0);
                high1 = fma(vec4f(x1.w), b3, high1);
                high2 = fma(vec4f(x2.w), b3, high2);
                high3 = fma(vec4f(x3.w), b3, high3);
            }
        }
    }
    let sums = Sums(low0, high0, low1, high1, low2, high2, low3, high3);
    complete(sums, layer, pixel, vector, thread);
}
