// Convolution as an implicit matrix product: [N, H, W, I] → [N, H', W', O].
//
// A thread computes 4 pixels × 8 channels in eight named vec4 accumulators: no workgroup memory, no
// barriers, 128 multiplications for 12 vec4 loads. Neighbouring threads along x take neighbouring
// channels, so that they read neighbouring weights and the same pixels. Blocks of pixels × channels
// in registers: the TFLite GPU delegate's convolution, and github.com/AnswerDotAI/gpu.cpp's ladder of
// matrix products.
//
// x         [N, H, W, I / 4] of vec4
// weights   [K, K, I, ceil(O / 8) * 2] of vec4, zeros in channels ≥ O
// y         [N, H', W', O]
//
// With more than one layer of workgroups, each layer multiplies a matrix of its own by weights of its
// own: then K = 1, and all three have the layers as their first dimension.
//
// `tap_*.wgsl` says how inputs are read, `finish_*.wgsl` what becomes of a sum.

const KERNEL = {{ kernel }}u;
const STRIDE = {{ stride }}u;
const PADDING = {{ padding }}u;
const INPUT_VECTORS = {{ input_vectors }}u;
const OUTPUT = {{ output }}u;
const OUTPUT_VECTORS = {{ output_vectors }}u;

struct Sizes {
    pixels: u32, // N · H' · W'
    in_height: u32,
    in_width: u32,
    out_height: u32,
    out_width: u32,
}

@group(0) @binding(0) var<storage, {{ inputs }}> x: array<vec4f>;
@group(0) @binding(1) var<storage, {{ inputs }}> weights: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

// Where an output pixel's window lies in the input.
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

fn put(index: u32, channel: u32, sum: f32) {
    if channel < OUTPUT {
        y[index + channel] = finish(sum, index + channel, channel);
    }
}

fn store(layer: u32, pixel: u32, channel: u32, low: vec4f, high: vec4f) {
    if pixel >= sizes.pixels {
        return;
    }
    let index = (layer * sizes.pixels + pixel) * OUTPUT;
    put(index, channel, low.x);
    put(index, channel + 1u, low.y);
    put(index, channel + 2u, low.z);
    put(index, channel + 3u, low.w);
    put(index, channel + 4u, high.x);
    put(index, channel + 5u, high.y);
    put(index, channel + 6u, high.z);
    put(index, channel + 7u, high.w);
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let vector = id.x * 2u; // of output channels
    let pixel = id.y * 4u;
    if vector >= OUTPUT_VECTORS || pixel >= sizes.pixels {
        return;
    }
    let window0 = window(id.z, pixel);
    let window1 = window(id.z, pixel + 1u);
    let window2 = window(id.z, pixel + 2u);
    let window3 = window(id.z, pixel + 3u);
    // Pixel 0 to 3, channels 0 to 3 and 4 to 7.
    var low0 = vec4f();
    var low1 = vec4f();
    var low2 = vec4f();
    var low3 = vec4f();
    var high0 = vec4f();
    var high1 = vec4f();
    var high2 = vec4f();
    var high3 = vec4f();
    var w = id.z * INPUT_VECTORS * 4u * OUTPUT_VECTORS + vector;
    for (var ky = 0u; ky < KERNEL; ky++) {
        for (var kx = 0u; kx < KERNEL; kx++) {
            let tap0 = tap(window0, ky, kx);
            let tap1 = tap(window1, ky, kx);
            let tap2 = tap(window2, ky, kx);
            let tap3 = tap(window3, ky, kx);
            for (var i = 0u; i < INPUT_VECTORS; i++) {
                let x0 = load(tap0, i);
                let x1 = load(tap1, i);
                let x2 = load(tap2, i);
                let x3 = load(tap3, i);

                var low = weights[w];
                var high = weights[w + 1u];
                low0 = fma(vec4f(x0.x), low, low0);
                low1 = fma(vec4f(x1.x), low, low1);
                low2 = fma(vec4f(x2.x), low, low2);
                low3 = fma(vec4f(x3.x), low, low3);
                high0 = fma(vec4f(x0.x), high, high0);
                high1 = fma(vec4f(x1.x), high, high1);
                high2 = fma(vec4f(x2.x), high, high2);
                high3 = fma(vec4f(x3.x), high, high3);
                w += OUTPUT_VECTORS;

                low = weights[w];
                high = weights[w + 1u];
                low0 = fma(vec4f(x0.y), low, low0);
                low1 = fma(vec4f(x1.y), low, low1);
                low2 = fma(vec4f(x2.y), low, low2);
                low3 = fma(vec4f(x3.y), low, low3);
                high0 = fma(vec4f(x0.y), high, high0);
                high1 = fma(vec4f(x1.y), high, high1);
                high2 = fma(vec4f(x2.y), high, high2);
                high3 = fma(vec4f(x3.y), high, high3);
                w += OUTPUT_VECTORS;

                low = weights[w];
                high = weights[w + 1u];
                low0 = fma(vec4f(x0.z), low, low0);
                low1 = fma(vec4f(x1.z), low, low1);
                low2 = fma(vec4f(x2.z), low, low2);
                low3 = fma(vec4f(x3.z), low, low3);
                high0 = fma(vec4f(x0.z), high, high0);
                high1 = fma(vec4f(x1.z), high, high1);
                high2 = fma(vec4f(x2.z), high, high2);
                high3 = fma(vec4f(x3.z), high, high3);
                w += OUTPUT_VECTORS;

                low = weights[w];
                high = weights[w + 1u];
                low0 = fma(vec4f(x0.w), low, low0);
                low1 = fma(vec4f(x1.w), low, low1);
                low2 = fma(vec4f(x2.w), low, low2);
                low3 = fma(vec4f(x3.w), low, low3);
                high0 = fma(vec4f(x0.w), high, high0);
                high1 = fma(vec4f(x1.w), high, high1);
                high2 = fma(vec4f(x2.w), high, high2);
                high3 = fma(vec4f(x3.w), high, high3);
                w += OUTPUT_VECTORS;
            }
        }
    }
    let channel = id.x * 8u;
    store(id.z, pixel, channel, low0, high0);
    store(id.z, pixel + 1u, channel, low1, high1);
    store(id.z, pixel + 2u, channel, low2, high2);
    store(id.z, pixel + 3u, channel, low3, high3);
}
