// Adds up the slices' sums, always in the same order. The threads of each slice add their share of the eight sums.

const PLACES = 8u * ROWS; // threads per slice
const SHARE = 8u / SPLIT_K;

// [slices, 8 sums, threads per slice]
var<workgroup> parts: array<vec4f, 512>;

fn complete(sums: Sums, layer: u32, pixel: u32, vector: u32, thread: vec3u) {
    let place = thread.y * 8u + thread.x;
    let part = thread.z * 8u * PLACES + place;
    parts[part] = sums.low0;
    parts[part + PLACES] = sums.high0;
    parts[part + 2u * PLACES] = sums.low1;
    parts[part + 3u * PLACES] = sums.high1;
    parts[part + 4u * PLACES] = sums.low2;
    parts[part + 5u * PLACES] = sums.high2;
    parts[part + 6u * PLACES] = sums.low3;
    parts[part + 7u * PLACES] = sums.high3;
    workgroupBarrier();
    for (var i = thread.z * SHARE; i < (thread.z + 1u) * SHARE; i++) {
        var sum = vec4f();
        for (var slice = 0u; slice < SPLIT_K; slice++) {
            sum += parts[(slice * 8u + i) * PLACES + place];
        }
        store(layer, pixel + i / 2u, vector + i % 2u, sum);
    }
}
