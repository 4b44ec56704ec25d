// Class activation maps of a network's last block: shortcut, residual, output [P, C], the result of head.wgsl [C + O],
// weights [O, C] → [3, P].
//
// A workgroup computes one pixel of the three maps. If the class with the largest logit is wanted, each workgroup finds
// it by itself: these few comparisons cost less than another dispatch.

const THREADS = 64u;
const TOP = 0xffffffffu;

struct Sizes {
    pixels: u32, // P
    vectors: u32, // C / 4
    classes: u32, // O
}

// The only words that change from frame to frame.
struct Wanted {
    label: u32, // index of the class, or TOP
}

@group(0) @binding(0) var<storage, {{ inputs }}> shortcut: array<vec4f>;
@group(0) @binding(1) var<storage, {{ inputs }}> residual: array<vec4f>;
@group(0) @binding(2) var<storage, {{ inputs }}> output: array<vec4f>;
@group(0) @binding(3) var<storage, {{ inputs }}> head: array<f32>;
@group(0) @binding(4) var<storage, {{ inputs }}> weights: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;
@group(0) @binding(6) var<uniform> wanted: Wanted;
@group(0) @binding(7) var<uniform> sizes: Sizes;

var<workgroup> best: array<u32, THREADS>;
var<workgroup> parts: array<vec3f, THREADS>;

fn logit(label: u32) -> f32 {
    return head[sizes.vectors * 4u + label];
}

// Maps a number to an integer that orders as IEEE 754's total order does.
fn rank(value: f32) -> i32 {
    let bits = bitcast<i32>(value);
    return select(bits, bits ^ 0x7fffffff, bits < 0);
}

// The label with the larger logit; the first one if the logits are equal.
fn winner(a: u32, b: u32) -> u32 {
    let first = min(a, b);
    let second = max(a, b);
    return select(first, second, rank(logit(second)) > rank(logit(first)));
}

@compute @workgroup_size(64)
fn main(
    @builtin(local_invocation_index) thread: u32,
    @builtin(workgroup_id) group: vec3u,
) {
    var label = min(thread, sizes.classes - 1u);
    for (var other = thread + THREADS; other < sizes.classes; other += THREADS) {
        label = winner(label, other);
    }
    best[thread] = label;
    for (var stride = THREADS / 2u; stride > 0u; stride /= 2u) {
        workgroupBarrier();
        if thread < stride {
            best[thread] = winner(best[thread], best[thread + stride]);
        }
    }
    workgroupBarrier();
    label = select(wanted.label, best[0], wanted.label == TOP);

    let pixel = group.x;
    var sums = vec3f();
    for (var vector = thread; vector < sizes.vectors; vector += THREADS) {
        let index = pixel * sizes.vectors + vector;
        let after = output[index];
        let weight = select(vec4f(), weights[label * sizes.vectors + vector], after > vec4f());
        sums += vec3f(dot(weight, shortcut[index]), dot(weight, residual[index]), dot(weight, after));
    }
    parts[thread] = sums;
    for (var stride = THREADS / 2u; stride > 0u; stride /= 2u) {
        workgroupBarrier();
        if thread < stride {
            parts[thread] += parts[thread + stride];
        }
    }
    if thread == 0u {
        let total = parts[0] / f32(sizes.pixels);
        for (var map = 0u; map < 3u; map++) {
            y[map * sizes.pixels + pixel] = total[map];
        }
    }
}
