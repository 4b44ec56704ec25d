// The only slice has all input channels: its sums are complete.

fn complete(sums: Sums, layer: u32, pixel: u32, vector: u32, thread: vec3u) {
    store(layer, pixel, vector, sums.low0);
    store(layer, pixel, vector + 1u, sums.high0);
    store(layer, pixel + 1u, vector, sums.low1);
    store(layer, pixel + 1u, vector + 1u, sums.high1);
    store(layer, pixel + 2u, vector, sums.low2);
    store(layer, pixel + 2u, vector + 1u, sums.high2);
    store(layer, pixel + 3u, vector, sums.low3);
    store(layer, pixel + 3u, vector + 1u, sums.high3);
}
