// y = apply(a, b), element by element; another file defines `apply`.

struct Sizes {
    count: u32,
}

@group(0) @binding(0) var<storage, {{ inputs }}> a: array<f32>;
@group(0) @binding(1) var<storage, {{ inputs }}> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform> sizes: Sizes;

fn compute(index: u32) {
    y[index] = apply(a[index], b[index]);
}
