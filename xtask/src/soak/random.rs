//! A hundred thousand random cases of tests for which `cargo xtask test` runs a few.

use anyhow::Result;

use crate::process;
use crate::project::Project;

/// Compare random kernels and small networks with the scalar reference.
///
/// Ends at the first difference, and prints its seed: `--seed SEED --cases 1` runs it alone.
#[derive(clap::Args)]
pub struct Kernels {
    /// The number of cases
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    cases: u64,

    /// The seed of the first; each has the next one
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    seed: u64,
}

/// Check the options of calls with random JSON.
#[derive(clap::Args)]
pub struct Options {
    /// The number of cases
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    cases: u32,
}

/// Validate the WGSL of convolutions of random shapes with naga.
#[derive(clap::Args)]
pub struct Wgsl {
    /// The number of convolutions
    #[arg(long, value_name = "N", default_value_t = 1000)]
    cases: u32,
}

/// Runs the kernels' cases.
pub fn kernels(project: &Project, args: &Kernels) -> Result<()> {
    let test = "soak::kernels_and_networks_drawn_at_random_equal_the_reference";
    run(project, &["--test", "native"], test, args.cases, args.seed)
}

/// Runs the options' cases.
pub fn options(project: &Project, args: &Options) -> Result<()> {
    let test = "options::any_options_are_taken_or_refused";
    run(project, &["--test", "native"], test, args.cases.into(), 1)
}

/// Runs the cases of WGSL.
pub fn wgsl(project: &Project, args: &Wgsl) -> Result<()> {
    let test = "ops::webgpu::tests::kernels_of_convolutions_drawn_at_random_are_valid_wgsl";
    run(project, &["--lib"], test, args.cases.into(), 1)
}

/// Runs one of the native tests, in their profile and with their features, with this number of cases.
fn run(project: &Project, program: &[&str], test: &str, cases: u64, seed: u64) -> Result<()> {
    let mut cargo = process::cargo(project);
    cargo.args(["test", "--workspace", "--exclude", "xtask"]);
    cargo.args(["--features", "tools,train,webgpu,native", "--locked"]);
    cargo.args(program).args(["--", "--exact", "--nocapture", test]);
    cargo.env("RESLENS_CASES", cases.to_string()).env("RESLENS_SEED", seed.to_string());
    process::run(&mut cargo)
}
