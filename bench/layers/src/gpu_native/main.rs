//! `gpu-native`: times the WebGPU engine's kernels on the machine's own GPU driver, without a browser.
//! `cargo xtask bench gpu-native` runs it.

#[path = "../../../../tests/common/generator.rs"]
#[allow(dead_code, reason = "the tests need more of it")]
mod generator;
mod measure;
mod report;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Parser, builder::PossibleValuesParser};
use pollster::block_on;
use reslens::arch::{ARCHITECTURES, Architecture};
use reslens::gpu::{Gpu, OpenOptions};
use reslens::session::Session;
use reslens_bench_layers::gpu;

use report::Report;

/// Measure the WebGPU engine natively, on the fastest adapter that there is: whole frames by the
/// clock, each kernel of each layer by the GPU's own timestamps, where it has them.
///
/// The logits are compared with the CPU engine's first.
#[derive(Parser)]
#[command(name = "cargo xtask bench gpu-native", bin_name = "cargo xtask bench gpu-native")]
struct Args {
    /// Network, with seeded weights and 1000 classes
    #[arg(long, value_name = "NAME", default_value = "resnet18", conflicts_with = "model")]
    #[arg(value_parser = PossibleValuesParser::new(ARCHITECTURES.map(|row| row.name)))]
    architecture: String,

    /// Safetensors file of another network than the seeded one
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,

    /// Height and width of the input: a multiple of 32 up to 1024
    #[arg(long, value_name = "PIXELS", default_value_t = 224)]
    size: usize,

    /// Rounds that count
    #[arg(long, value_name = "N", default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,

    /// Rounds before them that do not
    #[arg(long, value_name = "N", default_value_t = 3)]
    warmup: u32,

    /// Folder to write the report to, as Markdown and as JSON
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let report = block_on(run(&args))?;
    print!("{report}");
    if let Some(folder) = &args.out {
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
        let files = [
            ("gpu-native.md", report.to_string()),
            ("gpu-native.json", serde_json::to_string_pretty(&report)?),
        ];
        for (name, text) in files {
            let path = folder.join(name);
            fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        }
    }
    Ok(())
}

async fn run(args: &Args) -> Result<Report> {
    let file = match &args.model {
        Some(path) => fs::read(path).with_context(|| format!("cannot read {}", path.display()))?,
        None => generator::checkpoint(architecture(&args.architecture)?, 1000),
    };
    let options = OpenOptions { timestamps: true, ..OpenOptions::default() };
    let gpu = Gpu::open_with(options).await?;
    let adapter = report::adapter(gpu.adapter_info());
    eprintln!("{adapter}");
    let cpu = Session::load(file.clone())?;
    let session = Session::load_on(gpu, file).await?;
    session.check(&cpu.probe().await?).await?;

    let name = session.model().architecture.to_string();
    let frames = measure::frames(&session, &cpu, args.size, args.warmup, args.rounds).await?;
    let network = architecture(&name)?;
    let layers = gpu::time(session.gpu(), network, args.size, args.warmup, args.rounds).await;
    let layers = layers.unwrap_or_else(|error| {
        eprintln!("no times of layers: {error}");
        vec![]
    });
    Ok(Report { adapter, network: name, size: args.size, rounds: args.rounds, frames, layers })
}

fn architecture(name: &str) -> Result<Architecture> {
    Architecture::by_name(name).with_context(|| format!("no network is called {name}"))
}
