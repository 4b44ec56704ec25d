// [P, C] → [P, C'] with zeros in the channels from C on, so that a pixel is whole vec4s.

struct Sizes {
    count: u32, // P · C'
    channels: u32,
    padded: u32,
}

@group(0) @binding(0) var<storage, {{ inputs }}> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> sizes: Sizes;

fn compute(index: u32) {
    let channel = index % sizes.padded;
    let there = channel < sizes.channels;
    let source = select(0u, index / sizes.padded * sizes.channels + channel, there);
    y[index] = select(0.0, x[source], there);
}
