// Weights [O, I, K, K] as conv.wgsl reads them: [K, K, I', O'] with I' = I and O' = O rounded up to
// the multiples of 4 and 8 that a thread takes at a time, and zeros there.

const TAPS = {{ taps }}u; // K · K
const INPUT = {{ input }}u;
const OUTPUT = {{ output }}u;
const PADDED_INPUT = {{ padded_input }}u;
const PADDED_OUTPUT = {{ padded_output }}u;

struct Sizes {
    count: u32, // TAPS · PADDED_INPUT · PADDED_OUTPUT
}

@group(0) @binding(0) var<storage, {{ inputs }}> weights: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> sizes: Sizes;

fn compute(index: u32) {
    let o = index % PADDED_OUTPUT;
    let i = index / PADDED_OUTPUT % PADDED_INPUT;
    let tap = index / PADDED_OUTPUT / PADDED_INPUT;
    let there = o < OUTPUT && i < INPUT;
    let source = select(0u, (o * INPUT + i) * TAPS + tap, there);
    y[index] = select(0.0, weights[source], there);
}
