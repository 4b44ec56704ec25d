// Pads the image with a border of zeros, and with zeros for the channels that it lacks:
// [N, H, W, C] → [N, H + 2P, W + 2P, C'].

struct Sizes {
    count: u32, // elements of the result
    channels: u32,
    padded_channels: u32,
    border: u32, // P
    in_height: u32,
    in_width: u32,
}

@group(0) @binding(0) var<storage, {{ inputs }}> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> sizes: Sizes;

fn compute(index: u32) {
    let channel = index % sizes.padded_channels;
    let pixel = index / sizes.padded_channels;
    let width = sizes.in_width + 2u * sizes.border;
    let height = sizes.in_height + 2u * sizes.border;
    // Below 0 this wraps around, and is then too large as well.
    let column = pixel % width - sizes.border;
    let row = pixel / width % height - sizes.border;
    let image = pixel / width / height;
    let inside = channel < sizes.channels && row < sizes.in_height && column < sizes.in_width;
    let source = ((image * sizes.in_height + row) * sizes.in_width + column) * sizes.channels + channel;
    y[index] = select(0.0, x[select(0u, source, inside)], inside);
}
