// The end of a convolution: bias, then ReLU on request.

const RELU = {{ relu }}u;

@group(0) @binding({{ first_binding }}) var<storage, {{ inputs }}> bias: array<f32>;
@group(0) @binding({{ second_binding }}) var<uniform> sizes: Sizes;

fn finish(sum: f32, index: u32, channel: u32) -> f32 {
    let value = sum + bias[channel];
    return select(value, max(value, 0.0), RELU != 0u);
}
