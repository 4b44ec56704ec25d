// One thread for each of `sizes.count` elements of the result, in as many rows of workgroups as it
// takes: a dispatch may be no wider than 65535.

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let index = id.y * groups.x * 64u + id.x;
    if index < sizes.count {
        compute(index);
    }
}
