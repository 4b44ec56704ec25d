// Sums over the elements of a block's two paths, in one pass over both: [E], [E] → [P, 6], in the order of
// src/ops/path_sums.rs.
//
// Each of P threads sums every Pth vector of four elements, so that neighbours read neighbouring vectors. Their sums
// are few, and are added after the read-back, in double precision: no thread waits for another.

struct Sizes {
    count: u32, // P
    vectors: u32, // E / 4
}

@group(0) @binding(0) var<storage, {{ inputs }}> shortcut: array<vec4f>;
@group(0) @binding(1) var<storage, {{ inputs }}> residual: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform> sizes: Sizes;

fn compute(index: u32) {
    var squares = vec4f(); // Σ s², Σ r², Σ s·r, Σ (s + r)²
    var shown = vec2f(); // Σ max(s + r, 0)², the number of s + r below 0
    for (var vector = index; vector < sizes.vectors; vector += sizes.count) {
        let s = shortcut[vector];
        let r = residual[vector];
        let sum = s + r;
        let output = max(sum, vec4f());
        squares += vec4f(dot(s, s), dot(r, r), dot(s, r), dot(sum, sum));
        shown += vec2f(dot(output, output), dot(select(vec4f(), vec4f(1.0), sum < vec4f()), vec4f(1.0)));
    }
    var sums = array(squares.x, squares.y, squares.z, squares.w, shown.x, shown.y);
    for (var i = 0u; i < 6u; i++) {
        y[index * 6u + i] = sums[i];
    }
}
