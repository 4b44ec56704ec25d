// Winograd F(4×4, 3×3), last step: Aᵀ m A of every tile of 6×6 sums, [36, T, O] → [N, H, W, O].
//
// One thread for each tile and channel; `finish_*.wgsl` computes the output from its sum.

@group(0) @binding(0) var<storage, {{ inputs }}> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

// Aᵀ m, from the sums and differences of each pair of points.
fn transform(a: f32, b: f32, c: f32, d: f32, e: f32, f: f32) -> vec4f {
    let even_a = b + c;
    let odd_a = A * (b - c);
    let even_b = d + e;
    let odd_b = B * (d - e);
    return vec4f(
        a + even_a + even_b,
        odd_a + odd_b,
        0.5 * even_a + 2.0 * even_b,
        0.5 * odd_a + 2.0 * odd_b + f,
    );
}

// A column of the tile's sums, transformed.
fn column(number: u32, index: u32) -> vec4f {
    let first = number * sizes.count + index;
    let step = 6u * sizes.count;
    return transform(
        x[first],
        x[first + step],
        x[first + 2u * step],
        x[first + 3u * step],
        x[first + 4u * step],
        x[first + 5u * step],
    );
}

fn put(index: u32, channel: u32, sum: f32) {
    y[index] = finish(sum, index, channel);
}

// Stores a row of a tile. A tile begins inside the image, but not all of its four rows and columns need lie there.
fn line(image: u32, row: u32, column: u32, channel: u32, sums: vec4f) {
    if row >= sizes.height {
        return;
    }
    let width = sizes.width;
    let step = sizes.channels;
    let index = ((image * sizes.height + row) * width + column) * step + channel;
    put(index, channel, sums.x);
    if column + 1u < width {
        put(index + step, channel, sums.y);
    }
    if column + 2u < width {
        put(index + 2u * step, channel, sums.z);
    }
    if column + 3u < width {
        put(index + 3u * step, channel, sums.w);
    }
}

fn compute(index: u32) {
    let channel = index % sizes.channels;
    let tile = index / sizes.channels;
    let left = tile % sizes.across * 4u;
    let top = tile / sizes.across % sizes.down * 4u;
    let image = tile / sizes.across / sizes.down;
    let c0 = column(0u, index);
    let c1 = column(1u, index);
    let c2 = column(2u, index);
    let c3 = column(3u, index);
    let c4 = column(4u, index);
    let c5 = column(5u, index);
    line(image, top, left, channel, transform(c0.x, c1.x, c2.x, c3.x, c4.x, c5.x));
    line(image, top + 1u, left, channel, transform(c0.y, c1.y, c2.y, c3.y, c4.y, c5.y));
    line(image, top + 2u, left, channel, transform(c0.z, c1.z, c2.z, c3.z, c4.z, c5.z));
    line(image, top + 3u, left, channel, transform(c0.w, c1.w, c2.w, c3.w, c4.w, c5.w));
}
