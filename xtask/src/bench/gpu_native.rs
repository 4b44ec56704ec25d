//! `cargo xtask bench gpu-native`: the WebGPU engine without a browser.

use std::ffi::OsString;

use anyhow::Result;

use crate::process;
use crate::project::Project;

/// Measure the WebGPU engine natively (see `cargo xtask bench gpu-native --help`).
#[derive(clap::Args)]
#[command(disable_help_flag = true)]
pub struct Args {
    /// Passed on to `gpu-native`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<OsString>,
}

/// Runs the command, in the tests' profile, which is already compiled; the GPU does the work.
pub fn run(project: &Project, args: &Args) -> Result<()> {
    let mut cargo = process::cargo(project);
    cargo.args(["run", "--quiet", "--locked", "--package", "reslens-bench-layers"]);
    cargo.args(["--features", "native", "--bin", "gpu-native", "--"]).args(&args.args);
    process::run(&mut cargo)
}
