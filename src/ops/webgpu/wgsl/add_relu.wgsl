// max(a + b, 0).

fn apply(a: f32, b: f32) -> f32 {
    return max(a + b, 0.0);
}
