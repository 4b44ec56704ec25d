// Weights [O, I, K, K] as conv.wgsl reads them: [O' / 64, K, K, I', 64] with I' = I and O' = O rounded up
// to multiples of 4 and 64, and zeros there.

const TAPS = {{ taps }}u; // K · K
const INPUT = {{ input }}u;
const OUTPUT = {{ output }}u;
const PADDED_INPUT = {{ padded_input }}u;
const BLOCK = 64u;

struct Sizes {
    count: u32, // TAPS · PADDED_INPUT · O'
}

@group(0) @binding(0) var<storage, {{ inputs }}> weights: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<Weight>;
@group(0) @binding(2) var<uniform> sizes: Sizes;

fn compute(index: u32) {
    let row = index / BLOCK;
    let i = row % PADDED_INPUT;
    let tap = row / PADDED_INPUT % TAPS;
    let o = row / PADDED_INPUT / TAPS * BLOCK + index % BLOCK;
    let there = o < OUTPUT && i < INPUT;
    let source = select(0u, (o * INPUT + i) * TAPS + tap, there);
    y[index] = Weight(select(0.0, weights[source], there));
}
