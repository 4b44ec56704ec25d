//! Takes the times.

use std::time::Instant;

use anyhow::{Result, anyhow, ensure};
use burn::tensor::Device;
use reslens::model::arch::Architecture;
use reslens::ops::webgpu::profile::{Launch, profile};
use reslens::session::{Options, Session, Taps};
use reslens_bench_layers::{Layer, lay_out};

use crate::report::{Frames, Kernel, Summary, TimedLayer};

/// Largest difference between the engines, relative to the largest logit.
const TOLERANCE: f32 = 1e-3;

/// Whole frames: from an input in memory to logits, or logits and all maps, in memory.
pub async fn frames(
    session: &Session,
    cpu: &Session,
    size: usize,
    warmup: u32,
    rounds: u32,
) -> Result<Vec<Frames>> {
    let shape = [1, 3, size, size];
    let input: Vec<f32> = (0..3 * size * size).map(|i| (i as f32 * 0.37).sin()).collect();
    let kinds = [("logits", "none"), ("logits and all maps", "all")].map(|(what, taps)| {
        (what, Options { taps: Some(Taps::Word(taps.into())), ..Options::default() })
    });
    let (expected, _) = cpu.logits(&input, shape, &kinds[0].1).await?;
    let mut samples = kinds.each_ref().map(|_| Vec::new());
    for round in 0..warmup + rounds {
        for ((what, options), samples) in kinds.iter().zip(&mut samples) {
            let start = Instant::now();
            let (logits, _) = session.logits(&input, shape, options).await?;
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

/// Every layer by itself.
pub async fn layers(
    architecture: Architecture,
    size: usize,
    device: &Device,
    warmup: u32,
    rounds: u32,
) -> Result<Vec<TimedLayer>> {
    let layers = lay_out(architecture, size, device);
    let mut launches = Vec::new();
    launches.resize_with(layers.len(), Vec::new);
    for round in 0..warmup + rounds {
        for ((_, run), launches) in layers.iter().zip(&mut launches) {
            let timed = profile(run).await.map_err(|error| anyhow!("{error:?}"))?;
            if round >= warmup {
                launches.push(timed);
            }
        }
    }
    Ok(layers.into_iter().zip(launches).map(|((layer, _), rounds)| timed(layer, &rounds)).collect())
}

/// A layer whose launches were timed round by round: the same ones in every round.
fn timed(layer: Layer, rounds: &[Vec<Launch>]) -> TimedLayer {
    let kernels = (0..rounds[0].len()).map(|index| {
        let Launch { kernel, bytes, by_gpu, .. } = rounds[0][index];
        let ms = rounds.iter().map(|launches| launches[index].time.as_secs_f64() * 1e3).collect();
        Kernel { name: kernel.into(), bytes, by_gpu, ms: Summary::new(ms) }
    });
    let Layer { name, output, direct, .. } = layer;
    TimedLayer { name, output, megaproducts: direct, kernels: kernels.collect() }
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
