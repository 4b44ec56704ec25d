// Places the threads of a convolution and reads the weights of four input channels. The four threads of a quad have the
// same channels and different pixels: each reads one row and broadcasts it to the others.

struct Rows {
    low: vec4f,
    high: vec4f,
}

// Quads lie along the pixels, and next to each other along the channels.
fn place(index: u32) -> vec3u {
    let in_slice = index % (8u * ROWS);
    let row = in_slice % 4u + in_slice / 32u * 4u;
    return vec3u(in_slice / 4u % 8u, row, index / (8u * ROWS));
}

// A quad is needed as a whole or not at all: its threads past the end still read for the others.
fn is_needed(thread: vec3u, pixel: u32, vector: u32) -> bool {
    return vector * 4u < sizes.output && pixel - thread.y % 4u * 4u < sizes.pixels;
}

fn load_rows(row: u32, thread: vec3u) -> Rows {
    let own = row + thread.y % 4u * BLOCK_VECTORS;
    return Rows(vec4f(weights[own]), vec4f(weights[own + 1u]));
}

fn row0_low(four: Rows) -> vec4f {
    return quadBroadcast(four.low, 0u);
}

fn row0_high(four: Rows) -> vec4f {
    return quadBroadcast(four.high, 0u);
}

fn row1_low(four: Rows) -> vec4f {
    return quadBroadcast(four.low, 1u);
}

fn row1_high(four: Rows) -> vec4f {
    return quadBroadcast(four.high, 1u);
}

fn row2_low(four: Rows) -> vec4f {
    return quadBroadcast(four.low, 2u);
}

fn row2_high(four: Rows) -> vec4f {
    return quadBroadcast(four.high, 2u);
}

fn row3_low(four: Rows) -> vec4f {
    return quadBroadcast(four.low, 3u);
}

fn row3_high(four: Rows) -> vec4f {
    return quadBroadcast(four.high, 3u);
}
