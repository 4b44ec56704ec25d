// Reads a convolution's input where no window extends beyond it: a whole row of the window at once, since its pixels
// are contiguous.

struct Tap {
    address: u32,
}

fn tap(at: Window, ky: u32, kx: u32) -> Tap {
    let pixel = at.image + (u32(at.top) + ky) * sizes.in_width + u32(at.left) + kx;
    return Tap(pixel * sizes.input_vectors);
}

fn load(tap: Tap, vector: u32) -> vec4f {
    return x[tap.address + vector];
}
