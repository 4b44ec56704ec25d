// Weights [O, I, K, K] in the layout that conv.wgsl reads: [O' / 64, K, K, I', 64], where I' and O' are I and O rounded
// up to multiples of 4 and 64, filled with zeros.

const TAPS = {{ taps }}u; // K · K
const BLOCK = 64u;

struct Sizes {
    count: u32, // TAPS · I' · O'
    input: u32,
    output: u32,
}

@group(0) @binding(0) var<storage, {{ inputs }}> weights: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<Weight>;
@group(0) @binding(2) var<uniform> sizes: Sizes;

fn compute(index: u32) {
    let padded_input = (sizes.input + 3u) / 4u * 4u;
    let row = index / BLOCK;
    let i = row % padded_input;
    let tap = row / padded_input % TAPS;
    let o = row / padded_input / TAPS * BLOCK + index % BLOCK;
    let there = o < sizes.output && i < sizes.input;
    let source = select(0u, (o * sizes.input + i) * TAPS + tap, there);
    y[index] = Weight(select(0.0, weights[source], there));
}
