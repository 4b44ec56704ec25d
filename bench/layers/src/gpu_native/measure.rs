//! Takes the times.

use std::time::Instant;

use anyhow::{Result, ensure};
use reslens::session::{Cpu, Options, Session, Taps, WebGpu};

use crate::report::{Frames, Summary};

/// Largest difference between the engines, relative to the largest logit.
const TOLERANCE: f32 = 1e-3;

/// Whole frames: from an input in memory to logits, or logits and all maps, in memory.
pub async fn frames(
    session: &Session<WebGpu>,
    cpu: &Session<Cpu>,
    size: usize,
    warmup: u32,
    rounds: u32,
) -> Result<Vec<Frames>> {
    let shape = [1, 3, size, size];
    let input: Vec<f32> = (0..3 * size * size).map(|i| (i as f32 * 0.37).sin()).collect();
    let kinds = [("logits", "none"), ("logits and all maps", "all")].map(|(what, taps)| {
        (what, Options { taps: Some(Taps::Word(taps.into())), ..Options::default() })
    });
    let expected = cpu.logits(&input, shape, &kinds[0].1).await?.logits;
    let mut samples = kinds.each_ref().map(|_| Vec::new());
    for round in 0..warmup + rounds {
        for ((what, options), samples) in kinds.iter().zip(&mut samples) {
            let start = Instant::now();
            let logits = session.logits(&input, shape, options).await?.logits;
            let ms = start.elapsed().as_secs_f64() * 1e3;
            let off = deviation(&logits, &expected);
            ensure!(off <= TOLERANCE, "{what}: off by {off:e} from the CPU engine's");
            if round >= warmup {
                samples.push(ms);
            }
        }
    }
    let summaries = kinds
        .iter()
        .zip(samples)
        .map(|((what, _), samples)| Frames { what: (*what).into(), ms: Summary::new(samples) });
    Ok(summaries.collect())
}

/// max |a − b| / max |b|.
fn deviation(a: &[f32], b: &[f32]) -> f32 {
    let largest = |values: &mut dyn Iterator<Item = f32>| {
        values.fold(
            0.0f32,
            |most, value| if value.is_nan() { f32::INFINITY } else { most.max(value.abs()) },
        )
    };
    largest(&mut a.iter().zip(b).map(|(a, b)| a - b)) / largest(&mut b.iter().copied())
}
