//! A hundred thousand random cases of tests for which `cargo xtask test` runs a few.

use anyhow::Result;

use crate::project::Project;
use crate::{driver, kernel_tests, process};

/// Compare random kernels and small networks with the scalar reference.
///
/// Ends at the first difference, and prints its seed: `--seed SEED --cases 1` runs it alone.
#[derive(clap::Args)]
pub struct Kernels {
    /// The number of cases: 100,000 natively, 10,000 of each engine in a browser
    #[arg(long, value_name = "N")]
    cases: Option<u32>,

    /// The seed of the first; each has the next one
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    seed: u32,

    /// In Chromium: the CPU engine's wasm file, and WebGPU on a software adapter
    #[arg(long)]
    browser: bool,

    /// Cases on WebGPU, if other than --cases: each compiles kernels
    #[arg(long, value_name = "N", requires = "browser")]
    webgpu: Option<u32>,

    /// The longest time for each engine: it then ends with as many as it has done
    #[arg(long, value_name = "MINUTES", requires = "browser")]
    minutes: Option<f64>,
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
    if args.browser {
        return kernels_in_a_browser(project, args);
    }
    let test = "soak::kernels_and_networks_drawn_at_random_equal_the_reference";
    let cases = args.cases.unwrap_or(100_000);
    run(project, &["--test", "native"], test, cases.into(), args.seed.into())
}

fn kernels_in_a_browser(project: &Project, args: &Kernels) -> Result<()> {
    let mut driver = driver::of_browser(project, "tests/soak/kernels.mjs")?;
    driver.env("RESLENS_KERNEL_TESTS", std::env::join_paths(kernel_tests::build(project)?)?);
    let cases = args.cases.unwrap_or(10_000);
    driver.args(["--cpu", &cases.to_string()]);
    driver.args(["--webgpu", &args.webgpu.unwrap_or(cases).to_string()]);
    driver.args(["--seed", &args.seed.to_string()]);
    if let Some(minutes) = args.minutes {
        driver.args(["--minutes", &minutes.to_string()]);
    }
    process::run(&mut driver)
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
