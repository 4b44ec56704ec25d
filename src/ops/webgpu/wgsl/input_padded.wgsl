// Reads a convolution's input where windows extend beyond it: zeros in the padding.

// One pixel of a window: its address, or address 0 and factor 0 in the padding.
struct Tap {
    address: u32,
    inside: f32,
}

fn tap(at: Window, ky: u32, kx: u32) -> Tap {
    let row = at.top + i32(ky);
    let column = at.left + i32(kx);
    let inside = row >= 0 && row < i32(sizes.in_height)
        && column >= 0 && column < i32(sizes.in_width);
    let pixel = at.image + u32(row) * sizes.in_width + u32(column);
    return Tap(select(0u, pixel * sizes.input_vectors, inside), select(0.0, 1.0, inside));
}

fn load(tap: Tap, vector: u32) -> vec4f {
    return x[tap.address + vector] * tap.inside;
}
