// y = apply(x), element by element; another file defines `apply`.

struct Sizes {
    count: u32,
}

@group(0) @binding(0) var<storage, {{ inputs }}> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> sizes: Sizes;

fn compute(index: u32) {
    y[index] = apply(x[index]);
}
