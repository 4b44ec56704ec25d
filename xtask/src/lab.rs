//! `cargo xtask lab`: the crate's `reslens-lab`, which trains the lab's presets and prints the table of `docs/lab.md`.

use std::ffi::OsString;

use anyhow::Result;

use crate::process;
use crate::project::Project;

/// Train the lab's presets natively and print what comes out (see `cargo xtask lab --help`).
#[derive(clap::Args)]
#[command(disable_help_flag = true)]
pub struct Args {
    /// Passed on to `reslens-lab`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<OsString>,
}

/// Runs the command in the profile of the tests, which is fast enough.
pub fn run(project: &Project, args: &Args) -> Result<()> {
    let mut cargo = process::cargo(project);
    cargo.args(["run", "--quiet", "--locked", "--features", "tools,train"]);
    cargo.args(["--bin", "reslens-lab", "--"]).args(&args.args);
    process::run(&mut cargo)
}
