// Reduces the channels of a residual block's parts to one number per pixel, map after map:
// x [P, C] and shortcut, F(x), sum, output [P', C'] → [P + 4P'].

const MEAN_ABS = 0u;
const MEAN = 1u;
const MAX_ABS = 2u;
const CHANNEL = 3u;

struct Sizes {
    count: u32, // P + 4P'
    in_pixels: u32, // P
    in_vectors: u32, // C / 4
    out_pixels: u32, // P'
    out_vectors: u32, // C' / 4
}

// The only words that change from frame to frame.
struct How {
    reduction: u32, // one of the constants
    channel: u32, // for CHANNEL
}

@group(0) @binding(0) var<storage, {{ inputs }}> x: array<vec4f>;
@group(0) @binding(1) var<storage, {{ inputs }}> shortcut: array<vec4f>;
@group(0) @binding(2) var<storage, {{ inputs }}> residual: array<vec4f>;
@group(0) @binding(3) var<storage, {{ inputs }}> sum: array<vec4f>;
@group(0) @binding(4) var<storage, {{ inputs }}> output: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;
@group(0) @binding(6) var<uniform> how: How;
@group(0) @binding(7) var<uniform> sizes: Sizes;

fn load(part: u32, index: u32) -> vec4f {
    switch part {
        case 0u: { return x[index]; }
        case 1u: { return shortcut[index]; }
        case 2u: { return residual[index]; }
        case 3u: { return sum[index]; }
        default: { return output[index]; }
    }
}

fn compute(index: u32) {
    var part = 0u;
    var pixel = index;
    var vectors = sizes.in_vectors;
    if index >= sizes.in_pixels {
        let behind = index - sizes.in_pixels;
        part = 1u + behind / sizes.out_pixels;
        pixel = behind % sizes.out_pixels;
        vectors = sizes.out_vectors;
    }
    let first = pixel * vectors;
    if how.reduction == CHANNEL {
        y[index] = load(part, first + how.channel / 4u)[how.channel % 4u];
        return;
    }
    var result = vec4f();
    for (var vector = 0u; vector < vectors; vector++) {
        let value = load(part, first + vector);
        if how.reduction == MAX_ABS {
            result = max(result, abs(value));
        } else {
            result += select(value, abs(value), how.reduction == MEAN_ABS);
        }
    }
    if how.reduction == MAX_ABS {
        y[index] = max(max(result.x, result.y), max(result.z, result.w));
    } else {
        y[index] = dot(result, vec4f(1.0)) / f32(4u * vectors);
    }
}
