// One thread for each of the `sizes.count` elements of the result. Workgroups are laid out in as many rows as needed,
// since a dispatch may be at most 65535 wide.

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let index = id.y * groups.x * 64u + id.x;
    if index < sizes.count {
        compute(index);
    }
}
