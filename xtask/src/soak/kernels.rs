//! Random cases by the hundred thousand, where `cargo xtask test` runs a few.

use anyhow::Result;

use crate::process;
use crate::project::Project;

/// Compare kernels and small networks, drawn at random, with the scalar reference.
///
/// Ends at the first that differs, and says its seed: `--seed SEED --cases 1` runs it alone.
#[derive(clap::Args)]
pub struct Args {
    /// How many cases
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    cases: u64,

    /// The seed of the first; each has the next one
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    seed: u64,
}

/// Runs the cases in the profile and with the features of the native tests.
pub fn run(project: &Project, args: &Args) -> Result<()> {
    let mut cargo = process::cargo(project);
    cargo.args(["test", "--workspace", "--exclude", "xtask"]);
    cargo.args(["--features", "tools,train,webgpu,native", "--locked", "--test", "native"]);
    cargo.args(["--", "--exact", "--nocapture"]);
    cargo.arg("soak::kernels_and_networks_drawn_at_random_equal_the_reference");
    cargo.env("RESLENS_CASES", args.cases.to_string());
    cargo.env("RESLENS_SEED", args.seed.to_string());
    process::run(&mut cargo)
}
