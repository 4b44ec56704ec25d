// x · weightsᵀ + bias: [N, I], [O, I], [O] → [N, O].

struct Sizes {
    count: u32, // N · O
    input: u32,
    output: u32,
}

@group(0) @binding(0) var<storage, {{ inputs }}> x: array<f32>;
@group(0) @binding(1) var<storage, {{ inputs }}> weights: array<f32>;
@group(0) @binding(2) var<storage, {{ inputs }}> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
@group(0) @binding(4) var<uniform> sizes: Sizes;

fn compute(index: u32) {
    let o = index % sizes.output;
    let row = index / sizes.output * sizes.input;
    var sum = 0.0;
    for (var i = 0u; i < sizes.input; i++) {
        sum = fma(x[row + i], weights[o * sizes.input + i], sum);
    }
    y[index] = sum + bias[o];
}
