// Mean over all pixels: [N, P, C] → [N, C].

struct Sizes {
    count: u32, // N · C
    pixels: u32,
    channels: u32,
}

@group(0) @binding(0) var<storage, {{ inputs }}> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> sizes: Sizes;

fn compute(index: u32) {
    let channel = index % sizes.channels;
    let image = index / sizes.channels;
    var sum = 0.0;
    for (var pixel = 0u; pixel < sizes.pixels; pixel++) {
        sum += x[(image * sizes.pixels + pixel) * sizes.channels + channel];
    }
    y[index] = sum / f32(sizes.pixels);
}
