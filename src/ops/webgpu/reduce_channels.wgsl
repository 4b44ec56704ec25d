// One number a pixel: [P, C] → [P].

const MEAN_ABS = 0u;
const MEAN = 1u;
const MAX_ABS = 2u;
const CHANNEL = 3u;

struct Sizes {
    count: u32, // P
    channels: u32,
    reduction: u32, // one of the constants
    channel: u32, // for CHANNEL
}

@group(0) @binding(0) var<storage, {{ inputs }}> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> sizes: Sizes;

fn compute(index: u32) {
    let first = index * sizes.channels;
    if sizes.reduction == CHANNEL {
        y[index] = x[first + sizes.channel];
        return;
    }
    var result = 0.0;
    for (var channel = 0u; channel < sizes.channels; channel++) {
        let value = x[first + channel];
        if sizes.reduction == MAX_ABS {
            result = max(result, abs(value));
        } else {
            result += select(value, abs(value), sizes.reduction == MEAN_ABS);
        }
    }
    y[index] = select(result / f32(sizes.channels), result, sizes.reduction == MAX_ABS);
}
