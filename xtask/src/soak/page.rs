//! A visitor's actions, repeated very often, and their effect on memory.

use std::process::Command;

use anyhow::Result;

use crate::project::Project;
use crate::{driver, process};

/// How often to repeat each action.
#[derive(clap::Args)]
#[group(id = "page")]
pub struct Args {
    /// Frames with maps on the CPU
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    cpu: u32,

    /// Frames with maps on WebGPU, by a software adapter
    #[arg(long, value_name = "N", default_value_t = 2_000)]
    webgpu: u32,

    /// Model changes
    #[arg(long, value_name = "N", default_value_t = 200)]
    models: u32,

    /// Starts and stops of the camera
    #[arg(long, value_name = "N", default_value_t = 200)]
    camera: u32,

    /// Answers to the live camera with every view open
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    live: u32,

    /// The longest time for each of them: it then ends with as many as it has done
    #[arg(long, value_name = "MINUTES")]
    minutes: Option<f64>,

    /// Use dist/ without building
    #[arg(long)]
    no_build: bool,
}

/// Runs the repetitions in Chromium.
pub fn run(project: &Project, args: &Args) -> Result<()> {
    let mut driver = driver::of_site(project, "tests/soak/main.mjs", args.no_build)?;
    let mut git = Command::new("git");
    let commit =
        process::capture(git.args(["rev-parse", "--short", "HEAD"]).current_dir(&project.root))?;
    driver.args(["--report", "docs/soak.json", "--plot", "docs/soak.svg", "--commit", &commit]);
    if let Some(minutes) = args.minutes {
        driver.args(["--minutes", &minutes.to_string()]);
    }
    for (name, times) in [
        ("cpu", args.cpu),
        ("webgpu", args.webgpu),
        ("models", args.models),
        ("camera", args.camera),
        ("live", args.live),
    ] {
        if times > 0 {
            driver.args(["--scenario", name, "--times", &times.to_string()]);
        }
    }
    process::run(&mut driver)
}
