//! The results as Markdown and as JSON.

use std::fmt;

use reslens::gpu::wgpu::AdapterInfo;
use reslens_bench_layers::gpu::{GpuLayer, Kernel};
use serde::Serialize;

/// All measurements.
#[derive(Serialize)]
pub struct Report {
    pub adapter: String,
    pub network: String,
    pub size: usize,
    pub rounds: u32,
    pub frames: Vec<Frames>,
    /// None if the adapter has no timestamps.
    pub layers: Vec<GpuLayer>,
}

/// Whole frames of one kind.
#[derive(Serialize)]
pub struct Frames {
    pub what: String,
    pub ms: Summary,
}

/// A summary of some times.
#[derive(Serialize)]
pub struct Summary {
    pub min: f64,
    pub median: f64,
    /// By nearest rank.
    pub p95: f64,
}

impl Summary {
    /// Summarises at least one sample.
    pub fn new(mut samples: Vec<f64>) -> Self {
        samples.sort_by(f64::total_cmp);
        let rank = |share: f64| samples[(share * samples.len() as f64).ceil() as usize - 1];
        let half = samples.len() / 2;
        let even = samples.len().is_multiple_of(2);
        let below = if even { half - 1 } else { half };
        Self { min: samples[0], median: (samples[below] + samples[half]) / 2.0, p95: rank(0.95) }
    }
}

fn median(kernel: &Kernel) -> f64 {
    Summary::new(kernel.ms.clone()).median
}

/// All kernels of some layers.
fn ms(layers: &[GpuLayer]) -> f64 {
    layers.iter().flat_map(|layer| &layer.kernels).map(median).sum()
}

fn bytes(layers: &[GpuLayer]) -> u64 {
    layers.iter().flat_map(|layer| &layer.kernels).map(|kernel| kernel.bytes).sum()
}

fn kernel_times(layer: &GpuLayer) -> String {
    let each = layer.kernels.iter();
    each.map(|kernel| format!("{} {:.3}", kernel.name, median(kernel)))
        .collect::<Vec<_>>()
        .join(" + ")
}

/// Describes the adapter by its own name, with its driver.
pub fn adapter(info: &AdapterInfo) -> String {
    let AdapterInfo { name, driver, driver_info, backend, device_type, .. } = info;
    format!("{name} ({device_type:?}, {backend}, {driver} {driver_info})")
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { adapter, network, size, rounds, frames, layers } = self;
        writeln!(f, "# {network} at {size}×{size}, natively\n")?;
        writeln!(f, "On {adapter}; {rounds} rounds.\n")?;
        writeln!(f, "| a frame | min ms | median ms | p95 ms |\n| --- | ---: | ---: | ---: |")?;
        for Frames { what, ms } in frames {
            writeln!(f, "| {what} | {:.2} | {:.2} | {:.2} |", ms.min, ms.median, ms.p95)?;
        }
        if layers.is_empty() {
            return Ok(());
        }
        writeln!(f, "\n## Each layer, by the GPU's timestamps\n")?;
        writeln!(
            f,
            "GFLOP/s are those of a direct convolution; MB are inputs, weights and outputs"
        )?;
        writeln!(f, "of all kernels, each moved once.\n")?;
        writeln!(f, "| layer | output | ms | GFLOP/s | MB | GB/s | kernels, ms |")?;
        writeln!(f, "| --- | --- | ---: | ---: | ---: | ---: | --- |")?;
        for layer in layers {
            let [h, w, c] = layer.output;
            let output = format!("{h}×{w}×{c}");
            let one = std::slice::from_ref(layer);
            let rest = numbers(ms(one), layer.direct, bytes(one));
            writeln!(f, "| {} | {output} | {rest} | {} |", layer.name, kernel_times(layer))?;
        }
        let direct = layers.iter().map(|layer| layer.direct).sum();
        writeln!(f, "| **all** | | {} | |", numbers(ms(layers), direct, bytes(layers)))
    }
}

/// Formats the columns from the time to the bandwidth.
fn numbers(ms: f64, megaproducts: f64, bytes: u64) -> String {
    let megabytes = bytes as f64 / 1e6;
    format!("{ms:.3} | {:.1} | {megabytes:.1} | {:.1}", 2.0 * megaproducts / ms, megabytes / ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_are_those_of_sorted_samples() {
        let Summary { min, median, p95 } = Summary::new(vec![4.0, 1.0, 3.0, 2.0]);
        assert_eq!([min, median, p95], [1.0, 2.5, 4.0]);
        let Summary { min, median, p95 } = Summary::new(vec![7.0]);
        assert_eq!([min, median, p95], [7.0, 7.0, 7.0]);
    }

    #[test]
    fn speed_is_work_by_time() {
        // 2 million products are 4 MFLOP; here in half a millisecond.
        assert_eq!(numbers(0.5, 2.0, 3_000_000), "0.500 | 8.0 | 3.0 | 6.0");
    }
}
