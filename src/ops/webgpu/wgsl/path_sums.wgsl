// Sums over the elements of a block's two paths, in one pass over both: [E], [E] → [workgroups, 6], in the
// order of src/ops/path_sums.rs.
//
// A workgroup sums a run of elements: each thread every 64th vector of it, then six threads one sum each over all
// threads, behind a single barrier. The sums of the runs are few; they are added after the read-back, in double
// precision, which saves a dispatch.

const THREADS = 64u;
const RUN = {{ run_vectors }}u; // vectors per workgroup

struct Sizes {
    vectors: u32, // E / 4
}

@group(0) @binding(0) var<storage, {{ inputs }}> shortcut: array<vec4f>;
@group(0) @binding(1) var<storage, {{ inputs }}> residual: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform> sizes: Sizes;

var<workgroup> sums: array<array<f32, 6>, THREADS>;

@compute @workgroup_size(64)
fn main(
    @builtin(local_invocation_index) thread: u32,
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
) {
    let run = group.y * groups.x + group.x;
    let end = min((run + 1u) * RUN, sizes.vectors);
    var squares = vec4f(); // Σ s², Σ r², Σ s·r, Σ (s + r)²
    var shown = vec2f(); // Σ max(s + r, 0)², the number of s + r below 0
    for (var index = run * RUN + thread; index < end; index += THREADS) {
        let s = shortcut[index];
        let r = residual[index];
        let sum = s + r;
        let output = max(sum, vec4f());
        squares += vec4f(dot(s, s), dot(r, r), dot(s, r), dot(sum, sum));
        shown += vec2f(dot(output, output), dot(select(vec4f(), vec4f(1.0), sum < vec4f()), vec4f(1.0)));
    }
    sums[thread] = array(squares.x, squares.y, squares.z, squares.w, shown.x, shown.y);
    workgroupBarrier();
    if thread < 6u && run * RUN < sizes.vectors {
        var total = 0.0;
        for (var i = 0u; i < THREADS; i++) {
            total += sums[i][thread];
        }
        y[run * 6u + thread] = total;
    }
}
