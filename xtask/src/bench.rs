//! `cargo xtask bench`: speed, compared with other engines.
//!
//! The scripts in `bench/` measure; the code here prepares what they need.

mod gpu_native;
mod loading;
mod packages;
mod python;
mod race;
mod site;

use std::path::PathBuf;

use anyhow::Result;

use crate::project::Project;

/// Measure speed, compared with other engines.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    Cpu(race::Cpu),
    Webgpu(race::WebGpu),
    GpuNative(gpu_native::Args),
    Loading(loading::Args),
}

/// Runs the command.
pub fn run(project: &Project, args: &Args) -> Result<()> {
    match &args.what {
        What::Cpu(command) => race::cpu(project, command),
        What::Webgpu(command) => race::webgpu(project, command),
        What::GpuNative(args) => gpu_native::run(project, args),
        What::Loading(args) => loading::run(project, args),
    }
}

/// Returns the folder of everything that only benchmarks need; outside the clone, like the build.
fn folder(project: &Project) -> PathBuf {
    project.target.join("bench")
}
