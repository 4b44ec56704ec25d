// Mean over all pixels and the fully connected layer: [N, P, C], [O, C], [O] → [N, C + O].
//
// A workgroup computes 16 logits of an image, with four threads each. It needs all means and computes them itself:
// these additions cost less than another dispatch and a round trip through memory.

const CHANNELS = {{ channels }}u; // C
const VECTORS = {{ channel_vectors }}u; // C / 4
const CLASSES = 16u; // per workgroup
const LANES = 4u; // threads per logit

struct Sizes {
    pixels: u32, // P
    classes: u32, // O
}

@group(0) @binding(0) var<storage, {{ inputs }}> x: array<vec4f>;
@group(0) @binding(1) var<storage, {{ inputs }}> weights: array<vec4f>;
@group(0) @binding(2) var<storage, {{ inputs }}> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
@group(0) @binding(4) var<uniform> sizes: Sizes;

var<workgroup> embedding: array<vec4f, VECTORS>;
var<workgroup> parts: array<f32, 64>;

@compute @workgroup_size(64)
fn main(
    @builtin(local_invocation_index) thread: u32,
    @builtin(workgroup_id) group: vec3u,
) {
    let image = group.y;
    let row = image * (CHANNELS + sizes.classes);
    for (var vector = thread; vector < VECTORS; vector += 64u) {
        var sum = vec4f();
        for (var pixel = 0u; pixel < sizes.pixels; pixel++) {
            sum += x[(image * sizes.pixels + pixel) * VECTORS + vector];
        }
        let mean = sum / f32(sizes.pixels);
        embedding[vector] = mean;
        if group.x == 0u {
            for (var i = 0u; i < 4u; i++) {
                y[row + vector * 4u + i] = mean[i];
            }
        }
    }
    workgroupBarrier();

    let label = group.x * CLASSES + thread / LANES;
    var sum = vec4f();
    if label < sizes.classes {
        for (var vector = thread % LANES; vector < VECTORS; vector += LANES) {
            sum = fma(embedding[vector], weights[label * VECTORS + vector], sum);
        }
    }
    parts[thread] = dot(sum, vec4f(1.0));
    workgroupBarrier();

    if thread % LANES == 0u && label < sizes.classes {
        let logit = parts[thread] + parts[thread + 1u] + parts[thread + 2u] + parts[thread + 3u];
        y[row + CHANNELS + label] = logit + bias[label];
    }
}
