//! Checks the CPU kernels' team of threads with checkers for threads and for unsafe code.

use std::process::Command;

use anyhow::{Context, Result};

use crate::project::Project;
use crate::{fuzz, process};

/// Check the CPU kernels' team of threads, where all unsafe code is, by loom, ThreadSanitizer and Miri.
#[derive(clap::Args)]
pub struct Threads {
    /// Only these; all of them take some ten minutes
    #[arg(value_enum, value_name = "CHECKER")]
    checkers: Vec<Checker>,

    /// How often teams work in each but loom; Miri takes another seed for each time
    #[arg(long, value_name = "N", default_value_t = 10)]
    times: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Checker {
    /// Teams of 2, 4, 8 and 16 threads, without a checker
    Teams,
    /// Every order of the steps of two or three threads
    Loom,
    /// Data races among 2, 4, 8 and 16 threads; needs rustup's rust-src
    Tsan,
    /// Undefined behaviour and data races; needs rustup's nightly compiler with miri and rust-src
    Miri,
}

/// Runs the checkers.
pub fn run(project: &Project, args: &Threads) -> Result<()> {
    let wanted = |checker| args.checkers.is_empty() || args.checkers.contains(&checker);
    if wanted(Checker::Teams) {
        repeat(args.times, || process::run(&mut test(project, "teams")))?;
    }
    if wanted(Checker::Loom) {
        loom(project)?;
    }
    if wanted(Checker::Tsan) {
        tsan(project, args.times)?;
    }
    if wanted(Checker::Miri) {
        miri(project, args.times)?;
    }
    Ok(())
}

fn repeat(times: u32, work: impl Fn() -> Result<()>) -> Result<()> {
    (0..times).try_for_each(|_| work())
}

/// Returns the command for the tests of `tests/threads`, with a separate build folder: each checker has its own flags.
fn test(project: &Project, checker: &str) -> Command {
    let mut cargo = process::cargo(project);
    cargo.args(["test", "--release", "--locked", "--manifest-path", "tests/threads/Cargo.toml"]);
    cargo.arg("--target-dir").arg(project.target.join("threads").join(checker));
    cargo
}

fn loom(project: &Project) -> Result<()> {
    let mut cargo = test(project, "loom");
    process::run(cargo.env("RUSTFLAGS", "--cfg loom").args([
        "--",
        "--nocapture",
        "--test-threads",
        "1",
    ]))
}

/// Runs the teams under ThreadSanitizer. The standard library is compiled with it as well, or its own locks would look
/// like races.
fn tsan(project: &Project, times: u32) -> Result<()> {
    let host = fuzz::host()?;
    repeat(times, || {
        let mut cargo = test(project, "tsan");
        cargo.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", "-Zsanitizer=thread");
        process::run(cargo.args(["-Zbuild-std", "--target", &host]))
    })
}

/// Runs first the team with the standard library's threads under the strictest rules, then with rayon under looser ones
/// and with one seed: with other seeds rayon-core itself breaks the rules.
fn miri(project: &Project, times: u32) -> Result<()> {
    let nightly = || {
        let mut rustup = Command::new("rustup");
        rustup.current_dir(&project.root).args(["run", "nightly", "cargo", "miri"]);
        rustup
    };
    process::capture(nightly().arg("--version")).context(
        "Miri is needed: rustup toolchain install nightly --profile minimal --component miri,rust-src",
    )?;
    let strict = "-Zmiri-strict-provenance";
    let rayon = "-Zmiri-tree-borrows -Zmiri-permissive-provenance -Zmiri-ignore-leaks";
    for (flags, feature, seeds) in [(strict, Some("std-threads"), times), (rayon, None, 1)] {
        let mut miri = nightly();
        miri.args(["test", "--locked", "--manifest-path", "tests/threads/Cargo.toml", "pools"]);
        miri.args(feature.map(|feature| format!("--features={feature}")));
        miri.arg("--target-dir").arg(project.target.join("threads/miri"));
        miri.env("MIRIFLAGS", format!("{flags} -Zmiri-many-seeds=0..{seeds}"));
        process::run(&mut miri)?;
    }
    Ok(())
}
