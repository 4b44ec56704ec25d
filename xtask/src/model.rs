//! `cargo xtask model`: the native commands on model files, in the crate's `reslens-model`.

use std::ffi::OsString;

use anyhow::Result;

use crate::process;
use crate::project::Project;

/// Import, fetch, try or evaluate model files (see `cargo xtask model --help`).
#[derive(clap::Args)]
#[command(disable_help_flag = true)]
pub struct Args {
    /// Passed on to `reslens-model`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<OsString>,
}

/// Runs the command.
pub fn run(project: &Project, args: &Args) -> Result<()> {
    call(project, &args.args)
}

/// Runs `reslens-model` with `arguments`, optimised: `eval` runs a network over a folder of
/// photographs.
pub fn call(project: &Project, arguments: &[OsString]) -> Result<()> {
    let mut cargo = process::cargo(project);
    cargo.args(["run", "--quiet", "--locked", "--release", "--features", "tools"]);
    cargo.args(["--bin", "reslens-model", "--"]).args(arguments);
    process::run(&mut cargo)
}
