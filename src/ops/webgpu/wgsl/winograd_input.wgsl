// Winograd F(4×4, 3×3), first step: Bᵀ d B of every tile of 6×6 inputs, [N, H, W, I] → [36, T, I].
//
// One thread for each tile and channel: neighbours read and write neighbouring values.

@group(0) @binding(0) var<storage, {{ inputs }}> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> sizes: Sizes;

struct Six {
    a: f32,
    b: f32,
    c: f32,
    d: f32,
    e: f32,
    f: f32,
}

// Bᵀ d, each pair of points as an even part ± an odd part.
fn transform(d: Six) -> Six {
    let even_a = d.e - 2.0 * d.c;
    let odd_a = A * (d.d - 2.0 * d.b);
    let even_b = d.e - 0.5 * d.c;
    let odd_b = B * (d.d - 0.5 * d.b);
    return Six(
        d.a + d.e - 2.5 * d.c,
        even_a + odd_a,
        even_a - odd_a,
        even_b + odd_b,
        even_b - odd_b,
        d.b + d.f - 2.5 * d.d,
    );
}

// One channel of an image row.
struct Row {
    there: bool,
    first: u32, // address of its first value
    step: u32, // from one value to the next
    width: u32,
}

// A value of a row; 0 outside of the image, where row or column have wrapped around or are too large.
fn load(row: Row, column: u32) -> f32 {
    let inside = row.there && column < row.width;
    return select(0.0, x[select(0u, row.first + column * row.step, inside)], inside);
}

fn line(image: u32, row: u32, column: u32, channel: u32) -> Six {
    let width = sizes.width;
    let channels = sizes.channels;
    let first = (image * sizes.height + row) * width * channels + channel;
    let values = Row(row < sizes.height, first, channels, width);
    return transform(Six(
        load(values, column),
        load(values, column + 1u),
        load(values, column + 2u),
        load(values, column + 3u),
        load(values, column + 4u),
        load(values, column + 5u),
    ));
}

// Stores the six values of a column of the result, which lie 6 frequencies apart.
fn store(column: u32, index: u32, values: Six) {
    let first = column * sizes.count + index;
    let step = 6u * sizes.count;
    y[first] = values.a;
    y[first + step] = values.b;
    y[first + 2u * step] = values.c;
    y[first + 3u * step] = values.d;
    y[first + 4u * step] = values.e;
    y[first + 5u * step] = values.f;
}

fn compute(index: u32) {
    let channel = index % sizes.channels;
    let tile = index / sizes.channels;
    // One pixel of padding on every side: above and left of the image this wraps around.
    let column = tile % sizes.across * 4u - 1u;
    let row = tile / sizes.across % sizes.down * 4u - 1u;
    let image = tile / sizes.across / sizes.down;
    let l0 = line(image, row, column, channel);
    let l1 = line(image, row + 1u, column, channel);
    let l2 = line(image, row + 2u, column, channel);
    let l3 = line(image, row + 3u, column, channel);
    let l4 = line(image, row + 4u, column, channel);
    let l5 = line(image, row + 5u, column, channel);
    store(0u, index, transform(Six(l0.a, l1.a, l2.a, l3.a, l4.a, l5.a)));
    store(1u, index, transform(Six(l0.b, l1.b, l2.b, l3.b, l4.b, l5.b)));
    store(2u, index, transform(Six(l0.c, l1.c, l2.c, l3.c, l4.c, l5.c)));
    store(3u, index, transform(Six(l0.d, l1.d, l2.d, l3.d, l4.d, l5.d)));
    store(4u, index, transform(Six(l0.e, l1.e, l2.e, l3.e, l4.e, l5.e)));
    store(5u, index, transform(Six(l0.f, l1.f, l2.f, l3.f, l4.f, l5.f)));
}
