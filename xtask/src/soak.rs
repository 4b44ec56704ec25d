//! `cargo xtask soak`: the same actions, thousands of times.

mod memory;
mod page;
mod random;
mod threads;

use anyhow::Result;

use crate::project::Project;

/// Repeat frames, model changes and starts of the camera in Chromium, and look for growth.
///
/// Writes docs/soak.json and the curves, docs/soak.svg. Fails if the memory of wasm or of the GPU, or the page's heap,
/// grows after the warm-up. Actions with a count of 0 are left out and keep their earlier curves, so that a long soak
/// can run in pieces.
#[derive(clap::Args)]
#[command(verbatim_doc_comment, args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    what: Option<What>,

    #[command(flatten)]
    page: page::Args,
}

#[derive(clap::Subcommand)]
enum What {
    Kernels(random::Kernels),
    Memory(memory::Args),
    Options(random::Options),
    Threads(threads::Threads),
    Wgsl(random::Wgsl),
}

/// Runs the command.
pub fn run(project: &Project, args: &Args) -> Result<()> {
    match &args.what {
        Some(What::Kernels(args)) => random::kernels(project, args),
        Some(What::Memory(args)) => memory::run(project, args),
        Some(What::Options(args)) => random::options(project, args),
        Some(What::Threads(args)) => threads::run(project, args),
        Some(What::Wgsl(args)) => random::wgsl(project, args),
        None => page::run(project, &args.page),
    }
}
