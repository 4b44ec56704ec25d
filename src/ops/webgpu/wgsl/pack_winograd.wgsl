// Weights [O, I, 3, 3] transformed by G g Gᵀ for Winograd F(4×4, 3×3), in the layout that conv.wgsl reads:
// [36, O' / 64, I, 64], where O' is O rounded up to a multiple of 64, filled with zeros.

const BLOCK = 64u;
const A = 0.70710678;
const B = 1.41421356;

struct Sizes {
    count: u32, // I · O'
    input: u32,
    output: u32,
}

@group(0) @binding(0) var<storage, {{ inputs }}> weights: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<Weight>;
@group(0) @binding(2) var<uniform> sizes: Sizes;

// G g: the polynomial's values at 0, ±√½, ±√2, ∞, each over the product of the point's distances to all others.
fn transform(g: vec3f) -> array<f32, 6> {
    let even_a = g.x + 0.5 * g.z;
    let odd_a = A * g.y;
    let even_b = g.x + 2.0 * g.z;
    let odd_b = B * g.y;
    return array(
        g.x,
        (even_a + odd_a) / -1.5,
        (even_a - odd_a) / -1.5,
        (even_b + odd_b) / 6.0,
        (even_b - odd_b) / 6.0,
        g.z,
    );
}

fn compute(index: u32) {
    let row = index / BLOCK;
    let i = row % sizes.input;
    let o = row / sizes.input * BLOCK + index % BLOCK;
    let there = select(0.0, 1.0, o < sizes.output);
    let first = (min(o, sizes.output - 1u) * sizes.input + i) * 9u;
    var top = transform(there * vec3f(weights[first], weights[first + 1u], weights[first + 2u]));
    var middle = transform(there * vec3f(weights[first + 3u], weights[first + 4u], weights[first + 5u]));
    var bottom = transform(there * vec3f(weights[first + 6u], weights[first + 7u], weights[first + 8u]));
    for (var column = 0u; column < 6u; column++) {
        var values = transform(vec3f(top[column], middle[column], bottom[column]));
        for (var row = 0u; row < 6u; row++) {
            y[(row * 6u + column) * sizes.count + index] = Weight(values[row]);
        }
    }
}
