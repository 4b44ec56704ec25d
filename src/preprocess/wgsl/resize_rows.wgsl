// The first pass of resizing, along the rows: [H, W] texels → [R, S] pixels, only the R rows that the second pass
// needs. Computes the same integers as Pillow: see src/preprocess/resample.rs.

struct Sizes {
    count: u32, // R · S
    columns: u32, // S
    first_row: u32,
    stride: u32, // words of the table per column
}

@group(0) @binding(0) var picture: texture_2d<f32>;
@group(0) @binding(1) var<storage, {{ inputs }}> table: array<i32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;
@group(0) @binding(3) var<uniform> sizes: Sizes;

// On white: a browser's colours are already multiplied by their opacity.
fn load(column: u32, row: u32) -> vec3i {
    let texel = vec4i(round(textureLoad(picture, vec2u(column, row), 0) * 255.0));
    return texel.rgb + (255 - texel.a);
}

fn compute(index: u32) {
    let row = sizes.first_row + index / sizes.columns;
    let entry = index % sizes.columns * sizes.stride;
    let first = u32(table[entry]);
    let count = u32(table[entry + 1u]);
    var sum = vec3i(HALF);
    for (var i = 0u; i < count; i++) {
        sum += load(first + i, row) * table[entry + 2u + i];
    }
    let value = vec3u(clamp(sum >> vec3u(PRECISION), vec3i(0), vec3i(255)));
    y[index] = value.r | (value.g << 8u) | (value.b << 16u);
}
