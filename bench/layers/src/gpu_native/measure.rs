//! Measures the times.

use std::time::Instant;

use anyhow::{Result, ensure};
use reslens::session::{Blocks, CamOption, Cpu, Options, Session, SweepOptions, WebGpu};

use crate::report::{Frames, Summary};

/// Largest difference between the engines, relative to the largest logit.
const TOLERANCE: f32 = 1e-3;

/// Times whole frames, from an input in memory to the answer in memory: the logits alone, and with each further part
/// that a caller may request. Then times a whole sweep over the blocks.
///
/// # Errors
/// If the logits are not those of the CPU engine.
pub async fn frames(
    session: &Session<WebGpu>,
    cpu: &Session<Cpu>,
    size: usize,
    warmup: u32,
    rounds: u32,
) -> Result<Vec<Frames>> {
    let shape = [1, 3, size, size];
    let input: Vec<f32> = (0..3 * size * size).map(|i| (i as f32 * 0.37).sin()).collect();
    let expected = cpu.logits(&input, shape, &Options::default()).await?.logits;
    let kinds = kinds();
    let mut samples = kinds.each_ref().map(|_| Vec::new());
    let mut sweeps = Vec::new();
    for round in 0..warmup + rounds {
        let counts = round >= warmup;
        for ((what, options), samples) in kinds.iter().zip(&mut samples) {
            let start = Instant::now();
            let logits = session.logits(&input, shape, options).await?.logits;
            let ms = start.elapsed().as_secs_f64() * 1e3;
            let off = deviation(&logits, &expected);
            ensure!(off <= TOLERANCE, "{what}: off by {off:e} from the CPU engine's");
            if counts {
                samples.push(ms);
            }
        }
        let start = Instant::now();
        sweep(session, &input, shape).await?;
        if counts {
            sweeps.push(start.elapsed().as_secs_f64() * 1e3);
        }
    }
    let frames = kinds.iter().map(|(what, _)| *what).zip(samples);
    let all = frames.chain([("a sweep over the blocks", sweeps)]);
    Ok(all.map(|(what, samples)| Frames { what: what.into(), ms: Summary::new(samples) }).collect())
}

/// The further parts beside the logits, by name.
fn kinds() -> [(&'static str, Options); 5] {
    let all = || Some(Blocks::Word("all".into()));
    let taps = || Options { taps: all(), ..Options::default() };
    let stats = || Options { stats: all(), ..taps() };
    [
        ("logits", Options::default()),
        ("logits and all maps", taps()),
        ("logits, all maps and statistics", stats()),
        (
            "logits, all maps, statistics and cam",
            Options { cam: Some(CamOption::Top(true)), ..stats() },
        ),
        ("logits and cam", Options { cam: Some(CamOption::Top(true)), ..Options::default() }),
    ]
}

/// Leaves F(x) out of each block in turn.
async fn sweep(session: &Session<WebGpu>, input: &[f32], shape: [usize; 4]) -> Result<()> {
    let sweep = session.sweep_image(input, shape, &SweepOptions::default()).await?;
    for block in 0..session.model().blocks.len() {
        session.sweep_block(&sweep, block).await?;
    }
    Ok(())
}

/// Returns max |a − b| / max |b|.
fn deviation(a: &[f32], b: &[f32]) -> f32 {
    let largest = |values: &mut dyn Iterator<Item = f32>| {
        values.fold(
            0.0f32,
            |most, value| if value.is_nan() { f32::INFINITY } else { most.max(value.abs()) },
        )
    };
    largest(&mut a.iter().zip(b).map(|(a, b)| a - b)) / largest(&mut b.iter().copied())
}
