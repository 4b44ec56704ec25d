// 3×3 maximum with stride 2 and padding 1: [N, H, W, C] → [N, H', W', C].

struct Sizes {
    count: u32, // N · H' · W' · C
    channels: u32,
    in_height: u32,
    in_width: u32,
    out_height: u32,
    out_width: u32,
}

@group(0) @binding(0) var<storage, {{ inputs }}> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> sizes: Sizes;

fn compute(index: u32) {
    let channels = sizes.channels;
    let width = sizes.in_width;
    let channel = index % channels;
    let pixel = index / channels;
    let column = pixel % sizes.out_width;
    let row = pixel / sizes.out_width % sizes.out_height;
    let image = pixel / sizes.out_width / sizes.out_height;
    // The window without its padding; its centre is always inside.
    let top = max(row * 2u, 1u) - 1u;
    let bottom = min(row * 2u + 1u, sizes.in_height - 1u);
    let left = max(column * 2u, 1u) - 1u;
    let right = min(column * 2u + 1u, width - 1u);
    let first = image * sizes.in_height * width;
    var most = x[(first + row * 2u * width + column * 2u) * channels + channel];
    for (var y_ = top; y_ <= bottom; y_++) {
        for (var x_ = left; x_ <= right; x_++) {
            most = max(most, x[(first + y_ * width + x_) * channels + channel]);
        }
    }
    y[index] = most;
}
