// Places the threads of a convolution and reads the weights of four input channels: each thread reads each row when it
// needs it.

struct Rows {
    row: u32,
}

// Along x lie channels: neighbours read neighbouring weights.
fn place(index: u32) -> vec3u {
    return vec3u(index % 8u, index / 8u % ROWS, index / 8u / ROWS);
}

fn is_needed(thread: vec3u, pixel: u32, vector: u32) -> bool {
    return vector * 4u < sizes.output && pixel < sizes.pixels;
}

fn load_rows(row: u32, thread: vec3u) -> Rows {
    return Rows(row);
}

fn row0_low(four: Rows) -> vec4f {
    return vec4f(weights[four.row]);
}

fn row0_high(four: Rows) -> vec4f {
    return vec4f(weights[four.row + 1u]);
}

fn row1_low(four: Rows) -> vec4f {
    return vec4f(weights[four.row + BLOCK_VECTORS]);
}

fn row1_high(four: Rows) -> vec4f {
    return vec4f(weights[four.row + BLOCK_VECTORS + 1u]);
}

fn row2_low(four: Rows) -> vec4f {
    return vec4f(weights[four.row + 2u * BLOCK_VECTORS]);
}

fn row2_high(four: Rows) -> vec4f {
    return vec4f(weights[four.row + 2u * BLOCK_VECTORS + 1u]);
}

fn row3_low(four: Rows) -> vec4f {
    return vec4f(weights[four.row + 3u * BLOCK_VECTORS]);
}

fn row3_high(four: Rows) -> vec4f {
    return vec4f(weights[four.row + 3u * BLOCK_VECTORS + 1u]);
}
