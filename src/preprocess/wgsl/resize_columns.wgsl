// The second pass of resizing, along the columns, and the normalisation: [R, S] pixels → [S, S, 3].

struct Sizes {
    count: u32, // S · S
    columns: u32, // S
    first_row: u32, // row of the picture at which R begins
    stride: u32, // words of the table per row
    mean: vec4u, // the bits of f32s
    deviation: vec4u,
}

@group(0) @binding(0) var<storage, {{ inputs }}> x: array<u32>;
@group(0) @binding(1) var<storage, {{ inputs }}> table: array<i32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform> sizes: Sizes;

fn compute(index: u32) {
    let column = index % sizes.columns;
    let entry = index / sizes.columns * sizes.stride;
    let first = u32(table[entry]) - sizes.first_row;
    let count = u32(table[entry + 1u]);
    var sum = vec3i(HALF);
    for (var i = 0u; i < count; i++) {
        let pixel = x[(first + i) * sizes.columns + column];
        let value = vec3i(vec3u(pixel, pixel >> 8u, pixel >> 16u) & vec3u(255u));
        sum += value * table[entry + 2u + i];
    }
    let value = vec3f(clamp(sum >> vec3u(PRECISION), vec3i(0), vec3i(255))) / 255.0;
    let mean = bitcast<vec4f>(sizes.mean).xyz;
    let deviation = bitcast<vec4f>(sizes.deviation).xyz;
    let normalised = (value - mean) / deviation;
    y[3u * index] = normalised.r;
    y[3u * index + 1u] = normalised.g;
    y[3u * index + 2u] = normalised.b;
}
