//! The small operations at both ends of the network: max-pool, mean-pool, fully connected layer.

use super::parallel::for_each_chunk;

/// Computes the 3×3 maximum with stride 2 and padding 1: `[N, H, W, C]` → `[N, H', W', C]`.
pub fn max_pool(x: &[f32], [_, h, w, c]: [usize; 4], out: &mut [f32]) {
    let (out_h, out_w) = (h.div_ceil(2), w.div_ceil(2));
    for_each_chunk(out, out_w * c, |row, out| {
        out.fill(f32::NEG_INFINITY);
        let (image, y) = (row / out_h, row % out_h);
        for from_y in (2 * y).saturating_sub(1)..(2 * y + 2).min(h) {
            let line = &x[(image * h + from_y) * w * c..][..w * c];
            for (x_, out) in out.chunks_exact_mut(c).enumerate() {
                let window = (2 * x_).saturating_sub(1)..(2 * x_ + 2).min(w);
                for pixel in line[window.start * c..window.end * c].chunks_exact(c) {
                    for (most, value) in out.iter_mut().zip(pixel) {
                        *most = if *value > *most { *value } else { *most };
                    }
                }
            }
        }
    });
}

/// Computes the mean over all pixels and the fully connected layer: `[N, P, C]`, `[O, C]`, `[O]` → `[N, C + O]`.
pub fn head(x: &[f32], weights: &[f32], bias: &[f32], [pixels, c]: [usize; 2], out: &mut [f32]) {
    for (image, out) in x.chunks_exact(pixels * c).zip(out.chunks_exact_mut(c + bias.len())) {
        let (embedding, logits) = out.split_at_mut(c);
        mean_pool(image, embedding);
        linear(embedding, weights, bias, logits);
    }
}

/// Computes the mean over the pixels: `[P, C]` → `[C]`.
fn mean_pool(image: &[f32], out: &mut [f32]) {
    let pixels = image.len() / out.len();
    out.fill(0.0);
    for pixel in image.chunks_exact(out.len()) {
        for (sum, value) in out.iter_mut().zip(pixel) {
            *sum += value;
        }
    }
    for sum in out {
        *sum /= pixels as f32;
    }
}

/// Computes `weights · x + bias`: `[C]`, `[O, C]`, `[O]` → `[O]`.
fn linear(x: &[f32], weights: &[f32], bias: &[f32], out: &mut [f32]) {
    for ((out, weights), bias) in out.iter_mut().zip(weights.chunks_exact(x.len())).zip(bias) {
        *out = dot(x, weights) + bias;
    }
}

/// Returns the sum of products, in eight independent sums so that it can be vectorised.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a, a_rest) = a.as_chunks::<8>();
    let (b, b_rest) = b.as_chunks::<8>();
    let mut sums = [0.0f32; 8];
    for (a, b) in a.iter().zip(b) {
        for lane in 0..8 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
}
