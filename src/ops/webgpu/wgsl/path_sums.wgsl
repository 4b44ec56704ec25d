// Sums over the elements of a block's two paths, in one pass over both: [E], [E] → [workgroups, 6], in the
// order of src/ops/path_sums.rs.
//
// A workgroup sums a run of elements: each thread every 64th vector of it, then the threads pairwise. The sums of the
// runs are few; they are added after the read-back, in double precision, which saves a dispatch.

const THREADS = 64u;
const RUN = {{ run_vectors }}u; // vectors per workgroup

struct Sizes {
    vectors: u32, // E / 4
}

// Σ s², Σ r², Σ s·r, Σ (s + r)²; then Σ max(s + r, 0)² and the number of s + r below 0.
struct Sums {
    four: vec4f,
    two: vec2f,
}

@group(0) @binding(0) var<storage, {{ inputs }}> shortcut: array<vec4f>;
@group(0) @binding(1) var<storage, {{ inputs }}> residual: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform> sizes: Sizes;

var<workgroup> sums: array<Sums, THREADS>;

@compute @workgroup_size(64)
fn main(
    @builtin(local_invocation_index) thread: u32,
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
) {
    let run = group.y * groups.x + group.x;
    let end = min((run + 1u) * RUN, sizes.vectors);
    var own = Sums();
    for (var index = run * RUN + thread; index < end; index += THREADS) {
        let s = shortcut[index];
        let r = residual[index];
        let sum = s + r;
        let output = max(sum, vec4f());
        own.four += vec4f(dot(s, s), dot(r, r), dot(s, r), dot(sum, sum));
        own.two += vec2f(dot(output, output), dot(select(vec4f(), vec4f(1.0), sum < vec4f()), vec4f(1.0)));
    }
    sums[thread] = own;
    for (var stride = THREADS / 2u; stride > 0u; stride /= 2u) {
        workgroupBarrier();
        if thread < stride {
            sums[thread].four += sums[thread + stride].four;
            sums[thread].two += sums[thread + stride].two;
        }
    }
    // No barrier is needed: thread 0 wrote sums[0] itself.
    if thread == 0u && run * RUN < sizes.vectors {
        let total = sums[0];
        for (var i = 0u; i < 4u; i++) {
            y[run * 6u + i] = total.four[i];
        }
        y[run * 6u + 4u] = total.two.x;
        y[run * 6u + 5u] = total.two.y;
    }
}
