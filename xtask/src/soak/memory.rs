//! The page in a browser that has little memory.

use anyhow::Result;

use crate::project::Project;
use crate::{driver, process};

/// Open the page in a Chromium whose processes together get no more memory than a limit.
///
/// Answers the camera with every view open, then opens a ResNet-50, and says what each kind of process holds.
/// Needs Linux's memory controller, and root.
#[derive(clap::Args)]
pub struct Args {
    /// The limit, in millions of bytes
    #[arg(long, value_name = "MB", default_value_t = 2_000)]
    megabytes: u32,

    /// Answers to the live camera
    #[arg(long, value_name = "N", default_value_t = 50)]
    answers: u32,

    /// Use dist/ without building
    #[arg(long)]
    no_build: bool,
}

/// Runs the command.
pub fn run(project: &Project, args: &Args) -> Result<()> {
    let mut driver = driver::of_site(project, "tests/soak/small-machine.mjs", args.no_build)?;
    driver.args(["--megabytes", &args.megabytes.to_string()]);
    driver.args(["--answers", &args.answers.to_string()]);
    process::run(&mut driver)
}
