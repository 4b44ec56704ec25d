// The end of a residual block: ReLU(F(x) + shortcut).
//
// shortcut  [N, H', W', O]

@group(0) @binding(4) var<storage, {{ inputs }}> shortcut: array<f32>;
@group(0) @binding(5) var<uniform> sizes: Sizes;

fn finish(sum: f32, index: u32, channel: u32) -> f32 {
    return max(sum + bias[channel] + shortcut[index], 0.0);
}
