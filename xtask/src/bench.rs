//! `cargo xtask bench`: how fast it is, beside others that compute the same.
//!
//! The measuring is done by the scripts in `bench/`; here is what they need before they start.

mod gpu_native;
mod loading;
mod packages;
mod python;
mod race;
mod site;

use std::path::PathBuf;

use anyhow::Result;

use crate::project::Project;

/// Measure how fast it is, beside others that compute the same.
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

/// Where everything lies that only benchmarks need; outside of the clone, like the build.
fn folder(project: &Project) -> PathBuf {
    project.target.join("bench")
}
