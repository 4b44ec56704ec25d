// The end of a residual block: ReLU(F(x) + shortcut).
//
// shortcut  [N, H', W', O]

@group(0) @binding({{ first_binding }}) var<storage, {{ inputs }}> bias: array<f32>;
@group(0) @binding({{ second_binding }}) var<storage, {{ inputs }}> shortcut: array<f32>;
@group(0) @binding({{ third_binding }}) var<uniform> sizes: Sizes;

fn finish(sum: f32, index: u32, channel: u32) -> f32 {
    return max(sum + bias[channel] + shortcut[index], 0.0);
}
