//! `cargo xtask bench loading`: how long a visitor waits for the first answer.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::project::Project;
use crate::{driver, process, serve};

/// Compare with an earlier build how long the first answer takes, on a first visit and on the next.
///
/// From the navigation to the answer on the page, in headless Chromium with a profile of its own, both builds in turns
/// and from this machine.
#[derive(clap::Args)]
pub struct Args {
    /// The dist/ of the earlier build
    #[arg(long, value_name = "DIST")]
    before: PathBuf,

    /// Visits of each kind to each build
    #[arg(long, value_name = "N", default_value_t = 5)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,

    /// Measure dist/ as it is
    #[arg(long)]
    no_build: bool,
}

/// Runs the command.
pub fn run(project: &Project, args: &Args) -> Result<()> {
    let mut driver = driver::of_site(project, "bench/loading/main.mjs", args.no_build)?;
    // Also blocks builds while it measures.
    let _lock = project.lock()?;
    driver.args(["--before", &serve(&args.before)?, "--now", &serve(&project.dist())?]);
    driver.args(["--rounds", &args.rounds.to_string()]);
    process::run(&mut driver)
}

/// Serves a build until this program ends, and returns its URL.
fn serve(dist: &Path) -> Result<String> {
    let page = dist.join("index.html");
    ensure!(page.is_file(), "there is no {}: build it first", page.display());
    let folder = dist.canonicalize().with_context(|| format!("cannot read {}", dist.display()))?;
    serve::in_background(folder)
}
