//! Class activation maps of a network's last block. There are few pixels, so one thread computes them.

/// Independent sums of a pixel: two vectors.
const LANES: usize = 8;

/// Writes the maps of shortcut, residual and output, `[P, C]` each, for the class with these `weights`, `[C]`:
/// `[3, P]`.
pub fn cam(parts: [&[f32]; 3], weights: &[f32], out: &mut [f32]) {
    let channels = weights.len();
    let pixels = out.len() / 3;
    let [shortcut, residual, output] = parts.map(|part| part.chunks_exact(channels));
    for (pixel, ((shortcut, residual), output)) in shortcut.zip(residual).zip(output).enumerate() {
        for (map, part) in [shortcut, residual, output].into_iter().enumerate() {
            out[map * pixels + pixel] = evidence(part, output, weights) / pixels as f32;
        }
    }
}

/// Returns Σ weight × part over the channels in which the output is above 0.
fn evidence(part: &[f32], output: &[f32], weights: &[f32]) -> f32 {
    let term = |part: f32, output: f32, weight: f32| if output > 0.0 { weight * part } else { 0.0 };
    let (parts, part_rest) = part.as_chunks::<LANES>();
    let (outputs, output_rest) = output.as_chunks::<LANES>();
    let (weights, weight_rest) = weights.as_chunks::<LANES>();
    let mut sums = [0.0f32; LANES];
    for ((part, output), weight) in parts.iter().zip(outputs).zip(weights) {
        for lane in 0..LANES {
            sums[lane] += term(part[lane], output[lane], weight[lane]);
        }
    }
    let rest = part_rest.iter().zip(output_rest).zip(weight_rest);
    let rest: f32 = rest.map(|((part, output), weight)| term(*part, *output, *weight)).sum();
    sums.iter().sum::<f32>() + rest
}
